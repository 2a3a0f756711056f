"""The real program: its window, its decode process, its worker with real (tiny) checkpoints."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lens_desktop.domain.evidence import Module
from lens_desktop.settings import Settings, load_set
from lens_desktop.ui.app import Program, make_application
from lens_desktop.ui.entry import Exchange, Stage
from lens_desktop.ui.worker_client import WorkerState
from tests.processes import alive, children, gone

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@contextmanager
def open_program(qtbot: QtBot, settings: Settings) -> Iterator[Program]:
    """Run the whole program, its window active, and end it with its children."""
    make_application()
    made = Program(settings)
    made.start()
    with qtbot.waitActive(made.window):
        made.window.activateWindow()
    yield made
    made.window.close()
    made.close()
    made.window.deleteLater()


@pytest.fixture
def program(qtbot: QtBot, tiny_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """Return the program on tiny checkpoints whose answers are long, so that there is a middle to stop or die in."""
    monkeypatch.setenv("LENS_DESKTOP_HOME", str(tmp_path / "home"))
    with open_program(qtbot, load_set(tiny_set, answer_tokens=400)) as made:
        yield made


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "poster.png"
    image = Picture.new("RGB", (640, 400), "white")
    drawing = ImageDraw.Draw(image)
    drawing.ellipse((40, 160, 240, 360), fill="red")
    drawing.text((40, 40), "GARDEN PARTY", fill="black", font=ImageFont.load_default(64))
    image.save(path)
    return path


def drop(program: Program, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(300, 300), action, mime, button, key)
    QApplication.sendEvent(program.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(program.window, QDropEvent(QPointF(300, 300), action, mime, button, key))


def described(qtbot: QtBot, program: Program) -> None:
    qtbot.waitUntil(lambda: bool(program.session.current and program.session.current.described), timeout=120_000)


def ask(program: Program, question: str) -> Exchange:
    field = program.window.conversation.composer.field
    field.setFocus()
    QTest.keyClicks(field, question)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert program.session.current is not None
    return program.session.current.exchanges[-1]


def test_drop_evidence_question_and_painted_answer(qtbot: QtBot, program: Program, picture: Path) -> None:
    window = program.window
    drop(program, picture)
    described(qtbot, program)
    evidence = program.session.current and program.session.current.evidence
    assert evidence
    assert set(evidence.finished) | {failure.module for failure in evidence.failures} == set(Module)
    lists = window.evidence.lists
    assert [line.text for line in lists[Module.TAGS].lines.lines] == [tag.text for tag in evidence.tags]
    assert [line.text for line in lists[Module.CAPTIONS].lines.lines] == list(evidence.captions)
    if not evidence.failure(Module.OCR):
        assert "GARDEN" in evidence.text
    before = window.conversation.area.grab().toImage()
    exchange = ask(program, "What is in the picture?")
    qtbot.waitUntil(lambda: not exchange.open, timeout=60_000)
    assert exchange.stage == Stage.DONE, exchange.problem
    assert exchange.answer is not None
    passage = window.conversation.messages[0].answer
    assert passage.toPlainText() == exchange.answer.text
    assert passage.isVisible()
    qtbot.wait(50)
    after = window.conversation.area.grab().toImage()
    assert ink(after) > ink(before)
    assert (
        exchange.answer.prompt.rstrip().endswith("Short Answer:") or "What is in the picture?" in exchange.answer.prompt
    )
    second = ask(program, "And what colour is it?")
    qtbot.waitUntil(lambda: not second.open, timeout=60_000)
    assert second.stage == Stage.DONE, second.problem
    assert program.session.current is not None
    assert program.session.current.evidence is evidence  # a follow-up costs no vision time


def ink(image: QImage) -> int:
    """Return how many dark pixels a light picture has."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    return sum(1 for byte in bytes(grey.constBits()) if byte < 110)


def test_worker_killed_in_mid_answer_is_told_restarted_and_the_question_kept(
    qtbot: QtBot, program: Program, picture: Path
) -> None:
    window = program.window
    drop(program, picture)
    described(qtbot, program)
    first = program.worker.pid
    exchange = ask(program, "What happens next?")
    qtbot.waitUntil(lambda: exchange.stage == Stage.ANSWERING and bool(exchange.answer), timeout=60_000)
    os.kill(first, signal.SIGKILL)
    killed = time.monotonic()
    qtbot.waitUntil(lambda: window.crash_banner.isVisible(), timeout=5000)
    assert time.monotonic() - killed < 0.5
    assert program.worker.state == WorkerState.RESTARTING
    assert window.conversation.messages[0].question.toPlainText() == "What happens next?"
    assert "kept" in window.conversation.messages[0].state.text()
    qtbot.waitUntil(lambda: not exchange.open, timeout=120_000)
    assert exchange.stage == Stage.DONE, exchange.problem
    assert program.worker.pid not in (0, first)
    assert "back" in window.crash_banner.text.text()


def test_no_child_outlives_a_closed_window(qtbot: QtBot, program: Program, picture: Path) -> None:
    drop(program, picture)
    described(qtbot, program)
    ask(program, "What is it?")
    started = [program.worker.pid, program.decoder.pid]
    assert all(alive(pid) for pid in started)
    program.close()
    assert not any(alive(pid) for pid in started)


@pytest.fixture
def running(tiny_set: Path, tmp_path: Path, picture: Path) -> Iterator[subprocess.Popen[str]]:
    """Return main.py as a process of its own, which tells when its window is shown and when it has answered."""
    environment = {**os.environ, "LENS_DESKTOP_SET": str(tiny_set), "LENS_DESKTOP_HOME": str(tmp_path / "own")}
    words = [sys.executable, str(ROOT / "tests" / "e2e" / "driven.py"), str(picture)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        yield process
        process.kill()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_window_holds_no_model_library_and_its_death_ends_its_children(running: subprocess.Popen[str]) -> None:
    assert running.stdout is not None
    shown, seconds = running.stdout.readline().split()
    assert shown == "shown"
    assert float(seconds) < 1.5  # of processor time, so that a busy machine does not decide
    assert running.stdout.readline() == "answered\n"
    libraries = Path(f"/proc/{running.pid}/maps").read_text().lower()
    assert "pyside6" in libraries
    for name in ("torch", "numpy", "transformers", "tokenizers", "safetensors"):
        assert name not in libraries
    started = children(running.pid)
    assert len(started) == 2
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert all(gone(pid, 1) for pid in started)
