"""Pictures and loaded engines for the tests of the engine."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from lens_desktop.domain.evidence import Evidence, Module, Tag, TextLine
from lens_desktop.domain.image import Image
from lens_desktop.engine.device import Device
from lens_desktop.settings import Settings, load_set

Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def cpu() -> Device:
    return Device("cpu", "float32")


@pytest.fixture(scope="session")
def settings(tiny_set: Path) -> Settings:
    return load_set(tiny_set)


@pytest.fixture(scope="session")
def pixels() -> Pixels:
    """Return a picture of 90 x 60 pixels: noise on a slope of colours."""
    noise = np.random.default_rng(7).integers(0, 120, (60, 90, 3))
    slope = np.linspace(0, 130, 90).astype(int)[None, :, None]
    return (noise + slope).astype(np.uint8)


@pytest.fixture
def as_image(tmp_path: Path) -> Callable[[Pixels], Image]:
    """Return what writes pixels as the decoder does and gives the image."""

    def write(pixels: Pixels) -> Image:
        file = tmp_path / "pixels.npy"
        np.save(file, pixels)
        height, width = pixels.shape[:2]
        return Image("a1b2c3", "holiday.png", "f00", width, height, str(file), "")

    return write


@pytest.fixture
def evidence() -> Evidence:
    return Evidence(
        "a1b2c3",
        tags=(Tag("dog", 0.31), Tag("blue boat", 0.28)),
        attributes=(Tag("boat which has a mast", 0.27),),
        captions=("a dog on a blue boat", "a dog and a boat"),
        ocr=(TextLine("HELLO WORLD", 0.96, (4, 4, 60, 12)),),
        finished=tuple(Module),
    )
