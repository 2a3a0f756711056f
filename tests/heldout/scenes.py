"""Which held-out scenes there are: kinds that never stand together in training, in pictures a person reads at once."""

import random
from collections import Counter
from dataclasses import dataclass, replace

from tests.heldout import layout
from tests.heldout.draw import FACES, MEME_FACES, Looks, grounds, near, stamp_of, stands_out, words_path
from tests.heldout.stamps import RGB, SHADES
from tests.heldout.words import MEMES, POSTERS, SIGNS, SKIPPED, UNCOUNTED
from training.world import lexicon
from training.world.scene import COLOURS, PATTERNS, SHAPES, Box, Scene, Thing, Writing, held_out

CANVASES = (
    (960, 640), (800, 600), (1000, 562), (720, 480), (640, 480), (900, 600), (640, 640), (560, 560),
    (480, 640), (600, 800), (540, 810), (600, 750),
)  # fmt: skip
# How many scenes have how many kinds of things.
KINDS = {0: 12, 1: 56, 2: 66, 3: 44, 4: 13, 5: 9}


@dataclass(frozen=True, slots=True)
class Picture:
    """A scene with what is needed to paint and save it."""

    scene: Scene
    looks: Looks
    width: int


def make_pictures(seed: int) -> list[Picture]:
    """Return the held-out pictures, the same for the same seed."""
    rng = random.Random(seed)
    used: Counter[str] = Counter()
    numbers = [number for number, times in KINDS.items() for _ in range(times)]
    rng.shuffle(numbers)
    signs, memes, posters = (rng.sample(lines, len(lines)) for lines in (SIGNS, MEMES, POSTERS))
    pictures = []
    for index, number in enumerate(numbers):
        style = "poster" if number == 0 else rng.choices(("", "sign", "meme", "colour word"), (56, 20, 15, 9))[0]
        if number > 3:
            style = ""  # full already
        lines: tuple[str, ...] = ()
        if style:
            stock = {"poster": posters, "sign": signs, "meme": memes, "colour word": [(rng.choice(COLOURS).upper(),)]}
            lines = tuple(line for line in stock[style].pop() if line)
        pictures.append(_picture(number, style, lines, used, random.Random(f"{seed} {index}")))
        used.update(thing.name for thing in pictures[-1].scene.things)
    return pictures


def _picture(number: int, style: str, lines: tuple[str, ...], used: Counter[str], rng: random.Random) -> Picture:
    """Return one picture; draws lots again until everything fits and stands out."""
    for _ in range(2000):
        width, height = rng.choice(CANVASES)
        face = rng.choice(MEME_FACES if style == "meme" else tuple(FACES))
        ground = rng.choice(COLOURS)
        looks = Looks(rng.randrange(1 << 30), rng.choice(grounds(ground)), face, style == "meme", ())
        pattern = rng.choices(PATTERNS, (26, 16, 16, 15, 14, 13))[0]
        scene = Scene((), (), ground, pattern, width / height)
        written = _write(scene, style, lines, looks, width, height, rng)
        if written is None:
            continue
        scene, free = written
        things = _things(number, scene, looks, free, (width, height), used, rng)
        if things is not None:
            ordered = tuple(sorted(things, key=lambda pair: pair[0].centre[0]))
            scene = replace(scene, things=_sized(tuple(thing for thing, _ in ordered)))
            return Picture(scene, replace(looks, chars=tuple(char for _, char in ordered)), width)
    raise RuntimeError(f"no picture with {number} kinds and {lines} fits")


def _things(
    number: int,
    scene: Scene,
    looks: Looks,
    free: layout.Rect,
    canvas: tuple[int, int],
    used: Counter[str],
    rng: random.Random,
) -> list[tuple[Thing, str]] | None:
    """Return the things of a scene with their pictographs, or None when the lots drawn do not fit."""
    chosen = _choose(number, scene.background, used, rng)
    if chosen is None or sum(thing.count for thing, _ in chosen) > 8:
        return None
    kinds = []
    grown = rng.randrange(number) if number and rng.random() < 0.6 else None
    for index, (thing, char) in enumerate(chosen):
        stamp = stamp_of(thing, char, looks.seed)
        if not all(stands_out(stamp, tone) for tone in _tones(looks.ground)):
            return None
        kinds.append(layout.Kind(thing.count, stamp.width() / stamp.height(), 1.55 if index == grown else 1.0))
    plans = ["scattered", "thirds", *(["ring"] if number > 2 else [])]
    if number > 1:
        plans += [one for one, fits in (("row", canvas[0] >= canvas[1]), ("column", canvas[0] <= canvas[1])) if fits]
    plan = rng.choice(plans)
    placed = layout.arrange(kinds, plan, free, min(canvas), rng)
    if placed is None:
        return None
    return [
        (replace(thing, boxes=tuple(_fraction(rect, canvas) for rect in rects)), char)
        for (thing, char), rects in zip(chosen, placed, strict=True)
    ]


