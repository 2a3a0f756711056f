"""Training prompts from evidence that real vision modules wrote for training scenes, for the last stage."""

import pickle
import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerFast

from lens_desktop.domain.evidence import Evidence, Module
from training.reader.evidence import simulate
from training.reader.packing import Pack
from training.reader.prompts import pack_for, with_text
from training.world.scene import Scene


def real_pack(words: PreTrainedTokenizerFast, folder: Path, rng: random.Random) -> Pack | None:
    """Return a pack from a random scene and its evidence in the files of `folder`, or None while there is none."""
    files = sorted(folder.glob("*.pkl"))
    if not files:
        return None
    scene, seen = rng.choice(_records(rng.choice(files)))
    if Module.OCR not in seen.finished:
        scene = with_text(scene, rng)
    return pack_for(words, scene, completed(seen, simulate(scene, rng)), rng)[0]


def completed(seen: Evidence, made: Evidence) -> Evidence:
    """Return the evidence of the modules that ran, and of the others what was made up."""
    parts: dict[str, Any] = {module.value: getattr(seen, module.value) for module in seen.finished}
    return replace(made, **parts, finished=tuple(dict.fromkeys((*seen.finished, *made.finished))))


@cache
def _records(file: Path) -> list[tuple[Scene, Evidence]]:
    records: list[tuple[Scene, Evidence]] = pickle.loads(file.read_bytes())
    return records
