"""How a tag is spelled: raw class names made into the words a person would use, and the key two spellings share."""

import re
from collections.abc import Iterable, Mapping

# Nouns whose plural is not the singular plus a rule below; only those that occur as the last word of a tag.
_IRREGULAR = {
    "calves": "calf",
    "children": "child",
    "feet": "foot",
    "geese": "goose",
    "halves": "half",
    "knives": "knife",
    "leaves": "leaf",
    "loaves": "loaf",
    "men": "man",
    "mice": "mouse",
    "people": "person",
    "scarves": "scarf",
    "shelves": "shelf",
    "teeth": "tooth",
    "wolves": "wolf",
    "women": "woman",
}
# British forms and the American ones that most of the lists use: one tag for both.
_AMERICAN = {
    "aeroplane": "airplane",
    "aluminium": "aluminum",
    "armour": "armor",
    "axe": "ax",
    "centre": "center",
    "colour": "color",
    "doughnut": "donut",
    "grey": "gray",
    "jewellery": "jewelry",
    "mould": "mold",
    "moustache": "mustache",
    "plough": "plow",
    "pyjama": "pajama",
    "theatre": "theater",
    "tyre": "tire",
    "yoghurt": "yogurt",
}


def singular(word: str) -> str:
    """The singular of a lower-case English noun, near enough to tell that two tags are the same thing."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith(("ies", "ie")):
        return word.removesuffix("s")[:-2] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "zes", "toes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def key(tag: str) -> str:
    """What is equal for two spellings of one tag: case, hyphens, blanks, accents' apostrophes and number left out."""
    words = re.sub(r"[^a-z0-9]+", " ", tag.lower().replace("'s", "s").replace("'", "")).split()
    if not words:
        return ""
    words[-1] = singular(words[-1])
    return "".join(_AMERICAN.get(word, word) for word in words)


# "red winged blackbird" wants a hyphen.
_PARTICIPLE = re.compile(
    r"\b(\w+) (backed|bellied|billed|breasted|capped|cockaded|colored|crowned|eating|eyed|faced|footed|headed|legged"
    r"|necked|sided|tailed|throated|toed|winged)\b(?= )"
)


def plain(raw: str, *, cased: bool = False) -> str:
    """A class name as data sets write it ("bow_(weapon)", "Hot_Dog") as words, lower-case unless its case is right."""
    text = re.sub(r"\(.*?\)", " ", raw.replace("_", " ").replace("\u2019", "'"))
    text = text if cased else text.lower()
    text = re.sub(r"\bgrey\b", "gray", re.sub(r"\s+", " ", text).strip(" -,"))
    return _PARTICIPLE.sub(r"\1-\2", text)


def with_names(tag: str, names: Mapping[str, str]) -> str:
    """The tag with its proper nouns capitalised ("german shepherd" to "German shepherd")."""
    return re.sub(r"\b[a-z0-9]+\b", lambda found: names.get(found[0], found[0]), tag)


def merged(lists: Iterable[Iterable[str]]) -> list[str]:
    """Every tag once, in the spelling of the first list that has it."""
    seen: dict[str, str] = {}
    for tags in lists:
        for tag in tags:
            seen.setdefault(key(tag), tag)
    return list(seen.values())
