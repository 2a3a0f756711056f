"""The shipped vocabularies: their form, their sizes, and that they are what their sources say."""

import re
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from training.vocabularies.assemble import HERE, VOCABULARIES, read_bars, read_combined, read_corrections
from training.vocabularies.attributes import article_faults, expanded, parse_row, read_attribute_sources
from training.vocabularies.sources import CLASS_LISTS
from training.vocabularies.wording import key, merged, plain, singular, with_names
from training.vocabularies.wordnet import Synset, beneath, wordnet_tags


def lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert "\r" not in text
    return text.splitlines()


@pytest.fixture(scope="module")
def tags() -> list[str]:
    return lines(VOCABULARIES / "tags.txt")


@pytest.fixture(scope="module")
def attributes() -> list[str]:
    return lines(VOCABULARIES / "attributes.txt")


def test_tags_are_many_and_plainly_written(tags: list[str]) -> None:
    assert 20_000 <= len(tags) <= 24_000
    assert [tag for tag in tags if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 .'-]*", tag)] == []
    assert [tag for tag in tags if tag != tag.strip() or "  " in tag or len(tag.split()) > 6] == []


def test_no_tag_is_there_twice_in_another_spelling(tags: list[str]) -> None:
    assert [spelling for spelling, count in Counter(map(key, tags)).items() if count > 1] == []
    assert tags == sorted(tags, key=lambda tag: (tag.lower(), tag))


def test_capitals_are_kept_for_names(tags: list[str]) -> None:
    for tag in ("Eiffel Tower", "Siberian husky", "French fries", "T-shirt", "CD player", "rainbow", "nail polish"):
        assert tag in tags
    assert sum(tag[0].isupper() for tag in tags) < len(tags) / 8


def test_tags_cover_what_people_photograph(tags: list[str]) -> None:
    everyday = "dog sunset pizza bicycle beach kitchen wedding selfie wood denim smiling rain Taj_Mahal screenshot rose"
    assert {tag.replace("_", " ") for tag in everyday.split()} <= set(tags)


def test_our_own_list_is_in_the_tags_and_nothing_left_out_is(tags: list[str]) -> None:
    keys = {key(tag) for tag in tags}
    own = {key(tag) for name in ("everyday.txt", "further.txt") for tag in read_bars(HERE / name)}
    own |= {key(tag) for tag in read_combined(HERE / "combined.txt")}
    left_out = {key(tag) for tag in read_bars(HERE / "left_out.txt")}
    assert own <= keys
    assert keys & left_out <= own


def test_attributes_have_their_form(attributes: list[str]) -> None:
    assert [line for line in attributes if not re.fullmatch(r".+ which (has|is) .+", line)] == []
    assert len(set(attributes)) == len(attributes) >= 2400
    assert [fault for line in attributes for fault in article_faults(line)] == []


def test_every_attribute_class_is_a_tag_with_enough_features(attributes: list[str], tags: list[str]) -> None:
    classes = Counter(line.split(" which ")[0] for line in attributes)
    assert len(classes) >= 600
    assert set(classes) <= set(tags)
    assert min(classes.values()) >= 4


def test_attributes_are_what_their_sources_expand_to(attributes: list[str]) -> None:
    assert attributes == expanded(read_attribute_sources(HERE / "attributes"))


def test_the_sources_page_names_every_list_and_licence(tags: list[str], attributes: list[str]) -> None:
    page = (VOCABULARIES / "SOURCES.md").read_text(encoding="utf-8")
    for source in CLASS_LISTS:
        assert f"| {source.title} |" in page
        assert source.package in page
    for name in (
        "everyday.txt",
        "further.txt",
        "combined.txt",
        "WordNet 3.0 licence",
        "MIT",
        "BSD-3-Clause",
        "Apache-2.0",
        "CC BY-SA 4.0",
        "wordfreq",
        "timm",
    ):
        assert name in page
    assert f"{len(tags)} tags" in page
    assert f"{len(attributes)} descriptors" in page
    assert sum(int(count) for count in re.findall(r"\| (\d+) \|$", page, re.MULTILINE)) == len(tags)


def test_a_class_name_becomes_plain_words() -> None:
    assert plain("bow_(weapon)") == "bow"
    assert plain("Red_winged_Blackbird") == "red-winged blackbird"
    assert plain("great grey owl") == "great gray owl"
    assert plain("Norway_maple", cased=True) == "Norway maple"
    assert with_names("german shepherd dog", {"german": "German"}) == "German shepherd dog"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hot Dogs", "hot-dog"),
        ("cookies", "cookie"),
        ("knives", "knife"),
        ("axe", "ax"),
        ("wine glasses", "wine glass"),
    ],
)
def test_two_spellings_share_a_key(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_words_that_only_end_like_plurals_stay() -> None:
    assert [singular(word) for word in ("glass", "cactus", "iris")] == ["glass", "cactus", "iris"]


def test_the_first_spelling_wins() -> None:
    assert merged([["ice cream"], ["Ice-cream", "sled"]]) == ["ice cream", "sled"]


def test_combined_rows_put_every_first_word_before_every_last_one(tmp_path: Path) -> None:
    file = tmp_path / "combined.txt"
    file.write_text("# why\nred | blue: car | dress\n", encoding="utf-8")
    assert read_combined(file) == ["red car", "blue car", "red dress", "blue dress"]


def test_what_lies_beneath_a_meaning_is_found_however_deep() -> None:
    kinds = {"drug": (), "medicine": ("drug",), "vaccine": ("medicine",), "spoon": ()}
    synsets = {name: Synset(6, (name,), above, single=False) for name, above in kinds.items()}
    assert beneath(synsets, {"drug"}) == {"drug", "medicine", "vaccine"}


# A noun, and whether it is a tag: it is seen, known, no genus or single place, and not said already by "sofa".
WORDNET = {
    "00000001 06 n 01 clavichord 0 000 | an instrument": "clavichord",
    "00000002 20 n 02 Norway_maple 0 Acer_platanoides 0 000 | a tree": "Norway maple",
    "00000003 20 n 02 Acer 0 genus_Acer 0 000 | maples": "",
    "00000004 20 n 01 Acer_rubrum 0 000 | a tree": "",
    "00000005 06 n 02 couch 0 sofa 0 000 | a seat": "",
    "00000006 06 n 01 drug 0 000 | a substance": "",
    "00000007 06 n 01 pill 0 001 @ 00000006 n 0000 | a drug": "",
    "00000008 06 n 01 Parthenon 0 001 @i 00000001 n 0000 | a temple": "",
    "00000009 07 n 01 patience 0 000 | a virtue": "",
    "00000010 06 n 01 xyzzyx 0 000 | nothing": "",
}


def test_wordnet_gives_visible_things_in_known_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unseen = ("taxonomic_group", "microorganism", "infectious_agent", "animal_tissue", "molecule", "organic_compound")
    roots = [f"0000010{place} 03 n 01 {name} 0 000 | a root" for place, name in enumerate(unseen)]
    rows = [*WORDNET, *roots]
    (tmp_path / "data.noun").write_text("  licence\n" + "\n".join(rows) + "\n", encoding="utf-8")
    lemmas = [(row.split()[0], lemma) for row in rows for lemma in row.split()[4 : 4 + 2 * int(row.split()[3]) : 2]]
    index = "".join(f"{lemma.lower()} n 1 0 1 0 {offset}\n" for offset, lemma in lemmas)
    (tmp_path / "index.noun").write_text(index, encoding="utf-8")
    frequencies = SimpleNamespace(zipf_frequency=lambda word, _language: 0.0 if word == "xyzzyx" else 2.0)
    monkeypatch.setitem(sys.modules, "wordfreq", frequencies)
    assert wordnet_tags(tmp_path, {"sofa"}) == [tag for tag in WORDNET.values() if tag]


def test_corrections_change_something() -> None:
    corrections = read_corrections(HERE / "corrections.txt")
    assert corrections
    assert all(tags != [name] for name, tags in corrections.items())


@pytest.mark.parametrize(
    "row",
    [
        "zebra: has stripes; has hooves; is an animal",
        "zebra: has stripes; has stripes; has hooves; is an animal",
        "zebra: has stripes; has hooves; is an animal; lives in Africa",
        "zebra: has stripes; has hooves; is a animal; has a tail",
    ],
)
def test_a_badly_formed_class_is_refused(row: str) -> None:
    with pytest.raises(ValueError, match="zebra"):
        parse_row(row)
