"""The Models dialog by mouse and by keyboard: get, pause, go on, cancel, fail, use; nothing happens by itself."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lens_desktop import places
from lens_desktop.settings import Settings
from lens_desktop.store import choice
from lens_desktop.store.catalogue import Catalogue
from lens_desktop.store.hub import Hub
from lens_desktop.store.installed import is_installed
from lens_desktop.store.lock import is_locked, set_locked
from lens_desktop.ui.downloads import DownloadState
from lens_desktop.ui.model_card import time_text
from lens_desktop.ui.worker_client import WorkerState
from tests.hub_server import HubServer
from tests.ui.conftest import Start
from tests.ui.models import Open, catalogue, click, open_dialog, press, server, walk
from tests.ui.test_accessibility import nameless

pytestmark = pytest.mark.loopback

__all__ = ["catalogue", "open_dialog", "server"]


def test_a_set_is_got_and_used_by_mouse(qtbot: QtBot, open_dialog: Open, catalogue: Catalogue) -> None:
    dialog = open_dialog()
    card = dialog.sets.cards["small"]
    chosen: list[Settings] = []
    dialog.chosen.connect(chosen.append)
    assert card.verdict.text().startswith("✓ Fits: about 1.5 GB of the 20.0 GB free")
    assert "△ Does not fit" in dialog.sets.cards["huge"].verdict.text()
    assert "It would with TALKER instead of GIANT." in dialog.sets.cards["huge"].verdict.text()
    assert dialog.sets.cards["starter"].mark.text() == "✓ In use"
    click(card.get)
    qtbot.waitUntil(card.use.isVisible, timeout=20_000)
    assert all(is_installed(places.models(), one) for one in catalogue.wanted("small"))
    assert not card.progress.isVisible()
    assert choice.kept() == ()  # what was got is not used by itself
    click(card.use)
    assert choice.kept() == ("small",)
    assert [settings.set_name for settings in chosen] == ["small"]
    assert card.mark.text() == "✓ In use"
    assert dialog.sets.cards["starter"].mark.text() == "✓ Here"


def test_pausing_going_on_and_cancelling_by_keyboard(
    qtbot: QtBot, open_dialog: Open, server: HubServer, catalogue: Catalogue
) -> None:
    server.rate = 400_000
    dialog = open_dialog()
    card, items = dialog.sets.cards["small"], dialog._downloads.items
    card.get.setFocus()
    QTest.keyClick(card.get, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: server.served > 100_000 and "left" in card.state.text(), timeout=20_000)
    assert card.pause.isVisible()
    card.pause.setFocus()
    QTest.keyClick(card.pause, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: items["small"].state == DownloadState.PAUSED, timeout=10_000)
    assert "Paused at" in card.state.text()
    assert card.get.text() == "Go on"
    qtbot.wait(300)  # a block may be on its way
    served = server.served
    qtbot.wait(300)
    assert server.served == served
    server.rate = 0
    card.get.setFocus()
    QTest.keyClick(card.get, Qt.Key.Key_Space)
    qtbot.waitUntil(card.use.isVisible, timeout=20_000)
    size = sum(path.stat().st_size for path in server.folder.rglob("*") if path.is_file())
    assert server.served < size + 300_000  # it went on from where it was


def test_a_cancelled_download_leaves_nothing_unfinished(qtbot: QtBot, open_dialog: Open, server: HubServer) -> None:
    server.rate = 400_000
    dialog = open_dialog()
    card = dialog.sets.cards["small"]
    click(card.get)
    qtbot.waitUntil(lambda: server.served > 100_000, timeout=20_000)
    click(card.cancel)
    assert dialog._downloads.items == {}
    assert card.get.text() == "Get"
    qtbot.waitUntil(lambda: not (places.models() / ".getting").exists(), timeout=5000)
    assert not card.progress.isVisible()


def test_one_failed_with_its_reason_does_not_hold_up_the_next(
    qtbot: QtBot, open_dialog: Open, server: HubServer, catalogue: Catalogue
) -> None:
    dialog = open_dialog()
    click(dialog.sets.cards["huge"].get)  # its LLM is not on the hub
    click(dialog.sets.cards["small"].get)
    qtbot.waitUntil(dialog.sets.cards["small"].use.isVisible, timeout=20_000)
    failed = dialog.sets.cards["huge"]
    assert "has no makers/giant: check its name" in failed.state.text()
    assert failed.state.property("tone") == "danger"
    assert failed.get.text() == "Try again"


def test_the_lock_stops_every_download(qtbot: QtBot, open_dialog: Open, server: HubServer) -> None:
    set_locked(True)
    dialog = open_dialog()
    click(dialog.sets.cards["small"].get)
    qtbot.waitUntil(lambda: "locked offline" in dialog.sets.cards["small"].state.text(), timeout=10_000)
    assert server.asked == []


def test_what_was_unfinished_waits_paused_for_the_user(
    qtbot: QtBot, open_dialog: Open, server: HubServer, catalogue: Catalogue
) -> None:
    (places.config() / "downloads.json").write_text(json.dumps(["small", "gone"]))
    dialog = open_dialog()
    assert dialog.sets.cards["small"].get.text() == "Go on"
    qtbot.wait(200)
    assert server.asked == []
    click(dialog.sets.cards["small"].get)
    qtbot.waitUntil(dialog.sets.cards["small"].use.isVisible, timeout=20_000)
    assert json.loads((places.config() / "downloads.json").read_text()) == []


def test_downloads_go_on_with_the_dialog_closed(qtbot: QtBot, open_dialog: Open, server: HubServer) -> None:
    server.rate = 2_000_000
    dialog = open_dialog()
    click(dialog.sets.cards["small"].get)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: not dialog._downloads.items, timeout=20_000)
    dialog.show()
    assert dialog.sets.cards["small"].use.isVisible()


def test_tab_walks_through_what_can_be_done_in_reading_order(qtbot: QtBot, open_dialog: Open) -> None:
    dialog = open_dialog()
    dialog.pages.tabBar().setFocus()
    assert walk(5) == ["Get Small set", "Get Huge set", "Show the folder", "Change the folder…", "Close"]


def test_the_pages_are_reached_by_key_and_everything_has_a_name(qtbot: QtBot, open_dialog: Open) -> None:
    dialog = open_dialog()
    dialog.pages.tabBar().setFocus()
    for page in (dialog.sets, dialog.modules, dialog.server):
        assert page.isVisible()
        assert nameless(dialog) == []
        press(Qt.Key.Key_Right)


def test_focus_stays_with_the_set_whose_button_was_pressed(qtbot: QtBot, open_dialog: Open, server: HubServer) -> None:
    server.rate = 400_000
    dialog = open_dialog()
    card = dialog.sets.cards["small"]
    press(Qt.Key.Key_Space, card.get)
    assert QApplication.focusWidget() is card.pause
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(card.get.isVisible, timeout=10_000)
    assert QApplication.focusWidget() is card.get


def test_the_window_goes_on_with_the_chosen_set(
    qtbot: QtBot, start: Start, picture: Path, server: HubServer, catalogue: Catalogue
) -> None:
    program = start()
    program.window.models.downloads._hub = lambda: Hub(server.address, is_locked)
    program.window.add_paths([str(picture)])
    qtbot.waitUntil(lambda: bool(program.session.current and program.session.current.described), timeout=20_000)
    pid = program.worker.pid
    QTest.keyClick(program.window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    dialog = program.window.models.dialog
    assert dialog is not None
    assert dialog.isVisible()
    click(dialog.sets.cards["small"].get)
    qtbot.waitUntil(dialog.sets.cards["small"].use.isVisible, timeout=20_000)
    click(dialog.sets.cards["small"].use)
    qtbot.waitUntil(lambda: program.worker.state == WorkerState.READY and program.worker.pid != pid, timeout=20_000)
    qtbot.waitUntil(lambda: bool(program.session.current and program.session.current.described), timeout=20_000)
    assert "Small set" in program.window.status.facts.text()


def test_times_are_told_as_people_tell_them() -> None:
    assert [time_text(seconds) for seconds in (5, 600, 9000)] == ["5 s", "10 min", "2 h"]
