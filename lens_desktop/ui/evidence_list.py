"""One section of the evidence: its lines as list items, with bars, or the state it is in."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from lens_desktop.ui.theme import theme

LINE = Qt.ItemDataRole.UserRole
BAR = QSize(64, 6)
NUMBER = 44  # pixels for a score's figures
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of evidence. `share` (0 to 1) is the bar's length, None for no bar; `figure` the number beside it.

    `tone` is ``text`` for evidence, ``muted`` for a state such as "Nothing found", ``warning`` for "Did not run: …".
    """

    text: str
    share: float | None = None
    figure: str = ""
    tone: str = "text"
    spoken: str = ""


class LinesModel(QAbstractListModel):
    """The lines of one section."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: tuple[Line, ...] = ()

    def replace(self, lines: tuple[Line, ...]) -> None:
        """Show other lines; equal ones keep selection and place."""
        if lines != self.lines:
            self.beginResetModel()
            self.lines = lines
            self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a line shows and says."""
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return line.text
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                return line.spoken or line.text
            case _:
                return line if role == LINE else None


class LineDelegate(QStyledItemDelegate):
    """Paints a line: words that wrap, a bar, a number."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height the words need in the list's width."""
        line: Line = index.data(LINE)
        width = option.widget.viewport().width() if isinstance(option.widget, QListView) else option.rect.width()
        room = QRect(0, 0, max(40, width - 16 - _bar_room(line)), 10_000)
        wrapped = QFontMetrics(theme.font("body")).boundingRect(room, int(_FLAGS), line.text)
        return QSize(80, wrapped.height() + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a line."""
        line: Line = index.data(LINE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = option.rect.adjusted(0, 1, 0, -1)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("tint" if selected else "raised"))
            painter.drawRoundedRect(row, 6, 6)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(row).adjusted(1, 1, -1, -1), 6, 6)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour(line.tone))
        words = QRect(row.left() + 8, row.top() + 3, row.width() - 16 - _bar_room(line), row.height() - 4)
        painter.drawText(words, int(_FLAGS), line.text)
        if line.share is not None:
            self._paint_bar(painter, row, line)
        painter.restore()

    def _paint_bar(self, painter: QPainter, row: QRect, line: Line) -> None:
        track = QRectF(row.right() - 8 - NUMBER - BAR.width(), row.top() + 3, BAR.width(), BAR.height())
        height = QFontMetrics(theme.font("body")).height()
        track.moveTop(row.top() + 3 + (height - BAR.height()) / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("track"))
        painter.drawRoundedRect(track, 3, 3)
        filled = QRectF(track)
        filled.setWidth(max(BAR.height(), track.width() * min(1.0, max(0.0, line.share or 0.0))))
        painter.setBrush(theme.colour("bar"))
        painter.drawRoundedRect(filled, 3, 3)
        painter.setPen(theme.colour("muted"))
        painter.setFont(theme.font("small"))
        figure = QRectF(track.right(), row.top() + 3, NUMBER, height)
        painter.drawText(figure, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), line.figure)


_FLAGS = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


def _bar_room(line: Line) -> int:
    return BAR.width() + NUMBER + 12 if line.share is not None else 0


class EvidenceList(QListView):
    """A section's lines, as high as they are; Ctrl+C copies the chosen ones."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = LinesModel(self)
        self.setModel(self.lines)
        self.setItemDelegate(LineDelegate(self))
        self.setAccessibleName(name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.lines.modelReset.connect(self._fit)

    def selected_lines(self) -> list[int]:
        """Return the numbers of the chosen lines, in order."""
        return sorted(index.row() for index in self.selectionModel().selectedIndexes())

    def copy(self) -> None:
        """Put the chosen lines, or all when none is chosen, on the clipboard."""
        rows = self.selected_lines() or range(len(self.lines.lines))
        QGuiApplication.clipboard().setText("\n".join(self.lines.lines[row].text for row in rows))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy on Ctrl+C, whole lines."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose a line when the keyboard comes here, so that it is seen and what belongs to it is lit."""
        super().focusInEvent(event)
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_key and self.lines.lines and not self.selected_lines():
            index = self.currentIndex() if self.currentIndex().isValid() else self.lines.index(0)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let go of the chosen lines, unless a menu took the focus."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.clearSelection()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the wrapped lines need."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Measure again when fonts change."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit()

    def _fit(self) -> None:
        self.doItemsLayout()
        height = sum(max(0, self.sizeHintForRow(row)) for row in range(len(self.lines.lines)))
        self.setFixedHeight(max(height, 8))
