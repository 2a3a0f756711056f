"""An LLM server in the Models dialog: looked for, used, and nothing is sent elsewhere without a yes."""

import json
import socket
from collections.abc import Iterator

import keyring
import pytest
from keyring.backends import fail
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lens_desktop import keys, places
from lens_desktop.domain.errors import LensError
from lens_desktop.settings import Settings
from lens_desktop.store import choice, llm_server
from lens_desktop.store.lock import set_locked
from lens_desktop.ui.models_dialog import ModelsDialog
from lens_desktop.ui.server_page import ServerPage
from tests.hub_server import HubServer
from tests.llm_server import LlmServer
from tests.test_keys import InMemory, ring
from tests.ui.models import Open, catalogue, click, open_dialog, press, server, walk
from tests.ui.test_accessibility import nameless

pytestmark = pytest.mark.loopback

__all__ = ["catalogue", "open_dialog", "ring", "server"]


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with LlmServer() as served:
        yield served


@pytest.fixture
def dialog(open_dialog: Open, ring: InMemory, monkeypatch: pytest.MonkeyPatch) -> ModelsDialog:
    """Return the dialog with the page shown, on a system with a keyring."""
    monkeypatch.delenv(keys.VARIABLE, raising=False)
    made = open_dialog()
    made.pages.setCurrentIndex(2)
    return made


@pytest.fixture
def page(dialog: ModelsDialog) -> ServerPage:
    return dialog.server


def write(page: ServerPage, address: str) -> None:
    page.address.setFocus()
    page.address.selectAll()
    QTest.keyClicks(page.address, address)


def test_it_is_looked_for_and_used_by_mouse(
    qtbot: QtBot, dialog: ModelsDialog, page: ServerPage, llm: LlmServer
) -> None:
    chosen: list[Settings] = []
    dialog.chosen.connect(chosen.append)
    assert not page.use.isEnabled()
    write(page, llm.address)
    click(page.look)
    assert "Looking" in page.state.text()
    qtbot.waitUntil(lambda: "It answers and has 1 model." in page.state.text(), timeout=10_000)
    assert page.model.currentText() == "talker"
    assert not page.consent.isVisible()
    assert choice.kept() == ()
    click(page.use)
    assert choice.kept() == ("starter", f"llm={llm.address}#talker")
    assert [settings.llm for settings in chosen] == [f"{llm.address}#talker"]
    assert page.used.text().startswith(f"✓ In use: talker at 127.0.0.1:{llm.server_port}")
    assert llm.heard == []  # no question was sent to anyone


def test_everything_is_done_by_key_and_has_a_name(
    qtbot: QtBot, dialog: ModelsDialog, page: ServerPage, llm: LlmServer
) -> None:
    assert nameless(dialog) == []
    qtbot.waitUntil(page.key_note.isVisible, timeout=10_000)
    write(page, f"127.0.0.1:{llm.server_port}")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "1 model" in page.state.text(), timeout=10_000)
    assert page.address.text() == llm.address  # as it was meant
    page.address.setFocus()
    reached = walk(8)
    assert reached[0] == "Look which models the server has"
    assert reached[1:5] == [f"Address of {name}" for name in ("Ollama 11434", "LM Studio 1234", "llama.cpp 8080")] + [
        "Address of vLLM 8000"
    ]
    assert reached[5:] == ["Model of the LLM server", "Key of the LLM server", "Use this server"]
    press(Qt.Key.Key_Space)
    assert choice.kept() == ("starter", f"llm={llm.address}#talker")


def test_an_example_fills_the_address(qtbot: QtBot, page: ServerPage) -> None:
    press(Qt.Key.Key_Space, page.examples[1])
    assert page.address.text() == "http://127.0.0.1:1234/v1"
    assert page.use.isEnabled()


