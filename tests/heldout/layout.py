"""Where things and text lie in a held-out picture: scattered, in a row, a column, a ring, or by the rule of thirds."""

import math
import random
from dataclasses import dataclass

Rect = tuple[float, float, float, float]  # x, y, width, height in pixels

SMALLEST = 0.23  # of the canvas's short side: a thing is never smaller than this
# The longest side of one copy over the canvas's short side, by how many copies there are in all.
RANGES = {1: (0.36, 0.66), 2: (0.32, 0.52), 3: (0.27, 0.44), 4: (0.26, 0.39), 5: (0.24, 0.35)}


@dataclass(frozen=True, slots=True)
class Kind:
    """What is to be placed: so many copies, each `aspect` (width over height), `scale` times the usual size."""

    count: int
    aspect: float
    scale: float


def arrange(kinds: list[Kind], layout: str, free: Rect, short: float, rng: random.Random) -> list[list[Rect]] | None:
    """Return the rectangles of the copies of each kind inside `free`, or None when they do not fit."""
    low, high = RANGES.get(sum(kind.count for kind in kinds), (0.23, 0.3))
    for attempt in range(160):
        size = rng.uniform(low, high) * short * (1 - 0.35 * attempt / 160)
        groups = [_group(kind, max(size * kind.scale, SMALLEST * short), rng) for kind in kinds]
        placed = [
            _centred(group, anchor, free)
            for group, anchor in zip(groups, _anchors(layout, len(kinds), rng), strict=True)
        ]
        if all(placed) and _apart([_hull(group) for group in placed if group]):
            return [group for group in placed if group]
    return None


def _group(kind: Kind, size: float, rng: random.Random) -> list[Rect]:
    """Return the copies of a kind standing together, around the origin."""
    width, height = (size, size / kind.aspect) if kind.aspect > 1 else (size * kind.aspect, size)
    rows = rng.choice({1: [[1]], 2: [[2], [1, 1]], 3: [[3], [1, 2], [2, 1], [1, 1, 1]], 4: [[2, 2], [4], [1, 2, 1]],
                       5: [[2, 3], [3, 2], [2, 1, 2]]}[kind.count])  # fmt: skip
    step_x, step_y = width * rng.uniform(1.06, 1.16), height * rng.uniform(1.06, 1.16)
    return [
        (
            (column - (across - 1) / 2) * step_x - width / 2 + rng.uniform(-0.02, 0.02) * width,
            (row - (len(rows) - 1) / 2) * step_y - height / 2 + rng.uniform(-0.02, 0.02) * height,
            width,
            height,
        )
        for row, across in enumerate(rows)
        for column in range(across)
    ]


def _anchors(layout: str, number: int, rng: random.Random) -> list[tuple[float, float]]:
    """Return where the middles of the groups go, as fractions of the free area, in random order."""
    match layout:
        case "row":
            level = rng.uniform(0.3, 0.7)
            points = [((i + 0.5) / number, level + rng.uniform(-0.08, 0.08)) for i in range(number)]
        case "column":
            level = rng.uniform(0.25, 0.75)
            points = [(level + rng.uniform(-0.08, 0.08), (i + 0.5) / number) for i in range(number)]
        case "ring":
            start = rng.uniform(0, 2 * math.pi)
            angles = [start + 2 * math.pi * i / number for i in range(number)]
            points = [(0.5 + 0.33 * math.cos(angle), 0.5 + 0.33 * math.sin(angle)) for angle in angles]
        case "thirds":
            corners = [(x, y) for x in (0.27, 0.73) for y in (0.27, 0.73)]
            points = rng.sample(corners, number) if number < 5 else [*corners, (0.5, 0.5)]
        case _:
            points = [(rng.uniform(0.12, 0.88), rng.uniform(0.12, 0.88)) for _ in range(number)]
    rng.shuffle(points)
    return points


def _centred(group: list[Rect], anchor: tuple[float, float], free: Rect) -> list[Rect] | None:
    """Return a group moved to an anchor and then inside the free area, or None when it is larger than that."""
    left, top, width, height = _hull(group)
    if width > free[2] or height > free[3]:
        return None
    x = min(max(free[0] + anchor[0] * free[2] - width / 2, free[0]), free[0] + free[2] - width)
    y = min(max(free[1] + anchor[1] * free[3] - height / 2, free[1]), free[1] + free[3] - height)
    return [(x + box[0] - left, y + box[1] - top, box[2], box[3]) for box in group]


def _hull(group: list[Rect]) -> Rect:
    left, top = min(box[0] for box in group), min(box[1] for box in group)
    return left, top, max(box[0] + box[2] for box in group) - left, max(box[1] + box[3] for box in group) - top


def _apart(hulls: list[Rect]) -> bool:
    """Say whether no group covers more than a sliver of another."""
    for index, one in enumerate(hulls):
        for other in hulls[:index]:
            across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
            down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
            if across > 0 and down > 0 and across * down > 0.04 * min(one[2] * one[3], other[2] * other[3]):
                return False
    return True
