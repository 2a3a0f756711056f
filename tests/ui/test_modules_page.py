"""Modules one by one, by mouse and by keyboard: get, use, remove, one's own, and where each runs."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from lens_desktop import places
from lens_desktop.settings import Settings
from lens_desktop.store import choice, own
from lens_desktop.store.catalogue import Module
from lens_desktop.store.installed import place
from lens_desktop.ui.modules_page import Section
from lens_desktop.ui.worker_client import WorkerState
from tests.hub_server import HubServer
from tests.ui.conftest import Start
from tests.ui.models import Open, catalogue, click, open_dialog, press, server, walk
from tests.ui.test_accessibility import nameless

pytestmark = pytest.mark.loopback

__all__ = ["catalogue", "open_dialog", "server"]


def section(dialog: object, module: Module) -> Section:
    """Return the page of a module, shown."""
    dialog.pages.setCurrentIndex(1)  # type: ignore[attr-defined]
    number = [Module.CLIP, Module.CAPTIONER, Module.LLM].index(module)
    click(dialog.modules.tabs.button(number))  # type: ignore[attr-defined]
    return dialog.modules.sections[module]  # type: ignore[attr-defined,no-any-return]


def answer(qtbot: QtBot, key: Qt.Key) -> list[str]:
    """Press a key in the next question; return what was asked, once it was."""
    asked: list[str] = []

    def press_it() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        if key == Qt.Key.Key_Space:
            next(one for one in box.findChildren(QPushButton) if one.text() == "Remove").setFocus()
        QTest.keyClick(QApplication.focusWidget() or box, key)

    QTimer.singleShot(200, press_it)
    return asked


def test_one_llm_is_got_used_and_given_back_by_mouse(qtbot: QtBot, open_dialog: Open) -> None:
    dialog = open_dialog()
    page = section(dialog, Module.LLM)
    chosen: list[Settings] = []
    dialog.chosen.connect(chosen.append)
    assert page.use.title.text() == "The starter set's own"
    assert not page.use.reset.isVisible()
    card = page.cards["talker"]
    assert card.verdict.text().startswith("✓ Fits: about 1.5 GB")
    assert page.cards["giant"].verdict.text().startswith("△ Does not fit")
    click(card.get)
    qtbot.waitUntil(card.use.isVisible, timeout=20_000)
    assert choice.kept() == ()
    click(card.use)
    assert choice.kept() == ("starter", "llm=talker")
    assert [settings.llm for settings in chosen] == [str(place(places.models(), "talker"))]
    assert (page.use.title.text(), card.mark.text()) == ("TALKER", "✓ In use")
    assert not card.remove.isVisible()
    dialog.pages.setCurrentIndex(0)
    assert dialog.sets.cards["starter"].mark.text() == "✓ In use, changed"
    page = section(dialog, Module.LLM)
    click(page.use.reset)
    assert choice.kept() == ("starter",)
    assert page.use.title.text() == "The starter set's own"


def test_removing_asks_first(qtbot: QtBot, open_dialog: Open) -> None:
    dialog = open_dialog()
    card = section(dialog, Module.LLM).cards["talker"]
    press(Qt.Key.Key_Space, card.get)
    qtbot.waitUntil(card.remove.isVisible, timeout=20_000)
    asked = answer(qtbot, Qt.Key.Key_Return)  # the first answer is the one that keeps
    press(Qt.Key.Key_Space, card.remove)
    assert asked == ["Remove TALKER from this computer?"]
    assert place(places.models(), "talker").is_dir()
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    answer(qtbot, Qt.Key.Key_Space)
    press(Qt.Key.Key_Space, card.remove)
    assert not place(places.models(), "talker").exists()
    assert card.get.isVisible()
    assert not card.remove.isVisible()


def test_what_a_checkpoint_is_can_be_read(qtbot: QtBot, open_dialog: Open) -> None:
    card = section(open_dialog(), Module.LLM).cards["giant"]
    words = [line.text() for line in card.findChildren(type(card.title))]
    assert "70.0 GB · 70.0 billion parameters · Licence: Huge-1.0" in words
    assert "△ Only in halls." in words


def test_a_repository_of_the_hub_is_added_got_used_and_remembered(
    qtbot: QtBot, open_dialog: Open, server: HubServer
) -> None:
    dialog = open_dialog()
    page = section(dialog, Module.LLM)
    assert not page.own.add.isEnabled()
    page.own.repository.setFocus()
    QTest.keyClicks(page.own.repository, "talker")
    press(Qt.Key.Key_Return)
    assert "talker is no name on the hub: write it as owner/name" in page.own.problem.text()
    page.own.repository.clear()
    QTest.keyClicks(page.own.repository, "makers/talker")
    press(Qt.Key.Key_Return)
    assert not page.own.problem.isVisible()
    assert server.asked == []  # nothing is fetched before it is asked for
    card = page.cards["makers-talker"]
    qtbot.waitUntil(card.isVisible, timeout=5000)
    assert not card.verdict.isVisible()  # its size is not known
    page.own.folder.setFocus()
    walked = walk(4)
    assert walked[0] == "Repository of the LLM on the hub"
    assert walked[2:] == ["Get makers/talker", "Remove makers/talker"]
    press(Qt.Key.Key_Space, card.get)
    qtbot.waitUntil(card.use.isVisible, timeout=20_000)
    press(Qt.Key.Key_Space, card.use)
    assert choice.kept() == ("starter", "llm=makers-talker")
    again = section(open_dialog(), Module.LLM)
    assert again.use.title.text() == "makers/talker"
    assert again.cards["makers-talker"].mark.text() == "✓ In use"
    click(again.use.reset)
    answer(qtbot, Qt.Key.Key_Space)
    click(again.cards["makers-talker"].remove)
    assert "makers-talker" not in again.cards
    assert own.own() == ()


def test_a_folder_of_ones_own_is_looked_at_and_used(
    qtbot: QtBot, open_dialog: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "a folder = mine"
    mine.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(mine))
    page = section(open_dialog(), Module.CAPTIONER)
    click(page.own.folder)
    assert "has no safetensors file" in page.own.problem.text()
    assert choice.kept() == ()
    (mine / "model.safetensors").touch()
    (mine / "config.json").write_text("{}")
    press(Qt.Key.Key_Space, page.own.folder)
    assert choice.kept() == ("starter", f"captioner={mine}")
    assert page.use.title.text() == "a folder = mine"
    assert page.use.where.text() == str(mine)
    assert not page.own.problem.isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard", extend=True)
def test_device_and_numbers_are_chosen_never_in_passing(qtbot: QtBot, open_dialog: Open) -> None:
    dialog = open_dialog()
    page = section(dialog, Module.LLM)
    device, numbers = page.use.device, page.use.format
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(device.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(device, wheel)
    assert device.currentData() == "auto"
    press(Qt.Key.Key_Down, device)
    assert device.view().isVisible()
    assert choice.kept() == ()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(device.view(), key)
    assert choice.kept() == ("starter", "llm.device=cpu")
    press(Qt.Key.Key_F, numbers)
    assert numbers.view().isVisible()
    numbers.hidePopup()
    assert [numbers.itemData(at) for at in range(numbers.count())][-1] == "4-bit"
    clip = section(dialog, Module.CLIP)
    assert clip.use.format.findData("4-bit") < 0
    assert clip.use.device.itemText(1) == "Graphics card (none found)"
    clip.use.format.showPopup()
    QTest.keyClick(clip.use.format.view(), Qt.Key.Key_Down)
    QTest.keyClick(clip.use.format.view(), Qt.Key.Key_Return)
    assert choice.kept() == ("starter", "llm.device=cpu", "clip.dtype=float32")
    assert section(dialog, Module.LLM).use.device.currentData() == "cpu"


def test_modules_are_reached_by_key_and_everything_has_a_name(qtbot: QtBot, open_dialog: Open) -> None:
    dialog = open_dialog()
    dialog.pages.setCurrentIndex(1)
    dialog.modules.tabs.button(0).setFocus()
    for module in (Module.CLIP, Module.CAPTIONER, Module.LLM):
        assert dialog.modules.sections[module].isVisible()
        assert nameless(dialog) == []
        assert walk(2) == [f"Device of the {name(module)}", f"Number format of the {name(module)}"]
        dialog.modules.tabs.checkedButton().setFocus()
        press(Qt.Key.Key_Right)


def name(module: Module) -> str:
    return {Module.CLIP: "CLIP", Module.CAPTIONER: "Captioner", Module.LLM: "LLM"}[module]


def test_why_the_worker_refuses_is_said_in_the_dialog(
    qtbot: QtBot, start: Start, server: HubServer, catalogue: object
) -> None:
    program = start("--cannot-load")
    program.window.models.show_dialog()
    dialog = program.window.models.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: program.worker.state == WorkerState.FAILED, timeout=20_000)
    program.worker.start()
    qtbot.waitUntil(lambda: program.worker.text in dialog.problem.text(), timeout=20_000)
    assert dialog.problem.isVisible()
