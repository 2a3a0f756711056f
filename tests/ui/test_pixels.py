"""Pixel files shown without numpy in the program; numpy here only writes and checks them."""

from pathlib import Path

import numpy as np
import pytest

from lens_desktop.domain.errors import LensError
from lens_desktop.ui.pixels import open_pixels


def test_every_pixel_is_where_it_was(tmp_path: Path) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (37, 53, 3), dtype=np.uint8)
    np.save(tmp_path / "a.npy", pixels)
    image = open_pixels(str(tmp_path / "a.npy"))
    assert (image.width(), image.height()) == (53, 37)
    for y, x in ((0, 0), (36, 52), (17, 5)):
        colour = image.pixelColor(x, y)
        assert (colour.red(), colour.green(), colour.blue()) == tuple(pixels[y, x])


@pytest.mark.parametrize(
    "pixels", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((4, 4, 4), np.uint8)]
)
def test_other_arrays_are_refused(tmp_path: Path, pixels: np.ndarray) -> None:
    np.save(tmp_path / "a.npy", pixels)
    with pytest.raises(LensError, match="damaged"):
        open_pixels(str(tmp_path / "a.npy"))


def test_missing_cut_and_foreign_files_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(LensError, match="no longer in the cache"):
        open_pixels(str(tmp_path / "gone.npy"))
    file = tmp_path / "a.npy"
    np.save(file, np.zeros((40, 40, 3), np.uint8))
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(LensError, match="damaged"):
        open_pixels(str(file))
    file.write_bytes(b"not an array at all, only words")
    with pytest.raises(LensError, match="damaged"):
        open_pixels(str(file))
