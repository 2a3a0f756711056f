"""Recognised text: Tesseract's reading of the image as a page, and of the lines of letters found in the picture."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageOps

from lens_desktop.domain.evidence import TextLine
from lens_desktop.engine.interrupt import never
from lens_desktop.engine.tesseract import LINE, PAGE, Tesseract, Word
from lens_desktop.engine.text_lines import Box, Cutting, cut_lines, letter_height

Pixels = npt.NDArray[np.uint8]

_LETTER = 12  # pixels a small letter should be high for Tesseract: then a line of text is about 20 high
_PAGE_SIDE = 1600  # longer sides are scaled down, as far as the letters allow
_PICTURE_SIDE = 1100  # the size at which lines of letters are looked for
_LARGEST = 3.0
_MOST_PIXELS = 16_000_000
_EDGE = 20  # white around a line
_SURE = 0.9


@dataclass(frozen=True, slots=True)
class Reading:
    """A line as one attempt read it; the box is (left, top, right, bottom) in pixels of the image."""

    text: str
    confidence: float
    box: Box
    page: bool


class Ocr:
    """Reads documents as well as words on pictures: light on dark, outlined, coloured, small."""

    def __init__(self, languages: str, cache: Path) -> None:
        self._tesseract = Tesseract(languages, cache)
        self.about = f"Tesseract, {languages}"

    def read(self, pixels: Pixels, stop: Callable[[], bool] = never) -> tuple[tuple[TextLine, ...], float]:
        """Return the lines of text in an image (height, width, 3) and the scale at which its page was read.

        Raises Interrupted when `stop` turns true, LensError as Tesseract does.
        """
        height, width = pixels.shape[:2]
        scale = page_scale(pixels)
        page = self._page(pixels, scale, stop)
        sure = [line.box for line in page if line.confidence >= _SURE and _letters(line.text) >= 4]
        picture = self._picture(pixels, sure, stop)
        lines = [
            TextLine(line.text, round(min(line.confidence, 1.0), 3), _inside(line.box, width, height))
            for line in choose(page, picture)
        ]
        return tuple(lines), scale

    def _page(self, pixels: Pixels, scale: float, stop: Callable[[], bool]) -> list[Reading]:
        """Return the lines of the whole image read as a page, in Tesseract's order (columns, paragraphs)."""
        grey = ImageOps.autocontrast(_scaled(Pillow.fromarray(pixels).convert("L"), scale))
        words = self._tesseract.read([grey], PAGE, stop)
        lines = (list(group) for _, group in groupby(words, key=lambda word: word.line))
        readings = (_reading(line, scale, page=True) for line in lines)
        return [reading for reading in readings if reading]

    def _picture(self, pixels: Pixels, known: Sequence[Box], stop: Callable[[], bool]) -> list[Reading]:
        """Return readings of the lines of letters in the picture, except where text is known already."""
        scale = min(2.0, _PICTURE_SIDE / max(pixels.shape[:2]))
        cuttings = [
            cutting
            for cutting in cut_lines(np.asarray(_scaled(Pillow.fromarray(pixels), scale)))
            if all(overlap(_resized(cutting.box, scale), box) < 0.5 for box in known)
        ]
        if not cuttings:
            return []
        words = self._tesseract.read([_framed(cutting.picture) for cutting in cuttings], LINE, stop)
        lines = (list(group) for _, group in groupby(words, key=lambda word: word.picture))
        readings = (_cut_reading(line, cuttings, scale) for line in lines)
        return [reading for reading in readings if reading]


def page_scale(pixels: Pixels) -> float:
    """Return the scale at which to read an image as a page: large ones smaller while their letters stay readable."""
    longest = max(pixels.shape[:2])
    least = min(1.0, _PAGE_SIDE / longest)
    letter = letter_height(pixels)
    wanted = _LETTER / letter if letter else least
    most = min(_LARGEST, (_MOST_PIXELS / (pixels.shape[0] * pixels.shape[1])) ** 0.5)
    return float(min(max(wanted, least), max(most, least)))


