"""Writes the trained CLIP in open_clip's published form: configuration, fp16 weights, tokenizer.

Run: python -m training.clip.export --state DIR [--out resources/starter/clip]
"""

import argparse
import json
import math
from pathlib import Path

import torch
from safetensors.torch import save_file

from training.clip.model import build, config
from training.clip.words import vocabulary, write_tokenizer

STARTER = Path(__file__).parent.parent.parent / "resources" / "starter" / "clip"


def export(state: Path, out: Path) -> int:
    """Write the folder that open_clip loads as local-dir. Return the bytes of the weights."""
    out.mkdir(parents=True, exist_ok=True)
    kept = torch.load(state / "image.pt", weights_only=True)
    model = build(len(vocabulary()))
    model.visual.load_state_dict(kept["mean"])
    model.load_state_dict(torch.load(state / "text.pt", weights_only=True), strict=False)
    with torch.no_grad():
        model.logit_scale.fill_(min(float(kept["scales"][0]), math.log(60)))
    weights = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in model.state_dict().items()
    }
    save_file(weights, out / "open_clip_model.safetensors")
    text = json.dumps(config(len(vocabulary())), indent=2) + "\n"
    (out / "open_clip_config.json").write_text(text, encoding="utf-8")
    write_tokenizer(out)
    return (out / "open_clip_model.safetensors").stat().st_size


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=STARTER)
    args = parser.parse_args()
    print(f"{export(args.state, args.out) / 1e6:.1f} MB in {args.out}")


if __name__ == "__main__":
    main()
