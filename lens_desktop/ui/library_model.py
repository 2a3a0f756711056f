"""The library as a list for Qt: one row an image, with everything a screen reader needs in the row."""

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl

from lens_desktop.ui.entry import Entry

ENTRY = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class LibraryModel(QAbstractListModel):
    """The rows of the library. `ENTRY` gives a row's Entry."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, row: int) -> Entry:
        return self._entries[row]

    def row(self, entry: Entry) -> int:
        """Return the row of an entry, -1 when it is not in the library."""
        return self._entries.index(entry) if entry in self._entries else -1

    def insert(self, row: int, entries: Sequence[Entry]) -> None:
        """Insert entries before `row`."""
        if entries:
            self.beginInsertRows(QModelIndex(), row, row + len(entries) - 1)
            self._entries[row:row] = entries
            self.endInsertRows()

    def remove(self, entry: Entry) -> None:
        """Take an entry out."""
        row = self.row(entry)
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._entries[row]
        self.endRemoveRows()

    def touch(self, entry: Entry) -> None:
        """Tell the views that an entry has changed."""
        row = self.row(entry)
        if row >= 0:
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row shows and says."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.name
            case Qt.ItemDataRole.ToolTipRole:
                return f"{entry.shown_path}\n{second_line(entry)}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{entry.name}, {second_line(entry)}"
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return entry.shown_path
            case _:
                return entry if role == ENTRY else None

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the rows as files, to drag them elsewhere."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(self._entries[index.row()].shown_path) for index in indexes])
        return mime


def second_line(entry: Entry) -> str:
    """Return what stands under the name: the size, what is happening, or why the file could not be read."""
    if entry.problem:
        return entry.problem
    if entry.image is None:
        return "Reading…"
    size = f"{entry.image.width:,} × {entry.image.height:,}"
    asked = len(entry.exchanges)
    return f"{size} · {asked} asked" if asked else size
