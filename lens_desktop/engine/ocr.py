"""Recognised text: what Tesseract reads in an image."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytesseract
from PIL import Image as Pillow

from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import TextLine
from lens_desktop.engine.interrupt import Interrupted, never

_SECONDS = 30


class Ocr:
    """Tesseract with the languages the user chose."""

    def __init__(self, languages: str, cache: Path) -> None:
        os.environ["OMP_THREAD_LIMIT"] = "1"  # its threads only wait for each other: one is three times faster
        self._languages = languages
        self._folder = cache / "ocr"
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)
        try:
            self.about = f"Tesseract {pytesseract.get_tesseract_version()}, {languages}"
        except pytesseract.TesseractNotFoundError:
            raise LensError(
                "missing-tesseract",
                "Tesseract is not installed: install the package tesseract-ocr (Debian, Ubuntu) and start again.",
            ) from None

    def read(
        self, pixels: npt.NDArray[np.uint8], stop: Callable[[], bool] = never
    ) -> tuple[tuple[TextLine, ...], float]:
        """Return the lines of text in an image (height, width, 3) and the scale at which they were read."""
        if stop():
            raise Interrupted
        data = pytesseract.image_to_data(
            Pillow.fromarray(pixels), lang=self._languages, timeout=_SECONDS, output_type=pytesseract.Output.DICT
        )
        lines: dict[tuple[int, int, int], list[int]] = {}
        for place, text in enumerate(data["text"]):
            if text.strip() and float(data["conf"][place]) > 40:
                lines.setdefault(
                    (data["block_num"][place], data["par_num"][place], data["line_num"][place]), []
                ).append(place)
        found = []
        for places in lines.values():
            left = min(data["left"][place] for place in places)
            top = min(data["top"][place] for place in places)
            right = max(data["left"][place] + data["width"][place] for place in places)
            bottom = max(data["top"][place] + data["height"][place] for place in places)
            confidence = sum(float(data["conf"][place]) for place in places) / len(places) / 100
            text = " ".join(data["text"][place] for place in places)
            found.append(TextLine(text, confidence, (left, top, right - left, bottom - top)))
        return tuple(found), 1.0
