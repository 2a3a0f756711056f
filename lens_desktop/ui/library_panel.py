"""The library strip: thumbnails with names, and rows that say why a file could not be read."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPen, QPixmap, QPixmapCache, QTextLayout
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from lens_desktop.ui.controls import header, tool_button
from lens_desktop.ui.entry import Entry
from lens_desktop.ui.icons import paint_icon
from lens_desktop.ui.library_model import ENTRY, LibraryModel, second_line
from lens_desktop.ui.session import Session
from lens_desktop.ui.theme import theme

THUMB = QSize(72, 54)
SIGN = QSize(24, 24)  # stands where a file that cannot be read would have its thumbnail
REASON_LINES = 3  # of the reason why a file could not be read; all of it stands where the picture would
Index = QModelIndex | QPersistentModelIndex


class LibraryDelegate(QStyledItemDelegate):
    """Paints a row: thumbnail, name, and what is to say about it."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return the height of every row: equal rows keep a library of thousands fluent."""
        text = _height("body") + REASON_LINES * _height("small") + 2
        return QSize(120, max(THUMB.height(), text) + 16)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a row."""
        entry: Entry = index.data(ENTRY)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = option.rect.adjusted(6, 1, -6, -1)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("tint" if selected else "raised"))
            painter.drawRoundedRect(card, 8, 8)
        if selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(card.adjusted(1, 1, -1, -1), 8, 8)
        thumb = QRect(card.topLeft() + QPoint(7, 7), SIGN if entry.problem else THUMB)
        if not entry.problem:
            thumb.moveTop(card.top() + (card.height() - thumb.height()) // 2)
        if entry.problem:
            paint_icon(painter, "warning", thumb.adjusted(2, 0, -2, -4), "warning")
        else:
            self._paint_thumbnail(painter, thumb, entry)
        text = QRect(thumb.right() + 11, thumb.top(), card.right() - thumb.right() - 19, card.height() - 14)
        self._paint_text(painter, text, entry)
        painter.restore()

    def _paint_thumbnail(self, painter: QPainter, place: QRect, entry: Entry) -> None:
        pixmap = _thumbnail(entry, painter.device().devicePixelRatioF()) if entry.image else None
        path = QPainterPath()
        path.addRoundedRect(place, 6, 6)
        painter.save()
        painter.setClipPath(path)
        if pixmap is None:
            painter.fillRect(place, theme.colour("track"))
            middle = QRect(0, 0, 22, 22)
            middle.moveCenter(place.center())
            paint_icon(painter, "image", middle)
        else:
            painter.drawPixmap(place, pixmap)
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawPath(path)

    def _paint_text(self, painter: QPainter, place: QRect, entry: Entry) -> None:
        name_font = theme.font("body", strong=bool(entry.image))
        painter.setFont(name_font)
        painter.setPen(theme.colour("text"))
        name = QFontMetrics(name_font).elidedText(entry.name, Qt.TextElideMode.ElideMiddle, place.width())
        line = _height("body")
        top = place.top() if entry.problem else place.top() + (THUMB.height() - line - _height("small") - 2) // 2
        painter.drawText(QRect(place.left(), top, place.width(), line), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.colour("warning" if entry.problem else "muted"))
        under = place.adjusted(0, top - place.top() + line + 2, 0, 0)
        _draw_lines(painter, under, _reason(entry), REASON_LINES if entry.problem else 1)


class LibraryList(QListView):
    """The rows themselves."""

    menu_wanted = Signal(QPoint)

    def __init__(self, model: LibraryModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(LibraryDelegate(self))
        self.setAccessibleName("Library")
        self.setAccessibleDescription("Your images. Arrow keys choose one, Delete removes it from the library.")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragDropMode(QAbstractItemView.DragDropMode.NoDragDrop)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.menu_wanted)


class LibraryPanel(QFrame):
    """The strip with its heading and count."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("surface", "panel")
        self.list = LibraryList(session.library)
        self.add = tool_button("plus", "Add images", "Add images to the library (Ctrl+O)")
        self.count = QLabel()
        self.count.setProperty("tone", "muted")
        self.count.setProperty("textSize", "small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(header("Library", self.count, None, self.add))
        layout.addSpacing(4)
        layout.addWidget(self.list)
        model = session.library
        for signal in (model.rowsInserted, model.rowsRemoved):
            signal.connect(self._counted)
        self.list.selectionModel().currentChanged.connect(self._chosen)
        session.current_changed.connect(self._follow)
        self._counted()

    def changeEvent(self, event: QEvent) -> None:
        """Lay the rows out again when fonts or colours change."""
        if event.type() == QEvent.Type.StyleChange:
            self.list.scheduleDelayedItemsLayout()
        super().changeEvent(event)

    def _counted(self) -> None:
        self.count.setText(f"{len(self._session.library):,}")
        self.count.setAccessibleName(f"{len(self._session.library):,} images")

    def _chosen(self, index: QModelIndex) -> None:
        self._session.select(index.data(ENTRY) if index.isValid() else None)

    def _follow(self) -> None:
        entry = self._session.current
        row = self._session.library.row(entry) if entry else -1
        if row != self.list.currentIndex().row():
            self.list.setCurrentIndex(self._session.library.index(row))


def _thumbnail(entry: Entry, ratio: float) -> QPixmap | None:
    """Return the thumbnail of our own cache, cut to the row's proportions, or None when it is gone."""
    assert entry.image is not None
    size = THUMB * ratio
    key = f"{entry.image.thumbnail}@{size.width()}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    whole = QPixmap(entry.image.thumbnail)
    if whole.isNull():
        return None
    mode = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    scaled = whole.scaled(size, mode, Qt.TransformationMode.SmoothTransformation)
    cut = QRect(QPoint(0, 0), size)
    cut.moveCenter(scaled.rect().center())
    pixmap = scaled.copy(cut)
    pixmap.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, pixmap)
    return pixmap


def _height(size: str) -> int:
    return QFontMetrics(theme.font(size)).height()


def _reason(entry: Entry) -> str:
    """Return the line under the name; a reason goes on from the name above it instead of repeating it."""
    return second_line(entry).removeprefix(f"{entry.name} ")


def _draw_lines(painter: QPainter, place: QRect, text: str, most: int) -> None:
    """Draw wrapped text of at most so many lines, the last one shortened when there is more."""
    layout = QTextLayout(text, painter.font())
    metrics = painter.fontMetrics()
    layout.beginLayout()
    for number in range(most):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(place.width())
        words = text[line.textStart() :]
        if number < most - 1:
            words = words[: line.textLength()]
        words = metrics.elidedText(words.rstrip(), Qt.TextElideMode.ElideRight, place.width() + 1)
        painter.drawText(place.left(), place.top() + number * metrics.height() + metrics.ascent(), words)
    layout.endLayout()
