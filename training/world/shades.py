"""What the eleven colour names look like: a range of shades for each, told apart by eye and by number."""

import colorsys
import random

RGB = tuple[int, int, int]

# hue in degrees, saturation and value, each as a range
_RANGES = {
    "red": ((-8, 5), (0.75, 1.0), (0.62, 0.95)),
    "orange": ((24, 36), (0.8, 1.0), (0.9, 1.0)),
    "yellow": ((50, 58), (0.6, 1.0), (0.9, 1.0)),
    "green": ((95, 150), (0.5, 1.0), (0.4, 0.8)),
    "blue": ((205, 240), (0.6, 1.0), (0.5, 0.98)),
    "purple": ((266, 292), (0.5, 0.95), (0.42, 0.8)),
    "pink": ((320, 348), (0.3, 0.6), (0.94, 1.0)),
    "brown": ((17, 31), (0.55, 0.82), (0.34, 0.58)),
    "black": ((0, 360), (0.0, 0.2), (0.0, 0.13)),
    "white": ((0, 360), (0.0, 0.04), (0.95, 1.0)),
    "grey": ((0, 360), (0.0, 0.07), (0.42, 0.7)),
}
# Backgrounds are often paler than things; these pales keep their name.
_PALE = {
    "yellow": ((48, 57), (0.28, 0.6), (0.94, 1.0)),
    "green": ((90, 150), (0.22, 0.5), (0.75, 0.95)),
    "blue": ((198, 230), (0.22, 0.55), (0.8, 1.0)),
    "purple": ((262, 288), (0.22, 0.5), (0.72, 0.95)),
    "grey": ((0, 360), (0.0, 0.06), (0.66, 0.82)),
    "pink": ((325, 352), (0.18, 0.32), (0.95, 1.0)),
}


def shade(colour: str, rng: random.Random, pale: bool = False) -> RGB:
    """Return a random shade of a colour name, 0 to 255; a pale one, where there is one, on request."""
    hue, saturation, value = _PALE[colour] if pale and colour in _PALE else _RANGES[colour]
    red, green, blue = colorsys.hsv_to_rgb(
        (rng.uniform(*hue) % 360) / 360, rng.uniform(*saturation), rng.uniform(*value)
    )
    return round(red * 255), round(green * 255), round(blue * 255)


def far_apart(one: RGB, other: RGB) -> bool:
    """Say whether the eye tells two shades apart at once."""
    red, green, blue = (a - b for a, b in zip(one, other, strict=True))
    return 2 * red * red + 4 * green * green + 3 * blue * blue > 30000


def second_tone(colour: str, first: RGB, rng: random.Random) -> RGB:
    """Return a lighter or darker tone of a shade that still goes by the same name."""
    amount = rng.uniform(0.12, 0.3)
    if colour == "white":
        return _mixed(first, (0, 0, 0), amount * 0.35)
    if colour in ("black", "brown"):
        return _mixed(first, (255, 255, 255), amount * 0.6)
    darker = sum(first) > 380 or colour == "red"
    return _mixed(first, (0, 0, 0) if darker else (255, 255, 255), amount * (0.7 if darker else 1.0))


def _mixed(one: RGB, other: RGB, amount: float) -> RGB:
    red, green, blue = (round(a + (b - a) * amount) for a, b in zip(one, other, strict=True))
    return red, green, blue
