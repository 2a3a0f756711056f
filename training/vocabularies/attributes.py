"""Expands the attribute sources ("zebra: has black and white stripes; is ...") into one descriptor a line."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

LEAST_FEATURES = 4
_FEATURE = re.compile(r"(has|is) [a-z0-9\"'].*[a-z0-9\"']")
_VOWEL_SOUND = re.compile(r"[aeio]|u(?!ni|s[aeiu]|k)|hour|x-ray", re.IGNORECASE)


def article_faults(text: str) -> list[str]:
    """The places where "a" stands before a vowel's sound or "an" before a consonant's."""
    faults = []
    for article, word in re.findall(r"\b(a|an) ([\w-]+)", text):
        vowel = bool(_VOWEL_SOUND.match(word)) and not word.startswith(("one", "eu", "ewe"))
        if vowel != (article == "an"):
            faults.append(f"{article} {word}")
    return faults


def parse_row(row: str) -> tuple[str, tuple[str, ...]]:
    """The class and the features of one source line; a line that is not well formed is refused."""
    name, _, rest = row.partition(": ")
    features = tuple(feature.strip() for feature in rest.split(";"))
    if faulty := [feature for feature in features if not _FEATURE.fullmatch(feature)]:
        raise ValueError(f"{name}: not 'has ...' or 'is ...': {', '.join(faulty)}")
    if len(set(features)) < LEAST_FEATURES or len(set(features)) < len(features):
        raise ValueError(f"{name}: needs {LEAST_FEATURES} features, each once")
    if faults := article_faults(rest):
        raise ValueError(f"{name}: article of {', '.join(faults)}")
    return name, features


def read_attribute_sources(folder: Path) -> dict[str, tuple[str, ...]]:
    """The features of every class of the folder's files; no class may occur twice."""
    classes: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.txt")):
        for row in path.read_text(encoding="utf-8").splitlines():
            if not row.strip() or row.startswith("#"):
                continue
            name, features = parse_row(row.strip())
            if name in classes:
                raise ValueError(f"{name} is described twice")
            classes[name] = features
    return classes


def expanded(classes: Mapping[str, Sequence[str]]) -> list[str]:
    """The descriptors, classes in alphabetical order and each with its features in the order they were written."""
    names = sorted(classes, key=lambda name: (name.lower(), name))
    return [f"{name} which {feature}" for name in names for feature in classes[name]]
