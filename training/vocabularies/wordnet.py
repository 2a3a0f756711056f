"""The nouns of WordNet that name common, visible things: chosen by kind, by word frequency and by being pictured."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from training.vocabularies.sources import package_file
from training.vocabularies.wording import plain

# WordNet's lexicographer files of concrete nouns, and the least frequency (Zipf scale: 3 is once in a million words)
# at which most readers know a word of that kind. People are left to our own list: WordNet's are mostly judgements.
_LEAST_FREQUENCY = {
    4: 2.6,  # act: only the pictured ones, which are sports and games
    5: 2.3,  # animal
    6: 2.5,  # artifact
    8: 3.0,  # body
    13: 2.2,  # food
    15: 2.9,  # location
    17: 2.5,  # object
    19: 2.5,  # phenomenon
    20: 2.4,  # plant
    27: 3.0,  # substance
}
# A compound's frequency is only guessed from its parts, so it must be higher, and every part must be a known word.
_COMPOUND_FREQUENCY = {4: 3.4, 5: 3.0, 6: 3.5, 13: 3.1, 17: 3.2, 20: 3.2}


@dataclass(frozen=True, slots=True)
class Synset:
    """One meaning: the number of its lexicographer file and the words that share it, the usual one first."""

    file: int
    lemmas: tuple[str, ...]


def _lines(path: Path) -> Iterator[str]:
    """The lines of a WordNet file after its licence, which is indented."""
    with path.open(encoding="utf-8") as lines:
        yield from (line for line in lines if not line.startswith("  "))


def read_synsets(folder: Path) -> dict[str, Synset]:
    """All noun meanings by their offset."""
    synsets = {}
    for line in _lines(folder / "data.noun"):
        fields = line.split("|", 1)[0].split()
        count = int(fields[3], 16)
        synsets[fields[0]] = Synset(int(fields[1]), tuple(fields[4 : 4 + 2 * count : 2]))
    return synsets


def read_first_senses(folder: Path) -> dict[str, str]:
    """For every noun the offset of its most frequent meaning."""
    senses = {}
    for line in _lines(folder / "index.noun"):
        fields = line.split()
        senses[fields[0]] = fields[6 + int(fields[3])]
    return senses


def read_pictured() -> set[str]:
    """The offsets of the meanings that ImageNet-12k holds: those with enough photos of them to be found."""
    text = package_file("timm", "data/_info/imagenet12k_synsets.txt").read_text(encoding="utf-8")
    return {name[1:] for name in text.split()}


def _common(tag: str, file: int, frequency: Callable[[str], float]) -> bool:
    words = tag.replace("-", " ").split()
    if len(words) == 1:
        return frequency(tag) >= _LEAST_FREQUENCY[file]
    if len(words) > 2 or file not in _COMPOUND_FREQUENCY:
        return False
    return frequency(" ".join(words)) >= _COMPOUND_FREQUENCY[file] and min(map(frequency, words)) >= 2.5


def wordnet_tags(folder: Path) -> list[str]:
    """The tags WordNet gives: of every pictured, concrete meaning the first word whose main meaning it is."""
    zipf = importlib.import_module("wordfreq").zipf_frequency
    synsets, first_senses = read_synsets(folder), read_first_senses(folder)
    tags = []
    for offset in sorted(read_pictured() & synsets.keys()):
        synset = synsets[offset]
        if synset.file not in _LEAST_FREQUENCY:
            continue
        own = [lemma for lemma in synset.lemmas if first_senses.get(lemma.lower()) == offset]
        if own and _common(plain(own[0]), synset.file, lambda word: float(zipf(word, "en"))):
            tags.append(plain(own[0]))
    return tags
