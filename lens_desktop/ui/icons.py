"""Icons of one set (Phosphor, from qtawesome), drawn in the colours of the moment at any size."""

import qtawesome
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap

from lens_desktop.ui.theme import theme


class _Glyph(QIconEngine):
    """Paints one character of the icon font, asking the theme for its colour each time."""

    def __init__(self, name: str, tone: str) -> None:
        super().__init__()
        self._name = name
        self._tone = tone

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        colour = theme.colour("muted" if mode == QIcon.Mode.Disabled else self._tone)
        if mode == QIcon.Mode.Disabled:
            colour.setAlphaF(0.5)
        painter.save()
        font = qtawesome.font("ph", rect.height())
        font.setPixelSize(rect.height())
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, qtawesome.charmap(f"ph.{self._name}"))
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Glyph(self._name, self._tone)


def icon(name: str, tone: str = "text") -> QIcon:
    """Return the icon `name` of the Phosphor set in a colour of the theme."""
    return QIcon(_Glyph(name, tone))


def paint_icon(painter: QPainter, name: str, rect: QRect, tone: str = "muted") -> None:
    """Draw an icon into `rect`, for delegates."""
    _Glyph(name, tone).paint(painter, rect, QIcon.Mode.Normal, QIcon.State.Off)
