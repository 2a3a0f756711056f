"""Every family of the catalogue loads from its published layout and does its work through the product's own code."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.image import Image
from lens_desktop.engine.checkpoints import Kind, load, recognise
from lens_desktop.engine.clip import Clip
from lens_desktop.engine.device import Device
from lens_desktop.engine.lens import Lens
from lens_desktop.settings import Settings
from tests.engine.conftest import Pixels
from tests.published import CLIPS, write

pytestmark = pytest.mark.slow


@pytest.fixture
def published(tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: write(name, tmp_path / name)


@pytest.mark.parametrize("name", CLIPS)
def test_every_clip_sees_and_reads(published: Callable[[str], Path], cpu: Device, pixels: Pixels, name: str) -> None:
    clip = Clip(published(name), cpu)
    image = clip.encode_image(pixels)
    texts = clip.encode_text(["A photo of dog", "A photo of a rather long-winded wheelbarrow, yes"])
    assert image.shape == texts.shape[1:]
    assert np.allclose(np.linalg.norm(np.vstack([image, texts]), axis=1), 1, atol=1e-5)
    assert not np.allclose(texts[0], texts[1])


@pytest.mark.parametrize(
    ("captioner", "llm"),
    [
        ("blip-base", "flan-t5-small"),
        ("blip-large", "flan-t5-base"),
        ("blip-base", "qwen3-0.6b"),
        ("blip-base", "llama-3.2-1b"),
    ],
)
def test_every_captioner_and_llm_answers(
    published: Callable[[str], Path],
    settings: Settings,
    as_image: Callable[[Pixels], Image],
    pixels: Pixels,
    tmp_path: Path,
    captioner: str,
    llm: str,
) -> None:
    chosen = replace(
        settings, captioner=str(published(captioner)), llm=str(published(llm)), captions=2, beams=2, answer_tokens=4
    )
    lens = Lens.load(chosen, cache=tmp_path / "cache")
    *_, evidence = lens.describe(as_image(pixels))
    assert [failure for failure in evidence.failures if failure.module != "ocr"] == []
    assert evidence.captions
    *_, answer = lens.ask(evidence, "What is there?")
    assert answer.finished
    assert "What is there?" in answer.prompt
    *_, chosen_one = lens.ask(evidence, "Which?", options=["a dog", "a cat"])
    assert sum(choice.probability for choice in chosen_one.choices) == pytest.approx(1)


def test_a_matcher_is_no_captioner(published: Callable[[str], Path], cpu: Device, evidence: Evidence) -> None:
    folder = published("blip-itm")
    assert recognise(folder) is Kind.MATCHER
    with pytest.raises(LensError, match="is a checkpoint for matcher, not for captioner"):
        load(folder, Kind.CAPTIONER, cpu)
    assert not load(folder, Kind.MATCHER, cpu).model.training
