"""Decoded pixels lie in a private folder, whole, and never more than fit."""

import errno
import os
import stat
from pathlib import Path

import numpy as np
import pytest

from lens_desktop.decoder.cache import Cache
from lens_desktop.domain.errors import LensError
from tests.hostile import picture


def test_the_folder_is_the_users_alone(tmp_path: Path) -> None:
    (tmp_path / "decoded").mkdir(mode=0o755)
    Cache(tmp_path / "decoded").keep(picture())
    for place in (tmp_path / "decoded", *(tmp_path / "decoded").iterdir()):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700


def test_the_oldest_pixels_go_first_and_the_newest_stay(tmp_path: Path) -> None:
    cache = Cache(tmp_path, max_bytes=25_000)
    files = []
    for step in range(4):
        made = picture(64, 40 + step)
        files.append(cache.keep(made)[1])
        os.utime(files[-1], ns=(step, step))
    assert [file.exists() for file in files] == [False, True, True, True]
    used_again = cache.keep(picture(64, 42))[1]
    assert used_again == files[2]
    cache.keep(picture(64, 50))
    assert [file.exists() for file in files] == [False, False, True, False]
    large = Cache(tmp_path, max_bytes=1).keep(picture(200, 200))[1]
    assert np.load(large).shape == (200, 200, 3)


def test_a_second_reading_mends_what_was_damaged(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    pixels = cache.keep(picture())[1]
    pixels.write_bytes(b"")
    assert cache.keep(picture())[1] == pixels
    assert np.load(pixels).shape == (48, 64, 3)


def test_a_full_disk_is_a_sentence_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)

    def full(source: object, target: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(LensError, match="no room left") as caught:
        cache.keep(picture())
    assert caught.value.code == "disk"
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_what_a_killed_decoder_left_is_swept(tmp_path: Path) -> None:
    Cache(tmp_path)
    old, new = tmp_path / "pixels" / ".part-1", tmp_path / "pixels" / ".part-2"
    old.write_bytes(b"x")
    new.write_bytes(b"x")
    os.utime(old, (0, 0))
    Cache(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)
