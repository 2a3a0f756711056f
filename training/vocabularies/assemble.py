"""Writes resources/vocabularies/tags.txt, attributes.txt and SOURCES.md.

Run from the project's root as ``python -m training.vocabularies.assemble --wordnet FOLDER``, with the folder of
WordNet's ``data.noun`` and ``index.noun`` (Debian's package wordnet-base has them) and the extra ``vocabularies``
installed. ``--attributes-only`` rewrites attributes.txt alone and needs nothing installed.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from training.vocabularies.attributes import expanded, read_attribute_sources
from training.vocabularies.listing import sources_page
from training.vocabularies.sources import CLASS_LISTS, class_tags
from training.vocabularies.wording import key, merged, with_names
from training.vocabularies.wordnet import wordnet_tags

HERE = Path(__file__).parent
VOCABULARIES = HERE.parents[1] / "resources" / "vocabularies"


def read_rows(path: Path) -> Iterator[str]:
    """The lines of one of our text files that are neither empty nor comments."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def read_bars(path: Path) -> list[str]:
    """The entries of a file that parts them by bars."""
    return [entry.strip() for row in read_rows(path) for entry in row.split("|") if entry.strip()]


def read_corrections(path: Path) -> dict[str, list[str]]:
    """What to write instead of a class name."""
    corrections = {}
    for row in read_rows(path):
        name, tags = row.split("=>")
        corrections[name.strip()] = [tag.strip() for tag in tags.split("|")]
    return corrections


def read_combined(path: Path) -> list[str]:
    """The tags of a file of "red | blue: car | dress" rows: every word before the colon with every one after it."""
    rows = [[part.split("|") for part in row.split(":")] for row in read_rows(path)]
    return [f"{first.strip()} {last.strip()}" for firsts, lasts in rows for last in lasts for first in firsts]


def corrected(
    names: Iterable[str], corrections: dict[str, list[str]], left_out: set[str], capitals: dict[str, str]
) -> list[str]:
    """The tags of a class list: corrected, without the ones left out, proper nouns capitalised."""
    tags = [tag for name in names for tag in corrections.get(name.lower(), [name])]
    return [with_names(tag, capitals) for tag in tags if "/" not in tag and key(tag) not in left_out]


def assemble_tags(wordnet: Path) -> tuple[list[str], dict[str, int]]:
    """All tags, sorted, and how many each source was the first to name."""
    corrections = read_corrections(HERE / "corrections.txt")
    left_out = {key(name) for name in read_bars(HERE / "left_out.txt")}
    capitals = {name.lower(): name for row in read_rows(HERE / "names.txt") for name in row.split()}
    lists = {"everyday": read_bars(HERE / "everyday.txt"), "further": read_bars(HERE / "further.txt")}
    for source in CLASS_LISTS:
        lists[source.title] = corrected(class_tags(source), corrections, left_out, capitals)
    taken = {key(tag) for names in lists.values() for tag in names}
    lists["WordNet"] = corrected(wordnet_tags(wordnet, taken), corrections, left_out, capitals)
    lists["combined"] = read_combined(HERE / "combined.txt")

    tags: list[str] = []
    counts: dict[str, int] = {}
    for title, names in lists.items():
        longer = merged([tags, names])
        counts[title] = len(longer) - len(tags)
        tags = longer
    return sorted(tags, key=lambda tag: (tag.lower(), tag)), counts


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """One line each, with a closing line break."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def write_attributes(tags: Sequence[str]) -> tuple[int, int]:
    """Expands the sources into attributes.txt; every class must be a tag. Returns the numbers of classes and lines."""
    classes = read_attribute_sources(HERE / "attributes")
    if unknown := sorted(set(classes) - set(tags)):
        raise ValueError(f"classes with attributes that are no tags: {', '.join(unknown)}")
    descriptors = expanded(classes)
    write_lines(VOCABULARIES / "attributes.txt", descriptors)
    return len(classes), len(descriptors)


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the vocabularies and prints their sizes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--wordnet", type=Path, help="folder of WordNet's data.noun and index.noun")
    chosen.add_argument("--attributes-only", action="store_true", help="keep tags.txt as it is")
    options = parser.parse_args(arguments)
    if options.attributes_only:
        tags = (VOCABULARIES / "tags.txt").read_text(encoding="utf-8").splitlines()
        print("{} classes, {} attributes".format(*write_attributes(tags)))
        return
    tags, counts = assemble_tags(options.wordnet)
    write_lines(VOCABULARIES / "tags.txt", tags)
    sizes = write_attributes(tags)
    page = sources_page(counts, *sizes)
    (VOCABULARIES / "SOURCES.md").write_text(page, encoding="utf-8", newline="\n")
    print("{} tags, {} classes, {} attributes".format(len(tags), *sizes))


if __name__ == "__main__":
    main()
