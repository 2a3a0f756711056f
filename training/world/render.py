"""The first renderer: paints a scene for training, at any size, its looks drawn from a seed.

What a scene does not say (turns, shades, fonts, blur, compression) is chosen here, so that one scene has many pictures.
"""

import io
import random
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from training.world.backgrounds import background
from training.world.frame import framed
from training.world.glyphs import full_glyph
from training.world.lexicon import entry
from training.world.scene import SHAPES, Box, Scene, Thing, Writing
from training.world.shades import RGB, far_apart, shade
from training.world.shapes import draw_shape

FONT_FOLDER = "/usr/share/fonts/"
FONTS = (
    "truetype/dejavu/DejaVuSans.ttf",
    "truetype/dejavu/DejaVuSans-Bold.ttf",
    "truetype/dejavu/DejaVuSerif-Bold.ttf",
    "truetype/dejavu/DejaVuSansMono-Bold.ttf",
    "truetype/dejavu/DejaVuSansCondensed-Bold.ttf",
    "truetype/dejavu/DejaVuSerif-Italic.ttf",
)
MEME_FONT = "truetype/dejavu/DejaVuSansCondensed-Bold.ttf"
UPRIGHT = ("thumbs up", "thumbs down")  # turned over, one looks like the other


def paint(scene: Scene, looks: int, longest: int) -> Image.Image:
    """Return the picture of a scene, RGB, its longer side `longest` pixels. The same looks give the same picture."""
    rng = random.Random(looks)
    width = longest if scene.aspect >= 1 else round(longest * scene.aspect)
    height = longest if scene.aspect <= 1 else round(longest / scene.aspect)
    ground, tones = background(scene.background, scene.pattern, width, height, rng)
    canvas = Image.fromarray(ground)
    for thing in sorted(scene.things, key=lambda one: -one.area):
        _paint_thing(canvas, thing, tones, rng)
    meme = rng.random() < 0.5
    font = MEME_FONT if meme else rng.choice(FONTS)
    for line in scene.writing:
        _paint_line(canvas, line, font, meme and line.colour == "white", rng)
    return canvas


def worn(picture: Image.Image, looks: int) -> Image.Image:
    """Return the picture with the wear of real files: light, blur, small copies, JPEG. Many stay as they are."""
    rng = random.Random(looks ^ 0x5EED)
    if rng.random() < 0.35:
        picture = ImageEnhance.Brightness(picture).enhance(rng.uniform(0.85, 1.12))
    if rng.random() < 0.3:
        picture = ImageEnhance.Contrast(picture).enhance(rng.uniform(0.8, 1.15))
    if rng.random() < 0.15:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.0) * max(picture.size) / 160))
    if rng.random() < 0.2:
        small = rng.uniform(0.45, 0.9)
        size = (round(picture.width * small), round(picture.height * small))
        picture = picture.resize(size, rng.choice((Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)))
    if rng.random() < 0.25:
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=rng.randint(25, 90))
        picture = Image.open(buffer).convert("RGB")
    return picture


def pixels(scene: Scene, looks: int, size: int) -> np.ndarray:
    """Return a training picture in a padded square, uint8 size x size x 3."""
    rng = random.Random(looks ^ 0x517E)
    picture = worn(paint(scene, looks, round(size * rng.uniform(1.0, 1.5))), looks)
    filters = (Image.Resampling.BICUBIC, Image.Resampling.BICUBIC, Image.Resampling.BILINEAR)
    return framed(picture, size, rng.choice(filters))


