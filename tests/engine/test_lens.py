"""The engine's face: evidence module by module, answers token by token, and each failure on its own."""

import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from lens_desktop import places
from lens_desktop.domain.answer import Turn
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence, Module, Score
from lens_desktop.domain.image import Image
from lens_desktop.domain.prompt import Mode, build_prompt
from lens_desktop.engine import parts as parts_module
from lens_desktop.engine.lens import Lens
from lens_desktop.engine.memory import count_weights
from lens_desktop.settings import Settings
from tests.engine.conftest import Pixels
from tests.engine.drawings import document

ORDER = [Module.TAGS, Module.ATTRIBUTES, Module.OCR, Module.CAPTIONS]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def lens(settings: Settings, cache: Path) -> Lens:
    return Lens.load(settings, cache=cache)


def test_evidence_comes_module_by_module(lens: Lens, as_image: Callable[[Pixels], Image]) -> None:
    image = as_image(document(30, (1200, 300)))
    steps = list(lens.describe(image))
    assert [step.finished for step in steps] == [tuple(ORDER[: end + 1]) for end in range(4)]
    assert all(step.image_id == image.id for step in steps)
    whole = steps[-1]
    assert len(whole.tags) == len(whole.attributes) == 5
    assert len(whole.captions) >= 2
    assert whole.ocr[0].text.startswith("The quick brown fox")
    assert whole.failures == ()
    assert [name for name, _ in whole.timings] == ["image features", *ORDER]
    assert all(seconds >= 0 for _, seconds in whole.timings)
    assert steps[0].tags == whole.tags
    assert steps[0].captions == ()


def test_the_same_image_gives_the_same_evidence(lens: Lens, pixels: Pixels, as_image) -> None:
    image = as_image(pixels)
    first, second = (replace(list(lens.describe(image))[-1], timings=()) for _ in range(2))
    assert first == second


def test_facts_name_what_was_loaded(lens: Lens) -> None:
    facts = dict(lens.facts)
    assert facts["set"] == "Tiny random checkpoints"
    assert (facts["device"], facts["dtype"]) == ("cpu", "float32")
    assert (facts["clip"], facts["captioner"], facts["llm"]) == ("clip", "captioner", "llm")
    assert facts["longest prompt"] == "1012 tokens"
    assert facts["ocr"] == "Tesseract, eng"


def test_answers_stream(lens: Lens, evidence: Evidence) -> None:
    turns = (Turn("Is there a cat?", "no"),)
    answers = list(lens.ask(evidence, "What is there?", mode=Mode.VQA, turns=turns))
    assert len(answers) > 5
    assert [answer.finished for answer in answers] == [False] * (len(answers) - 1) + [True]
    assert answers[-1].text == answers[-2].text
    assert answers[-1].seconds >= answers[0].seconds > 0
    assert all(build_prompt(evidence, "What is there?", Mode.VQA, turns) in answer.prompt for answer in answers)
    for earlier, later in pairwise(answers):
        assert len(later.text) >= len(earlier.text)


def test_stopping_keeps_what_was_said(lens: Lens, evidence: Evidence) -> None:
    asked: list[int] = []
    answers = list(lens.ask(evidence, "What is there?", stop=lambda: len(asked) > 25 or bool(asked.append(1))))
    assert not any(answer.finished for answer in answers)
    whole = list(lens.ask(evidence, "What is there?"))[-1]
    assert answers[-1].text
    assert answers[-1].text != whole.text
    assert answers[-1].text in [answer.text for answer in lens.ask(evidence, "What is there?")]


def test_closed_ended_questions_give_probabilities(
    lens: Lens, settings: Settings, cache: Path, evidence: Evidence
) -> None:
    options = ("dog", "cat", "a long answer about a boat")
    (answer,) = lens.ask(evidence, "Which is it?", options=options)
    assert answer.finished
    assert answer.text == answer.choices[0].text
    assert {choice.text for choice in answer.choices} == set(options)
    probabilities = [choice.probability for choice in answer.choices]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1)
    by_length = Lens.load(replace(settings, options_by_length=True), cache=cache)
    (other,) = by_length.ask(evidence, "Which is it?", options=options)
    assert [choice.probability for choice in other.choices] != probabilities


