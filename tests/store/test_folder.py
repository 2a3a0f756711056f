"""The folder of checkpoints moves whole or not at all, killed at any moment too."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import filelock
import pytest

from lens_desktop import places
from lens_desktop.domain.errors import LensError
from lens_desktop.store import folder
from lens_desktop.store.catalogue import File
from lens_desktop.store.installed import NOTE, Plan, pin, write_plan
from tests.conftest import ROOT

BYTES = 3_000_000


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with two checkpoints, their pins, and a paused download."""
    monkeypatch.setenv("LENS_DESKTOP_HOME", str(tmp_path / "home"))
    made = places.models()
    fill(made, "one", "two")
    (made / ".getting" / "three").mkdir(parents=True)
    (made / ".getting" / "three" / "model.safetensors.part").write_bytes(os.urandom(1000))
    (made / ".getting" / "three.lock").touch()
    return made


def fill(models: Path, *names: str, commit: str = "a" * 40) -> None:
    models.mkdir(parents=True, exist_ok=True)
    for name in names:
        (models / name).mkdir()
        (models / name / "model.safetensors").write_bytes(name.encode() * (BYTES // len(name)))
        plan = Plan(f"makers/{name}", commit, (File("model.safetensors", BYTES, "b" * 64),))
        write_plan(models / name / NOTE, plan)
        pin(models, name, plan)


def contents(models: Path) -> dict[str, bytes]:
    files = (file for file in models.rglob("*") if file.is_file() and file.suffix != ".lock")
    return {file.relative_to(models).as_posix(): file.read_bytes() for file in files}


def copying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have moves copy, as from one disk to another."""

    def refuse(*_args: object, **_named: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", refuse)


@pytest.mark.parametrize("copied", [False, True])
def test_everything_moves_and_is_used_there(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copied: bool
) -> None:
    if copied:
        copying(monkeypatch)
    before, said = contents(models), []
    target = tmp_path / "disk" / "ünder ways"
    assert folder.move(target, lambda done, total: said.append((done, total))) == target
    assert places.models() == target
    assert contents(target) == before
    assert not models.exists()
    assert said[0][0] == 0
    assert said[-1][0] == said[-1][1] > 2 * BYTES - 10
    assert json.loads(places.models_file().read_text()) == {"folder": str(target), "left": []}


@pytest.mark.parametrize("copied", [False, True])
def test_stopping_leaves_everything_where_it_was(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copied: bool
) -> None:
    if copied:
        copying(monkeypatch)
    before = contents(models)
    with pytest.raises(LensError) as error:
        folder.move(tmp_path / "disk", stop=lambda: True)
    assert error.value.code == "cancelled"
    assert (places.models(), contents(models)) == (models, before)
    assert not (tmp_path / "disk").exists()


def test_a_folder_with_checkpoints_is_taken_with_them(models: Path, tmp_path: Path) -> None:
    target = tmp_path / "shared"
    fill(target, "two", "four")
    before = contents(models) | contents(target)
    folder.move(target)
    assert contents(target) == before


def test_another_checkpoint_under_the_same_name_is_not_overwritten(models: Path, tmp_path: Path) -> None:
    fill(tmp_path / "shared", "two", commit="c" * 40)
    before = contents(models), contents(tmp_path / "shared")
    with pytest.raises(LensError, match="holds another two: remove one of the two first"):
        folder.move(tmp_path / "shared")
    assert (contents(models), contents(tmp_path / "shared")) == before


def test_what_cannot_be_is_said(models: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "home" / "documents").mkdir()
    (tmp_path / "home" / "documents" / "letter.txt").touch()
    for target, words in (
        (tmp_path / "file", "is a file"),
        (models, "already"),
        (models / "inside", "lie inside each other"),
        (models.parent, "lie inside each other"),
        (tmp_path / "home" / "documents", r"holds other things \(letter.txt\)"),
    ):
        with pytest.raises(LensError, match=words):
            folder.move(target)
    assert not (models / "inside").exists()
    assert places.models() == models


def test_a_running_download_or_move_comes_first(models: Path, tmp_path: Path) -> None:
    with filelock.FileLock(models / ".getting" / "three.lock"), pytest.raises(LensError, match="pause it"):
        folder.move(tmp_path / "disk")
    with filelock.FileLock(places.config() / "models.lock"), pytest.raises(LensError, match="wait for it"):
        folder.move(tmp_path / "disk")
    assert not (tmp_path / "disk").exists()


def test_room_is_looked_for_first(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copying(monkeypatch)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(9, 9, 10**6))  # type: ignore[attr-defined]
    with pytest.raises(LensError, match="6 MB are to be moved and 1 MB are free"):
        folder.move(tmp_path / "disk")
    assert not (tmp_path / "disk").exists()


def test_a_vanished_folder_is_told_and_not_replaced(models: Path, tmp_path: Path) -> None:
    folder.move(tmp_path / "disk")
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    with pytest.raises(LensError, match="connect its disk, or choose another folder"):
        places.models()
    assert not models.exists()
    (tmp_path / "unplugged").rename(tmp_path / "disk")
    assert places.models() == tmp_path / "disk"
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    folder.move(tmp_path / "other")  # there is nothing to bring
    assert list(places.models().iterdir()) == []


MOVE = """
import os, sys, time
from pathlib import Path
from lens_desktop.store import folder
def refuse(*_args, **_named): raise OSError
os.link = refuse
folder._BLOCK = 1 << 17
folder.move(Path(sys.argv[1]), lambda done, total: time.sleep(0.01))
"""


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.15, 0.3, 0.45, 0.55, 0.6, 0.7])
def test_killed_at_any_moment_one_whole_folder_is_in_use(models: Path, tmp_path: Path, moment: float) -> None:
    before, target = contents(models), tmp_path / "disk"
    running = subprocess.Popen([sys.executable, "-c", MOVE, str(target)], cwd=ROOT)
    until = time.monotonic() + 30
    while not target.exists() and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(moment)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert contents(places.models()) == before
    folder.settle()
    assert contents(places.models()) == before
    if places.models() == models:
        assert not (target / ".moving").exists()
        folder.move(target)
    assert contents(target) == before
    assert not models.exists()


@pytest.mark.parametrize("step", ["place", "switch", "remove"])
def test_killed_between_the_steps_nothing_is_lost_and_nothing_left(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class KilledError(BaseException):
        pass

    def kill(*_args: object, **_named: object) -> None:
        raise KilledError

    before, target = contents(models), tmp_path / "disk"
    with monkeypatch.context() as patch:
        if step == "remove":
            patch.setattr(folder, "_remove_left", kill)
        elif step == "switch":
            choose = folder._choose
            patch.setattr(folder, "_choose", lambda place, left: kill() if place else choose(place, left))
        else:
            downloads = folder._check_downloads
            calls = iter((downloads, kill))
            patch.setattr(folder, "_check_downloads", lambda place: next(calls)(place))
        with pytest.raises(KilledError):
            folder.move(target)
    assert contents(places.models()) == before
    folder.settle()
    assert contents(places.models()) == before
    if places.models() == models:
        folder.move(target)
    assert contents(places.models()) == before
    assert not models.exists()
