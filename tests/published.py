"""Writes checkpoints with random weights in the exact layouts in which the catalogue's families are published.

``python -m tests.published NAME FOLDER [--full]``. Configurations are the published ones, and so are the files' names;
what cannot be had without the hub (weights, and the contents of tokenizers) is made up. Without --full the towers are
two layers deep, so that all families can be loaded in a test. Two names are for tests that do more than load: a CLIP of
narrow towers, which reads a whole vocabulary in seconds, and a decoder that writes words until it is told to end.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from tests.tiny_checkpoints import CHAT_TEMPLATE, CORPUS, byte_tokenizer, piece_tokenizer

CLIPS = ("ViT-B-32", "ViT-L-14", "MobileCLIP2-S0", "ViT-B-16-SigLIP2")
NARROW = 64  # of 768 and 512
SIGLIP_TOKENS = 4096  # of 256,000: the embedding alone would be 800 MB


def write_clip(name: str, folder: Path, full: bool, narrow: bool = False) -> None:
    """Write an open_clip checkpoint: LAION's and Apple's bring no tokenizer, SigLIP 2's does."""
    import open_clip
    from safetensors.torch import save_file

    config: dict[str, Any] = open_clip.get_model_config(name)
    vision, text = config["vision_cfg"], config["text_cfg"]
    if not full:
        text["layers"] = 2
        if "layers" in vision:
            vision["layers"] = 2
    if narrow:
        vision["width"], text["width"], text["heads"] = NARROW, NARROW, 1
    if "SigLIP" in name and not full:
        text["vocab_size"] = SIGLIP_TOKENS
    pretrained = {"ViT-B-32": "laion2b_s34b_b79k", "ViT-L-14": "laion2b_s32b_b82k", "MobileCLIP2-S0": "dfndr2b"}
    known = open_clip.get_pretrained_cfg(name, pretrained.get(name, "webli"))
    preprocess = {key: known[key] for key in ("mean", "std", "interpolation", "resize_mode") if key in known}
    whole = {"model_cfg": config, "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(whole, indent=4), encoding="utf-8")
    kind = open_clip.model.CustomTextCLIP if config.pop("custom_text", False) else open_clip.model.CLIP
    torch.manual_seed(1)
    model = kind(**config)
    weights = "open_clip_pytorch_model.safetensors" if name == "ViT-L-14" else "open_clip_model.safetensors"
    save_file(model.state_dict(), folder / weights)
    if "SigLIP" in name:
        tokenizer = byte_tokenizer(("<pad>", "<bos>", "<eos>"), wrap=None)
        tokenizer.save_pretrained(folder)


def write_blip(folder: Path, full: bool, large: bool = False, matcher: bool = False) -> None:
    """Write a BLIP captioner or image-text matcher."""
    from transformers import (
        BertTokenizer,
        BlipConfig,
        BlipForConditionalGeneration,
        BlipForImageTextRetrieval,
        BlipImageProcessor,
        BlipProcessor,
    )

    words = dict.fromkeys(word for line in CORPUS for word in line.lower().replace('"', " ").replace(":", " ").split())
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.?'"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), *words]
    pieces += [f"[unused{number}]" for number in range(30522 - len(dict.fromkeys(pieces)))]
    vocabulary = {piece: place for place, piece in enumerate(dict.fromkeys([*pieces, "[DEC]", "[ENC]"]))}
    tokenizer = BertTokenizer(vocab=vocabulary)
    vision: dict[str, Any] = {"image_size": 384}
    if large:
        vision |= {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16}
    text: dict[str, Any] = {
        "vocab_size": 30524,
        "bos_token_id": 30522,
        "eos_token_id": 102 if not matcher else 2,
        "sep_token_id": 102,
        "pad_token_id": 0,
        "encoder_hidden_size": vision.get("hidden_size", 768),
    }
    if not full:
        vision["num_hidden_layers"] = text["num_hidden_layers"] = 2
    torch.manual_seed(2)
    kind = BlipForImageTextRetrieval if matcher else BlipForConditionalGeneration
    kind(BlipConfig(text_config=text, vision_config=vision)).save_pretrained(folder)
    processor = BlipProcessor(
        image_processor=BlipImageProcessor(size={"height": 384, "width": 384}), tokenizer=tokenizer
    )
    processor.save_pretrained(folder)


def write_flan_t5(folder: Path, full: bool, base: bool = False) -> None:
    """Write a Flan-T5: relative positions, gated GELU, a head of its own."""
    from transformers import T5Config, T5ForConditionalGeneration

    tokenizer = piece_tokenizer()
    sizes = {"d_model": 768, "d_ff": 2048, "num_layers": 12, "num_heads": 12}
    if not base:
        sizes = {"d_model": 512, "d_ff": 1024, "num_layers": 8, "num_heads": 6}
    if not full:
        sizes["num_layers"] = 2
    config = T5Config(
        vocab_size=32128,
        d_kv=64,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=1,
        n_positions=512,
        **sizes,
    )
    torch.manual_seed(3)
    T5ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def write_decoder(folder: Path, full: bool, qwen: bool, talks: bool = False) -> None:
    """Write a Qwen3-0.6B or a Llama-3.2-1B: a chat template, grouped heads, their own rotary positions.

    With `talks` a Qwen has a head of its own that knows plain words only, so that its answers show and have no end.
    """
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

    special = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
    tokenizer = byte_tokenizer(special, wrap=None, model_max_length=131072)
    tokenizer.chat_template = CHAT_TEMPLATE
    ends = {name: tokenizer.convert_tokens_to_ids(name) for name in special}
    shared = {"eos_token_id": [ends["<|im_end|>"], ends["<|endoftext|>"]], "bos_token_id": ends["<|endoftext|>"]}
    torch.manual_seed(4)
    if qwen:
        config: Any = Qwen3Config(
            vocab_size=len(tokenizer) if talks else 151936,
            hidden_size=1024,
            intermediate_size=3072,
            num_hidden_layers=28 if full else 2,
            num_attention_heads=16,
            num_key_value_heads=8,
            head_dim=128,
            max_position_embeddings=40960,
            rope_parameters={"rope_type": "default", "rope_theta": 1000000.0},
            tie_word_embeddings=not talks,
            initializer_range=0.2 if talks else 0.02,
            **shared,
        )
        model: Any = Qwen3ForCausalLM(config)
        if talks:
            places = tokenizer.get_vocab().items()  # Ġ is a space
            silent = [place for text, place in places if not text.removeprefix("Ġ").encode().isalpha()]
            model.lm_head.weight[silent] = 0
    else:
        scaling = {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 32.0, "low_freq_factor": 1.0}
        scaling |= {"high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
        config = LlamaConfig(
            vocab_size=128256,
            hidden_size=2048,
            intermediate_size=8192,
            num_hidden_layers=16 if full else 2,
            num_attention_heads=32,
            num_key_value_heads=8,
            head_dim=64,
            max_position_embeddings=131072,
            rope_parameters=scaling,
            tie_word_embeddings=True,
            **shared,
        )
        model = LlamaForCausalLM(config)
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


WRITERS: dict[str, Callable[[Path, bool], None]] = {
    **{name: (lambda folder, full, name=name: write_clip(name, folder, full)) for name in CLIPS},
    "ViT-B-32-narrow": lambda folder, full: write_clip("ViT-B-32", folder, full, narrow=True),
    "blip-base": lambda folder, full: write_blip(folder, full),
    "blip-large": lambda folder, full: write_blip(folder, full, large=True),
    "blip-itm": lambda folder, full: write_blip(folder, full, matcher=True),
    "flan-t5-small": lambda folder, full: write_flan_t5(folder, full),
    "flan-t5-base": lambda folder, full: write_flan_t5(folder, full, base=True),
    "qwen3-0.6b": lambda folder, full: write_decoder(folder, full, qwen=True),
    "qwen3-talker": lambda folder, full: write_decoder(folder, full, qwen=True, talks=True),
    "llama-3.2-1b": lambda folder, full: write_decoder(folder, full, qwen=False),
}


def write(name: str, folder: Path, full: bool = False) -> Path:
    """Write one checkpoint and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        WRITERS[name](folder, full)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=list(WRITERS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    write(options.name, options.folder, options.full)


if __name__ == "__main__":
    main()
