"""Trains the starter CLIP on a pool of drawn pictures; stops and goes on at any time.

Run: python -m training.clip.train --images DIR --simple DIR --state DIR, then training.clip.export
"""

import argparse
import os
from pathlib import Path

import torch

from training.clip.image_stage import train_image_tower
from training.clip.model import TOWER
from training.clip.settle_stage import settle
from training.clip.text_stage import train_text_tower


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="a folder written by training.world.make_images")
    parser.add_argument("--simple", type=Path, required=True, help="another, drawn with --simple --size 64")
    parser.add_argument("--state", type=Path, required=True, help="where the training keeps its state")
    parser.add_argument("--image-minutes", type=float, default=45.0)
    parser.add_argument("--text-minutes", type=float, default=8.0)
    parser.add_argument("--settle-minutes", type=float, default=5.0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    os.nice(5)
    torch.set_num_threads(args.threads)
    args.state.mkdir(parents=True, exist_ok=True)
    train_image_tower(args.images, args.simple, args.state, args.image_minutes, TOWER)
    train_text_tower(args.state, args.text_minutes)
    settle(args.images, args.state, args.settle_minutes)


if __name__ == "__main__":
    main()