def test_cancelling_between_modules(lens: Lens, pixels: Pixels, as_image) -> None:
    seen: list[Evidence] = []
    describing = lens.describe(as_image(pixels), stop=lambda: len(seen) >= 2)
    with pytest.raises(LensError) as caught:
        seen.extend(evidence for evidence in iter(lambda: next(describing), None) if not seen.append(evidence))
    assert caught.value.code == "cancelled"
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({"clip": "/nowhere/at/all"}, {Module.TAGS, Module.ATTRIBUTES}),
        ({"captioner": ""}, {Module.CAPTIONS}),
        ({"vocabulary": "/nowhere/tags.txt"}, {Module.TAGS}),
        ({"attribute_vocabulary": "/nowhere/attributes.txt"}, {Module.ATTRIBUTES}),
        ({"ocr_languages": "xyz"}, {Module.OCR}),
    ],
)
def test_a_part_that_cannot_be_loaded_fails_alone(
    settings: Settings, cache: Path, pixels: Pixels, as_image, change: dict[str, str], failed: set[Module]
) -> None:
    lens = Lens.load(replace(settings, **change), cache=cache)
    steps = list(lens.describe(as_image(pixels)))
    assert len(steps) == 4
    whole = steps[-1]
    assert {failure.module for failure in whole.failures} == failed
    assert set(whole.finished) == set(Module) - failed
    assert all(failure.reason.endswith(".") and "\n" not in failure.reason for failure in whole.failures)
    assert list(lens.ask(whole, "What is there?"))[-1].finished


def test_an_llm_that_cannot_be_loaded_leaves_the_evidence(settings: Settings, cache: Path, pixels, as_image) -> None:
    lens = Lens.load(replace(settings, llm="/nowhere"), cache=cache)
    whole = list(lens.describe(as_image(pixels)))[-1]
    assert set(whole.finished) == set(Module)
    with pytest.raises(LensError, match="no checkpoint at /nowhere"):
        list(lens.ask(whole, "What is there?"))
    assert "not running" in dict(lens.facts)["llm"]


