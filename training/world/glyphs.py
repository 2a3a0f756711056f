"""Pictographs cut out of the Noto Color Emoji font, each drawn once and kept."""

from functools import cache, lru_cache

from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
BITMAP_SIZE = 109  # the only size the font has


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, BITMAP_SIZE)


@cache
def full_glyph(char: str) -> Image.Image:
    """Return a pictograph in the font's own size, RGBA, cut to its ink."""
    canvas = Image.new("RGBA", (240, 180))
    ImageDraw.Draw(canvas).text((10, 10), char, font=_font(), embedded_color=True)
    ink = canvas.getbbox()
    if ink is None:
        raise ValueError(f"the font has no pictograph for {char!r}")
    return canvas.crop(ink)


@lru_cache(maxsize=4000)
def glyph(char: str, longest: int) -> Image.Image:
    """Return a pictograph whose longer side has `longest` pixels, RGBA."""
    whole = full_glyph(char)
    scale = longest / max(whole.size)
    size = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
    return whole.resize(size, Image.Resampling.LANCZOS if scale > 0.5 else Image.Resampling.BOX)
