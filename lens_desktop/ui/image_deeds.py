"""What the menus do with the current image: copy, show, remove, look again."""

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage

from lens_desktop.ui.commands import Remove

if TYPE_CHECKING:
    from lens_desktop.ui.window import Window


class ImageDeeds:
    """Acts on the image that a window shows; without one nothing happens."""

    def __init__(self, window: "Window") -> None:
        self._window = window

    def remove_current(self) -> None:
        """Take the current image out of the library; undo brings it back."""
        entry = self._window.session.current
        if entry is not None:
            self._window.undo_stack.push(Remove(self._window.session, entry))
            self._window.notify(f"{entry.name} was removed from the library. The file stays where it is.", undo=True)

    def reveal(self) -> None:
        """Show the current file's folder in the file manager."""
        if self._window.session.current is not None:
            folder = QUrl.fromLocalFile(os.path.dirname(self._window.session.current.shown_path))
            QDesktopServices.openUrl(folder)

    def copy_image(self) -> None:
        """Put the picture on the clipboard."""
        if self._window.image.view.image is not None:
            QGuiApplication.clipboard().setImage(
                self._window.image.view.image.convertToFormat(QImage.Format.Format_RGB32)
            )

    def copy_text(self) -> None:
        """Put the recognised text on the clipboard."""
        entry = self._window.session.current
        if entry is not None and entry.evidence is not None:
            QGuiApplication.clipboard().setText(entry.evidence.text)

    def copy_path(self) -> None:
        """Put the file's path on the clipboard."""
        if self._window.session.current is not None:
            QGuiApplication.clipboard().setText(self._window.session.current.shown_path)

    def look_again(self) -> None:
        """Have the vision modules look at the current image once more."""
        if self._window.session.current is not None:
            self._window.session.describe_again(self._window.session.current)
