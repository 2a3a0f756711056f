"""What a line of evidence tells, as facts: tuples whose last entry is the value, read from the words of the line."""

from training.world import lexicon
from training.world.scene import COLOURS, COUNTS, PATTERNS, SIZES

Fact = tuple[str, ...]
OPPOSITE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
_NUMBERS = {"a": "1", "an": "1"} | {word: str(number) for number, word in enumerate(COUNTS) if number}
_ROWS = ("top", "bottom")
_COLUMNS = ("left", "right")
_LONGEST_NAME = max(len(name.split()) for name in lexicon.NAMES) + 1


def told(caption: str) -> frozenset[Fact]:
    """Return the facts a caption tells; what does not follow the captions' grammar tells nothing."""
    words = caption.replace(",", " , ").split()
    facts: set[Fact] = set()
    before, how = "", ""
    place = 0
    while place < len(words):
        rest = words[place:]
        found = _thing(rest)
        if found:
            name, length, told_of = found
            facts |= told_of
            if before and how:
                facts |= {("relation", before, name, how), ("relation", name, before, OPPOSITE[how])}
            before, how = name, ""
            where, more = _place(rest[length:])
            if where:
                facts.add(("place", name, where))
            place += length + more
        else:
            length, told_of, how = _other(rest)
            before = before if how else ""
            facts |= told_of
            place += length
    return frozenset(facts)


def _thing(words: list[str]) -> tuple[str, int, set[Fact]] | None:
    """Read "two big red circles" at the start of words: the name, how many words, the facts."""
    number = _NUMBERS.get(words[0], "")
    length, size, colour = int(bool(number)), "", ""
    if length < len(words) and words[length] in SIZES:
        size, length = words[length], length + 1
    if length < len(words) and words[length] in COLOURS:
        colour, length = words[length], length + 1
    for more in range(min(_LONGEST_NAME, len(words) - length), 0, -1):
        name = lexicon.singular_of(" ".join(words[length : length + more]))
        if name in (_NAMES if number else _ALWAYS_PLURAL):
            facts: set[Fact] = {("is", name), ("count", name, number or "1")}
            if colour:
                facts.add(("colour", name, colour))
            if size:
                facts.add(("size", name, size))
            return name, length + more, facts
    return None


def _place(words: list[str]) -> tuple[str, int]:
    """Read "on the left" or "left" at the start of words: the full place and how many words."""
    skip = 2 if words[:2] in (["in", "the"], ["on", "the"], ["at", "the"]) else 0
    row = words[skip] if skip < len(words) and words[skip] in _ROWS else ""
    column_at = skip + bool(row)
    column = words[column_at] if column_at < len(words) and words[column_at] in _COLUMNS else ""
    length = column_at + bool(column)
    if column and words[length : length + 1] == ["of"]:
        return "", 0
    if row and column:
        return f"in the {row} {column}", length
    if row or column:
        return f"at the {row}" if row else f"on the {column}", length
    return ("in the middle", skip + 1) if words[skip : skip + 1] == ["middle"] else ("", 0)


def _other(words: list[str]) -> tuple[int, set[Fact], str]:
    """Read what is not a thing: how many words, the facts, and a relation to the thing that follows."""
    for how in OPPOSITE:
        if words[: len(how.split())] == how.split():
            return len(how.split()), set(), how
    if words[:4] == ["the", "biggest", "is", "the"]:
        name = next((name for more in (3, 2, 1) if (name := " ".join(words[4 : 4 + more])) in _NAMES), "")
        return 4, {("biggest", name)} if name else set(), ""
    if words[:4] == ["with", "no", "clear", "biggest"]:
        return 4, {("biggest", "")}, ""
    if words[:2] == ["without", "text"]:
        return 2, {("any text", "no")}, ""
    if len(words) > 2 and words[0] == "with" and words[1] in COLOURS and words[2] == "text":
        where, more = _place(words[3:])
        facts: set[Fact] = {("any text", "yes"), ("text colour", words[1])}
        return 3 + more, facts | ({("text place", where)} if where else set()), ""
    if len(words) > 3 and words[0] == "a" and words[1] in PATTERNS and words[2] in COLOURS:
        return 4, {("pattern", words[1]), ("ground", words[2])}, ""
    return 1, set(), ""


def described(attribute: str) -> frozenset[Fact]:
    """Return the facts an attribute tells: "circle which is red" and "background which is plain"."""
    subject, _, feature = attribute.partition(" which is ")
    if subject == "background":
        return frozenset({("pattern" if feature in PATTERNS else "ground", feature)})
    if subject == "text":
        return frozenset({("any text", "yes"), ("text colour", feature)})
    return frozenset({("is", subject), ("colour", subject, feature)} if feature in COLOURS else {("is", subject)})


_NAMES = frozenset(lexicon.NAMES)
_ALWAYS_PLURAL = frozenset(name for name in lexicon.NAMES if name.endswith("s") and lexicon.plural(name) == name)
