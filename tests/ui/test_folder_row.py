"""Moving the folder of checkpoints from the Models dialog."""

import os
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from lens_desktop import places
from lens_desktop.settings import Settings
from lens_desktop.store import choice, folder
from lens_desktop.ui.models_dialog import ModelsDialog
from tests.hub_server import HubServer
from tests.ui.models import Open, catalogue, click, open_dialog, press, server

pytestmark = pytest.mark.loopback

__all__ = ["catalogue", "open_dialog", "server"]


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "a disk" / "models"
    made.parent.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(made))
    return made


def with_small_set(qtbot: QtBot, open_dialog: Open) -> ModelsDialog:
    dialog = open_dialog()
    card = dialog.sets.cards["small"]
    click(card.get)
    qtbot.waitUntil(card.use.isVisible, timeout=20_000)
    return dialog


def test_it_is_moved_and_what_is_in_use_goes_along(qtbot: QtBot, open_dialog: Open, target: Path) -> None:
    dialog = with_small_set(qtbot, open_dialog)
    click(dialog.sets.cards["small"].use)
    chosen: list[Settings] = []
    dialog.chosen.connect(chosen.append)
    old = places.models()
    press(Qt.Key.Key_Space, dialog.folder.change)
    qtbot.waitUntil(lambda: places.models() == target and dialog.pages.isEnabled(), timeout=10_000)
    assert not old.exists()
    assert "✓ Everything is in the new folder." in dialog.folder.state.text()
    assert dialog.folder.path.accessibleName() == f"Kept in {target}"
    assert dialog.sets.cards["small"].mark.text() == "✓ In use"
    assert [settings.clip for settings in chosen] == [str(target / "clip")]
    assert choice.kept() == ("small",)


def test_it_can_be_stopped_and_everything_stays(
    qtbot: QtBot, open_dialog: Open, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise OSError

    dialog = with_small_set(qtbot, open_dialog)
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(folder, "_BLOCK", 20_000)
    monkeypatch.setattr("lens_desktop.ui.background.Work.tell", slow_tell)
    old = places.models()
    click(dialog.folder.change)
    qtbot.waitUntil(lambda: "of 3 MB" in dialog.folder.state.text(), timeout=10_000)
    assert not dialog.pages.isEnabled()
    assert QApplication.focusWidget() is dialog.folder.cancel
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(dialog.pages.isEnabled, timeout=10_000)
    assert "Stopped: everything stays where it is." in dialog.folder.state.text()
    assert QApplication.focusWidget() is dialog.folder.change
    assert places.models() == old
    assert not target.exists()


def slow_tell(work: object, done: int, total: int) -> None:
    time.sleep(0.02)
    work.told.emit(done, total)  # type: ignore[attr-defined]


def test_a_running_download_comes_first(qtbot: QtBot, open_dialog: Open, server: HubServer, target: Path) -> None:
    server.rate = 300_000
    dialog = open_dialog()
    click(dialog.sets.cards["small"].get)
    qtbot.waitUntil(lambda: server.served > 50_000, timeout=20_000)
    click(dialog.folder.change)
    qtbot.waitUntil(lambda: "A download is running: pause it" in dialog.folder.state.text(), timeout=10_000)
    assert dialog.folder.state.property("tone") == "danger"


def test_a_vanished_folder_is_said_and_another_can_be_chosen(
    qtbot: QtBot, open_dialog: Open, target: Path, tmp_path: Path
) -> None:
    folder.move(tmp_path / "stick")
    (tmp_path / "stick").rmdir()
    dialog = open_dialog()
    assert "is not there: connect its disk, or choose another folder" in dialog.problem.text()
    assert not dialog.folder.show_folder.isEnabled()
    click(dialog.sets.cards["small"].get)
    qtbot.waitUntil(lambda: "connect its disk" in dialog.sets.cards["small"].state.text(), timeout=10_000)
    assert not (tmp_path / "stick").exists()
    click(dialog.sets.cards["small"].cancel)
    click(dialog.folder.change)
    qtbot.waitUntil(lambda: not dialog.problem.isVisible(), timeout=10_000)
    assert places.models() == target
