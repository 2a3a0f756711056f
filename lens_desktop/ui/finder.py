"""Looks through dropped folders on a thread of its own: a network drive must not hold up the window."""

import threading
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from lens_desktop.domain.errors import LensError
from lens_desktop.library.folders import find_images


class Finder(QObject):
    """`found` brings the images in the given files and folders, `failed` a sentence, on the thread that made this."""

    found = Signal(object)
    failed = Signal(str)

    def find(self, paths: Sequence[str]) -> None:
        """Start looking."""
        threading.Thread(target=self._look, args=(tuple(paths),), name="finder", daemon=True).start()

    def _look(self, paths: Sequence[str]) -> None:
        try:
            self.found.emit(find_images(paths))
        except LensError as error:
            self.failed.emit(error.message)