def test_what_does_not_answer_is_said(qtbot: QtBot, page: ServerPage, server: HubServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for address, words in (
        (f"http://127.0.0.1:{port}/v1", f"Nothing answers at 127.0.0.1:{port}: start the server, or check"),
        (server.address, "tells no models: check the address"),
        ("ftp://example.org", "is no address of a server"),
    ):
        write(page, address)
        press(Qt.Key.Key_Return)
        qtbot.waitUntil(lambda words=words: words in page.state.text(), timeout=10_000)
        assert page.state.property("tone") == "danger"
        qtbot.waitUntil(page.look.isEnabled, timeout=5000)


def test_another_machine_needs_a_yes_to_exactly_what_is_sent(
    qtbot: QtBot, dialog: ModelsDialog, page: ServerPage
) -> None:
    write(page, "http://llm.example.org/v1")
    assert page.consent.isVisible()
    assert page.sent.text() == (
        "llm.example.org is another machine. With each question it is sent, as text: the question, tags, attributes, "
        "captions, recognised text, and earlier answers. Never pixels, file names or paths. The address begins with "
        "http, not https: it goes there unencrypted."
    )
    assert not page.use.isEnabled()
    press(Qt.Key.Key_Space, page.agree)
    assert page.use.isEnabled()
    write(page, "https://other.example.org/v1")  # a yes is for one host
    assert not page.agree.isChecked()
    assert "unencrypted" not in page.sent.text()
    assert not page.use.isEnabled()
    press(Qt.Key.Key_Space, page.agree)
    page.model.setEditText("big-one")
    press(Qt.Key.Key_Space, page.use)
    kept = json.loads((places.config() / "checkpoints.json").read_text())
    assert kept == {
        "choices": ["starter", "llm=https://other.example.org/v1#big-one"],
        "send_text_to": "other.example.org",
    }
    dialog._do("use", "clip.device=cpu")  # another choice leaves what was agreed to
    assert json.loads((places.config() / "checkpoints.json").read_text())["send_text_to"] == "other.example.org"
    dialog._do("use", "starter")
    assert json.loads((places.config() / "checkpoints.json").read_text())["send_text_to"] == ""


def test_the_lock_leaves_this_machine_only(
    qtbot: QtBot, dialog: ModelsDialog, page: ServerPage, llm: LlmServer
) -> None:
    set_locked(True)
    write(page, "http://llm.example.org/v1")
    assert "locked offline and llm.example.org is another machine" in page.sent.text()
    assert not page.agree.isVisible()
    assert not page.use.isEnabled()
    click(page.look)
    qtbot.waitUntil(lambda: "locked offline" in page.state.text(), timeout=10_000)
    with pytest.raises(LensError):
        llm_server.models_of("http://llm.example.org/v1")
    write(page, llm.address)
    click(page.look)
    qtbot.waitUntil(lambda: "1 model" in page.state.text(), timeout=10_000)
    assert page.use.isEnabled()


def test_a_key_is_kept_in_the_keyring_and_forgotten(
    qtbot: QtBot, page: ServerPage, llm: LlmServer, ring: InMemory
) -> None:
    qtbot.waitUntil(page.key_note.isVisible, timeout=10_000)
    assert "Kept in the system's keyring" in page.key_note.text()
    assert page.key.echoMode() == page.key.EchoMode.Password
    write(page, llm.address)
    QTest.keyClicks(page.key, "secret")
    click(page.use)
    qtbot.waitUntil(lambda: choice.kept() == ("starter", f"llm={llm.address}"), timeout=10_000)
    assert ring.kept == {("lens-desktop", "127.0.0.1"): "secret"}
    assert page.key.text() == ""
    assert "secret" not in "".join(file.read_text() for file in places.config().iterdir() if file.is_file())
    qtbot.waitUntil(page.forget.isVisible, timeout=5000)
    click(page.forget)
    qtbot.waitUntil(lambda: ring.kept == {}, timeout=10_000)
    qtbot.waitUntil(lambda: not page.forget.isVisible(), timeout=5000)


def test_no_keyring_is_said_with_the_way_out(qtbot: QtBot, open_dialog: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    dialog = open_dialog()
    dialog.pages.setCurrentIndex(2)
    qtbot.waitUntil(dialog.server.key_note.isVisible, timeout=10_000)
    assert dialog.server.key_note.text() == (
        "There is no keyring on this system: set the environment variable LENS_DESKTOP_LLM_KEY instead."
    )
    assert not dialog.server.key.isEnabled()


def test_nothing_is_connected_to_by_writing_an_address(
    qtbot: QtBot, page: ServerPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(llm_server, "models_of", lambda address, _key: asked.append(address))
    write(page, "http://127.0.0.1:9/v1")
    qtbot.wait(200)
    assert asked == []
