"""The held-out fixtures keep their promises: unseen combinations, clear questions, few of one kind."""

import ast
import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image

from training.fixtures import HELD_OUT, Question, read_questions, read_scenes
from training.scoring import YES_NO, right
from training.world.lexicon import NAMES
from training.world.scene import COLOURS, PATTERNS, Scene, held_out

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"


@pytest.fixture(scope="module")
def scenes() -> dict[str, Scene]:
    return read_scenes(HELD_OUT)


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return read_questions(HELD_OUT)


def test_there_are_200_scenes_and_600_questions(scenes: dict[str, Scene], questions: list[Question]) -> None:
    assert len(scenes) == 200
    assert len(questions) >= 600
    assert {question.image for question in questions} == set(scenes)
    assert {file.name for file in HELD_OUT.iterdir() if file.suffix not in (".json", ".jsonl")} == set(scenes)


def test_no_two_kinds_of_a_scene_ever_stand_together_in_training(scenes: dict[str, Scene]) -> None:
    several = [scene for scene in scenes.values() if len(scene.things) > 1]
    assert len(several) >= 100
    for scene in several:
        for one, other in combinations(scene.things, 2):
            assert held_out(one.name, other.name), (one.name, other.name)


def test_scenes_speak_the_words_of_the_world(scenes: dict[str, Scene]) -> None:
    for scene in scenes.values():
        assert scene.background in COLOURS
        assert scene.pattern in PATTERNS
        assert all(thing.name in NAMES and 1 <= thing.count <= 5 for thing in scene.things)
        assert all(line.colour in COLOURS and line.words for line in scene.writing)


def test_things_are_large_enough_to_be_seen(scenes: dict[str, Scene]) -> None:
    for name, scene in scenes.items():
        short = min(1.0, scene.aspect)  # in units of the canvas's height
        for thing in scene.things:
            _, _, width, height = thing.boxes[0]
            assert max(width * scene.aspect, height) >= 0.2 * short, name


def test_pictures_can_be_opened_and_have_the_shape_of_their_scene(scenes: dict[str, Scene]) -> None:
    for name, scene in scenes.items():
        with Image.open(HELD_OUT / name) as picture:
            assert picture.width / picture.height == pytest.approx(scene.aspect, rel=0.01)
            assert 480 <= picture.width <= 1000


def test_accepted_answers_are_there_and_right(questions: list[Question]) -> None:
    for question in questions:
        assert question.answers
        assert all(answer.strip() for answer in question.answers)
        assert all(right(answer, question.answers[:1] if question.form == "things" else question.answers, question.form)
                   for answer in question.answers)  # fmt: skip


def test_few_questions_are_yes_or_no_or_unanswerable(questions: list[Question]) -> None:
    forms = Counter(question.form for question in questions)
    assert sum(forms[form] for form in YES_NO) <= 0.2 * len(questions)
    assert forms["unanswerable"] <= 0.08 * len(questions)


def test_the_most_frequent_answer_of_each_form_is_right_for_less_than_45_in_100(questions: list[Question]) -> None:
    total = 0
    for form in {question.form for question in questions}:
        asked = [question for question in questions if question.form == form]
        constants = {question.answers[0] for question in asked}
        total += max(sum(right(constant, one.answers, form) for one in asked) for constant in constants)
    assert total < 0.45 * len(questions)


def test_a_question_is_asked_once_of_a_picture(questions: list[Question]) -> None:
    asked = Counter((question.image, question.text.lower()) for question in questions)
    assert max(asked.values()) == 1


def test_the_sixty_questions_to_ask_are_fixture_questions(questions: list[Question]) -> None:
    lines = [json.loads(line) for line in (DATA / "ask60.jsonl").read_text(encoding="utf-8").splitlines()]
    known = {(f"tests/data/heldout/{question.image}", question.text) for question in questions}
    assert len(lines) == 60
    assert all((line["image"], line["question"]) in known for line in lines)
    assert all((DATA.parent.parent / line["image"]).is_file() for line in lines)


def test_meme_questions_ask_for_what_only_the_text_says() -> None:
    folder = DATA / "memes"
    lines = [json.loads(line) for line in (folder / "meme.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["image"] for line in lines} == {file.name for file in folder.glob("*.png")}
    assert all(line["form"] == "text" and line["answers"] for line in lines)


def test_the_three_samples_are_small_and_each_has_a_question() -> None:
    folder = ROOT / "resources" / "samples"
    asked = json.loads((folder / "samples.json").read_text(encoding="utf-8"))
    assert [entry["image"] for entry in asked] == sorted(file.name for file in folder.glob("*.png"))
    assert len(asked) == 3
    assert all(entry["question"].endswith("?") for entry in asked)
    assert all(file.stat().st_size < 150_000 for file in folder.glob("*.png"))


def test_training_and_the_second_renderer_know_nothing_of_each_other() -> None:
    for file in (ROOT / "training").rglob("*.py"):
        assert not any(name.startswith("tests") for name in _imports(file)), file
    shared = {
        "training.world",
        "training.world.scene",
        "training.world.lexicon",
        "training.world.captions",
        "training.scoring",
    }
    for file in (ROOT / "tests" / "heldout").glob("*.py"):
        assert {name for name in _imports(file) if name.startswith("training")} <= shared, file


def _imports(file: Path) -> set[str]:
    """Return the modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names
