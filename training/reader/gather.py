"""Writes down what the real vision modules say of training scenes: python -m training.reader.gather --out DIR

The reader's last stage learns from these texts the way the modules really err. Files of 40 scenes, resumable.
Text recognition does not run: training scenes have few phrases, so that more varied ones are made up later.
"""

import argparse
import os
import pickle
import random
from pathlib import Path

import numpy as np
import torch

from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.image import Image
from lens_desktop.engine.lens import Lens
from lens_desktop.resources import resource
from lens_desktop.settings import load_set
from training.world.draw_scenes import random_scene
from training.world.render import paint, worn
from training.world.scene import Scene

SCENES_PER_FILE = 40


def gather(lens: Lens, out: Path, numbers: range) -> None:
    """Describe new training scenes until `out` holds the files of these numbers, each a list of (scene, evidence)."""
    out.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        file = out / f"{number:05}.pkl"
        if file.exists():
            continue
        records = [_describe(lens, f"{number} {place}", out) for place in range(SCENES_PER_FILE)]
        unfinished = file.with_suffix(".part")
        unfinished.write_bytes(pickle.dumps(records, protocol=pickle.HIGHEST_PROTOCOL))
        os.replace(unfinished, file)
        print(f"file {number} of {numbers.stop}", flush=True)


def _describe(lens: Lens, seed: str, folder: Path) -> tuple[Scene, Evidence]:
    """Return a random scene and its evidence; painted in a size as people's files have it."""
    rng = random.Random(f"gather {seed}")
    scene = random_scene(rng)
    looks = rng.randrange(1 << 30)
    picture = worn(paint(scene, looks, rng.randint(220, 640)), looks).convert("RGB")
    pixels = folder / f"pixels-{os.getpid()}.npy"
    np.save(pixels, np.asarray(picture))
    image = Image(f"{looks:064x}", "", "", picture.width, picture.height, str(pixels), "")
    evidence = Evidence(image.id)
    for evidence in lens.describe(image):  # noqa: B007  the last one is complete
        pass
    return scene, evidence


def main() -> None:
    """Read the command line and gather."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", type=Path, default=resource("starter"), help="folder of the checkpoint set")
    parser.add_argument("--first", type=int, default=0, help="number of the first file, to share the work")
    parser.add_argument("--files", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(1)
    settings = load_set(options.set, ocr_languages="none")
    numbers = range(options.first, options.first + options.files)
    gather(Lens.load(settings, cache=options.out / "cache"), options.out, numbers)


if __name__ == "__main__":
    main()
