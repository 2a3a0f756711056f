"""Random scenes for training: which things, where, how many, on what background, with which text."""

import random
import string
from dataclasses import replace

from training.world.glyphs import full_glyph
from training.world.lexicon import ENTRIES, NAMES, entry
from training.world.scene import COLOURS, PATTERNS, SHAPES, Box, Scene, Thing, Writing, held_out

# Pairs the eye mixes up when one lies on the other.
_TOO_NEAR = {
    frozenset(pair)
    for pair in (("white", "yellow"), ("black", "brown"), ("pink", "white"), ("red", "pink"), ("orange", "red"))
} | {frozenset(("orange", "yellow")), frozenset(("blue", "purple")), frozenset(("grey", "white"))}
_PICTOGRAPHS = tuple(one.name for one in ENTRIES)
_PHRASES = (
    "hello",
    "good morning",
    "sale",
    "open",
    "closed",
    "no entry",
    "happy birthday",
    "i love it",
    "why not",
    "one does not simply",
    "wait what",
    "monday again",
    "stop",
    "go",
    "free coffee",
    "big news",
    "welcome home",
    "keep calm",
    "thank you",
    "best day ever",
    "not today",
    "so tired",
    "new shop",
    "well done",
    "room 42",
    "exit",
    "fresh bread",
    "do not touch",
    "such wow",
    "game over",
    "level up",
    "top secret",
)
_MOST_COPIES = 7


def random_scene(rng: random.Random, simple: bool = False) -> Scene:
    """Return a scene of 0 to 5 kinds, mostly 1 to 3, whose names may stand together in training.

    A simple scene has one large thing and no text: what a young image tower learns from first.
    """
    aspect = round(rng.choice((1.0, rng.uniform(0.6, 1.8), rng.uniform(1.2, 1.5))), 3)
    ground = rng.choice(COLOURS)
    pattern = rng.choice(PATTERNS)
    if simple:
        return _simple(ground, pattern, aspect, rng)
    kinds = rng.choices((0, 1, 2, 3, 4, 5), (1, 32, 28, 26, 8, 5))[0]
    names = _names(kinds, ground, rng)
    counts = _counts(len(names), rng)
    writing = _writing(ground, aspect, rng) if rng.random() < 0.4 else ()
    things = _placed(names, counts, ground, aspect, writing, rng)
    return Scene(things=with_sizes(things), writing=writing, background=ground, pattern=pattern, aspect=aspect)


def _simple(ground: str, pattern: str, aspect: float, rng: random.Random) -> Scene:
    """Return a scene with one large thing."""
    name = _names(1, ground, rng)[0]
    (wide, high), boxes = _laid(name, 1, rng.uniform(0.5, 0.95), aspect, rng)
    x, y = rng.uniform(0, 1 - wide), rng.uniform(0, 1 - high)
    colour = _shape_colour(ground, rng) if name in SHAPES else ""
    thing = Thing(name, ((x, y, boxes[0][2], boxes[0][3]),), colour)
    return Scene(things=with_sizes((thing,)), background=ground, pattern=pattern, aspect=aspect)


def with_sizes(things: tuple[Thing, ...]) -> tuple[Thing, ...]:
    """Return the things with "small" and "big" set where that is clear.

    Two or more kinds: when the largest has at least 2.2 times the area of the smallest, the ones near either end.
    One kind: at most 9 % or at least 40 % of the canvas.
    """
    areas = [thing.area for thing in things]
    if len(things) == 1:
        size = "small" if areas[0] <= 0.09 else "big" if areas[0] >= 0.4 else ""
        return (replace(things[0], size=size),)
    if not things or max(areas) < 2.2 * min(areas):
        return things
    return tuple(
        replace(
            thing,
            size="small" if thing.area < 1.35 * min(areas) else "big" if thing.area > max(areas) / 1.35 else "",
        )
        for thing in things
    )


