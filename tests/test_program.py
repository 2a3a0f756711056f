"""The program starts itself again from wherever it is, and becomes what the command line says."""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import lens_desktop
from lens_desktop import __main__ as dispatcher
from lens_desktop.program import command

ROOT = Path(__file__).resolve().parent.parent


def test_a_checkout_starts_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the folder of the user was searched for modules')")
    done = subprocess.run(command("--version"), cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("lens-desktop ")


def test_an_installed_program_starts_from_any_folder(tmp_path: Path) -> None:
    place = tmp_path / "site"
    shutil.copytree(ROOT / "lens_desktop", place / "lens_desktop", ignore=shutil.ignore_patterns("__pycache__"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "json.py").write_text("raise SystemExit('the folder of the user was searched for modules')")
    script = (
        "import subprocess, sys, lens_desktop.program as program\n"
        f"assert program.__file__.startswith({str(place)!r}), program.__file__\n"
        "sys.exit(subprocess.call(program.command('--version')))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(place)}
    done = subprocess.run([sys.executable, "-P", "-c", script], cwd=elsewhere, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("lens-desktop ")


def test_a_frozen_build_starts_its_own_binary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command("--worker") == [sys.executable, "--worker"]


@pytest.mark.parametrize(
    ("words", "files"),
    [([], []), (["a.png", "ask"], ["a.png", "ask"]), (["--", "ask", "-x.png"], ["ask", "-x.png"])],
)
def test_only_files_or_nothing_open_the_window(
    monkeypatch: pytest.MonkeyPatch, words: list[str], files: list[str]
) -> None:
    opened: list[list[str]] = []

    def window(files: list[str]) -> int:
        opened.append(list(files))
        return 7

    monkeypatch.setitem(sys.modules, "lens_desktop.ui.app", SimpleNamespace(main=window))  # type: ignore[arg-type]
    assert dispatcher.main(words) == 7
    assert opened == [files]


def test_a_window_without_its_package_names_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lens_desktop, "ui", importlib.import_module("lens_desktop.ui"))  # put back after the test
    monkeypatch.delitem(sys.modules, "lens_desktop.ui.app", raising=False)
    monkeypatch.setitem(sys.modules, "PySide6", None)  # type: ignore[arg-type]
    for name in [name for name in sys.modules if name.startswith(("lens_desktop.ui", "PySide6."))]:
        monkeypatch.delitem(sys.modules, name)
    assert dispatcher.main([]) == 2
    assert "-m pip install PySide6" in capsys.readouterr().err


def test_without_a_screen_there_is_a_sentence_and_no_models() -> None:
    env = {**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    done = subprocess.run(command(), env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "no screen" in line
