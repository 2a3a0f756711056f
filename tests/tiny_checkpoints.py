"""Writes tiny checkpoints with random weights in the published formats, for tests that need the real code paths.

Run as ``python -m tests.tiny_checkpoints FOLDER``: a program of its own, so that tests which watch for torch in a
process can use the checkpoints without importing it.
"""

import json
import sys
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

TAGS = (
    "red apple",
    "blue boat",
    "dog",
    "cat",
    "green tree",
    "house",
    "car",
    "yellow sun",
    "moon",
    "star",
    "fish",
    "cup",
)
ATTRIBUTES = (
    "dog which has four legs",
    "cat which has whiskers",
    "boat which has a mast",
    "apple which has a stalk",
    "tree which has leaves",
    "house which has a roof",
    "car which has wheels",
    "sun which is round",
    "moon which is pale",
    "fish which has fins",
)
CORPUS = (
    *(f"A photo of {tag}" for tag in TAGS),
    *ATTRIBUTES,
    "a picture of a red apple and a blue boat on a green background",
    "Tags: Attributes: Captions: OCR: nothing found did not run",
    'this is an image with written "HELLO WORLD" on it',
    "Question: What is there? How many dogs are there? What does it say?",
    "Short Answer: yes no one two three the evidence does not say",
    "user assistant system",
)
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SET = """\
set_name = "tiny"
title = "Tiny random checkpoints"
note = "These checkpoints know nothing."
clip = "clip"
captioner = "captioner"
llm = "llm"
vocabulary = "tags.txt"
attribute_vocabulary = "attributes.txt"
threshold = -1.0
attribute_threshold = -1.0
captions = 4
answer_tokens = 12
dtype = "float32"
device = "cpu"
"""


