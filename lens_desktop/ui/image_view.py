"""The picture: fitted or at any size, moved by hand or keys, with boxes around recognised text."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QGraphicsView, QStyleOptionGraphicsItem, QWidget

from lens_desktop.domain.evidence import TextLine
from lens_desktop.ui.theme import theme

STEP = 1.25
LARGEST = 32.0
MARGIN = 16  # pixels around a fitted picture


class _Picture(QGraphicsItem):
    """Draws the picture from the nearest of ever halved copies, so that it is sharp and quick when made small."""

    def __init__(self, image: QImage) -> None:
        super().__init__()
        self._image = image
        self._halves: dict[int, QPixmap] = {}

    def boundingRect(self) -> QRectF:
        """Return the picture's place: one scene unit is one pixel."""
        return QRectF(self._image.rect())

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw the picture."""
        scale = option.levelOfDetailFromTransform(painter.worldTransform()) * painter.device().devicePixelRatioF()
        level = max(0, math.floor(math.log2(1 / scale))) if scale > 0 else 0
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 2)
        half = self._half(level)
        painter.drawPixmap(self.boundingRect(), half, QRectF(half.rect()))

    def _half(self, level: int) -> QPixmap:
        if level not in self._halves:
            size = self._image.size() / (1 << level)
            wide, high = max(1, size.width()), max(1, size.height())
            smooth = Qt.TransformationMode.SmoothTransformation
            image = self._image if level == 0 else self._image.scaled(wide, high, mode=smooth)
            self._halves[level] = QPixmap.fromImage(image)
        return self._halves[level]


class _Boxes(QGraphicsItem):
    """Draws the boxes of recognised text, the highlighted ones stronger."""

    def __init__(self, lines: Sequence[TextLine], place: QRectF) -> None:
        super().__init__()
        self._rects = [QRectF(*line.box) for line in lines]
        self._place = place
        self.lit: frozenset[int] = frozenset()

    def boundingRect(self) -> QRectF:
        """Return the picture's place."""
        return self._place

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw the boxes: a light line around a dark one is seen on any picture."""
        scale = option.levelOfDetailFromTransform(painter.worldTransform()) or 1.0
        ratio = painter.device().devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, rect in enumerate(self._rects):
            lit = number in self.lit
            around = rect.adjusted(-3 / scale, -3 / scale, 3 / scale, 3 / scale)
            for colour, width in ((QColor(255, 255, 255, 220), 4.0), (QColor("#e08700" if lit else "#3a54d6"), 2.0)):
                pen = QPen(colour, width * ratio)
                pen.setCosmetic(True)
                painter.setPen(pen)
                painter.setBrush(QColor(255, 190, 40, 70) if lit and width == 2.0 else Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(around, 3 / scale, 3 / scale)


class ImageView(QGraphicsView):
    """Shows one picture. `zoomed` tells of a new scale (1.0: one picture pixel per logical pixel)."""

    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = QGraphicsScene(self)
        self.setScene(self._scene)
        self.setAccessibleName("Picture")
        self.setAccessibleDescription("Plus and minus zoom, arrow keys move the picture.")
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setAcceptDrops(False)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._picture: _Picture | None = None
        self._boxes: _Boxes | None = None
        self._image: QImage | None = None
        self._show_boxes = True
        self._fitted = True

    @property
    def image(self) -> QImage | None:
        """The picture shown, with all its pixels."""
        return self._image

    @property
    def zoom(self) -> float:
        """The scale: logical pixels per picture pixel."""
        return float(self.transform().m11())

    @property
    def fitted(self) -> bool:
        """Whether the picture follows the window's size."""
        return self._fitted

    def show_image(self, image: QImage | None, name: str = "") -> None:
        """Show a picture, fitted, or none."""
        self._scene.clear()
        self._picture = self._boxes = None
        self._image = image
        self.setAccessibleName(f"Picture {name}".strip())
        if image is not None:
            self._picture = _Picture(image)
            self._scene.addItem(self._picture)
            self._scene.setSceneRect(self._picture.boundingRect())
        self.fit()

    def set_lines(self, lines: Sequence[TextLine]) -> None:
        """Set the recognised text whose boxes are drawn."""
        if self._boxes is not None:
            self._scene.removeItem(self._boxes)
            self._boxes = None
        if self._picture is not None and lines:
            self._boxes = _Boxes(lines, self._picture.boundingRect())
            self._boxes.setVisible(self._show_boxes)
            self._scene.addItem(self._boxes)

    def show_boxes(self, shown: bool) -> None:
        """Show or hide the boxes."""
        self._show_boxes = shown
        if self._boxes is not None:
            self._boxes.setVisible(shown)

    def light(self, numbers: Sequence[int]) -> None:
        """Highlight the boxes of these lines, also while boxes are hidden."""
        if self._boxes is not None:
            self._boxes.lit = frozenset(numbers)
            self._boxes.setVisible(self._show_boxes or bool(numbers))
            self._boxes.update()

    def fit(self) -> None:
        """Make the whole picture visible, but no small picture larger than twice its size."""
        self._fitted = True
        self.resetTransform()
        if self._image is not None:
            room = self.viewport().rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
            scale = min(room.width() / self._image.width(), room.height() / self._image.height(), 2.0)
            self.scale(max(scale, 0.001), max(scale, 0.001))
        self._moved()

    def actual_size(self) -> None:
        """Show one picture pixel as one pixel of the screen."""
        self._set_zoom(1 / self.devicePixelRatioF())

    def zoom_in(self) -> None:
        """Show it larger."""
        self._set_zoom(self.zoom * STEP)

    def zoom_out(self) -> None:
        """Show it smaller."""
        self._set_zoom(self.zoom / STEP)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        self._set_zoom(self.zoom * STEP ** (event.angleDelta().y() / 120))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with plus, minus and zero; arrows move."""
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_in()
            case Qt.Key.Key_Minus:
                self.zoom_out()
            case Qt.Key.Key_0:
                self.fit()
            case _:
                super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep a fitted picture fitted."""
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Fill with the colour behind the picture."""
        painter.fillRect(rect, theme.colour("stage"))

    def _set_zoom(self, wanted: float) -> None:
        if self._image is None:
            return
        self._fitted = False
        factor = min(max(wanted, 0.01), LARGEST) / self.zoom
        self.scale(factor, factor)
        self._moved()

    def _moved(self) -> None:
        room = self.viewport().rect()
        shown = self.transform().mapRect(self._scene.sceneRect()) if self._image else QRectF()
        larger = shown.width() > room.width() or shown.height() > room.height()
        self.viewport().setCursor(Qt.CursorShape.OpenHandCursor if larger else Qt.CursorShape.ArrowCursor)
        self.zoomed.emit(self.zoom)
