"""Writes the captioner as a checkpoint that transformers loads by itself: weights in fp16, tokenizer, image processor.

Run: python -m training.captioner.export --state DIR --out DIR
"""

import argparse
import json
from pathlib import Path

import torch
from transformers import BlipForConditionalGeneration, BlipImageProcessor, BlipProcessor

from training.captioner.model import Sizes, build
from training.captioner.words import tokenizer
from training.pixels import IMAGE_SIZE

SHARPNESS = 1.6
STARTER = Path(__file__).parent.parent.parent / "resources" / "starter" / "captioner"


def export(model: BlipForConditionalGeneration, out: Path) -> None:
    """Write the whole checkpoint into a folder, over an older one."""
    out.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(out)
    pictures = image_processor()
    pictures.save_pretrained(out)
    BlipProcessor(pictures, tokenizer(out)).save_pretrained(out)
    (out / "preprocessor_config.json").write_text(json.dumps(pictures.to_dict(), indent=2) + "\n", encoding="utf-8")


def image_processor() -> BlipImageProcessor:
    """Return the processor that shows the model a whole picture, padded and not squashed: `training.world.frame`."""
    return BlipImageProcessor(
        size={"max_height": IMAGE_SIZE, "max_width": IMAGE_SIZE},
        do_pad=True,
        pad_size={"height": IMAGE_SIZE, "width": IMAGE_SIZE},
    )


def sharpen(model: BlipForConditionalGeneration, factor: float) -> None:
    """Multiply the word scores, so that sampled captions keep to what is likely; the beam caption hardly changes.

    A small model is unsure of many names, and sampling at its own temperature would say a wrong one too often.
    """
    head = model.text_decoder.cls.predictions
    with torch.no_grad():
        head.transform.LayerNorm.weight *= factor
        head.transform.LayerNorm.bias *= factor
        head.bias *= factor


def trained(state: Path) -> BlipForConditionalGeneration:
    """Return the running mean of the weights in a training state."""
    saved = torch.load(state / "state.pt", weights_only=True)
    model = build(Sizes())
    # Tied weights are one parameter under one of their names.
    lacking, unknown = model.load_state_dict(saved["mean"], strict=False)
    tied = {"text_decoder.cls.predictions.decoder.weight", "text_decoder.cls.predictions.decoder.bias"}
    if unknown or not set(lacking) <= tied:
        raise ValueError(f"{state} is of another model: {lacking} {unknown}")
    return model.eval()


def main() -> None:
    """Read the command line and write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=STARTER)
    args = parser.parse_args()
    model = trained(args.state)
    sharpen(model, SHARPNESS)
    export(model, args.out)
    for file in sorted(args.out.iterdir()):
        print(f"{file.stat().st_size:>9} {file}")


if __name__ == "__main__":
    main()
