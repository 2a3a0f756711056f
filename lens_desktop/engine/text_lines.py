"""Finds lines of letters in a picture: shapes of one tone and like size that stand in a row.

A page's layout is Tesseract's strength; words on a picture are not. Here they are cut out, each line black on white.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageFilter

from lens_desktop.engine.components import Components, Ints, Mask, find_components, join
from lens_desktop.engine.readings import Box

Pixels = npt.NDArray[np.uint8]

_CONTRAST = 22  # grey levels between a letter and its surroundings
_SMALLEST = 7  # pixels: lower shapes are no letters that could be read
_MOST_LETTERS = 1200  # a layer with more is a texture, or a page that is read as a whole
_MOST_LINES = 28
_ROW = 4  # letters that stand in a row by chance only seldom
_TILE = 512
_TILES = 8
_LINE_HEIGHT = 44  # pixels, at which Tesseract reads best


@dataclass(frozen=True, slots=True)
class Cutting:
    """A line of letters, black on white, and where it was in the picture."""

    picture: Pillow.Image
    box: Box


@dataclass(frozen=True, slots=True)
class Layer:
    """Where a picture is darker or lighter than around in one colour, and how much, in grey levels."""

    mask: Mask
    strength: npt.NDArray[np.int16]


def cut_lines(pixels: Pixels) -> list[Cutting]:
    """Return the lines of letters in an image (height, width, 3), the likeliest first; some more than once.

    Text is mostly found in several layers, texture in one: a line counts the more the more layers have it.
    """
    found = [
        (_likelihood(components, letters), layer, components, letters, box)
        for layer in _layers(pixels)
        for components in (find_components(layer.mask),)
        for letters, box in _lines(components, pixels.shape[0])
    ]
    if not found:
        return []
    boxes = np.array([box for *_, box in found])
    reach = np.maximum(4, (boxes[:, 3] - boxes[:, 1]) // 4)
    alike = np.abs(boxes[:, None] - boxes[None]).max(axis=2) <= reach[:, None]
    rank = np.array([likelihood for likelihood, *_ in found]) * np.minimum(alike.sum(axis=1), 4)
    return [_cut(*found[place][1:]) for place in np.argsort(-rank, kind="stable")[:_MOST_LINES]]


def letter_height(pixels: Pixels) -> float | None:
    """Return the height in pixels of the smallest letters that stand in rows, or None when there are none.

    Looks at the busiest places of the image only, at its full size.
    """
    grey = np.asarray(Pillow.fromarray(pixels).convert("L"))
    heights: list[float] = []
    for tile in _busiest(grey):
        for layer in _darker_and_lighter(Pillow.fromarray(tile), _TILE // 18):
            components = find_components(layer.mask)
            for letters, _ in _lines(components, _TILE):
                if len(letters) >= _ROW and _likelihood(components, letters) >= _ROW / 2:
                    boxes = components.boxes[letters]
                    heights += [float(np.median(boxes[:, 3] - boxes[:, 1]))] * len(letters)
    return float(np.percentile(heights, 10)) if len(heights) >= 2 * _ROW else None


def _busiest(grey: Pixels) -> list[Pixels]:
    """Return the tiles of a grey image with the most steps between neighbouring pixels."""
    height, width = grey.shape
    tiles = [
        grey[top : top + _TILE, left : left + _TILE]
        for top in range(0, height, _TILE)
        for left in range(0, width, _TILE)
    ]
    busy = [float((np.abs(np.diff(tile[::2].astype(np.int16), axis=1)) > _CONTRAST).mean()) for tile in tiles]
    return [tiles[place] for place in np.argsort(busy)[::-1][:_TILES]]


def _layers(pixels: Pixels) -> Iterator[Layer]:
    """Yield what is darker, and what is lighter, than its surroundings in red, green and blue."""
    radius = max(8, max(pixels.shape[:2]) // 18)
    for band in Pillow.fromarray(pixels).split():
        yield from _darker_and_lighter(band, radius)
    # a meme's capitals are white, whatever is around them
    white, black = pixels.min(axis=2).astype(np.int16), pixels.max(axis=2).astype(np.int16)
    yield Layer(white > 205, white - 128)
    yield Layer(black < 50, 128 - black)


def _darker_and_lighter(band: Pillow.Image, radius: int) -> Iterator[Layer]:
    smooth = np.asarray(band.filter(ImageFilter.BoxBlur(0.6)), np.int16)
    difference = smooth - np.asarray(band.filter(ImageFilter.BoxBlur(radius)), np.int16)
    yield Layer(difference < -_CONTRAST, -difference)
    yield Layer(difference > _CONTRAST, difference)


def _lines(components: Components, image_height: int) -> Iterator[tuple[Ints, Box]]:
    """Yield the letters of each line and the line's box."""
    left, top, right, bottom = components.boxes.T
    width, height = right - left, bottom - top
    fill = components.areas / (width * height).clip(1)
    like = (height >= _SMALLEST) & (height <= image_height * 0.35) & (width <= 12 * height) & (fill > 0.12)
    like &= (fill < 0.92) | (width < 0.5 * height)
    letters = np.nonzero(like)[0]
    if not 1 < len(letters) <= _MOST_LETTERS:
        return
    for group in _rows(components.boxes[letters]):
        line = letters[group]
        box = components.boxes[line]
        outline = (int(box[:, 0].min()), int(box[:, 1].min()), int(box[:, 2].max()), int(box[:, 3].max()))
        if outline[2] - outline[0] >= 1.2 * (outline[3] - outline[1]):
            yield line, outline


