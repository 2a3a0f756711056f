"""Training prompts from evidence that real vision modules wrote for training scenes, for the last stage."""

import pickle
import random
from functools import cache
from pathlib import Path

from transformers import PreTrainedTokenizerFast

from lens_desktop.domain.evidence import Evidence
from training.reader.packing import Pack
from training.reader.prompts import pack_for
from training.world.scene import Scene


def real_pack(words: PreTrainedTokenizerFast, folder: Path, rng: random.Random) -> Pack | None:
    """Return a pack from a random scene and its evidence in the files of `folder`, or None while there is none."""
    files = sorted(folder.glob("*.pkl"))
    if not files:
        return None
    scene, evidence = rng.choice(_records(rng.choice(files)))
    return pack_for(words, scene, evidence, rng)[0]


@cache
def _records(file: Path) -> list[tuple[Scene, Evidence]]:
    records: list[tuple[Scene, Evidence]] = pickle.loads(file.read_bytes())
    return records
