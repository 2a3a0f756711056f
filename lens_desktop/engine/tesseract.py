"""Runs Tesseract on pictures of our own making, in a private folder, and tells why when it cannot."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytesseract
from PIL import Image as Pillow

from lens_desktop.domain.errors import LensError
from lens_desktop.engine.interrupt import Interrupted

PAGE = 3  # Tesseract's numbers for how it looks at a picture: a page with blocks and columns,
LINE = 7  # or a single line of text

_SECONDS = 40
_ASK_EVERY = 0.05  # seconds between two looks at whether the user wants to stop
_HINT = "Tesseract is not installed: install it (on Debian and Ubuntu: apt install tesseract-ocr) and start again."


@dataclass(frozen=True, slots=True)
class Word:
    """A word Tesseract read on picture number `picture`: confidence 0 to 1, box (left, top, right, bottom)."""

    text: str
    confidence: float
    box: tuple[int, int, int, int]
    picture: int
    line: tuple[int, int, int]


class Tesseract:
    """An installed Tesseract with the languages to read."""

    def __init__(self, languages: str, cache: Path) -> None:
        self._languages = languages
        try:
            installed = pytesseract.get_languages()
        except pytesseract.TesseractNotFoundError:
            raise LensError("missing-tesseract", _HINT) from None
        missing = [language for language in languages.split("+") if language not in installed]
        if missing:
            known = ", ".join(language for language in installed if language != "osd")
            advice = f"install tesseract-ocr-{missing[0]} or choose from {known}"
            raise LensError("missing-language", f"Tesseract cannot read {', '.join(missing)}: {advice}.")
        self._folder = _private_folder(cache / "ocr")
        self._runs = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ocr")

    def begin(self, pictures: Sequence[Pillow.Image], look: int) -> Future[list[Word]]:
        """Start reading the pictures, beside whatever the caller does meanwhile."""
        return self._runs.submit(self._read, pictures, look)

    def finish(self, running: Future[list[Word]], stop: Callable[[], bool]) -> list[Word]:
        """Wait for the words. Raises Interrupted, or LensError ``missing-tesseract`` or ``ocr``."""
        while not wait([running], timeout=_ASK_EVERY).done:
            if stop():
                raise Interrupted
        return running.result()

    def _read(self, pictures: Sequence[Pillow.Image], look: int) -> list[Word]:
        self._settle()
        file = self._folder / "pictures.tif"
        try:
            pictures[0].save(file, save_all=True, append_images=pictures[1:], dpi=(300, 300))
            table = pytesseract.image_to_data(
                str(file),
                lang=self._languages,
                config=f"--psm {look}",
                timeout=_SECONDS,
                output_type=pytesseract.Output.DICT,
            )
        except pytesseract.TesseractNotFoundError:
            raise LensError("missing-tesseract", _HINT) from None
        except (pytesseract.TesseractError, RuntimeError, OSError) as error:
            raise LensError("ocr", f"Tesseract could not read the image ({error}): try again.") from None
        finally:
            file.unlink(missing_ok=True)
        return _words(table)

    def _settle(self) -> None:
        """Keep pytesseract's files in the private folder, and Tesseract's threads from waiting for each other.

        With one thread Tesseract is three times faster. Both are changed for pytesseract alone, not for the process.
        """
        module = pytesseract.pytesseract
        module.NamedTemporaryFile = partial(tempfile.NamedTemporaryFile, dir=self._folder)
        module.environ = {**os.environ, "OMP_THREAD_LIMIT": "1"}


def _words(table: dict[str, list[str]]) -> list[Word]:
    words = []
    for place, text in enumerate(table["text"]):
        confidence = float(table["conf"][place])
        if confidence < 0 or not text.strip():
            continue
        left, top, width, height = (int(table[name][place]) for name in ("left", "top", "width", "height"))
        block, paragraph, line = (int(table[name][place]) for name in ("block_num", "par_num", "line_num"))
        box = (left, top, left + width, top + height)
        words.append(
            Word(text.strip(), confidence / 100, box, int(table["page_num"][place]) - 1, (block, paragraph, line))
        )
    return words


def _private_folder(place: Path) -> Path:
    """Return a folder only the user can read; wipe those of processes that are gone, which may hold pictures."""
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in place.iterdir():
        if not _alive(old.name):
            shutil.rmtree(old, ignore_errors=True)
    folder = place / str(os.getpid())
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def _alive(process: str) -> bool:
    """Tell whether the process with this number runs. Windows refuses to delete files in use, so there: no."""
    if sys.platform == "win32" or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
