"""The held-out fixtures: scenes with what is true of them, and questions with the answers to accept."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.world.scene import Box, Scene, Thing, Writing

HELD_OUT = Path(__file__).resolve().parent.parent / "tests" / "data" / "heldout"


@dataclass(frozen=True, slots=True)
class Question:
    """A question about an image of the set. `about` names the things it asks after."""

    image: str
    text: str
    form: str
    answers: tuple[str, ...]
    about: tuple[str, ...]


def read_scenes(folder: Path) -> dict[str, Scene]:
    """Return what is true of each image in a folder of fixtures, by the image's name. Raises OSError."""
    records = json.loads((folder / "scenes.json").read_text(encoding="utf-8"))
    return {record.pop("image"): _scene(record) for record in records}


def read_questions(folder: Path) -> list[Question]:
    """Return the questions of a folder of fixtures. Raises OSError."""
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Question(line["image"], line["question"], line["form"], tuple(line["answers"]), tuple(line["about"]))
        for line in map(json.loads, lines)
    ]


def _scene(record: dict[str, Any]) -> Scene:
    things = tuple(Thing(**{**thing, "boxes": tuple(map(_box, thing["boxes"]))}) for thing in record.pop("things"))
    writing = tuple(Writing(**{**line, "box": _box(line["box"])}) for line in record.pop("writing"))
    return Scene(things=things, writing=writing, **record)


def _box(values: list[float]) -> Box:
    x, y, width, height = values
    return x, y, width, height
