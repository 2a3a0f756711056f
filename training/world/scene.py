"""A drawn scene: what is in it, and the few words the world has for it. No pixels here."""

import zlib
from dataclasses import dataclass
from itertools import combinations

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey")
SHAPES = ("circle", "square", "triangle", "rectangle", "star", "heart", "diamond", "hexagon", "cross", "oval", "ring")
PATTERNS = ("plain", "gradient", "striped", "dotted", "checked", "noisy")
SIZES = ("small", "big")
COUNTS = ("no", "one", "two", "three", "four", "five")

Box = tuple[float, float, float, float]  # x, y, width, height as fractions of the canvas


@dataclass(frozen=True, slots=True)
class Thing:
    """One kind of thing, drawn once per box; copies stand together.

    `name` is the canonical singular ("dog", "circle"). `colour` is set for shapes only. `size` is one of SIZES
    or empty when it is neither clearly small nor clearly big in its scene.
    """

    name: str
    boxes: tuple[Box, ...]
    colour: str = ""
    size: str = ""

    @property
    def count(self) -> int:
        """How many copies there are, 1 to 5."""
        return len(self.boxes)

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of all copies, as fractions of the canvas."""
        xs = [x + width / 2 for x, _, width, _ in self.boxes]
        ys = [y + height / 2 for _, y, _, height in self.boxes]
        return sum(xs) / len(xs), sum(ys) / len(ys)

    @property
    def area(self) -> float:
        """The area of one copy, as a fraction of the canvas."""
        return self.boxes[0][2] * self.boxes[0][3]


@dataclass(frozen=True, slots=True)
class Writing:
    """A line of text in the scene."""

    words: str
    colour: str
    box: Box


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is drawn. `things` has 0 to 5 kinds, left to right; `aspect` is width over height."""

    things: tuple[Thing, ...]
    writing: tuple[Writing, ...] = ()
    background: str = "white"
    pattern: str = "plain"
    aspect: float = 1.0


def place_words(centre: tuple[float, float]) -> str:
    """Return where a centre is: "on the left", "in the top right", "in the middle", "at the bottom", …"""
    x, y = centre
    column = "left" if x < 0.38 else "right" if x > 0.62 else ""
    row = "top" if y < 0.38 else "bottom" if y > 0.62 else ""
    if column and row:
        return f"in the {row} {column}"
    if column:
        return f"on the {column}"
    return f"at the {row}" if row else "in the middle"


def relation(one: Thing, other: Thing) -> str:
    """Return how `one` lies to `other`: "left of", "right of", "above", "below", or "" when it is not clear."""
    dx, dy = (a - b for a, b in zip(one.centre, other.centre, strict=True))
    if max(abs(dx), abs(dy)) < 0.2 or abs(abs(dx) - abs(dy)) < 0.08:
        return ""
    if abs(dx) > abs(dy):
        return "left of" if dx < 0 else "right of"
    return "above" if dy < 0 else "below"


def biggest(scene: Scene) -> Thing | None:
    """Return the thing that is clearly the biggest (1.5 times the area of the next), or None."""
    ranked = sorted(scene.things, key=lambda thing: -thing.area)
    if len(ranked) < 2 or ranked[0].area < 1.5 * ranked[1].area:
        return None
    return ranked[0]


def held_out(one: str, other: str) -> bool:
    """Say whether two names never stand together in a training scene: one pair in eight, by a fixed hash.

    Every held-out fixture with two or more kinds consists of such pairs only.
    """
    low, high = sorted((one, other))
    return zlib.crc32(f"{low}|{high}".encode()) % 8 == 0


def allowed_in_training(names: tuple[str, ...]) -> bool:
    """Say whether a training scene may hold these names together."""
    return not any(held_out(one, other) for one, other in combinations(names, 2))