def _names(kinds: int, ground: str, rng: random.Random) -> list[str]:
    """Return distinct names, three in ten a shape, no two of them a held-out pair."""
    names: list[str] = []
    while len(names) < kinds:
        name = rng.choice(SHAPES if rng.random() < 0.3 else _PICTOGRAPHS)
        lost = name not in SHAPES and ground in ("black", "white") and entry(name).colour == ground
        if not lost and name not in names and not any(held_out(name, other) for other in names):
            names.append(name)
    return names


def _counts(kinds: int, rng: random.Random) -> list[int]:
    """Return how many of each kind: 1 mostly, at most 5, at most 7 in all."""
    counts: list[int] = []
    for left in range(kinds, 0, -1):
        room = min(5, _MOST_COPIES - sum(counts) - (left - 1))
        wanted = rng.choices((1, 2, 3, 4, 5), (54, 16, 12, 10, 8))[0]
        counts.append(min(room, wanted))
    return counts


def _placed(
    names: list[str], counts: list[int], ground: str, aspect: float, writing: tuple[Writing, ...], rng: random.Random
) -> tuple[Thing, ...]:
    """Place each kind where it overlaps no other (now and then a little); smaller until all fit. Left to right."""
    taken = [line.box for line in writing] if rng.random() < 0.6 else []
    share = (0.85, 0.85, 0.6, 0.52, 0.44, 0.4)[len(names)]
    sizes = [rng.uniform(0.2, share) if rng.random() < 0.5 else rng.uniform(0.28, share * 0.8) for _ in names]
    overlap = rng.uniform(0.05, 0.25) if rng.random() < 0.12 else 0.0
    for attempt in range(40):
        groups: list[Box] = []
        things: list[Thing] = []
        order = sorted(range(len(names)), key=lambda index: -sizes[index] * counts[index])
        for index in order:
            shrink = 0.96**attempt
            laid = _laid(names[index], counts[index], max(0.2 * 0.9**attempt, sizes[index] * shrink), aspect, rng)
            spot = _spot(laid[0], groups, taken if attempt < 20 else [], overlap, rng)
            if spot is None:
                break
            x, y = spot
            groups.append((x, y, laid[0][0], laid[0][1]))
            boxes = tuple((round(x + a, 4), round(y + b, 4), round(w, 4), round(h, 4)) for a, b, w, h in laid[1])
            colour = _shape_colour(ground, rng) if names[index] in SHAPES else ""
            things.append(Thing(names[index], boxes, colour))
        else:
            return tuple(sorted(things, key=lambda thing: thing.centre[0]))
    return tuple(sorted(things, key=lambda thing: thing.centre[0]))


def _laid(
    name: str, count: int, size: float, aspect: float, rng: random.Random
) -> tuple[tuple[float, float], list[Box]]:
    """Return the extent of a group of copies and the copies' boxes in it; `size` is a share of the short side."""
    wide, high = size * min(1.0, 1 / aspect), size * min(1.0, aspect)
    stretch = _stretch(name, rng)
    wide, high = wide * min(1.0, stretch), high * min(1.0, 1 / stretch)
    rows = _rows(count, rng)
    across, down = rng.uniform(1.02, 1.18), rng.uniform(1.02, 1.18)
    columns = max(rows)
    limit = 0.94 / max((1 + across * (columns - 1)) * wide, (1 + down * (len(rows) - 1)) * high)
    if limit < 1:
        wide, high = wide * limit, high * limit
    extent = (wide * (1 + across * (columns - 1)), high * (1 + down * (len(rows) - 1)))
    boxes = []
    for row, copies in enumerate(rows):
        indent = (columns - copies) / 2  # a shorter row stands in the middle
        boxes += [((column + indent) * across * wide, row * down * high, wide, high) for column in range(copies)]
    return extent, boxes


