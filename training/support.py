"""Whether the evidence in a prompt holds an accepted answer: what it says of each thing, read back from its words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from training.scoring import items, normalise, place
from training.world import lexicon
from training.world.scene import COLOURS, PATTERNS, SIZES

_AFTER = frozenset(("in", "on", "at", "left", "right", "top", "bottom", "middle"))


@dataclass(frozen=True, slots=True)
class Mention:
    """What one phrase of the evidence says of a thing (or of "text" and "background"); empty where it says nothing."""

    name: str
    count: str = ""
    colour: str = ""
    other: tuple[str, ...] = ()  # sizes and patterns
    place: frozenset[str] = frozenset()


def supports(prompt: str, accepted: Sequence[str], about: Sequence[str], form: str) -> bool:
    """Say whether the evidence of a prompt holds one of the accepted answers to a question about these names.

    "no", "none" and "the evidence does not say" need what was asked after to be absent. What kind of thing a name is,
    and how two places lie to each other, the reader may know by itself: the names are enough.
    """
    evidence = prompt.split("\nQuestion:")[0]
    said = list(mentions_in(evidence))
    names = {mention.name for mention in said}
    there = set(about) <= names
    first = normalise(accepted[0])
    match form:
        case "exists":
            return there == (first == "yes")
        case "unanswerable":
            return not about or not there
        case "text":
            recognised = normalise(evidence.partition("OCR:")[2]).replace(" ", "")
            return any(normalise(answer).replace(" ", "") in recognised for answer in accepted)
        case "count":
            return not there if first == "0" else _says(said, about, count=first)
        case "colour":
            return _says(said, about, colour=first)
        case "text colour":
            return _says(said, ["text"], colour=first)
        case "background":
            return _says(said, ["background"], colour=first)
        case "pattern":
            return any(one.name == "background" and first in one.other for one in said)
        case "where":
            return any(one.name in about and one.place == place(accepted[0]) for one in said)
        case "check":
            return any(one.name in about and one.colour for one in said)
        case "biggest":
            (item,) = items(accepted[0])
            return any(one.name == item.name and {"big", "biggest"} & set(one.other) for one in said)
        case "shape" | "things in full":
            return all(
                any((one.name, one.count, one.colour) == (item.name, item.count, item.colour) for one in said)
                for item in items(accepted[0])
            )
        case "things" | "relation" | "which":
            return there and {item.name for item in items(accepted[0])} <= names
    return there


def mentions_in(evidence: str) -> Iterator[Mention]:
    """Yield what tags, attributes and captions say, phrase by phrase; recognised text says nothing of things."""
    for line in evidence.splitlines():
        section, _, content = line.partition(":")
        if section in ("Tags", "Attributes", "Captions"):
            for phrase in re.split(r"[.,;]|\band\b|\bwith\b", content):
                words = _words(phrase)
                for index, word in enumerate(words):
                    if word in lexicon.NAMES or word in ("text", "background"):
                        yield _mention(words, index, section == "Captions")


def _mention(words: list[str], index: int, counts: bool) -> Mention:
    """Read the words around a name: numbers, sizes and colours before it, "which is" or a place after it."""
    colour, count, other = "", "1" if counts else "", []
    for word in reversed(words[:index]):
        if word in COLOURS:
            colour = colour or word
        elif word in SIZES or word in PATTERNS:
            other.append(word)
        elif word.isdigit():
            count = word
        else:
            break
    rest = words[index + 1 :]
    if rest[:2] == ["which", "is"] and len(rest) == 3:
        colour, other = (rest[2], other) if rest[2] in COLOURS else (colour, [*other, rest[2]])
    if words[max(0, index - 2) : index] == ["biggest", "is"]:
        other.append("biggest")
    after = next((at for at in range(len(rest)) if rest[at] not in _AFTER), len(rest))
    where = place(" ".join(rest[:after])) if rest[after : after + 1] != ["of"] else frozenset[str]()
    return Mention(words[index], count, colour, tuple(other), where)


def mentions(text: str, name: str) -> bool:
    """Say whether a text names a thing: by its name, its plural or a synonym."""
    return name in _words(text)


def _says(said: Sequence[Mention], names: Sequence[str], *, count: str = "", colour: str = "") -> bool:
    return any(
        one.name in names and (not count or one.count == count) and (not colour or one.colour == colour) for one in said
    )


def _words(text: str) -> list[str]:
    """Return the normalised words of a text; names, plurals and synonyms of up to three words are the one name."""
    words, found = normalise(text).split(), []
    while words:
        length = next((n for n in (3, 2) if lexicon.singular_of(" ".join(words[:n])) in lexicon.NAMES), 1)
        found.append(lexicon.singular_of(" ".join(words[:length])))
        del words[:length]
    return found
