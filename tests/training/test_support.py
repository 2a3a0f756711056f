"""Evidence supports an answer only when it says it of the thing that was asked about."""

import pytest

from training.support import mentions, supports

PROMPT = (
    "Tags: dog, circle, pinata\nAttributes: circle which is red, text which is blue, background which is striped\n"
    "Captions: a dog on the left , two red circles in the top right. a big dog left of two red circles. "
    "a pinata , the biggest is the pinata on a dotted green background\n"
    'OCR: this is an image with written "Quilby\'s Barn" on it\nQuestion: How many cats are there?\nShort Answer:'
)


def test_a_name_is_found_by_plural_and_synonym_but_not_inside_another_name() -> None:
    assert mentions("three puppies and two dogs", "dog")
    assert mentions("a bunny on the left", "rabbit")
    assert not mentions("a police car in the middle", "car")


@pytest.mark.parametrize(
    ("answer", "about", "form", "held"),
    [
        ("two", ("circle",), "count", True),
        ("four", ("circle",), "count", False),
        ("one", ("dog",), "count", True),
        ("none", ("cat",), "count", True),
        ("none", ("dog",), "count", False),
        ("yes", ("dog",), "exists", True),
        ("yes", ("cat",), "exists", False),
        ("no", ("cat",), "exists", True),
        ("no", ("dog",), "exists", False),
        ("red", ("circle",), "colour", True),
        ("green", ("circle",), "colour", False),
        ("red", ("dog",), "colour", False),
        ("yes", ("circle",), "check", True),
        ("yes", ("dog",), "check", False),
        ("on the left", ("dog",), "where", True),
        ("in the top right", ("circle",), "where", True),
        ("on the left", ("circle",), "where", False),
        ("on the right", ("circle",), "where", False),
        ("blue", (), "text colour", True),
        ("red", (), "text colour", False),
        ("green", (), "background", True),
        ("red", (), "background", False),
        ("striped", (), "pattern", True),
        ("dotted", (), "pattern", True),
        ("plain", (), "pattern", False),
        ("a pinata", ("pinata",), "biggest", True),
        ("two red circles", ("circle",), "biggest", False),
        ("a dog and two red circles", ("dog", "circle"), "things in full", True),
        ("a dog and two blue circles", ("dog", "circle"), "things in full", False),
        ("a dog and a cat", ("dog", "cat"), "things", False),
        ("two red circles", ("circle",), "shape", True),
        ("a dog", ("dog", "circle"), "relation", True),
        ("an animal", ("dog",), "kind", True),
        ("an animal", ("cat",), "kind", False),
        ("Quilby's Barn", (), "text", True),
        ("Velmora", (), "text", False),
    ],
)
def test_evidence_supports_an_answer_only_when_it_says_so(
    answer: str, about: tuple[str, ...], form: str, held: bool
) -> None:
    assert supports(PROMPT, (answer,), about, form) is held
