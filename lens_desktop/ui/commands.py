"""What can be undone in the library."""

from PySide6.QtGui import QUndoCommand

from lens_desktop.ui.entry import Entry
from lens_desktop.ui.session import Session


class Remove(QUndoCommand):
    """Takes an image out of the library; its file stays where it is, and undo brings evidence and conversation back."""

    def __init__(self, session: Session, entry: Entry) -> None:
        super().__init__(f"removing {entry.name}")
        self._session = session
        self._entry = entry
        self._row = 0

    def redo(self) -> None:
        """Take it out."""
        self._row = self._session.remove(self._entry)

    def undo(self) -> None:
        """Put it back."""
        self._session.restore(self._row, self._entry)
