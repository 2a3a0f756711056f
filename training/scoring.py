"""Scoring: normalised exact match with the world's synonyms, and whether evidence holds what was answered."""

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


def supports(prompt: str, accepted: Sequence[str], about: Sequence[str], form: str) -> bool:
    """Say whether the evidence of a prompt holds one of the accepted answers.

    A list needs every name in it; a number the thing asked about (`about`), counted so; "no", "none" and "the evidence
    does not say" need what was asked about to be absent, and yes needs it to be there.
    """
    evidence = prompt.split("\nQuestion:")[0]
    words = _singulars(evidence)
    asked = all(_holds(words, name) for name in about)
    if form == "unanswerable":
        return True
    if form == "exists":
        return asked == (normalise(accepted[0]) == "yes")
    if form == "check":
        return all(_holds(words, name) for name in about[:1])
    return any(_found(words, evidence, one, about, form) for one in accepted)


def mentions(text: str, name: str) -> bool:
    """Say whether a text names a thing: by its name, its plural or a synonym."""
    return _holds(_singulars(text), name)


def _found(words: frozenset[str], evidence: str, accepted: str, about: Sequence[str], form: str) -> bool:
    match form:
        case "text":
            return normalise(accepted).replace(" ", "") in normalise(evidence).replace(" ", "")
        case "where":
            return accepted in evidence and all(_holds(words, name) for name in about)
        case "side":
            return all(_holds(words, name) for name in about)
        case "count":
            number = normalise(accepted)
            if number == "0":
                return not any(_holds(words, name) for name in about)
            said = evidence.lower()
            return any(_counted(said, name, number) for name in about)
        case "things" | "things in full" | "relation" | "biggest" | "shape" | "which":
            return all(_holds(words, item.name) for item in items(accepted))
        case "kind":
            return normalise(accepted) in normalise(evidence) and all(_holds(words, name) for name in about)
        case _:
            return _holds(words, _plain(accepted))


def _counted(evidence: str, name: str, number: str) -> bool:
    """Say whether a number stands before a name, at most two words (a size, a colour) between them."""
    word = COUNTS[int(number)] if number.isdigit() and int(number) < len(COUNTS) else number
    many = "|".join(map(re.escape, (name, lexicon.plural(name))))
    first = "(?:one|an?)" if number == "1" else f"(?:{word}|{number})"
    return re.search(rf"\b{first} (?:\w+ ){{0,2}}(?:{many})\b", evidence) is not None


def _holds(words: frozenset[str], phrase: str) -> bool:
    return normalise(phrase) in words


def _singulars(text: str) -> frozenset[str]:
    """Return the words of a text, names, plurals and synonyms of up to three words as one entry: the canonical name."""
    words = normalise(text).split()
    found = set()
    while words:
        for length in (3, 2, 1):
            phrase = " ".join(words[:length])
            name = normalise(lexicon.singular_of(phrase))
            if length == 1 or name != phrase or phrase in lexicon.NAMES:
                found.add(name)
                del words[:length]
                break
    return frozenset(found)


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
