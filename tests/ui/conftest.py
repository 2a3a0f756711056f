"""The window with a real decode process and a scripted worker, in a home of its own."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image as Picture
from PIL import ImageDraw
from pytestqt.qtbot import QtBot

from lens_desktop.settings import Settings
from lens_desktop.ui.app import Program, make_application

SCRIPT = Path(__file__).with_name("scripted_worker.py")
Start = Callable[..., Program]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("LENS_DESKTOP_HOME", str(home))
    return home


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Start]:
    """Return a function that opens a window on a scripted worker; what it opened is closed after the test."""
    programs: list[Program] = []

    def open_window(*arguments: str, command: list[str] | None = None, settings: Settings | None = None) -> Program:
        make_application()
        chosen = settings or Settings(set_name="scripted", title="Scripted set", note="Only for tests.")
        words = command or [sys.executable, str(SCRIPT), *arguments]
        program = Program(chosen, worker_command=words)
        programs.append(program)
        program.start()
        with qtbot.waitActive(program.window):  # shortcuts reach only the active window
            program.window.activateWindow()
        return program

    yield open_window
    for program in programs:
        program.window.close()
        program.close()
        program.window.deleteLater()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Return an image file."""
    return draw(tmp_path / "boat.png", "navy")


def draw(path: Path, colour: str, size: tuple[int, int] = (320, 240)) -> Path:
    image = Picture.new("RGB", size, "white")
    ImageDraw.Draw(image).ellipse((40, 40, 160, 160), fill=colour)
    image.save(path)
    return path
