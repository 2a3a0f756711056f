"""The second renderer: paints a scene with Qt, in layouts, fonts, backgrounds and sizes of its own."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QImage, QLinearGradient, QPainter, QPainterPath

from tests.heldout.stamps import RGB, SHADES, SOFT, pictograph, pixels, rounded_pen, shape, turned
from training.world.scene import SHAPES, Scene, Thing

# One file for each family, so that the family's name alone picks the weight. None is of the DejaVu family.
FACES = {
    "Lato": "truetype/lato/Lato-Bold.ttf",
    "Cantarell": "opentype/cantarell/Cantarell-Bold.otf",
    "Cabin": "opentype/cabin/Cabin-SemiBold.otf",
    "Comfortaa": "truetype/comfortaa/Comfortaa-Bold.ttf",
    "Roboto Slab": "opentype/roboto/slab/RobotoSlab-Bold.otf",
    "League Spartan": "opentype/league-spartan/LeagueSpartan-Bold.otf",
    "Courier Prime": "opentype/courier-prime/Courier Prime Bold.otf",
    "Bebas Neue": "opentype/bebas-neue/BebasNeue-Bold.otf",
}
MEME_FACES = ("Bebas Neue", "League Spartan", "Lato")


@dataclass(frozen=True, slots=True)
class Looks:
    """What the eye sees but no question asks: shade of the background, face, finish, turn, grain."""

    seed: int
    ground: RGB
    face: str
    meme: bool
    chars: tuple[str, ...]  # one for each kind of thing; empty for a shape


def load_faces(fonts: Path) -> None:
    """Make the faces known to Qt, from a fonts folder laid out as Debian's /usr/share/fonts. Raises OSError."""
    for family, file in FACES.items():
        number = QFontDatabase.addApplicationFont(str(fonts / file))
        if number < 0 or family not in QFontDatabase.applicationFontFamilies(number):
            raise OSError(
                f"{fonts / file} is not the font {family}: install the packages that tests/data/README.md names."
            )


def stamp_of(thing: Thing, char: str, seed: int) -> QImage:
    """Return the cut-out of one copy of a kind of thing, turned and finished as its seed says."""
    rng = random.Random(f"{seed} {thing.name}")
    if thing.name in SHAPES and thing.colour:
        picture = shape(
            thing.name, rng.choice(SHADES[thing.colour]), rng.choice(("flat", "flat", "outlined", "shaded"))
        )
        return turned(picture, rng.uniform(-9, 9), False)
    return turned(pictograph(char), rng.choice((0.0, rng.uniform(-14, 14))), rng.random() < 0.3)


def words_path(words: str, face: str, size: float = 100.0) -> QPainterPath:
    """Return the outline of a line of text, its size in pixels."""
    font = QFont(face)
    font.setPixelSize(int(size))
    path = QPainterPath()
    path.addText(QPointF(0, 0), font, words)
    return path


def paint(scene: Scene, looks: Looks, width: int) -> QImage:
    """Return a scene painted `width` pixels wide."""
    height = round(width / scene.aspect)
    rng = random.Random(looks.seed)
    image = background(scene.pattern, looks.ground, width, height, rng)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    for thing, char in zip(scene.things, looks.chars, strict=True):
        stamp = stamp_of(thing, char, looks.seed)
        for box in thing.boxes:
            _place(painter, stamp, _rect(box, width, height))
    inks = {line.colour: rng.choice(SHADES[line.colour]) for line in scene.writing}
    for line in scene.writing:
        _write(painter, line.words, looks, inks[line.colour], _rect(line.box, width, height))
    painter.end()
    return image


