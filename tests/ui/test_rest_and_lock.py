"""Giving back the memory, and the offline lock: by button, by menu, by key."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from lens_desktop.settings import Settings
from lens_desktop.store.lock import is_locked
from lens_desktop.ui.app import Program
from lens_desktop.ui.entry import Stage
from lens_desktop.ui.worker_client import WorkerState
from tests.processes import alive
from tests.ui.conftest import SCRIPT, Start, draw

MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def ready(qtbot: QtBot, program: Program) -> None:
    qtbot.waitUntil(lambda: program.worker.state == WorkerState.READY, timeout=10_000)


def described(qtbot: QtBot, program: Program) -> None:
    qtbot.waitUntil(lambda: bool(program.session.current and program.session.current.described), timeout=20_000)


def test_the_freed_worker_is_gone_and_comes_back_with_the_next_question(
    qtbot: QtBot, start: Start, picture: Path
) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    described(qtbot, program)
    entry, pid = program.session.current, program.worker.pid
    assert entry is not None
    program.session.ask("slow, please")
    qtbot.waitUntil(lambda: entry.exchanges[0].stage == Stage.ANSWERING and bool(entry.exchanges[0].answer))
    QTest.mouseClick(program.window.status.free, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not alive(pid), timeout=3000)
    assert program.worker.pid == 0
    assert program.worker.state == WorkerState.RESTING
    assert entry.exchanges[0].stage == Stage.STOPPED
    assert entry.described  # what was seen is kept
    assert "Resting" in program.window.status.state.text()
    assert not program.window.status.free.isVisible()
    assert not program.window.crash_banner.isVisible()
    program.session.ask("What is it?")
    qtbot.waitUntil(lambda: entry.exchanges[1].stage == Stage.DONE, timeout=20_000)
    assert program.worker.pid != pid


def test_a_freed_worker_comes_back_for_a_new_image_and_not_for_an_old_one(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    program = start()
    program.window.add_paths([str(draw(tmp_path / f"{name}.png", name)) for name in ("red", "blue")])
    ready(qtbot, program)
    QTest.keyClick(program.window, Qt.Key.Key_F, MODIFIERS)
    assert program.worker.state == WorkerState.RESTING
    qtbot.waitUntil(lambda: not any(entry.reading for entry in program.session.library), timeout=10_000)
    program.session.select(program.session.library[1])
    qtbot.wait(200)
    assert program.worker.state == WorkerState.RESTING
    program.window.add_paths([str(draw(tmp_path / "green.png", "green"))])
    qtbot.waitUntil(lambda: all(entry.described for entry in program.session.library), timeout=20_000)
    assert len(program.session.library) == 3


def test_the_lock_is_turned_by_mouse_and_by_key_and_remembered(qtbot: QtBot, start: Start) -> None:
    program = start()
    lock = program.window.status.lock
    assert not is_locked()
    QTest.mouseClick(lock, Qt.MouseButton.LeftButton)
    assert is_locked()
    assert lock.isChecked()
    assert "no other machine" in program.window.notice_banner.text.text()
    again = start()
    assert again.window.status.lock.isChecked()
    assert again.window.actions_.lock.isChecked()
    QTest.keyClick(again.window, Qt.Key.Key_L, MODIFIERS)
    assert not is_locked()
    assert not again.window.status.lock.isChecked()


def test_locking_ends_a_worker_that_talks_to_another_machine(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    told = tmp_path / "told.txt"
    script = f"import os; open({str(told)!r}, 'a').write(os.environ['LENS_DESKTOP_SETTINGS'] + '\\n')\n"
    wrapper = tmp_path / "worker.py"
    wrapper.write_text(f"{script}import runpy; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')")
    remote = Settings(set_name="scripted", llm="http://llm.example.org/v1", llm_consent="llm.example.org")
    program = start(command=[sys.executable, str(wrapper)], settings=remote)
    ready(qtbot, program)
    pid = program.worker.pid
    program.window.actions_.lock.trigger()
    assert not alive(pid)
    ready(qtbot, program)
    first, second = told.read_text().splitlines()
    assert '"offline": false' in first
    assert '"offline": true' in second


def test_what_could_be_connected_to_is_told(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(QMessageBox, "information", lambda _window, _title, text: said.append(text))
    program = start(settings=Settings(set_name="s", llm="http://llm.example.org/v1", llm_consent="llm.example.org"))
    program.window.models.show_connections()
    assert "https://huggingface.co" in said[0]
    assert "llm.example.org\nThe LLM server you chose, on another machine" in said[0]
    assert "The offline lock is on" not in said[0]
    program.window.models.set_locked(True)
    program.window.models.show_connections()
    assert "The offline lock is on: nothing of this is connected to." in said[1]
