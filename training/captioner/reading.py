"""Takes a caption apart again, to say which of its claims are true of the scene."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from training.world.lexicon import NAMES, plural
from training.world.scene import COLOURS, COUNTS, SIZES

_PLACE = re.compile(r"(?:(?:in|on|at) the )?((?:top|bottom) (?:left|right)|top|bottom|left|right|middle)\b")


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing a caption names. `place` is "top left", "middle", … or empty when the caption gives none."""

    name: str
    count: int
    colour: str
    size: str
    place: str


def plain(caption: str) -> str:
    """Return a decoded caption with commas as words of their own, as the grammar writes them."""
    return " ".join(caption.replace(",", " , ").split())


def style_of(caption: str) -> str:
    """Return which style a caption follows, by the words only that style has."""
    words = set(plain(caption).split())
    if "background" in words:
        return "background"
    if "text" in words:
        return "list"
    if words & {"biggest", *SIZES}:
        return "sizes"
    if words & {"near", "above", "below", "of", "only"}:
        return "relations"
    return "places" if words & {"left", "right", "top", "bottom", "middle"} else "list"


def claims(caption: str) -> Iterator[Claim]:
    """Yield what a caption names, in its order; what it says of the biggest thing is left out."""
    text = re.sub(r" , the biggest is .*", "", plain(caption))
    words = text.split()
    at = 0
    colour, size, count = "", "", 1
    while at < len(words):
        name, used = _name_at(words, at)
        if not used:
            word = words[at]
            if word in COUNTS:
                colour, size, count = "", "", COUNTS.index(word)
            elif word in ("a", "an", ","):
                colour, size, count = "", "", 1
            colour = word if word in COLOURS else colour
            size = word if word in SIZES else size
            at += 1
            continue
        found = _PLACE.match(" ".join(words[at + used : at + used + 4]))
        followed = words[at + used + 1 : at + used + 2] == ["of"]
        yield Claim(name, count, colour, size, found[1] if found and not followed else "")
        colour, size, count = "", "", 1
        at += used


def _name_at(words: list[str], at: int) -> tuple[str, int]:
    """Return the longest name that starts at a word and how many words it takes, 0 when none does."""
    for length in (2, 1):
        form = " ".join(words[at : at + length])
        if form in _forms() and len(words[at : at + length]) == length:
            return _forms()[form], length
    return "", 0


@cache
def _forms() -> dict[str, str]:
    table = {plural(name): name for name in NAMES}
    return {**table, **{name: name for name in NAMES}}