def background(pattern: str, rgb: RGB, width: int, height: int, rng: random.Random) -> QImage:
    """Return a background; its second tone is always a near shade of the first, so that it has one colour name."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(*rgb))
    other = QColor(*near(rgb, 0.24))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    step = rng.uniform(0.05, 0.11) * min(width, height)
    match pattern:
        case "plain":
            pass
        case "gradient":
            ends = rng.choice(((0, 0, 0, height), (0, 0, width, 0), (0, 0, width, height)))
            fill = QLinearGradient(*ends)
            fill.setColorAt(0, QColor(*near(rgb, 0.2 if max(rgb) < 40 else 0.38)))
            fill.setColorAt(1, QColor(*rgb))
            painter.fillRect(image.rect(), fill)
        case "striped":
            _stripes(painter, other, step, rng.choice((-35, 0, 35, 90)), max(width, height))
        case "dotted":
            _dots(painter, other, step * 1.3, width, height)
        case "checked":
            _checks(painter, other, step * 1.4, width, height)
        case "noisy":
            painter.end()
            return _paper(image, rng.randrange(1 << 30))
        case _:
            raise ValueError(f"no such pattern: {pattern}")
    painter.end()
    return image


def grounds(colour: str) -> tuple[RGB, ...]:
    """Return the shades a background of a colour may have."""
    return (*SHADES[colour], SOFT[colour], SOFT[colour]) if colour in SOFT else SHADES[colour]


def near(rgb: RGB, share: float) -> RGB:
    """Return a shade of the same name: towards white, or towards grey for what is light already."""
    goal = 178 if sum(rgb) > 690 else 255
    red, green, blue = (round(value + (goal - value) * share) for value in rgb)
    return red, green, blue


def stands_out(stamp: QImage, ground: RGB) -> bool:
    """Say whether a cut-out's rim differs from a background colour nearly everywhere."""
    area = pixels(stamp.scaled(48, 48, Qt.AspectRatioMode.IgnoreAspectRatio)).astype(int)
    solid = area[..., 3] > 128
    padded = np.pad(solid, 2)
    inner = padded[:-4, 2:-2] & padded[4:, 2:-2] & padded[2:-2, :-4] & padded[2:-2, 4:]
    rim = solid & ~inner
    apart = np.abs(area[..., :3] - np.array(ground)).sum(axis=2) > 110
    return bool((apart & rim).sum() > 0.8 * rim.sum())


def _rect(box: tuple[float, float, float, float], width: int, height: int) -> QRectF:
    x, y, across, down = box
    return QRectF(x * width, y * height, across * width, down * height)


def _place(painter: QPainter, stamp: QImage, rect: QRectF) -> None:
    # Qt's smooth drawing samples four pixels only, so a large cut-out is averaged down first.
    if stamp.width() > rect.width():
        size = rect.size().toSize()
        stamp = stamp.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    painter.drawImage(rect, stamp)


def _write(painter: QPainter, words: str, looks: Looks, rgb: RGB, rect: QRectF) -> None:
    """Paint a line of text so that its ink fills `rect`."""
    path = words_path(words, looks.face)
    bounds = path.boundingRect()
    painter.save()
    painter.translate(rect.left(), rect.top())
    painter.scale(rect.width() / bounds.width(), rect.height() / bounds.height())
    painter.translate(-bounds.left(), -bounds.top())
    if looks.meme:
        painter.strokePath(path, rounded_pen(QColor(0, 0, 0), 10))
    painter.fillPath(path, QColor(*rgb))
    painter.restore()


def _stripes(painter: QPainter, colour: QColor, step: float, angle: float, reach: int) -> None:
    painter.save()
    painter.translate(reach / 2, reach / 2)
    painter.rotate(angle)
    position = -1.5 * reach
    while position < 1.5 * reach:
        painter.fillRect(QRectF(position, -1.5 * reach, step, 3 * reach), colour)
        position += 2 * step
    painter.restore()


def _dots(painter: QPainter, colour: QColor, step: float, width: int, height: int) -> None:
    painter.setBrush(colour)
    painter.setPen(Qt.PenStyle.NoPen)
    for row in range(int(height / step) + 2):
        for column in range(int(width / step) + 2):
            painter.drawEllipse(QPointF((column + row % 2 / 2) * step, row * step * 0.87), step * 0.26, step * 0.26)


def _checks(painter: QPainter, colour: QColor, step: float, width: int, height: int) -> None:
    for row in range(int(height / step) + 1):
        for column in range(row % 2, int(width / step) + 1, 2):
            painter.fillRect(QRectF(column * step, row * step, step, step), colour)


def _paper(image: QImage, seed: int) -> QImage:
    """Return an image with the grain of rough paper: fine specks over soft blotches."""
    rng = np.random.default_rng(seed)
    area = pixels(image)[..., :3].astype(np.float32)
    height, width = area.shape[:2]
    coarse = rng.normal(0, 13, (height // 3 + 1, width // 3 + 1)).repeat(3, axis=0).repeat(3, axis=1)[:height, :width]
    grain = rng.normal(0, 12, (height, width)) + coarse
    rough = np.clip(area + grain[..., None], 0, 255).astype(np.uint8)
    return QImage(rough.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