def test_without_tesseract_only_the_text_is_missing(
    settings: Settings, cache: Path, tmp_path: Path, pixels, as_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    whole = list(Lens.load(settings, cache=cache).describe(as_image(pixels)))[-1]
    assert "apt install tesseract-ocr" in (whole.failure(Module.OCR) or "")
    assert set(whole.finished) == set(Module) - {Module.OCR}


def test_memory_that_runs_out_in_one_module_is_that_module_s_failure(
    lens: Lens, pixels, as_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_kwargs: object) -> None:
        raise MemoryError

    monkeypatch.setattr(lens._parts.captioner._model.vision_model, "forward", full)
    whole = list(lens.describe(as_image(pixels)))[-1]
    assert "memory is not enough" in (whole.failure(Module.CAPTIONS) or "")
    assert set(whole.finished) == set(Module) - {Module.CAPTIONS}


def test_an_unforeseen_error_in_one_module_is_that_module_s_failure(
    lens: Lens, pixels, as_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise ValueError("words of the user's picture")

    monkeypatch.setattr(lens._parts.ocr, "read", broken)
    whole = list(lens.describe(as_image(pixels)))[-1]
    assert "ValueError" in (whole.failure(Module.OCR) or "")
    assert set(whole.finished) == set(Module) - {Module.OCR}
    log = (places.logs() / "engine.log").read_text()
    assert "engine/parts.py" in log
    assert "picture" not in log


@pytest.mark.parametrize("content", [None, b"", b"not pixels"])
def test_pixels_that_are_gone_are_one_clear_error(lens: Lens, pixels, as_image, content: bytes | None) -> None:
    image = as_image(pixels)
    Path(image.pixels).unlink()
    if content is not None:
        Path(image.pixels).write_bytes(content)
    with pytest.raises(LensError, match="open the file again") as caught:
        list(lens.describe(image))
    assert caught.value.code == "unreadable"


def test_pixels_of_another_kind_are_refused(lens: Lens, pixels, as_image) -> None:
    image = as_image(pixels)
    for wrong in (pixels[:, :, 0], pixels.astype(np.float32)):
        np.save(image.pixels, wrong)
        with pytest.raises(LensError, match="damaged"):
            list(lens.describe(image))


def test_unknown_templates_are_refused(settings: Settings, cache: Path) -> None:
    with pytest.raises(LensError, match="choose single or ensemble") as caught:
        Lens.load(replace(settings, templates="many"), cache=cache)
    assert caught.value.code == "bad-setting"


def test_the_program_s_own_vocabularies_serve_sets_without_one(
    settings: Settings, cache: Path, tmp_path: Path, pixels, as_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vocabularies").mkdir()
    (tmp_path / "vocabularies" / "tags.txt").write_text("lighthouse\n")
    (tmp_path / "vocabularies" / "attributes.txt").write_text("lighthouse which is tall\n")
    monkeypatch.setattr(parts_module, "resource", tmp_path.joinpath)
    lens = Lens.load(replace(settings, vocabulary="", attribute_vocabulary=""), cache=cache)
    whole = list(lens.describe(as_image(pixels)))[-1]
    assert [tag.text for tag in whole.tags] == ["lighthouse"]
    assert [tag.text for tag in whole.attributes] == ["lighthouse which is tall"]


def test_loading_says_what_it_does_and_reads_a_vocabulary_once(settings: Settings, tmp_path: Path) -> None:
    said: list[str] = []
    Lens.load(settings, cache=tmp_path, status=said.append)
    assert sum("vocabulary" in text for text in said) == 2
    said.clear()
    Lens.load(settings, cache=tmp_path, status=said.append)
    assert said == ["Loading CLIP", "Loading the captioner", "Loading the LLM"]


@pytest.mark.parametrize("dtype", ["bfloat16"])
def test_other_dtypes_work_throughout(
    settings: Settings, cache: Path, tiny_set: Path, pixels, as_image, dtype: str
) -> None:
    for llm in ("llm", "t5"):
        lens = Lens.load(replace(settings, dtype=dtype, llm=str(tiny_set / llm)), cache=cache)
        whole = list(lens.describe(as_image(pixels)))[-1]
        assert whole.failures == ()
        assert len(whole.tags) == 5
        assert list(lens.ask(whole, "What is there?"))[-1].finished


@pytest.mark.slow
def test_nothing_is_fetched_and_nothing_printed(tiny_set: Path, tmp_path: Path) -> None:
    """In a process of its own: every socket refused, nothing of ours on standard output or error."""
    code = f"""
import socket
def refuse(*_args, **_kwargs):
    raise SystemExit("a connection was tried")
socket.socket.connect = refuse
socket.create_connection = refuse
from pathlib import Path
from lens_desktop.engine.lens import Lens
from lens_desktop.settings import load_set
lens = Lens.load(load_set(Path({str(tiny_set)!r})), cache=Path({str(tmp_path)!r}))
from lens_desktop.domain.evidence import Evidence
assert list(lens.ask(Evidence("id"), "What is there?"))[-1].finished
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert shutil.which("tesseract"), "the tests need Tesseract"


def test_a_vocabulary_that_takes_long_is_read_between_requests(
    settings: Settings, tmp_path: Path, pixels, as_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lens_desktop.engine.lens._PATIENCE", 0.0)
    lens = Lens.load(settings, cache=tmp_path)
    assert lens.reading.startswith("Reading the vocabulary of tags: 0 of")
    partly = list(lens.describe(as_image(pixels)))[-1]
    assert set(partly.waiting) == {Module.TAGS, Module.ATTRIBUTES}
    assert partly.failures == ()
    while lens.reading:
        assert lens.read_on()
    monkeypatch.setattr(lens._parts.captioner, "caption", lambda *_args: pytest.fail("captions were made again"))
    whole = list(lens.describe(as_image(pixels), known=partly))[-1]
    assert whole.waiting == ()
    assert whole.captions == partly.captions
    assert whole.tags


def test_two_programs_do_not_read_the_same_vocabulary(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lens_desktop.engine.lens._PATIENCE", 0.0)
    monkeypatch.setattr("lens_desktop.engine.text_bank._FIRST", 4)
    first, second = (Lens.load(settings, cache=tmp_path) for _ in range(2))
    assert first.read_on()
    assert not second.read_on()
    with pytest.raises(LensError, match="Another Lens Desktop"):
        second.read_all()
    first.read_all()
    second.read_all()
    assert second.reading == ""
    third = Lens.load(settings, cache=tmp_path)
    assert third.reading == "", "what another has read is not read again"


def test_each_module_runs_where_it_is_told(settings: Settings, cache: Path, pixels, as_image) -> None:
    lens = Lens.load(replace(settings, dtype="float32", llm_dtype="bfloat16"), cache=cache)
    facts = dict(lens.facts)
    assert (facts["device"], facts["clip on"], facts["llm on"]) == ("cpu", "cpu, float32", "cpu, bfloat16")
    whole = list(lens.describe(as_image(pixels)))[-1]
    assert list(lens.ask(whole, "What is there?"))[-1].finished
    with pytest.raises(LensError, match="4-bit numbers are for an LLM on a CUDA"):
        Lens.load(replace(settings, llm_dtype="4-bit", llm_device="cpu"), cache=cache)


def test_what_does_not_fit_is_not_loaded_and_says_the_nearest_way(
    settings: Settings, cache: Path, pixels, as_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = count_weights(Path(settings.llm))
    monkeypatch.setattr("lens_desktop.engine.memory.free_memory", lambda _name: weights * 3)
    fits = replace(settings, clip="", captioner="")
    lens = Lens.load(replace(fits, dtype="float32"), cache=cache)
    with pytest.raises(
        LensError, match=r"LLM does not fit: it needs .* in float32 .* Bfloat16 needs .* Models"
    ) as caught:
        list(lens.ask(Evidence("id"), "What is there?"))
    assert caught.value.code == "does-not-fit"
    assert list(Lens.load(replace(fits, dtype="bfloat16"), cache=cache).ask(Evidence("id"), "What?"))[-1].finished


def test_siglip_tells_probabilities(tmp_path: Path, tiny_set: Path, settings: Settings, pixels, as_image) -> None:
    folder = tmp_path / "siglip"
    shutil.copytree(tiny_set / "clip-vit", folder)
    config = json.loads((folder / "open_clip_config.json").read_text())
    config["model_cfg"]["init_logit_bias"] = -10.0
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    (weights,) = folder.glob("*.safetensors")
    tensors = load_file(weights)
    tensors["logit_bias"], tensors["logit_scale"] = torch.tensor(-10.0), torch.tensor(4.0)
    save_file(tensors, weights)
    lens = Lens.load(replace(settings, clip=str(folder), sigmoid_threshold=0.0), cache=tmp_path / "cache")
    whole = list(lens.describe(as_image(pixels)))[-1]
    plain = list(
        Lens.load(
            replace(settings, clip=str(tiny_set / "clip-vit"), threshold=-1.0), cache=tmp_path / "cache"
        ).describe(as_image(pixels))
    )[-1]
    assert (whole.scored, plain.scored) == (Score.PROBABILITY, Score.COSINE)
    expected = [1 / (1 + math.exp(10 - math.exp(4.0) * tag.score)) for tag in plain.tags]
    assert [tag.score for tag in whole.tags] == pytest.approx(expected, rel=1e-3)
