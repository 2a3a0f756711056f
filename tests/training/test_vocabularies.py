"""The shipped vocabularies: their form, their sizes, and that they are what their sources say."""

import re
from collections import Counter
from pathlib import Path

import pytest

from training.vocabularies.assemble import HERE, VOCABULARIES, read_bars, read_corrections
from training.vocabularies.attributes import article_faults, expanded, parse_row, read_attribute_sources
from training.vocabularies.sources import CLASS_LISTS
from training.vocabularies.wording import key, merged, plain, singular, with_names


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
    assert 4000 <= len(tags) <= 6500
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
    own = {key(tag) for tag in read_bars(HERE / "everyday.txt")}
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
