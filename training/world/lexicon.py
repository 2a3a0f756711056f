"""The words of the drawn world: pictographs with plural, synonyms, category and colour, and the eleven shapes."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from training.world.scene import COLOURS, PATTERNS, SHAPES, Scene


@dataclass(frozen=True, slots=True)
class Entry:
    """A pictograph. `colour` is empty when no single colour dominates it."""

    name: str
    plural: str
    synonyms: tuple[str, ...]
    char: str
    category: str
    colour: str


def _read() -> tuple[Entry, ...]:
    records = json.loads((Path(__file__).parent / "lexicon.json").read_text(encoding="utf-8"))
    return tuple(Entry(**{**record, "synonyms": tuple(record["synonyms"])}) for record in records)


ENTRIES: tuple[Entry, ...] = _read()
NAMES: tuple[str, ...] = tuple(entry.name for entry in ENTRIES) + SHAPES
_BY_NAME = {entry.name: entry for entry in ENTRIES}
_SHAPE_PLURALS = {shape: f"{shape}{'es' if shape == 'cross' else 's'}" for shape in SHAPES}


def entry(name: str) -> Entry:
    """Return the pictograph of a name. Raises KeyError for shapes and unknown names."""
    return _BY_NAME[name]


def plural(name: str) -> str:
    """Return the plural of a pictograph or shape. Raises KeyError for unknown names."""
    return _SHAPE_PLURALS.get(name) or _BY_NAME[name].plural


def synonyms(name: str) -> tuple[str, ...]:
    """Return other everyday words for a name; none for shapes."""
    return _BY_NAME[name].synonyms if name in _BY_NAME else ()


def category(name: str) -> str:
    """Return what a name is: "an animal", "a vehicle", …; "a shape" for shapes. Raises KeyError for unknown names."""
    return "a shape" if name in _SHAPE_PLURALS else _BY_NAME[name].category


def singular_of(word: str) -> str:
    """Return the canonical name for a name, plural or synonym, and the word itself when it is none of them."""
    return _singulars().get(word, word)


@cache
def _singulars() -> dict[str, str]:
    table = {several: shape for shape, several in _SHAPE_PLURALS.items()}
    for one in ENTRIES:
        for word in (*one.synonyms, *(f"{synonym}s" for synonym in one.synonyms), one.plural):
            table.setdefault(word, one.name)
    table.update({name: name for name in NAMES})
    return table


@cache
def attributes() -> tuple[str, ...]:
    """Return every descriptor of the world: kinds, colours of things, background and text."""
    kinds = [f"{one.name} which is {one.category}" for one in ENTRIES]
    colours = [f"{one.name} which is {one.colour}" for one in ENTRIES if one.colour]
    shapes = [f"{shape} which is {colour}" for shape in SHAPES for colour in COLOURS]
    grounds = [f"background which is {word}" for word in (*COLOURS, *PATTERNS)]
    return (*kinds, *colours, *shapes, *grounds, *(f"text which is {colour}" for colour in COLOURS))


def true_attributes(scene: Scene) -> frozenset[str]:
    """Return the descriptors that are true of something in the scene."""
    true = {f"background which is {scene.background}", f"background which is {scene.pattern}"}
    true.update(f"text which is {line.colour}" for line in scene.writing)
    for thing in scene.things:
        colour = thing.colour or (_BY_NAME[thing.name].colour if thing.name in _BY_NAME else "")
        if thing.name in _BY_NAME:
            true.add(f"{thing.name} which is {_BY_NAME[thing.name].category}")
        if colour:
            true.add(f"{thing.name} which is {colour}")
    return frozenset(true)
