"""The drawn world: its words, its scenes, and the pictures of them."""

from collections import Counter
from itertools import chain

import pytest

from training.world import lexicon
from training.world.scene import COLOURS, SHAPES, Scene, Thing, Writing


def test_lexicon_has_enough_distinct_everyday_names() -> None:
    words = Counter(chain(lexicon.NAMES, *(entry.synonyms for entry in lexicon.ENTRIES)))
    assert len(lexicon.ENTRIES) >= 500
    assert [word for word, times in words.items() if times > 1] == []
    for word in words:
        assert word == word.lower().strip()
        assert 1 <= len(word.split()) <= 2
        assert word.replace(" ", "").isalpha()
        assert word in SHAPES or not set(word.split()) & {*SHAPES, *COLOURS}


def test_each_name_has_a_plural_that_leads_back() -> None:
    for name in lexicon.NAMES:
        assert lexicon.singular_of(lexicon.plural(name)) == name
        assert lexicon.singular_of(name) == name
        for synonym in lexicon.synonyms(name):
            assert lexicon.singular_of(synonym) == name
    assert lexicon.plural("mouse") == "mice"
    assert lexicon.plural("cross") == "crosses"
    assert lexicon.singular_of("zzz") == "zzz"


def test_categories_are_few_and_colours_known() -> None:
    categories = {entry.category for entry in lexicon.ENTRIES}
    assert len(categories) <= 30
    assert all(one.split()[0] in ("a", "an") for one in categories)
    assert {entry.colour for entry in lexicon.ENTRIES} <= {"", *COLOURS}
    assert sum(bool(entry.colour) for entry in lexicon.ENTRIES) > 150


def test_descriptors_of_a_scene_are_true_and_known() -> None:
    scene = Scene(
        things=(
            Thing("strawberry", ((0.1, 0.1, 0.3, 0.3),)),
            Thing("tomato", ((0.4, 0.1, 0.2, 0.3),)),
            Thing("circle", ((0.7, 0.1, 0.2, 0.2),), colour="blue"),
        ),
        writing=(Writing("hello", "red", (0.1, 0.8, 0.5, 0.1)),),
        background="green",
        pattern="striped",
    )
    true = lexicon.true_attributes(scene)
    assert true <= set(lexicon.attributes())
    assert true == {
        "strawberry which is a fruit",
        "tomato which is a fruit",
        "tomato which is red",
        "circle which is blue",
        "background which is green",
        "background which is striped",
        "text which is red",
    }


def test_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError):
        lexicon.plural("zzz")
    with pytest.raises(KeyError):
        lexicon.category("zzz")