def _choose(number: int, ground: str, used: Counter[str], rng: random.Random) -> list[tuple[Thing, str]] | None:
    """Return kinds every two of which are held out, least used first, their copies still without a place."""
    names = [name for name in lexicon.NAMES if name not in SKIPPED]
    names.sort(key=lambda name: used[name] / (9 if name in SHAPES else 1) // 1 + rng.random())
    chosen: list[str] = []
    for _ in range(number):
        fitting = [name for name in names if name not in chosen and all(held_out(name, one) for one in chosen)]
        shapes = sorted((name for name in fitting if name in SHAPES), key=lambda name: used[name] + 4 * rng.random())
        if not fitting:
            return None
        chosen.append(shapes[0] if shapes and rng.random() < 0.38 else fitting[0])
    colours = rng.sample([colour for colour in COLOURS if colour != ground], len(COLOURS) - 1)
    things = []
    for name in chosen:
        countable = name not in UNCOUNTED
        weights = (44, 17, 15, 12, 12) if number == 1 else (58, 17, 12, 8, 5) if number < 4 else (84, 12, 4, 0, 0)
        count = rng.choices(range(1, 6), weights)[0] if countable else 1
        thing = Thing(name, ((0.0, 0.0, 0.0, 0.0),) * count, colours.pop() if name in SHAPES else "")
        things.append((thing, "" if thing.colour else lexicon.entry(name).char))
    return things


def _write(
    scene: Scene, style: str, lines: tuple[str, ...], looks: Looks, width: int, height: int, rng: random.Random
) -> tuple[Scene, layout.Rect] | None:
    """Return the scene with its text and the area left for things, or None when the text would not be readable."""
    short, margin = min(width, height), 0.025 * min(width, height)
    everything = (margin, margin, width - 2 * margin, height - 2 * margin)
    if not lines:
        return scene, everything
    colour = "white" if style == "meme" else rng.choice([name for name in COLOURS if name != scene.background])
    if style == "colour word" and colour == lines[0].lower():
        return None
    readable = all(contrast(ink, tone) > 2.8 for ink in SHADES[colour] for tone in _tones(looks.ground))
    if style != "meme" and not readable:
        return None
    tall = rng.uniform(0.09, 0.13) * short if style == "meme" else rng.uniform(0.075, 0.115) * short
    if style in ("poster", "colour word"):
        tall = rng.uniform(0.1, 0.15) * short
    sizes = [_ink(line, looks.face, tall, 0.92 * width) for line in lines]
    if min(size[2] for size in sizes) < 25:
        return None
    return _set(scene, style, lines, colour, [size[:2] for size in sizes], (width, height), margin, rng)


def _set(
    scene: Scene,
    style: str,
    lines: tuple[str, ...],
    colour: str,
    sizes: list[tuple[float, float]],
    canvas: tuple[int, int],
    margin: float,
    rng: random.Random,
) -> tuple[Scene, layout.Rect]:
    """Put lines of known size into place: a meme's at top and bottom, a poster's in the middle, a sign's at one end."""
    width, height = canvas
    gap = 1.6 * margin
    block = sum(size[1] for size in sizes) + gap * (len(sizes) - 1)
    top, bottom = margin, height - margin
    align = rng.choice((0.5, 0.5, 0.06, 0.94)) if style == "sign" else 0.5
    if style == "poster":
        tops = [(height - block) / 2 + sum(size[1] + gap for size in sizes[:index]) for index in range(len(sizes))]
    elif style == "meme" and len(lines) == 2:
        tops = [2 * margin, height - 2 * margin - sizes[1][1]]
        top, bottom = tops[0] + sizes[0][1] + gap, tops[1] - gap
    else:
        first = rng.random() < 0.5
        start = 2 * margin if first else height - 2 * margin - block
        tops = [start + sum(size[1] + gap for size in sizes[:index]) for index in range(len(sizes))]
        top, bottom = (start + block + gap, bottom) if first else (top, start - gap)
    writing = []
    for line, (across, down), y in zip(lines, sizes, tops, strict=True):
        x = 2 * margin + align * (width - 4 * margin - across)
        writing.append(Writing(line, colour, _fraction((x, y, across, down), canvas)))
    return replace(scene, writing=tuple(writing)), (margin, top, width - 2 * margin, bottom - top)


def _ink(line: str, face: str, tall: float, widest: float) -> tuple[float, float, float]:
    """Return the width and height of a line's ink and the height of its capitals, capitals at most `tall` high."""
    bounds, capital = words_path(line, face).boundingRect(), words_path("H", face).boundingRect().height()
    scale = min(tall / capital, widest / bounds.width())
    return bounds.width() * scale, bounds.height() * scale, capital * scale


def _sized(things: tuple[Thing, ...]) -> tuple[Thing, ...]:
    """Say which thing is clearly the biggest and which clearly the smallest."""
    if len(things) < 2:
        return things
    ranked = sorted(things, key=lambda thing: thing.area)
    sizes = {}
    if ranked[-1].area >= 1.5 * ranked[-2].area:
        sizes[ranked[-1].name] = "big"
    if ranked[1].area >= 1.5 * ranked[0].area:
        sizes[ranked[0].name] = "small"
    return tuple(replace(thing, size=sizes.get(thing.name, "")) for thing in things)


def _tones(ground: RGB) -> tuple[RGB, RGB]:
    """Return the two tones of a background."""
    return ground, near(ground, 0.24)


def contrast(one: RGB, other: RGB) -> float:
    """Return the contrast of two colours as the web's accessibility rules count it: 1 (none) to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: RGB) -> float:
    parts = [value / 255 for value in rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _fraction(rect: layout.Rect, canvas: tuple[int, int]) -> Box:
    x, y, width, height = rect
    return round(x / canvas[0], 4), round(y / canvas[1], 4), round(width / canvas[0], 4), round(height / canvas[1], 4)
