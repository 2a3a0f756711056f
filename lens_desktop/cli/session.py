"""One visit of the terminal: files read, models loaded once and only when needed, every image described once."""

import os
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from lens_desktop import places
from lens_desktop.decoder.client import DecoderClient
from lens_desktop.domain.answer import Answer
from lens_desktop.domain.evidence import Evidence, Module
from lens_desktop.domain.image import Image
from lens_desktop.domain.prompt import Mode
from lens_desktop.settings import Settings

if TYPE_CHECKING:
    from lens_desktop.engine.lens import Lens  # costs seconds, and a wrong file name should not wait for it


class Session:
    """Owns a decode process and a Lens. Use it in a ``with``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._decoder = DecoderClient()
        self._lens: Lens | None = None
        self._images: dict[tuple[str, int, int], Image] = {}
        self._evidence: dict[str, Evidence] = {}

    def image(self, path: str) -> Image:
        """Return the image in a file; one that has not changed is read once. Raises LensError."""
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return self._decoder.decode(path)  # which has a sentence for every reason
        key = (os.path.abspath(path), status.st_mtime_ns, status.st_size)
        if key not in self._images:
            self._images[key] = self._decoder.decode(path)
        return self._images[key]

    def evidence(self, image: Image) -> Evidence:
        """Return the whole evidence of an image. Raises LensError."""
        if image.id not in self._evidence:
            for evidence in self._loaded().describe(image):
                done = len(evidence.finished) + len(evidence.failures)
                show_status(f"Describing: {done} of {len(Module)} modules done")
            self._evidence[image.id] = evidence
            show_status("")
        return self._evidence[image.id]

    def answer(self, evidence: Evidence, question: str, mode: Mode, options: Sequence[str]) -> Answer:
        """Return the finished answer to a question. Raises LensError."""
        *_, answer = self._loaded().ask(evidence, question, mode=mode, options=options)
        return answer

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._decoder.close()

    def _loaded(self) -> "Lens":
        if self._lens is None:
            if self.settings.note:
                print(self.settings.note, file=sys.stderr)
            show_status("Starting the models")
            from lens_desktop.engine.lens import Lens

            self._lens = Lens.load(self.settings, cache=places.cache(), status=show_status)
            self._lens.read_all(show_status)
            show_status("")
        return self._lens


def show_status(text: str) -> None:
    """Show what is being done in one line that goes away, when a person is watching."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
