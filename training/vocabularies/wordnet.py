"""The nouns of WordNet that name visible things in words people know: chosen by kind, by word frequency, by name."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from training.vocabularies.sources import package_file
from training.vocabularies.wording import key, plain

# WordNet's lexicographer files that hold things one can see. Of the first every meaning counts, of the others only
# those that ImageNet-22k pictures. People are left to our own lists: WordNet's are mostly judgements.
_THINGS = {5: "animal", 6: "artifact", 13: "food", 20: "plant"}
_PICTURED = {4: "act: sports and games", 8: "body", 15: "location", 17: "object", 19: "phenomenon", 25: "shape"}
_PICTURED[27] = "substance"
# What lies beneath these in WordNet cannot be told by eye, or only with a microscope.
_UNSEEN = (
    "taxonomic_group",
    "microorganism",
    "infectious_agent",
    "drug",
    "animal_tissue",
    "molecule",
    "organic_compound",
)
# Names of plants and animals, mostly, that are made with a word for people that hurts.
_HURTFUL = {"bastard", "bushman", "coolie", "dago", "digger", "eskimo", "gipsy", "gook", "gypsy", "hooker", "hottentot"}
_HURTFUL |= {"jew", "kaffir", "kafir", "negro", "nigger", "papoose", "redskin", "savage", "squaw"}
# The least frequency of every word of a name (Zipf scale: 3 is once in a million words, 1 once in a hundred million).
# The rarest above it are still the plain names of their things ("avocet", "clavichord"), those below it mostly jargon.
_LEAST_FREQUENCY = 1.0
_LONGEST = 4


@dataclass(frozen=True, slots=True)
class Synset:
    """One meaning: the number of its lexicographer file and the words that share it, the usual one first.

    ``kinds`` are the meanings it is a kind of; a ``single`` one is an instance, such as one place or being.
    """

    file: int
    lemmas: tuple[str, ...]
    kinds: tuple[str, ...]
    single: bool


def _lines(path: Path) -> Iterator[str]:
    """The lines of a WordNet file after its licence, which is indented."""
    with path.open(encoding="utf-8") as lines:
        yield from (line for line in lines if not line.startswith("  "))


def read_synsets(folder: Path) -> dict[str, Synset]:
    """All noun meanings by their offset."""
    synsets = {}
    for line in _lines(folder / "data.noun"):
        fields = line.split("|", 1)[0].split()
        last = 4 + 2 * int(fields[3], 16)
        pointers = list(zip(fields[last + 1 :: 4], fields[last + 2 :: 4], strict=False))
        kinds = tuple(offset for mark, offset in pointers if mark in ("@", "@i"))
        single = any(mark == "@i" for mark, _ in pointers)
        synsets[fields[0]] = Synset(int(fields[1]), tuple(fields[4:last:2]), kinds, single)
    return synsets


def read_first_senses(folder: Path) -> dict[str, str]:
    """For every noun the offset of its most frequent meaning."""
    senses = {}
    for line in _lines(folder / "index.noun"):
        fields = line.split()
        senses[fields[0]] = fields[6 + int(fields[3])]
    return senses


def read_pictured() -> set[str]:
    """The offsets of the meanings that ImageNet-22k holds: those that photos were looked for and found."""
    text = package_file("timm", "data/_info/imagenet22k_synsets.txt").read_text(encoding="utf-8")
    return {name[1:] for name in text.split()}


def beneath(synsets: Mapping[str, Synset], roots: set[str]) -> set[str]:
    """The meanings that are one of the roots or a kind of one, however far down."""
    found = set(roots & synsets.keys())
    size = 0
    while size < len(found):
        size = len(found)
        found.update(offset for offset, synset in synsets.items() if not found.isdisjoint(synset.kinds))
    return found


def _genera(synsets: Mapping[str, Synset]) -> set[str]:
    """The Latin names of genera, which WordNet lists as "genus_Acer": a name that starts with one is Latin too."""
    return {
        name.removeprefix("genus_")
        for synset in synsets.values()
        if any(lemma.startswith("genus_") for lemma in synset.lemmas)
        for name in (*synset.lemmas, "genus")
    }


def _known(lemma: str, frequency: Callable[[str], float]) -> bool:
    """Whether readers know every word of a name, and the name is short enough to be one."""
    words = plain(lemma).replace("'s", "").replace("-", " ").split()
    return 0 < len(words) <= _LONGEST and min(map(frequency, words)) >= _LEAST_FREQUENCY


def wordnet_tags(folder: Path, taken: Set[str]) -> list[str]:
    """The tags WordNet gives, capitals as WordNet has: of every visible meaning the words whose main meaning it is.

    A meaning that has a word whose key is ``taken`` is passed over: it would only be said twice.
    """
    zipf = importlib.import_module("wordfreq").zipf_frequency
    synsets, first_senses, pictured = read_synsets(folder), read_first_senses(folder), read_pictured()
    unseen = beneath(synsets, {first_senses[name] for name in _UNSEEN})
    genera = _genera(synsets)
    tags = []
    for offset, synset in synsets.items():
        seen = offset in pictured
        visible = synset.file in _THINGS or (seen and synset.file in _PICTURED)
        if not visible or synset.single or (offset in unseen and _THINGS.get(synset.file) != "food"):
            continue
        own = [
            lemma
            for lemma in synset.lemmas
            if first_senses.get(lemma.lower()) == offset
            and lemma.split("_")[0] not in genera
            and _HURTFUL.isdisjoint(plain(lemma).replace("'s", "").replace("-", " ").split())
        ]
        if any(key(plain(lemma)) in taken for lemma in own):
            continue
        known = (lemma for lemma in own if _known(lemma, lambda word: float(zipf(word, "en"))))
        tags += [plain(lemma, cased=True) for lemma in islice(known, 1)]
    return sorted(tags, key=key)
