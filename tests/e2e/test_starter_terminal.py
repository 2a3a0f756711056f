"""The checkpoints in the repository, used in the terminal: held-out questions, a meme, a sample without a screen."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.terminal import ROOT, run
from training.fixtures import HELD_OUT, read_questions
from training.scoring import right
from training.support import supports

pytestmark = pytest.mark.slow

# What the committed checkpoints reach (49 and 4), less a little for processors that round otherwise.
LEAST_RIGHT = 46
LEAST_MEMES = 3


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LENS_DESKTOP_HOME", str(tmp_path / "home"))
    return tmp_path


def test_sixty_held_out_questions_are_answered_in_order_from_evidence_that_supports_them(home: Path) -> None:
    file = ROOT / "tests" / "data" / "ask60.jsonl"
    wanted = [json.loads(line) for line in file.read_text().splitlines()]
    done = run("ask", "--jsonl", file)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["question"] for one in answers] == [one["question"] for one in wanted]
    assert not [one["error"] for one in answers if "error" in one]
    known = {(question.image, question.text): question for question in read_questions(HELD_OUT)}
    good = 0
    for one in answers:
        question = known[Path(one["image"]).name, one["question"]]
        supported = supports(one["prompt"], question.answers, question.about, question.form)
        good += supported and right(one["answer"], question.answers, question.form)
    print(f"{good} of {len(answers)} right with evidence that supports them")
    assert good >= LEAST_RIGHT


def test_memes_are_answered_from_their_text_alone(home: Path) -> None:
    folder = ROOT / "tests" / "data" / "memes"
    wanted = {}
    for line in map(json.loads, (folder / "meme.jsonl").read_text().splitlines()):
        wanted.setdefault(line["image"], line)
    asked = [{"image": str(folder / image), "question": line["question"]} for image, line in wanted.items()]
    lines = "".join(json.dumps(line) + "\n" for line in asked)
    done = run("ask", "--jsonl", "-", "--mode", "memes", stdin=lines.encode())
    assert done.returncode == 0, done.stderr
    good = 0
    for line in map(json.loads, done.stdout.splitlines()):
        answers = wanted[Path(line["image"]).name]["answers"]
        assert not any(answers[0].lower() in caption.lower() for caption in line["evidence"]["captions"])
        good += right(line["answer"], answers, "text")
    print(f"{good} of {len(wanted)} memes read")
    assert good >= LEAST_MEMES


def test_without_a_screen_a_sample_question_is_answered_with_its_evidence(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run(["sh", str(ROOT / "packaging" / "run.sh")], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert "What is in the picture?" in done.stdout
    assert "birthday cake" in done.stdout.split("Evidence")[0]
    assert "photographs need a bigger set" in done.stderr.lower()
    assert all(section in done.stdout for section in ("Tags", "Attributes", "Captions", "OCR"))
