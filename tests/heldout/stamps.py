"""The pictures that are pasted into a held-out scene: one pictograph or one shape, cut out tightly."""

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QTransform,
)

RGB = tuple[int, int, int]
SIDE = 512  # pixels of the square a shape is painted in before it is cut out

# Several shades for each name, all of which a person would call by that name without thinking twice.
SHADES: dict[str, tuple[RGB, ...]] = {
    "red": ((206, 32, 38), (226, 44, 44), (186, 24, 34)),
    "orange": ((245, 132, 22), (255, 146, 20), (238, 120, 30)),
    "yellow": ((252, 214, 40), (255, 226, 34), (246, 206, 30)),
    "green": ((46, 150, 62), (60, 172, 84), (30, 122, 52)),
    "blue": ((36, 92, 204), (52, 116, 226), (28, 66, 168)),
    "purple": ((122, 48, 164), (142, 70, 186), (104, 38, 140)),
    "pink": ((250, 138, 188), (246, 120, 176), (255, 156, 200)),
    "brown": ((126, 76, 36), (110, 64, 34), (140, 86, 46)),
    "black": ((18, 18, 20), (8, 8, 10), (26, 24, 26)),
    "white": ((252, 252, 250), (255, 255, 255), (248, 248, 248)),
    "grey": ((134, 134, 136), (150, 150, 150), (120, 122, 124)),
}

# Softer shades that are backgrounds only.
SOFT: dict[str, RGB] = {
    "yellow": (255, 238, 140),
    "green": (164, 212, 160),
    "blue": (166, 202, 242),
    "purple": (172, 128, 206),
    "pink": (255, 188, 214),
    "grey": (176, 178, 180),
}


@lru_cache(maxsize=512)
def pictograph(char: str) -> QImage:
    """Return a pictograph of the emoji font as an upright cut-out."""
    font = QFont("Noto Color Emoji")
    font.setPixelSize(109)  # the size its bitmaps are stored in
    bounds = QFontMetricsF(font).boundingRect(char)
    image = _sheet(int(bounds.width()) + 80, int(bounds.height()) + 80)
    painter = QPainter(image)
    painter.setFont(font)
    painter.drawText(QPointF(40 - bounds.left(), 40 - bounds.top()), char)
    painter.end()
    return trimmed(image)


def shape(name: str, rgb: RGB, finish: str) -> QImage:
    """Return a shape as an upright cut-out; `finish` is "flat", "outlined" (a darker rim) or "shaded"."""
    image = _sheet(SIDE, SIDE)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor(*rgb)
    if finish == "shaded":
        fill = QLinearGradient(0, 0, SIDE, SIDE)
        fill.setColorAt(0, colour.lighter(108))
        fill.setColorAt(1, colour.darker(112))
        painter.setBrush(fill)
    else:
        painter.setBrush(colour)
    rim = colour.darker(135) if max(rgb) > 60 else QColor(70, 70, 70)
    painter.setPen(rounded_pen(rim, 9) if finish == "outlined" else Qt.PenStyle.NoPen)
    painter.drawPath(outline(name))
    painter.end()
    return trimmed(image)


def turned(stamp: QImage, degrees: float, mirrored: bool) -> QImage:
    """Return a cut-out turned by some degrees and perhaps mirrored, cut out again."""
    transform = QTransform().rotate(degrees)
    if mirrored:
        transform.scale(-1, 1)
    return trimmed(stamp.transformed(transform, Qt.TransformationMode.SmoothTransformation))


def trimmed(image: QImage) -> QImage:
    """Return the part of an image that is not transparent."""
    solid = pixels(image)[..., 3] > 24
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        raise ValueError("nothing was painted: is the Noto Color Emoji font installed?")
    top, left = int(rows[0]), int(columns[0])
    return image.copy(left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1)


def pixels(image: QImage) -> np.ndarray:
    """Return a copy of an image's pixels, height x width x 4 (red, green, blue, alpha), uint8."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * 4].reshape(plain.height(), plain.width(), 4).copy()


def rounded_pen(colour: QColor, width: float) -> QPen:
    """Return a pen whose corners are round."""
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def outline(name: str) -> QPainterPath:
    """Return the outline of a shape inside the SIDE square."""
    path = QPainterPath()
    low, high, middle = 40.0, SIDE - 40.0, SIDE / 2
    match name:
        case "circle":
            path.addEllipse(QRectF(low, low, high - low, high - low))
        case "oval":
            path.addEllipse(QRectF(low, middle - 128, high - low, 256))
        case "ring":
            path.addEllipse(QRectF(low, low, high - low, high - low))
            path.addEllipse(QRectF(middle - 118, middle - 118, 236, 236))
        case "square":
            path.addRect(QRectF(low, low, high - low, high - low))
        case "rectangle":
            path.addRect(QRectF(low, middle - 122, high - low, 244))
        case "triangle":
            path.addPolygon(_polygon([(middle, low), (high, high - 50), (low, high - 50)]))
        case "diamond":
            path.addPolygon(_polygon([(middle, low), (high - 80, middle), (middle, high), (low + 80, middle)]))
        case "hexagon":
            path.addPolygon(_polygon(_around(6, [216.0], math.pi / 6)))
        case "star":
            path.addPolygon(_polygon(_around(10, [216.0, 92.0], -math.pi / 2)))
        case "cross":
            path.addRect(QRectF(middle - 74, low, 148, high - low))
            path.addRect(QRectF(low, middle - 74, high - low, 148))
            path.setFillRule(Qt.FillRule.WindingFill)
            path = path.simplified()
        case "heart":
            path.moveTo(middle, high)
            path.cubicTo(-60, middle + 20, 40, low - 20, middle, low + 110)
            path.cubicTo(SIDE - 40, low - 20, SIDE + 60, middle + 20, middle, high)
        case _:
            raise ValueError(f"no such shape: {name}")
    path.closeSubpath()
    return path


def _around(corners: int, radii: list[float], start: float) -> list[tuple[float, float]]:
    """Return points around the middle of the square, the radii taken in turn."""
    angles = [start + 2 * math.pi * index / corners for index in range(corners)]
    return [
        (SIDE / 2 + radii[index % len(radii)] * math.cos(angle), SIDE / 2 + radii[index % len(radii)] * math.sin(angle))
        for index, angle in enumerate(angles)
    ]


def _polygon(points: list[tuple[float, float]]) -> QPolygonF:
    polygon = QPolygonF([QPointF(x, y) for x, y in points])
    polygon.append(polygon.first())
    return polygon


def _sheet(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image
