"""Writes the trained reader in the published transformers format: python -m training.reader.export --state DIR"""

import argparse
from pathlib import Path

import torch
from transformers import GenerationConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from lens_desktop.resources import resource
from training.reader import tokenizer
from training.reader.model import END, PAD, new_model


def export(model: LlamaForCausalLM, words: PreTrainedTokenizerFast, out: Path) -> None:
    """Write config.json, model.safetensors (fp16), generation_config.json and the tokenizer's files into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    model.generation_config = GenerationConfig(eos_token_id=END, pad_token_id=PAD, do_sample=False)
    model.to(torch.float16).save_pretrained(out)
    words.save_pretrained(out)


def main() -> None:
    """Export the running average of a training state."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=resource("starter", "llm"))
    options = parser.parse_args()
    model = new_model()
    model.load_state_dict(torch.load(options.state / "checkpoint.pt", weights_only=True)["average"])
    export(model, tokenizer.load(options.state / "tokenizer"), options.out)


if __name__ == "__main__":
    main()
