"""Data, cache and logs lie where platformdirs says, or all under one folder of the user's choice."""

import stat
from pathlib import Path

import platformdirs
import pytest

from lens_desktop import places


def test_one_folder_can_hold_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENS_DESKTOP_HOME", str(tmp_path / "home"))
    found = {places.data(), places.cache(), places.logs(), places.config(), places.models()}
    assert len(found) == 5
    assert all(place.is_relative_to(tmp_path) and place.is_dir() for place in found)
    assert stat.S_IMODE(places.cache().stat().st_mode) == 0o700


def test_otherwise_the_system_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LENS_DESKTOP_HOME", raising=False)
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    assert places.cache() == Path(platformdirs.user_cache_dir("lens-desktop", appauthor=False))
    assert places.data().is_relative_to(tmp_path)
