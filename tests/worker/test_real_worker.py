"""The program's own worker with real, tiny models: from a file to evidence to an answer."""

import dataclasses
import itertools
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image as Pictures
from PIL import ImageDraw

from lens_desktop.decoder.client import DecoderClient
from lens_desktop.domain.answer import Answer, Turn
from lens_desktop.domain.evidence import Evidence, Module
from lens_desktop.domain.image import Image
from lens_desktop.domain.prompt import Mode, build_prompt
from lens_desktop.program import command
from lens_desktop.protocol import Ask, Cancel, Describe, Failed, Result
from lens_desktop.settings import Settings, load_set
from lens_desktop.worker.process import SETTINGS
from tests.worker.talk import Worker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(tiny_set: Path) -> Settings:
    return load_set(tiny_set)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    path = tmp_path_factory.mktemp("pictures") / "sign.png"
    picture = Pictures.new("RGB", (320, 120), "white")
    ImageDraw.Draw(picture).text((20, 30), "HELLO", fill="black", font_size=48)
    picture.save(path)
    with DecoderClient() as decoder:
        return decoder.decode(path)


@pytest.fixture(scope="module")
def worker(settings: Settings) -> Iterator[Worker]:
    env = {**os.environ, SETTINGS: json.dumps(dataclasses.asdict(settings))}
    worker = Worker(command("--worker"), env)
    assert worker.ready()[0].text == "Starting the models"
    yield worker
    assert worker.close() == 0


@pytest.fixture(scope="module")
def evidence(worker: Worker, image: Image) -> Evidence:
    worker.send(Describe(1, image))
    said = worker.end_of(1)[1]
    assert len(said) == len(Module) + 1
    end = said[-1]
    assert isinstance(end, Result)
    assert isinstance(end.value, Evidence)
    return end.value


def test_the_evidence_is_whole(evidence: Evidence, image: Image) -> None:
    assert evidence.image_id == image.id
    assert {*evidence.finished, *(failure.module for failure in evidence.failures)} == set(Module)
    assert len(evidence.tags) == 5
    assert evidence.captions
    assert evidence.failure(Module.OCR) is None
    assert evidence.text == "HELLO"


def test_the_answer_streams_and_carries_its_prompt(worker: Worker, image: Image, evidence: Evidence) -> None:
    turns = (Turn("who?", "nobody"),)
    worker.send(Ask(2, image, evidence, "what does it say?", Mode.MEMES, turns))
    said = [event.value for event in worker.end_of(2)[2] if isinstance(event, Result)]
    answers = [value for value in said if isinstance(value, Answer)]
    assert len(answers) > 2
    assert all(later.text.startswith(earlier.text.rstrip("\ufffd")) for earlier, later in itertools.pairwise(answers))
    assert answers[-1].finished
    assert (
        build_prompt(evidence, "what does it say?", Mode.MEMES, turns) in answers[-1].prompt
    )  # within the chat template


def test_a_choice_among_options_is_scored(worker: Worker, image: Image, evidence: Evidence) -> None:
    worker.send(Ask(3, image, evidence, "is it red?", options=("yes", "no")))
    end = worker.end_of(3)[3][-1]
    assert isinstance(end, Result)
    assert isinstance(end.value, Answer)
    assert {choice.text for choice in end.value.choices} == {"yes", "no"}
    assert sum(choice.probability for choice in end.value.choices) == pytest.approx(1)


def test_stopping_leaves_a_worker_that_answers(worker: Worker, image: Image, evidence: Evidence) -> None:
    worker.send(Ask(4, image, evidence, "what is it?"))
    worker.next()
    worker.send(Cancel(4), Describe(5, image), Cancel(5), Ask(6, image, evidence, "what is it?"))
    said = worker.end_of(4, 5, 6)
    assert isinstance(said[4][-1], Result)
    assert said[5][-1].request == 5
    end = said[6][-1]
    assert isinstance(end, Result)
    assert isinstance(end.value, Answer)
    assert end.value.finished


def test_pixels_that_are_gone_are_a_sentence(worker: Worker, image: Image) -> None:
    worker.send(Describe(7, dataclasses.replace(image, pixels="/nowhere.npy")))
    end = worker.end_of(7)[7][-1]
    assert isinstance(end, Failed)
    assert end.code == "unreadable"


@pytest.mark.parametrize(
    ("value", "code"),
    [("{", "bad-set"), ("[]", "bad-set"), ('{"colour": 1}', "bad-set"), ('{"templates": "none"}', "bad-setting")],
)
def test_wrong_settings_are_a_reason_not_a_crash(image: Image, value: str, code: str) -> None:
    worker = Worker(command("--worker"), {**os.environ, SETTINGS: value})
    worker.send(Describe(1, image))
    event = worker.next()
    while not isinstance(event, Failed):
        event = worker.next()
    assert event.code == code
    assert worker.close() == 0


def test_the_worker_never_meets_the_window(worker: Worker) -> None:
    maps = Path(f"/proc/{worker.process.pid}/maps").read_text()
    assert "libtorch" in maps
    assert "PySide6" not in maps


def test_the_program_can_be_started_again_from_anywhere(tmp_path: Path) -> None:
    assert command("--worker")[0] == sys.executable
    assert command("--worker")[-1] == "--worker"
    assert Path(command()[-1]).is_absolute() or command()[-1] == "lens_desktop"
