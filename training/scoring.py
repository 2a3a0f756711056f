"""Scoring: normalised exact match with the world's synonyms."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from training.world import lexicon
from training.world.scene import COLOURS, COUNTS, SIZES

UNANSWERABLE = "the evidence does not say"
YES_NO = ("exists", "check")
NAMED = ("things", "relation", "biggest", "shape", "which")  # answered with names; numbers and colours are not asked
PLACED = ("where", "side")

_NUMBERS = {word: str(number) for number, word in enumerate(COUNTS)} | {"zero": "0", "none": "0"}
_ARTICLES = frozenset(("a", "an", "the"))
_FOLDED = {"gray": "grey", "centre": "middle", "center": "middle", "upper": "top", "lower": "bottom"} | {
    "rhombus": "diamond", "ellipse": "oval", "plus": "cross",
}  # fmt: skip
_PLACES = frozenset(("left", "right", "top", "bottom", "middle", "above", "below"))


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list answer. `count` is a digit; `colour` is empty when none was said."""

    name: str
    count: str
    colour: str


def normalise(text: str) -> str:
    """Return text in lower case without punctuation and articles, number words as digits, grey spelt one way."""
    words = re.sub(r"[^\w\s]", "", text.lower().replace("-", " ").replace("/", " ")).split()
    kept = [_FOLDED.get(word, word) for word in words if word not in _ARTICLES]
    return " ".join(_NUMBERS.get(word, word) for word in kept)


def items(text: str) -> frozenset[Item]:
    """Return the entries of a list: "a dog, two red circles and a guitar" has three."""
    parts = re.split(r",|;|&|\band\b", text.lower())
    return frozenset(_item(part) for part in parts if normalise(part))


def right(answer: str, accepted: Sequence[str], form: str) -> bool:
    """Say whether an answer to a question of this form is one of the accepted ones."""
    return any(_same(answer, one, form) for one in accepted)


def _same(answer: str, accepted: str, form: str) -> bool:
    if normalise(accepted) == normalise(UNANSWERABLE) or normalise(answer) == normalise(UNANSWERABLE):
        return normalise(answer) == normalise(accepted)
    if form == "text":  # spaces are the recogniser's business
        return normalise(answer).replace(" ", "") == normalise(accepted).replace(" ", "")
    if form in YES_NO:
        return normalise(answer).split()[:1] == normalise(accepted).split()[:1]
    if form in PLACED:
        return bool(place(answer)) and place(answer) == place(accepted)
    if form in NAMED:
        return _names(answer) == _names(accepted)
    if form == "things in full":
        return items(answer) == items(accepted)
    return _plain(answer) == _plain(accepted)


def place(text: str) -> frozenset[str]:
    """Return the place words of a text; "middle" counts only when no other is there ("in the middle left")."""
    words = frozenset(normalise(text).split())
    found = words & _PLACES
    return found - {"middle"} or found


def _item(text: str) -> Item:
    words = normalise(text).split()
    count, colour = "1", ""
    while len(words) > 1:
        if words[0].isdigit():
            count = words.pop(0)
        elif words[0] in COLOURS:
            colour = words.pop(0)
        elif words[0] in SIZES:
            words.pop(0)
        else:
            break
    return Item(lexicon.singular_of(" ".join(words)), count, colour)


def _names(text: str) -> frozenset[str]:
    return frozenset(item.name for item in items(text))


def _plain(text: str) -> str:
    return lexicon.singular_of(normalise(text))
