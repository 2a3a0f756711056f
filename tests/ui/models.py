"""What the tests of the Models dialog share: a hub on this machine, a catalogue of small files, and the dialog."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lens_desktop.store.catalogue import Catalogue, read_catalogue
from lens_desktop.store.hub import Hub
from lens_desktop.store.lock import is_locked
from lens_desktop.store.preflight import Free
from lens_desktop.ui.app import make_application
from lens_desktop.ui.downloads import Downloads
from lens_desktop.ui.models_dialog import ModelsDialog
from tests.hub_server import HubServer

FREE = Free(20_000_000_000)
Open = Callable[[], ModelsDialog]
PARAMETERS = {"clip": 900_000, "blip": 2_000_000, "talker": 500_000, "giant": 70_000_000_000}
MODULES = {"clip": "clip", "blip": "captioner", "talker": "llm", "giant": "llm"}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """Serve three checkpoints; a fourth of the catalogue is not there."""
    for name in ("clip", "blip", "talker"):
        folder = tmp_path / "hub" / "makers" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_bytes(os.urandom(PARAMETERS[name]))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("lens_desktop.store.download._WAIT", 0.01)
    served = HubServer(tmp_path / "hub")
    thread = threading.Thread(target=served.serve_forever, args=(0.02,))
    thread.start()
    yield served
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """Have the program know a set that fits and one that does not."""
    lines = []
    for name, module in MODULES.items():
        lines += ["[[checkpoint]]", f'id = "{name}"', f'title = "{name.upper()}"', f'module = "{module}"']
        lines += [f'repository = "makers/{name}"', 'revision = "main"', 'about = "For tests."']
        lines += ['licence = "Huge-1.0"' if name == "giant" else 'licence = "MIT"', f"parameters = {PARAMETERS[name]}"]
        lines += ['licence_note = "Only in halls."'] if name == "giant" else []
        lines += ["bytes_per_parameter = 1"]
    for name, llm, needs in (("small", "talker", "any computer."), ("huge", "giant", "a hall of computers.")):
        lines += ["[[set]]", f'id = "{name}"', f'title = "{name.title()} set"', f'needs = "{needs}"']
        lines += ['clip = "clip"', 'captioner = "blip"', f'llm = "{llm}"']
    file = tmp_path / "catalogue.toml"
    file.write_text("\n".join(lines))
    monkeypatch.setattr("lens_desktop.store.catalogue.resource", lambda *_parts: file)
    return read_catalogue()


@pytest.fixture
def open_dialog(qtbot: QtBot, server: HubServer, catalogue: Catalogue) -> Iterator[Open]:
    """Return a function that opens the dialog."""
    made: list[tuple[Downloads, ModelsDialog]] = []

    def opened() -> ModelsDialog:
        make_application()
        known = read_catalogue()
        downloads = Downloads(known, lambda: Hub(server.address, is_locked))
        dialog = ModelsDialog(known, downloads, lambda: FREE)
        qtbot.addWidget(dialog)
        made.append((downloads, dialog))
        dialog.show()
        with qtbot.waitActive(dialog):
            dialog.activateWindow()
        return dialog

    yield opened
    for downloads, dialog in made:
        downloads.stop()
        dialog.stop()


def click(widget: QWidget) -> None:
    """Click a widget that can be seen."""
    assert widget.isVisible()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def press(key: Qt.Key, widget: QWidget | None = None) -> None:
    """Press a key where the focus is, or on a widget that is focused for it."""
    if widget is not None:
        assert widget.isVisible()
        widget.setFocus()
    where = QApplication.focusWidget()
    assert where is not None
    QTest.keyClick(where, key)


def walk(times: int) -> list[str]:
    """Press Tab and return the names of what was reached."""
    walked = []
    for _ in range(times):
        press(Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        walked.append(focus.accessibleName() or str(focus.property("text")))
    return walked
