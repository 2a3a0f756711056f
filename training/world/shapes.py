"""The eleven shapes as stamps: flat, bordered, shaded or hollow."""

import math
import random
from functools import cache

from PIL import Image, ImageChops, ImageDraw

from training.world.shades import RGB

_SIDE = 256
_NO_HOLLOW = ("circle", "ring", "cross", "oval")  # a hollow circle is a ring


@cache
def _mask(name: str, border: int) -> Image.Image:
    """Return a shape as an 8-bit mask, 256 pixels a side; a border leaves only its rim, that many pixels wide."""
    mask = Image.new("L", (_SIDE, _SIDE))
    pen = ImageDraw.Draw(mask)
    low, high = 4, _SIDE - 5
    if name in ("circle", "oval"):
        pen.ellipse((low, low, high, high), fill=255)
    elif name == "ring":
        pen.ellipse((low, low, high, high), fill=255)
        pen.ellipse((low + 46, low + 46, high - 46, high - 46), fill=0)
    elif name in ("square", "rectangle"):
        pen.rectangle((low, low, high, high), fill=255)
    else:
        pen.polygon([(low + (high - low) * x, low + (high - low) * y) for x, y in _corners(name)], fill=255)
    if border:
        inner = mask.resize((_SIDE - 2 * border, _SIDE - 2 * border))
        hole = Image.new("L", mask.size)
        drop = border // 4 if name == "triangle" else 0
        hole.paste(inner, (border, border + drop))
        mask = ImageChops.subtract(mask, hole)
    return mask


def _corners(name: str) -> list[tuple[float, float]]:
    """Return the corners of a polygon in a unit square."""
    if name == "triangle":
        return [(0.5, 0), (1, 1), (0, 1)]
    if name == "diamond":
        return [(0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)]
    if name == "hexagon":
        return [(0.25, 0.05), (0.75, 0.05), (1, 0.5), (0.75, 0.95), (0.25, 0.95), (0, 0.5)]
    if name == "cross":
        a, b = 0.33, 0.67
        return [(a, 0), (b, 0), (b, a), (1, a), (1, b), (b, b), (b, 1), (a, 1), (a, b), (0, b), (0, a), (a, a)]
    if name == "star":
        turns = [(math.pi * k / 5, 0.52 if k % 2 == 0 else 0.215) for k in range(10)]
        return [(0.5 + r * math.sin(t), 0.53 - r * math.cos(t)) for t, r in turns]
    if name == "heart":
        around = [2 * math.pi * k / 80 for k in range(80)]
        rows = [13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t) for t in around]
        return [(0.5 + math.sin(t) ** 3 / 2, 0.42 - row / 29) for t, row in zip(around, rows, strict=True)]
    raise ValueError(f"there is no shape {name!r}")


def draw_shape(
    name: str, fill: RGB, style: str, width: float, height: float, turn: float, rng: random.Random
) -> Image.Image:
    """Return a shape that fills a box of width x height pixels, RGBA, turned by some degrees."""
    hollow = style == "hollow" and name not in _NO_HOLLOW
    size = (max(4, round(width)), max(4, round(height)))
    mask = _mask(name, 34 if hollow else 0)
    on_corner = name == "hexagon" and rng.random() < 0.5
    if on_corner:
        mask = mask.transpose(Image.Transpose.ROTATE_90)
    mask = mask.resize(size, Image.Resampling.BILINEAR)
    stamp = Image.new("RGBA", size, (*fill, 0))
    stamp.paste((*fill, 255), (0, 0, *size))
    if style == "shaded":
        ramp = Image.linear_gradient("L").resize(size)
        if rng.random() < 0.5:
            ramp = ramp.transpose(Image.Transpose.ROTATE_180)
        darker = tuple(round(part * 0.72) for part in fill)
        stamp.paste((*darker, 255), (0, 0), ramp)
    if style == "bordered":
        edge = rng.choice(((0, 0, 0), (255, 255, 255), tuple(round(part * 0.55) for part in fill)))
        rim = _mask(name, 12)
        rim = rim.transpose(Image.Transpose.ROTATE_90) if on_corner else rim
        stamp.paste((*edge, 255), (0, 0), rim.resize(size, Image.Resampling.BILINEAR))
    stamp.putalpha(mask)
    return stamp.rotate(turn, Image.Resampling.BILINEAR, expand=True) if turn else stamp