def choose(page: Sequence[Reading], picture: Sequence[Reading]) -> list[Reading]:
    """Return the readings that are text, each place once, in the order a person reads them.

    A picture's texture gives short readings, unsure ones, and different ones at each attempt: the sum of the three
    signs decides (its weights were fitted on drawn scenes and memes). A page that is text all over vouches for its
    short lines.
    """
    readings = [*page, *picture]
    scored = sorted(((_likelihood(one, readings), one) for one in readings), key=lambda pair: -pair[0])
    letters = sum(_letters(line.text) for line in page)
    sure = sum(_letters(one.text) for score, one in scored if one.page and score > 0)
    vouched = letters >= 40 and sure >= 0.7 * letters
    kept: list[Reading] = []
    for score, one in scored:
        if (score > 0 or (vouched and one.page and one.confidence > 0.4)) and all(
            overlap(one.box, other.box) < 0.4 for other in kept
        ):
            kept.append(one)
    if all(one.page for one in kept):
        return [one for one in page if one in kept]
    return sorted(kept, key=lambda one: (one.box[1] + one.box[3], one.box[0]))


def overlap(one: Box, other: Box) -> float:
    """Return the shared area of two boxes over the smaller one's."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(0, width) * max(0, height) / max(1, smaller)


def _likelihood(one: Reading, readings: Iterable[Reading]) -> float:
    """Return how likely a reading is text, over 0 when it is taken for it."""
    plain = _plain(one.text)
    agreeing = sum(1 for other in readings if _plain(other.text) == plain and overlap(one.box, other.box) > 0.5)
    return 6.1 * one.confidence + 7.3 * min(len(plain), 8) / 8 + 5.7 * min(agreeing, 4) / 4 - 12.0


def _reading(words: Sequence[Word], scale: float, *, page: bool, box: Box | None = None) -> Reading | None:
    """Return words of one line as a reading, without stray marks at its ends, or None when nothing is left."""
    kept = list(words)
    for end in (0, -1):
        while kept and not _letters(kept[end].text) and kept[end].confidence < _SURE:
            kept.pop(end)
    text = _tidy(" ".join(word.text for word in kept))
    weight = sum(_letters(word.text) for word in kept)
    if not weight:
        return None
    confidence = sum(word.confidence * _letters(word.text) for word in kept) / weight
    if box is None:
        lefts, tops, rights, bottoms = zip(*(word.box for word in kept), strict=True)
        box = (min(lefts), min(tops), max(rights), max(bottoms))
    return Reading(text, confidence, _resized(box, scale), page)


def _cut_reading(words: Sequence[Word], cuttings: Sequence[Cutting], scale: float) -> Reading | None:
    return _reading(words, scale, page=False, box=cuttings[words[0].picture].box)


def _tidy(text: str) -> str:
    """Return a text with plain quotation marks and without the bars that edges are read as."""
    text = re.sub("[‘’´`]", "'", re.sub("[“”„]", '"', text))
    return re.sub(r"^[|_~\s]+|[|_~\s]+$", "", text)


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)


def _plain(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def _framed(picture: Pillow.Image) -> Pillow.Image:
    return ImageOps.expand(picture, _EDGE, 255)


def _scaled(picture: Pillow.Image, scale: float) -> Pillow.Image:
    if scale == 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Pillow.Resampling.LANCZOS if scale < 1 else Pillow.Resampling.BICUBIC)


def _resized(box: Box, scale: float) -> Box:
    """Return a box of a scaled image in pixels of the original."""
    left, top, right, bottom = (round(edge / scale) for edge in box)
    return left, top, right, bottom


def _inside(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom) as (x, y, width, height) within the image."""
    left, top = min(max(box[0], 0), width - 1), min(max(box[1], 0), height - 1)
    right, bottom = min(max(box[2], left + 1), width), min(max(box[3], top + 1), height)
    return left, top, right - left, bottom - top
