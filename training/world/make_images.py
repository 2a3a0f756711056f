"""Draws the pool of training pictures: a memory-mapped array and the scenes beside it, in chunks, resumable.

Run: python -m training.world.make_images --count 60000 --size 192 --out DIR
"""

import argparse
import os
import pickle
import random
import time
from pathlib import Path

import numpy as np

from training.world.draw_scenes import random_scene
from training.world.render import pixels
from training.world.scene import Scene

CHUNK = 1000


def make(count: int, size: int, out: Path, seed: int = 0, simple: bool = False) -> None:
    """Draw `count` pictures of size x size pixels into a folder; chunks already there are kept."""
    out.mkdir(parents=True, exist_ok=True)
    array_file = out / f"images-{size}.npy"
    shape = (count, size, size, 3)
    mode = "r+" if array_file.exists() else "w+"
    images = np.lib.format.open_memmap(array_file, mode=mode, dtype=np.uint8, shape=shape)
    if images.shape != shape:
        raise ValueError(f"{array_file} holds {images.shape[0]} pictures, not {count}: give another folder.")
    started, drawn = time.monotonic(), 0
    for first in range(0, count, CHUNK):
        chunk = _chunk_file(out, size, first)
        if chunk.exists():
            continue
        last = min(first + CHUNK, count)
        scenes = [random_scene(random.Random(f"{seed} {number}"), simple) for number in range(first, last)]
        for number, scene in enumerate(scenes, first):
            images[number] = pixels(scene, seed * 1_000_003 + number, size)
        images.flush()
        unfinished = chunk.with_suffix(".part")
        unfinished.write_bytes(pickle.dumps(scenes, protocol=pickle.HIGHEST_PROTOCOL))
        os.replace(unfinished, chunk)
        drawn += last - first
        print(f"{last} of {count}, {drawn / (time.monotonic() - started):.0f} a second", flush=True)


def load(folder: Path, size: int = 192) -> tuple[np.ndarray, list[Scene]]:
    """Return the pictures finished so far, uint8 N x size x size x 3, memory-mapped, and their scenes.

    Raises FileNotFoundError when there is no pool of that size in the folder.
    """
    images = np.load(folder / f"images-{size}.npy", mmap_mode="r")
    scenes: list[Scene] = []
    for first in range(0, len(images), CHUNK):
        chunk = _chunk_file(folder, size, first)
        if not chunk.exists():
            break
        scenes += pickle.loads(chunk.read_bytes())
    return images[: len(scenes)], scenes


def _chunk_file(folder: Path, size: int, first: int) -> Path:
    return folder / f"scenes-{size}-{first:06d}.pkl"


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60000)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--simple", action="store_true", help="one large thing in each picture")
    args = parser.parse_args()
    os.nice(5)
    make(args.count, args.size, args.out, args.seed, args.simple)


if __name__ == "__main__":
    main()
