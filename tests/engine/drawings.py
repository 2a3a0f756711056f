"""Pictures with and without text, drawn for the tests of text recognition."""

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

Pixels = npt.NDArray[np.uint8]

LETTER = (
    "The quick brown fox jumps over the lazy dog while seven wizards",
    "brew potions in the cellar. Payment of 1,250.00 euros is due on",
    "14 March and must name the invoice number 20-4471. Please keep",
    "this letter with your records; questions go to the office below.",
)


def font(size: int, name: str = "dejavu/DejaVuSans") -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(f"/usr/share/fonts/truetype/{name}.ttf", size)


def document(size: int, shape: tuple[int, int], ink: str = "black", paper: str = "white") -> Pixels:
    """Return a page (width, height) with LETTER in letters of `size`."""
    page = Pillow.new("RGB", shape, paper)
    pen = ImageDraw.Draw(page)
    for number, line in enumerate(LETTER):
        pen.text((shape[0] // 20, shape[1] // 20 + number * size * 1.6), line, fill=ink, font=font(size))
    return np.asarray(page)


def photograph(width: int, height: int, seed: int, noise: float = 10, bright: bool = False) -> Pixels:
    """Return soft blotches of colour at four scales under camera noise: a picture without a letter."""
    chance = np.random.default_rng(seed)
    sum_ = np.zeros((height, width, 3))
    for cells in (4, 8, 16, 64):
        blotches = chance.uniform(0, 255, (cells, cells, 3)).astype(np.uint8)
        sum_ += np.asarray(Pillow.fromarray(blotches).resize((width, height), Pillow.Resampling.BICUBIC)) / cells**0.5
    sum_ = (sum_ - sum_.min()) / np.ptp(sum_) * 255
    if bright:
        sum_ = sum_ * 0.5 + 127
    return (sum_ + chance.normal(0, noise, sum_.shape)).clip(0, 255).astype(np.uint8)


def meme(top: str, bottom: str, picture: Pixels) -> Pixels:
    """Return the picture with white capitals, outlined in black, at its top and bottom."""
    canvas = Pillow.fromarray(picture)
    pen = ImageDraw.Draw(canvas)
    size = canvas.height // 9
    while max(pen.textlength(line, font(size, "dejavu/DejaVuSansCondensed-Bold")) for line in (top, bottom)) > (
        canvas.width * 0.92
    ):
        size -= 1
    for line, anchor, y in ((top, "mt", 0.04), (bottom, "mb", 0.96)):
        pen.text(
            (canvas.width / 2, canvas.height * y),
            line,
            fill="white",
            font=font(size, "dejavu/DejaVuSansCondensed-Bold"),
            anchor=anchor,
            stroke_width=max(1, size // 14),
            stroke_fill="black",
        )
    return np.asarray(canvas)


def shapes() -> Pixels:
    """Return flat shapes on a checked ground, without text."""
    canvas = Pillow.new("RGB", (640, 480), "#f2c14e")
    pen = ImageDraw.Draw(canvas)
    for row in range(0, 480, 60):
        for column in range(0, 640, 120):
            pen.rectangle((column + row % 120, row, column + row % 120 + 59, row + 59), fill="#e0ad3a")
    pen.ellipse((60, 80, 220, 240), fill="#1d5fa8")
    pen.polygon([(400, 60), (320, 220), (480, 220)], fill="#b3202a")
    pen.rectangle((250, 300, 420, 420), fill="#2b7a2b")
    return np.asarray(canvas)