def _stretch(name: str, rng: random.Random) -> float:
    """Return the width of one copy over its height, so that a box is as tight around a giraffe as around a bed."""
    if name in SHAPES:
        stretch = {"rectangle": 0.62, "oval": 0.66, "diamond": 0.74}.get(name, 1.0)
        return stretch if name == "diamond" or rng.random() < 0.35 else 1 / stretch
    width, height = full_glyph(entry(name).char).size
    return width / height


def _rows(count: int, rng: random.Random) -> list[int]:
    """Return how many copies stand in each row: all in one, one in each, or rows of up to three."""
    draw = rng.random()
    if draw < 0.3 or count == 1:
        return [count]
    if draw < 0.42:
        return [1] * count
    rows: list[int] = []
    while sum(rows) < count:
        rows.append(min(rng.choice((1, 2, 2, 3)), count - sum(rows)))
    return rows


def _spot(
    extent: tuple[float, float], groups: list[Box], lines: list[Box], overlap: float, rng: random.Random
) -> tuple[float, float] | None:
    """Return a free top left corner, mostly in a clear place (a third of the canvas), or None."""
    wide, high = extent
    for _ in range(12):
        if rng.random() < 0.75:
            x = rng.choice((0.22, 0.5, 0.78)) + rng.uniform(-0.08, 0.08) - wide / 2
            y = rng.choice((0.22, 0.5, 0.78)) + rng.uniform(-0.08, 0.08) - high / 2
        else:
            x, y = rng.uniform(0, 1 - wide), rng.uniform(0, 1 - high)
        x = min(max(x, 0.01), 0.99 - wide)
        y = min(max(y, 0.01), 0.99 - high)
        box = (x, y, wide, high)
        if all(_covered(box, other) <= overlap for other in groups) and all(_covered(box, line) <= 0 for line in lines):
            return x, y
    return None


def _covered(one: Box, other: Box) -> float:
    """Return the common area as a share of the smaller box."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high) / min(one[2] * one[3], other[2] * other[3])


def _shape_colour(ground: str, rng: random.Random) -> str:
    """Return a colour that is seen on the background."""
    return rng.choice([one for one in COLOURS if one != ground and frozenset((one, ground)) not in _TOO_NEAR])


def _writing(ground: str, aspect: float, rng: random.Random) -> tuple[Writing, ...]:
    """Return one to three lines: at the top, the bottom or together somewhere; white for memes."""
    count = rng.choices((1, 2, 3), (6, 3, 1))[0]
    colour = "white" if rng.random() < 0.35 and ground != "white" else _shape_colour(ground, rng)
    height = rng.uniform(0.07, 0.14)
    meme = rng.random() < 0.5
    start = rng.choice((0.02, rng.uniform(0.1, 0.8), 0.97 - height * 1.15 * count))
    lines = []
    for number in range(count):
        words = _words(rng)
        width = min(0.96, max(0.1, 0.62 * height * len(words) / aspect))
        top = (0.02 if number == 0 else 0.98 - height * (count - number) * 1.1) if meme else start
        top = min(max(0.01, top + (0 if meme else number * height * 1.15)), 0.99 - height)
        left = 0.5 - width / 2 if meme or rng.random() < 0.6 else rng.uniform(0.02, 0.98 - width)
        lines.append(Writing(words, colour, (round(left, 4), round(top, 4), round(width, 4), round(height, 4))))
        if not meme and rng.random() < 0.2:
            colour = _shape_colour(ground, rng)
    return tuple(lines)


def _words(rng: random.Random) -> str:
    """Return a colour word, a name, a phrase, or letters and digits that mean nothing."""
    draw = rng.random()
    if draw < 0.25:
        return rng.choice(COLOURS)
    if draw < 0.5:
        return rng.choice(NAMES)
    if draw < 0.8:
        return rng.choice(_PHRASES)
    alphabet = string.ascii_lowercase if rng.random() < 0.6 else string.digits
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(2, 8)))
