"""Scoring takes what a person would take, and nothing else."""

import pytest

from training.fixtures import HELD_OUT, read_questions
from training.scoring import UNANSWERABLE, normalise, right


@pytest.mark.parametrize(
    ("answer", "accepted", "form"),
    [
        ("a dog and two red circles", "two red circles, a dog", "things"),
        ("circles, puppy", "a dog and two red circles", "things"),
        ("The dog.", "a dog", "relation"),
        ("2 red circles and a dog", "a dog and two red circles", "things in full"),
        ("Two", "two", "count"),
        ("2", "two", "count"),
        ("zero", "none", "count"),
        ("Gray", "grey", "colour"),
        ("in the center", "in the middle", "where"),
        ("top left", "in the top left", "where"),
        ("on the left side of the picture", "on the left", "where"),
        ("it is below", "below", "side"),
        ("Yes, there is.", "yes", "exists"),
        ("quilbys barn", "Quilby's Barn", "text"),
        ("SO CLOSE, YETSO HUNGRY", "so close yet so hungry", "text"),
        ("The evidence does not say.", UNANSWERABLE, "unanswerable"),
        ("animal", "an animal", "kind"),
    ],
)
def test_what_a_person_would_take_is_right(answer: str, accepted: str, form: str) -> None:
    assert right(answer, ["something else", accepted], form)


@pytest.mark.parametrize(
    ("answer", "accepted", "form"),
    [
        ("a dog", "a dog and a cat", "things"),
        ("a dog, a cat and a cow", "a dog and a cat", "things"),
        ("three red circles", "two red circles", "things in full"),
        ("two blue circles", "two red circles", "things in full"),
        ("three", "two", "count"),
        ("red and blue", "red", "colour"),
        ("top", "in the top left", "where"),
        ("", "in the middle", "where"),
        ("", "yes", "exists"),
        ("no", "yes", "exists"),
        ("Quilby", "Quilby's Barn", "text"),
        ("a dog", UNANSWERABLE, "unanswerable"),
        (UNANSWERABLE, "the text says nothing", "text"),
    ],
)
def test_what_is_not_asked_is_wrong(answer: str, accepted: str, form: str) -> None:
    assert not right(answer, [accepted], form)


def test_a_text_is_normalised_to_plain_words_and_digits() -> None:
    assert normalise("The TWO Gray dogs, a cat!") == "2 grey dogs cat"


def test_no_constant_answer_gets_far() -> None:
    questions = read_questions(HELD_OUT)
    constants = {answer for question in questions for answer in question.answers[:1]}
    best = max(sum(right(answer, one.answers, one.form) for one in questions) for answer in constants)
    assert best < 0.1 * len(questions)
