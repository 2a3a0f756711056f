"""Trains the starter CLIP on a pool of drawn pictures, after the captioner; stops and goes on at any time.

Run: python -m training.clip.train --images DIR --state DIR [--keep-text CLIP], then training.clip.export
"""

import argparse
import os
from pathlib import Path

import torch

from training.captioner.export import STARTER as CAPTIONER
from training.clip.image_stage import train_image_tower
from training.clip.text_stage import keep_text_tower, train_text_tower


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="a folder written by training.world.make_images")
    parser.add_argument("--state", type=Path, required=True, help="where the training keeps its state")
    parser.add_argument("--image-minutes", type=float, default=45.0)
    parser.add_argument("--text-minutes", type=float, default=8.0)
    parser.add_argument("--captioner", type=Path, default=CAPTIONER, help="whose vision tower to start from")
    parser.add_argument("--keep-text", type=Path, help="an exported CLIP whose text tower to keep")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    os.nice(5)
    torch.set_num_threads(args.threads)
    args.state.mkdir(parents=True, exist_ok=True)
    if args.keep_text:
        keep_text_tower(args.keep_text, args.state)
    elif not (args.state / "text.pt").exists():
        train_text_tower(args.state, args.text_minutes)
    train_image_tower(args.images, args.state, args.captioner, args.image_minutes)


if __name__ == "__main__":
    main()
