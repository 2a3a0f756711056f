"""Captions equal a plain use of BLIP; sampled ones come again with the same seed and leave other chance alone."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image as Pillow
from transformers import BlipForConditionalGeneration, BlipProcessor

from lens_desktop.engine.captioner import Captioner, distinct
from lens_desktop.engine.device import Device
from lens_desktop.engine.interrupt import Interrupted
from lens_desktop.settings import Settings
from tests.engine.conftest import Pixels


@pytest.fixture(scope="module")
def captioner(settings: Settings, cpu: Device) -> Captioner:
    return Captioner(Path(settings.captioner), cpu, settings)


@pytest.fixture(scope="module")
def plain(settings: Settings):
    model = BlipForConditionalGeneration.from_pretrained(settings.captioner).eval()
    return model, BlipProcessor.from_pretrained(settings.captioner)


@pytest.mark.parametrize("beams", [1, 3, 5])
def test_the_beam_caption_equals_plain_transformers(
    settings: Settings, cpu: Device, plain, pixels: Pixels, beams: int
) -> None:
    model, processor = plain
    inputs = processor(images=Pillow.fromarray(pixels), text="a picture of", return_tensors="pt")
    with torch.no_grad():
        tokens = model.generate(**inputs, num_beams=beams, do_sample=False, min_length=10, max_length=30)[0]
    assert tokens[1:4].tolist() == inputs.input_ids[0, 1:4].tolist()
    expected = processor.decode(tokens[4:], skip_special_tokens=True)
    captioner = Captioner(Path(settings.captioner), cpu, replace(settings, beams=beams, captions=0))
    assert captioner.caption(pixels, "image") == (expected,)


def test_sampling_logits_equal_plain_transformers_at_each_step(captioner: Captioner, plain, pixels: Pixels) -> None:
    steps: list[tuple[torch.Tensor, torch.Tensor]] = []

    def record(_module, _args, kwargs, output) -> None:
        if kwargs["input_ids"].shape[0] == 4:  # the samples; the beam caption has five rows
            steps.append((kwargs["input_ids"].clone(), output.logits[:, -1].clone()))

    hook = captioner._model.text_decoder.register_forward_hook(record, with_kwargs=True)
    try:
        captioner.caption(pixels, "image")
    finally:
        hook.remove()
    assert len(steps) > 10
    model, processor = plain
    patches = processor(images=Pillow.fromarray(pixels), return_tensors="pt").pixel_values.repeat(4, 1, 1, 1)
    tokens = torch.zeros((4, 0), dtype=torch.long)
    for ids, logits in steps:
        tokens = torch.cat([tokens, ids], dim=1)
        with torch.no_grad():
            expected = model(pixel_values=patches, input_ids=tokens).logits[:, -1]
        torch.testing.assert_close(logits, expected, atol=1e-4, rtol=0)


def test_the_image_is_encoded_once(captioner: Captioner, pixels: Pixels) -> None:
    calls: list[int] = []
    hook = captioner._model.vision_model.register_forward_hook(lambda *_: calls.append(1))
    try:
        captioner.caption(pixels, "image")
    finally:
        hook.remove()
    assert len(calls) == 1


def test_same_image_settings_and_seed_give_the_same_captions(
    settings: Settings, cpu: Device, captioner: Captioner, pixels: Pixels
) -> None:
    first = captioner.caption(pixels, "image")
    assert len(first) > 2
    captioner.caption(pixels, "another")
    torch.manual_seed(99)
    torch.rand(5)
    assert captioner.caption(pixels, "image") == first
    assert Captioner(Path(settings.captioner), cpu, settings).caption(pixels, "image") == first
    assert captioner.caption(pixels, "another")[1:] != first[1:]
    reseeded = Captioner(Path(settings.captioner), cpu, replace(settings, seed=1)).caption(pixels, "image")
    assert reseeded[0] == first[0]
    assert reseeded[1:] != first[1:]


def test_captioning_leaves_the_program_s_chance_alone(captioner: Captioner, pixels: Pixels) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    captioner.caption(pixels, "image")
    assert torch.equal(torch.rand(3), expected)


def test_stopping_between_decode_steps(captioner: Captioner, pixels: Pixels) -> None:
    steps: list[int] = []
    hook = captioner._model.text_decoder.register_forward_hook(lambda *_: steps.append(1))
    try:
        with pytest.raises(Interrupted):
            captioner.caption(pixels, "image", stop=lambda: len(steps) >= 3)
    finally:
        hook.remove()
    assert len(steps) == 3
    assert captioner.caption(pixels, "image")


def test_near_duplicates_are_dropped() -> None:
    captions = (
        "a red cat on a blue boat",
        "A red cat on a blue boat",
        "a blue cat on a red boat",
        "",
        "a red cat with a very long tail on a blue boat by the sea",
        "a red cat with a very long tail on a blue boat by the lake",
    )
    assert distinct(captions) == (captions[0], captions[2], captions[4])
