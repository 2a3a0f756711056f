"""Comparing two choices, with real workers: what each side says, by mouse and by keyboard, and that nothing is left."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from lens_desktop.resources import resource
from lens_desktop.settings import load_set
from lens_desktop.store import choice
from lens_desktop.store.catalogue import Module, own_file, read_catalogue
from lens_desktop.ui.app import Program
from lens_desktop.ui.candidates import alone, candidates, folder_candidate, same
from lens_desktop.ui.compare_column import MarkedLine
from lens_desktop.ui.compare_dialog import CompareDialog
from lens_desktop.ui.comparison import Run, RunState
from tests.processes import alive
from tests.ui.conftest import Start
from tests.ui.test_accessibility import nameless
from tests.ui.test_window import answered, described

STARTER = load_set(resource("starter"))
SLOW = 120_000  # milliseconds for two workers on a busy machine
Open = Callable[..., tuple[Program, CompareDialog]]
Pick = Callable[[Path], None]


@pytest.fixture
def opened(qtbot: QtBot, start: Start) -> Open:
    """Return a function that opens the dialog on an image that was looked at, as Ctrl+Shift+M does."""

    def open_dialog(picture: Path, question: str = "") -> tuple[Program, CompareDialog]:
        program = start(settings=STARTER)
        program.window.add_paths([str(picture)])
        described(qtbot, program)
        if question:
            program.session.ask(question)
            answered(qtbot, program)
        keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(program.window, Qt.Key.Key_M, keys)
        dialog = program.window.comparing.dialog
        assert dialog is not None

        def active() -> bool:  # a window that was just shown may still ask for the keyboard
            dialog.activateWindow()
            return QApplication.activeWindow() is dialog

        qtbot.waitUntil(active)
        return program, dialog

    return open_dialog


@pytest.fixture
def pick(monkeypatch: pytest.MonkeyPatch) -> Pick:
    """Return a function that decides what the next question for a folder is answered with."""
    return lambda folder: monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_words: str(folder))


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def finished(qtbot: QtBot, dialog: CompareDialog) -> tuple[Run, ...]:
    qtbot.waitUntil(lambda: not dialog.comparison.running, timeout=SLOW)
    return dialog.comparison.runs


def walk_to(dialog: CompareDialog, name: str) -> QWidget:
    """Press Tab until the control of this name has the keyboard."""
    for _ in range(30):
        focus = dialog.focusWidget() or dialog
        if (focus.accessibleName() or getattr(focus, "text", str)()) == name:
            return focus
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not lead to {name}")


def test_two_equal_clips_say_the_same_and_one_is_used_by_mouse(
    qtbot: QtBot, opened: Open, picture: Path, pick: Pick, tmp_path: Path
) -> None:
    program, dialog = opened(picture)
    assert not dialog.compare.isEnabled()
    assert "Choose a second one" in dialog.hint.text()
    pick(Path(shutil.copytree(resource("starter"), tmp_path / "copy")))
    click(dialog.chooser.folders[1])
    pids: list[int] = []
    alone_in_memory: list[bool] = []

    def note(run: Run) -> None:
        if run.state is RunState.LOADING and dialog.comparison.pid and dialog.comparison.pid not in pids:
            alone_in_memory.append(not any(alive(pid) for pid in pids))
            pids.append(dialog.comparison.pid)

    dialog.comparison.changed.connect(note)
    click(dialog.compare)
    assert dialog.cancel.isVisible()
    assert dialog.progress.isVisible()
    a, b = finished(qtbot, dialog)
    assert (a.state, b.state) == (RunState.DONE, RunState.DONE)
    assert alone_in_memory == [True, True]
    assert not any(alive(pid) for pid in pids)
    first, second = dialog.columns
    assert first.lists["Tags"].lines.lines
    for title in ("Tags", "Attributes"):
        assert first.lists[title].lines.lines == second.lists[title].lines.lines
        assert first.blocks[title].isVisible()
    assert not first.blocks["Captions"].isVisible()
    assert dialog.summary.text() == "Tags: the same. Attributes: the same."
    assert not dialog.legend.isVisible()
    assert "cpu · float32" in first.facts.text()
    assert first.used.isVisible()
    assert not first.use.isVisible()
    click(second.use)
    assert choice.kept()[0] == str(tmp_path / "copy")
    assert program.window.models.settings.clip == str(tmp_path / "copy" / "clip")
    assert program.window.models.settings.llm == STARTER.llm
    assert second.used.isVisible()
    click(first.use)
    assert program.window.models.settings.clip == STARTER.clip
    assert nameless(dialog) == []  # type: ignore[arg-type]


def test_two_captioners_differ_in_marked_lines_by_keyboard(
    qtbot: QtBot, opened: Open, picture: Path, pick: Pick, tiny_set: Path
) -> None:
    _program, dialog = opened(picture)
    pick(tiny_set / "captioner")
    QTest.keyClick(walk_to(dialog, "CLIP"), Qt.Key.Key_Right)
    assert dialog.chooser.module is Module.CAPTIONER
    QTest.keyClick(walk_to(dialog, "A folder for B…"), Qt.Key.Key_Space)
    QTest.keyClick(walk_to(dialog, "Compare"), Qt.Key.Key_Return)
    a, b = finished(qtbot, dialog)
    assert (a.state, b.state) == (RunState.DONE, RunState.DONE)
    assert "only in A" in dialog.summary.text()
    assert dialog.legend.isVisible()
    for column in dialog.columns:
        lines = column.lists["Captions"].lines.lines
        assert lines
        marked = [line for line in lines if isinstance(line, MarkedLine)]
        assert all(line.alone and line.spoken.endswith(f", only in {column.side}") for line in marked)
    view = walk_to(dialog, "Captions of B")
    assert view is dialog.columns[1].lists["Captions"]
    use = walk_to(dialog, "Use B, " + dialog.chooser.chosen[1].title)
    QTest.keyClick(use, Qt.Key.Key_Space)
    assert choice.kept() == (f"captioner={tiny_set / 'captioner'}",)


def test_a_refused_folder_fails_on_its_own_side(
    qtbot: QtBot, opened: Open, picture: Path, pick: Pick, tmp_path: Path
) -> None:
    _program, dialog = opened(picture, "What is there?")
    bad = Path(shutil.copytree(resource("starter", "llm"), tmp_path / "bad"))
    (bad / "weights.pkl").write_bytes(b"no")
    pick(bad)
    click(dialog.chooser.tabs.button(2))
    assert dialog.chooser.question.text() == "What is there?"
    click(dialog.chooser.folders[1])
    click(dialog.compare)
    a, b = finished(qtbot, dialog)
    assert a.state is RunState.DONE
    assert dialog.columns[0].lists["Answer"].lines.lines[0].text
    assert b.state is RunState.FAILED
    assert "weights.pkl, which can run code" in dialog.columns[1].state.text()
    assert not dialog.columns[1].use.isVisible()
    dialog.chooser.question.clear()
    assert not dialog.compare.isEnabled()


def test_escape_cancels_then_closes_and_the_window_takes_its_processes_with_it(
    qtbot: QtBot, opened: Open, picture: Path, pick: Pick, tmp_path: Path
) -> None:
    program, dialog = opened(picture)
    pick(Path(shutil.copytree(resource("starter"), tmp_path / "copy")))
    click(dialog.chooser.folders[1])
    for end in (lambda: QTest.keyClick(dialog, Qt.Key.Key_Escape), lambda: click(dialog.cancel)):
        click(dialog.compare)
        qtbot.waitUntil(lambda: dialog.comparison.pid > 0, timeout=10_000)
        pid = dialog.comparison.pid
        end()
        assert not alive(pid)
        assert [run.state for run in dialog.comparison.runs] == [RunState.STOPPED, RunState.STOPPED]
        assert dialog.isVisible()
        assert dialog.compare.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    program.window.comparing.show_dialog()
    click(dialog.compare)
    qtbot.waitUntil(lambda: dialog.comparison.pid > 0, timeout=10_000)
    pid = dialog.comparison.pid
    program.window.close()
    assert not alive(pid)
    assert not dialog.isVisible()


def test_it_is_only_offered_for_an_image_that_was_read(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    program = start(settings=STARTER)
    assert not program.window.actions_.compare.isEnabled()
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    program.window.add_paths([str(broken)])
    qtbot.waitUntil(lambda: bool(program.session.current and program.session.current.problem), timeout=10_000)
    assert not program.window.actions_.compare.isEnabled()


def test_the_last_question_is_offered_until_another_is_written(qtbot: QtBot, opened: Open, picture: Path) -> None:
    own_file().parent.mkdir(parents=True, exist_ok=True)
    own_file().write_text("damaged [")  # the list of own checkpoints is no reason to stop
    program, dialog = opened(picture, "What is there?")
    program.session.ask("Where is it?")
    answered(qtbot, program)
    program.window.comparing.show_dialog()
    assert dialog.chooser.question.text() == "Where is it?"
    dialog.chooser.question.setText("How many?")
    program.window.comparing.show_dialog()
    assert dialog.chooser.question.text() == "How many?"


def test_candidates_run_one_module_and_leave_the_others_in_use(tiny_set: Path) -> None:
    folder = str(tiny_set)
    choice.keep((folder, f"llm={STARTER.llm}", "llm.device=cpu"))
    in_use = choice.chosen()
    used, starter = candidates(Module.CLIP, read_catalogue(), in_use)
    assert used.place == str(tiny_set / "clip")
    assert starter.title == "Starter set"
    settings = starter.settings(Module.CLIP)
    assert (settings.captioner, settings.llm, settings.llm_device) == ("", "", "")
    assert settings.vocabulary == STARTER.vocabulary  # the words it was made for
    with_it = choice.chosen(starter.choices)
    assert (with_it.captioner, with_it.llm, with_it.llm_device) == (in_use.captioner, in_use.llm, "cpu")
    own = folder_candidate(Module.LLM, folder, in_use)
    assert own.choices == (folder,)  # what its set says counts again
    captioner = candidates(Module.CAPTIONER, read_catalogue(), in_use)[1]
    assert captioner.choices == choice.with_choice(choice.kept(), f"captioner={STARTER.captioner}")
    assert same(alone(in_use, Module.CLIP), used.settings(Module.CLIP))
    assert not same(settings, used.settings(Module.CLIP))