def _rows(boxes: Ints) -> Iterator[Ints]:
    """Yield groups of boxes that stand in a row: like heights, side by side, a word's space apart at most."""
    left, top, right, bottom = (column[:, None] for column in boxes.T)
    height = bottom - top
    tall, low = np.maximum(height, height.T), np.minimum(height, height.T)
    beside = np.minimum(bottom, bottom.T) - np.maximum(top, top.T) >= 0.5 * low
    gap = np.maximum(left, left.T) - np.minimum(right, right.T)
    near = (gap <= 1.1 * tall) & (gap >= -0.4 * low)
    one, other = np.nonzero(beside & near & (tall <= 2.2 * low))
    groups = join(len(boxes), one, other)
    for group in range(int(groups.max()) + 1):
        members = np.nonzero(groups == group)[0]
        if len(members) >= 2:
            yield members


def _likelihood(components: Components, letters: Ints) -> float:
    """Return how much a row looks like a line of text: many letters of like height on one base line."""
    boxes = components.boxes[letters]
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    uneven = float(np.std(boxes[:, 3])) / height + float(np.std(boxes[:, 3] - boxes[:, 1])) / height
    return min(len(letters), 12) / (1 + 4 * uneven)


def _cut(layer: Layer, components: Components, letters: Ints, box: Box) -> Cutting:
    """Return the line with its dots and commas, but without what only reaches into its box."""
    left, top, right, bottom = box
    margin = (bottom - top) // 4
    inside = components.boxes
    small = inside[:, 3] - inside[:, 1] <= bottom - top
    fits = (inside[:, 0] >= left - margin) & (inside[:, 2] <= right + margin)
    fits &= (inside[:, 1] >= top - margin) & (inside[:, 3] <= bottom + margin)
    chosen = np.union1d(np.nonzero(small & fits)[0], letters)
    wide = (left - margin, top - margin, right + margin, bottom + margin)
    shape = components.paint(chosen, wide)
    picture = Pillow.fromarray(_inked(layer.strength, shape, wide))
    scale = _LINE_HEIGHT / (bottom - top)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return Cutting(picture.resize(size, Pillow.Resampling.BICUBIC), box)


def _inked(strength: npt.NDArray[np.int16], shape: Mask, box: Box) -> Pixels:
    """Return the shapes in black on white with the soft edges they have in the picture."""
    left, top, right, bottom = box
    cut = np.zeros(shape.shape, np.float32)
    inside = strength[max(0, top) : bottom, max(0, left) : right]
    cut[max(0, -top) : max(0, -top) + inside.shape[0], max(0, -left) : max(0, -left) + inside.shape[1]] = inside
    full = max(1.0, float(np.median(cut[shape])))
    edge = np.asarray(Pillow.fromarray(shape).convert("L").filter(ImageFilter.MaxFilter(3))) > 0
    ink = np.where(edge, (cut / full).clip(0, 1), 0)
    return (255 - 255 * ink).astype(np.uint8)
