"""The library strip: thumbnails with names, and rows that say why a file could not be read."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPen, QPixmap, QPixmapCache
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
REASON_LINES = 7  # what a row gives to the reason why its file could not be read
Index = QModelIndex | QPersistentModelIndex


class LibraryDelegate(QStyledItemDelegate):
    """Paints a row: thumbnail, name, and what is to say about it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height a row needs; only a reason may take more than two lines."""
        entry: Entry = index.data(ENTRY)
        height = THUMB.height() + 16
        if entry.problem:
            lines = _wrapped(entry.problem, max(60, option.rect.width() - 38 - SIGN.width()))
            height = 18 + _height("body") + min(lines, REASON_LINES) * _height("small")
        return QSize(120, height)

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
        under = QRect(place.left(), top + line + 2, place.width(), place.bottom() - top - line)
        flags = Qt.TextFlag.TextWordWrap if entry.problem else Qt.AlignmentFlag.AlignTop
        words = second_line(entry)
        if not entry.problem:
            words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(under, int(flags), words)


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


def _wrapped(text: str, width: int) -> int:
    metrics = QFontMetrics(theme.font("small"))
    box = metrics.boundingRect(QRect(0, 0, width, 10_000), int(Qt.TextFlag.TextWordWrap), text)
    return max(1, round(box.height() / metrics.lineSpacing()))