def _paint_thing(canvas: Image.Image, thing: Thing, tones: tuple[RGB, RGB], rng: random.Random) -> None:
    """Paint all copies of a kind: the same look, each turned a little differently."""
    if thing.name in SHAPES:
        fill = _visible_shade(thing.colour, tones, rng)
        style = rng.choice(("flat", "flat", "bordered", "shaded", "hollow"))
        turn = rng.uniform(-10, 10) if rng.random() < 0.5 else 0.0
        for box in thing.boxes:
            left, top, width, height = _on(canvas, box)
            stamp = draw_shape(thing.name, fill, style, width, height, turn, rng)
            _paste(canvas, stamp, left + width / 2, top + height / 2)
        return
    mirrored = rng.random() < 0.5
    turn = 0.0 if rng.random() < 0.35 else rng.uniform(-25, 25)
    if rng.random() < 0.05 and thing.name not in UPRIGHT:
        turn += rng.choice((-90, 90, 180))
    for box in thing.boxes:
        left, top, width, height = _on(canvas, box)
        stamp = _pictograph(entry(thing.name).char, mirrored, turn + rng.uniform(-3, 3), max(width, height))
        _paste(canvas, stamp, left + width / 2, top + height / 2)


@cache
def _levels(char: str) -> tuple[Image.Image, ...]:
    """Return a pictograph on a square, in three sizes, so that a turned one is made by a single cheap step."""
    whole = full_glyph(char)
    side = max(whole.size) + 4
    square = Image.new("RGBA", (side, side))
    square.paste(whole, ((side - whole.width) // 2, (side - whole.height) // 2))
    return square, square.reduce(2), square.reduce(4)


def _pictograph(char: str, mirrored: bool, turn: float, side: float) -> Image.Image:
    """Return a pictograph turned by degrees and scaled so that its longer side has `side` pixels."""
    levels = _levels(char)
    source = levels[2] if side < 30 else levels[1] if side < 62 else levels[0]
    angle = np.deg2rad(turn)
    cosine, sine = float(np.cos(angle)), float(np.sin(angle))
    # A turned square needs more room; most glyphs leave their corners empty, so half of that is enough.
    spread = 1 + 0.5 * (abs(cosine) + abs(sine) - 1)
    step = source.width / side * spread
    size = max(4, round(side))
    flip = -1.0 if mirrored else 1.0
    a, b, d, e = flip * step * cosine, flip * step * sine, -step * sine, step * cosine
    middle, half = size / 2, source.width / 2
    matrix = (a, b, half - a * middle - b * middle, d, e, half - d * middle - e * middle)
    return source.transform((size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


def _visible_shade(colour: str, tones: tuple[RGB, RGB], rng: random.Random) -> RGB:
    """Return a shade of a colour that stands out from both tones of the background if one does."""
    fill = shade(colour, rng)
    for _ in range(6):
        if all(far_apart(fill, tone) for tone in tones):
            break
        fill = shade(colour, rng)
    return fill


@cache
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT_FOLDER + path, size)


def _paint_line(canvas: Image.Image, line: Writing, font: str, outlined: bool, rng: random.Random) -> None:
    """Paint a line of text into its box: as large as fits, black-outlined capitals for memes."""
    left, top, width, height = _on(canvas, line.box)
    words = line.words.upper() if outlined else line.words
    size = max(6, round(height * 0.9))
    pen = ImageDraw.Draw(canvas)
    wide = pen.textlength(words, font=_font(font, size))
    if wide > width:
        size = max(5, int(size * width / wide))
    middle = (left + width / 2, top + height / 2)
    edge = max(1, round(size / 14)) if outlined else 0
    fill = (255, 255, 255) if outlined else shade(line.colour, rng)
    pen.text(middle, words, fill=fill, font=_font(font, size), anchor="mm", stroke_width=edge, stroke_fill=(0, 0, 0))


def _on(canvas: Image.Image, box: Box) -> Box:
    """Return a box in pixels."""
    x, y, width, height = box
    return x * canvas.width, y * canvas.height, width * canvas.width, height * canvas.height


def _paste(canvas: Image.Image, stamp: Image.Image, x: float, y: float) -> None:
    """Paste a stamp with its middle at a point."""
    canvas.paste(stamp, (round(x - stamp.width / 2), round(y - stamp.height / 2)), stamp)
