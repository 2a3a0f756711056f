"""Recognised text: Tesseract's reading of the image as a page, and of the lines of letters found in the picture."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageOps

from lens_desktop.domain.evidence import TextLine
from lens_desktop.engine.interrupt import Interrupted, never
from lens_desktop.engine.readings import Box, Reading, choose, is_page, letters, overlap
from lens_desktop.engine.tesseract import LINE, PAGE, Tesseract, Word
from lens_desktop.engine.text_lines import Cutting, cut_lines, letter_height

Pixels = npt.NDArray[np.uint8]

_SMALLEST = 8  # pixels: no text fits into less
_LETTER = 12  # pixels a small letter should be high for Tesseract: then a line of text is about 20 high
_PAGE_SIDE = 1600  # longer sides are scaled down, as far as the letters allow
_PICTURE_SIDE = 1100  # the size at which lines of letters are looked for
_LARGEST = 3.0
_MOST_PIXELS = 16_000_000
_EDGE = 20  # white around a line
_SURE = 0.9
_SPECKS = "|_~®©™•°«»§¢\\"


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
        if min(height, width) < _SMALLEST:
            return (), 1.0
        if stop():
            raise Interrupted
        scale = page_scale(pixels)
        grey = ImageOps.autocontrast(_scaled(Pillow.fromarray(pixels).convert("L"), scale))
        running = self._tesseract.begin([grey], PAGE)
        # while Tesseract reads the page, look for lines of letters in the picture
        cut_scale = min(2.0, _PICTURE_SIDE / max(height, width))
        cuttings = cut_lines(np.asarray(_scaled(Pillow.fromarray(pixels), cut_scale)))
        page = _page_readings(self._tesseract.finish(running, stop), scale)
        if is_page(page):
            known = [line.box for line in page]
            cuttings = [
                one for one in cuttings if all(overlap(_resized(one.box, cut_scale), box) < 0.5 for box in known)
            ]
        picture: list[Reading] = []
        if cuttings:
            running = self._tesseract.begin([_framed(one.picture) for one in cuttings], LINE)
            picture = _cut_readings(self._tesseract.finish(running, stop), cuttings, cut_scale)
        lines = [
            TextLine(line.text, round(min(line.confidence, 1.0), 3), _inside(line.box, width, height))
            for line in choose(page, picture)
        ]
        return tuple(lines), scale


def page_scale(pixels: Pixels) -> float:
    """Return the scale at which to read an image as a page: large ones smaller while their letters stay readable."""
    longest = max(pixels.shape[:2])
    least = min(1.0, _PAGE_SIDE / longest)
    letter = letter_height(pixels)
    wanted = _LETTER / letter if letter else least
    most = min(_LARGEST, (_MOST_PIXELS / (pixels.shape[0] * pixels.shape[1])) ** 0.5)
    return float(min(max(wanted, least), max(most, least)))


def _reading(words: Sequence[Word], scale: float, *, page: bool, box: Box | None = None) -> Reading | None:
    """Return words of one line as a reading, without stray marks at its ends, or None when nothing is left."""
    kept = list(words)
    for end in (0, -1):
        while kept and not letters(kept[end].text) and kept[end].confidence < _SURE:
            kept.pop(end)
    read = tuple((_tidy(word.text), word.confidence) for word in kept)
    if not any(letters(text) for text, _ in read):
        return None
    if box is None:
        lefts, tops, rights, bottoms = zip(*(word.box for word in kept), strict=True)
        box = (min(lefts), min(tops), max(rights), max(bottoms))
    return Reading(tuple(word for word in read if word[0]), _resized(box, scale), page)


def _page_readings(words: Sequence[Word], scale: float) -> list[Reading]:
    """Return the lines of an image read as a page, in Tesseract's order (columns, paragraphs)."""
    lines = (list(group) for _, group in groupby(words, key=lambda word: word.line))
    return [reading for line in lines if (reading := _reading(line, scale, page=True))]


def _cut_readings(words: Sequence[Word], cuttings: Sequence[Cutting], scale: float) -> list[Reading]:
    """Return what was read on each cut line."""
    readings = []
    for number, line in groupby(words, key=lambda word: word.picture):
        # only shapes of a letter's size are on a cut line, so what looks like a bar is one
        letters_only = [replace(word, text="I") if word.text == "|" else word for word in line]
        readings.append(_reading(letters_only, scale, page=False, box=cuttings[number].box))
    return [reading for reading in readings if reading]


def _tidy(text: str) -> str:
    """Return a word with plain quotation marks and without the marks that edges and specks are read as."""
    text = re.sub("[‘’´`]", "'", re.sub("[“”„]", '"', text))
    return text.strip(_SPECKS) if letters(text) else text


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