def write_set(folder: Path) -> Path:
    """Write a whole checkpoint set and return its folder.

    `clip` (ResNet), `captioner` and `llm` (decoder-only with a chat template) are the set's own. Beside them lie
    `clip-vit`, `t5` (encoder-decoder) and `reader` (decoder-only without a chat template) for tests that want them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tags.txt").write_text("\n".join(TAGS) + "\n", encoding="utf-8")
    (folder / "attributes.txt").write_text("\n".join(ATTRIBUTES) + "\n", encoding="utf-8")
    (folder / "set.toml").write_text(SET, encoding="utf-8")
    write_clip(folder / "clip", {"image_size": 64, "layers": [1, 1, 1, 1], "width": 8, "patch_size": None})
    write_clip(folder / "clip-vit", {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8})
    write_captioner(folder / "captioner")
    write_decoder(folder / "llm", chat_template=CHAT_TEMPLATE)
    write_decoder(folder / "reader", chat_template=None)
    write_t5(folder / "t5")
    return folder


def write_clip(folder: Path, vision: dict[str, object]) -> None:
    """Write an open_clip model in its published layout, with a tokenizer of its own."""
    import open_clip
    from safetensors.torch import save_file

    tokenizer = byte_tokenizer(("<pad>", "<start>", "<end>"), wrap=("<start>", "<end>"))
    size = len(tokenizer)
    text = {"context_length": 24, "vocab_size": size, "hf_tokenizer_name": "tiny", "width": 32, "heads": 2, "layers": 2}
    text |= {"pool_type": "eos", "eos_id": tokenizer.convert_tokens_to_ids("<end>")}
    config = {
        "model_cfg": {"embed_dim": 32, "vision_cfg": vision, "text_cfg": text},
        "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "resize_mode": "squash"},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    torch.manual_seed(1)
    model = open_clip.model.CLIP(embed_dim=32, vision_cfg=vision, text_cfg=text)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    tokenizer.save_pretrained(folder)


def write_captioner(folder: Path) -> None:
    """Write a BLIP captioner with its processor."""
    from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipImageProcessor, BlipProcessor

    words = dict.fromkeys(word for line in CORPUS for word in line.lower().replace('"', " ").replace(":", " ").split())
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.?'"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), *words]
    vocabulary = {piece: place for place, piece in enumerate(dict.fromkeys([*pieces, "[DEC]"]))}
    tokenizer = BertTokenizer(vocab=vocabulary)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    text = {
        **size,
        "vocab_size": len(vocabulary),
        "encoder_hidden_size": 32,
        "max_position_embeddings": 64,
        "bos_token_id": vocabulary["[DEC]"],
        "eos_token_id": vocabulary["[SEP]"],
        "sep_token_id": vocabulary["[SEP]"],
        "pad_token_id": vocabulary["[PAD]"],
        "initializer_range": 0.3,
    }
    vision = {**size, "image_size": 48, "patch_size": 16, "initializer_range": 0.3}
    torch.manual_seed(2)
    model = BlipForConditionalGeneration(BlipConfig(text_config=text, vision_config=vision, projection_dim=32))
    model.save_pretrained(folder)
    pixels = BlipImageProcessor(size={"height": 48, "width": 48})
    BlipProcessor(image_processor=pixels, tokenizer=tokenizer).save_pretrained(folder)


def write_decoder(folder: Path, chat_template: str | None) -> None:
    """Write a Llama-style decoder-only LLM, with a chat template or without."""
    from transformers import LlamaConfig, LlamaForCausalLM

    end = "<|im_end|>" if chat_template else "<end>"
    special = ("<pad>", "<|im_start|>", end)
    tokenizer = byte_tokenizer(special, wrap=None, model_max_length=1024)
    tokenizer.chat_template = chat_template
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        bos_token_id=None,
        eos_token_id=tokenizer.convert_tokens_to_ids(end),
        pad_token_id=tokenizer.convert_tokens_to_ids("<pad>"),
        tie_word_embeddings=True,
        initializer_range=0.2,
    )
    torch.manual_seed(3)
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def write_t5(folder: Path) -> None:
    """Write a T5 encoder-decoder LLM."""
    from transformers import T5Config, T5ForConditionalGeneration

    tokenizer = piece_tokenizer()
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=64,
        d_kv=16,
        d_ff=128,
        num_layers=2,
        num_heads=4,
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=1,
        feed_forward_proj="gated-gelu",
        initializer_factor=1.5,
    )
    torch.manual_seed(4)
    T5ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def piece_tokenizer():  # type: ignore[no-untyped-def]
    """Return a T5-style tokenizer of the corpus's words and letters; not trained, because training varies."""
    from transformers import PreTrainedTokenizerFast

    letters = sorted(set("".join(CORPUS)) | set("abcdefghijklmnopqrstuvwxyz0123456789"))
    words = dict.fromkeys(f"▁{word}" for line in CORPUS for word in line.split())
    pieces = dict.fromkeys(("▁", *(letter for letter in letters if letter != " "), *words))
    scored = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    scored += [(piece, -2.0 if len(piece) > 1 else -6.0) for piece in pieces]
    core = Tokenizer(models.Unigram(scored, unk_id=2))
    core.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    core.pre_tokenizer = pre_tokenizers.Metaspace()
    core.decoder = decoders.Metaspace()
    core.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=512
    )


def byte_tokenizer(special: tuple[str, str, str], wrap: tuple[str, str] | None, **options: object):  # type: ignore[no-untyped-def]
    """Return a byte-level BPE tokenizer with (pad, start, end) tokens, adding the `wrap` tokens around a text."""
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(CORPUS, trainer)
    pad, start, end = special
    if wrap:
        core.post_processor = processors.TemplateProcessing(
            single=f"{wrap[0]} $A {wrap[1]}",
            special_tokens=[(token, core.token_to_id(token)) for token in wrap],
        )
    return PreTrainedTokenizerFast(tokenizer_object=core, pad_token=pad, bos_token=start, eos_token=end, **options)


if __name__ == "__main__":
    torch.set_num_threads(1)
    write_set(Path(sys.argv[1]))
