"""Questions are answered in the terminal, in words and as JSON, with real, tiny models."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pictures
from PIL import ImageDraw

from lens_desktop.domain.prompt import one_line
from tests.cli.terminal import run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "sign.png"
    picture = Pictures.new("RGB", (320, 120), "white")
    ImageDraw.Draw(picture).text((20, 30), "HELLO", fill="black", font_size=48)
    picture.save(path)
    return path


@pytest.fixture(scope="module")
def answered(sign: Path, tiny_set: Path) -> list[dict[str, Any]]:
    """Ask many in one run: sound lines, unknown keys, bad lines in between, one picture under two names."""
    shutil.copy(sign, sign.with_name("copy.png"))
    lines = [
        {"image": str(sign), "question": "what does it say?", "answer": "unknown keys are ignored"},
        {"image": str(sign.with_name("gone.png")), "question": "what is it?"},
        {"image": str(sign), "question": "what is it?"},
        {"image": str(sign.with_name("copy.png")), "question": "what does it say?"},
        {"image": str(sign)},
    ]
    text = "\ufeff" + "\n".join(map(json.dumps, lines)) + "\n\n"
    file = sign.with_name("lines.jsonl")
    file.write_text(text, encoding="utf-8")
    done = run("ask", "--jsonl", file, "--seed", "5", "--checkpoints", tiny_set)
    assert (done.returncode, done.stderr.decode()) == (0, "These checkpoints know nothing.\n")
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["image"], one["question"]) for one in objects] == [
        (line["image"], line.get("question")) for line in lines
    ]
    return objects


def test_an_answer_is_an_object_with_all_it_rests_on(answered: list[dict[str, Any]], tiny_set: Path) -> None:
    first = answered[0]
    assert set(first) == {"image", "question", "answer", "prompt", "evidence", "timings", "checkpoints"}
    evidence = first["evidence"]
    assert set(evidence) == {"tags", "attributes", "scored", "captions", "ocr", "failures"}
    assert set(evidence["tags"][0]) == set(evidence["attributes"][0]) == {"text", "score"}
    (line,) = evidence["ocr"]
    assert (line["text"], set(line)) == ("HELLO", {"text", "confidence", "box"})
    assert 0.5 < line["confidence"] <= 1
    x, y, width, height = line["box"]
    assert 10 <= x <= 40
    assert 20 <= y <= 60
    assert width > 80
    assert 20 < height < 60
    assert 'written "HELLO" on it\nQuestion: what does it say?' in first["prompt"]
    assert {"tags", "attributes", "captions", "ocr", "answer"} <= set(first["timings"])
    assert all(isinstance(seconds, float) for seconds in first["timings"].values())
    assert first["checkpoints"]["clip"] == str(tiny_set / "clip")
    assert first["checkpoints"]["set"] == "tiny"


def test_bad_lines_say_why_and_the_rest_go_on(answered: list[dict[str, Any]]) -> None:
    assert ["error" in one for one in answered] == [False, True, False, False, True]
    assert set(answered[1]) == {"image", "question", "error"}
    assert "There is no file" in answered[1]["error"]
    assert "no question" in answered[4]["error"]


def test_an_image_is_described_once_whatever_its_name(answered: list[dict[str, Any]]) -> None:
    """The seconds of the vision modules are the same to the last digit: they were measured once."""
    times = [{k: v for k, v in answered[line]["timings"].items() if k != "answer"} for line in (0, 2, 3)]
    assert times[0] == times[1] == times[2]
    assert answered[0]["answer"] == answered[3]["answer"]


def test_the_same_seed_gives_the_same_evidence_and_words_are_neat(
    answered: list[dict[str, Any]], sign: Path, tiny_set: Path
) -> None:
    done = run("ask", sign, "what does it say?", "--seed", "5", "--checkpoints", tiny_set, LC_ALL="C.UTF-8")
    assert done.returncode == 0
    assert done.stderr.decode() == "These checkpoints know nothing.\n"
    lines = done.stdout.decode().splitlines()
    assert lines[0] == one_line(answered[0]["answer"])
    assert lines[1:3] == ["", "Evidence"]
    assert [line.split()[0] for line in lines[3:] if line[2] != " "] == ["Tags", "Attributes", "Captions", "OCR"]
    for caption in answered[0]["evidence"]["captions"]:
        assert any(caption in line for line in lines)
    assert '"HELLO"' in lines[-1]


def test_options_are_scored_and_a_missing_tesseract_fails_one_section(sign: Path, tiny_set: Path) -> None:
    done = run(
        "ask",
        sign,
        "is it?",
        "--options",
        "yes",
        "no",
        "--json",
        "--mode",
        "vqa",
        "--checkpoints",
        tiny_set,
        PATH="/none",
    )
    assert done.returncode == 0, done
    answer = json.loads(done.stdout)
    assert answer["answer"] == answer["choices"][0]["text"]
    assert sum(choice["probability"] for choice in answer["choices"]) == pytest.approx(1, abs=1e-4)
    assert answer["choices"][0]["probability"] >= answer["choices"][1]["probability"]
    (failure,) = answer["evidence"]["failures"]
    assert failure["module"] == "ocr"
    assert "tesseract" in failure["reason"].lower()
    assert "Tags:" not in answer["prompt"]


def test_describe_goes_on_after_a_bad_file(sign: Path, tiny_set: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("text")
    shutil.copy(sign, tmp_path / "sign 2.png")
    with Pictures.open(sign) as still:
        still.save(tmp_path / "sign 10.gif", save_all=True, append_images=[Pictures.new("RGB", still.size)])
    done = run("describe", "--json", tmp_path, "--checkpoints", tiny_set)
    assert done.returncode == 2
    assert b"notes.png is not an image" in done.stderr
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(one["image"]).name for one in objects] == ["sign 2.png", "sign 10.gif"]
    assert set(objects[0]) == {"image", "evidence", "timings", "checkpoints"}
    assert objects[1]["note"] == "The first frame of an animation."


def test_another_llm_is_one_word_away(sign: Path, tiny_set: Path) -> None:
    llm = tiny_set / "t5"
    done: subprocess.CompletedProcess[bytes] = run(
        "ask", sign, "what is it?", "--json", "--checkpoints", tiny_set, "--checkpoints", f"llm={llm}"
    )
    assert done.returncode == 0, done
    answer = json.loads(done.stdout)
    assert answer["checkpoints"]["llm"] == str(llm)
    assert answer["checkpoints"]["set"] == "tiny + llm"
    assert answer["prompt"].startswith("Tags: ")
