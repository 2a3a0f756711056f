"""The window on the checkpoints in the repository: a sample image, its evidence, a question, a painted answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lens_desktop.resources import resource
from lens_desktop.settings import load_set
from lens_desktop.ui.app import Program
from lens_desktop.ui.entry import Stage
from tests.e2e.test_window import ask, described, drop, open_program

pytestmark = pytest.mark.slow


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("LENS_DESKTOP_HOME", str(tmp_path / "home"))
    with open_program(qtbot, load_set(resource("starter"))) as made:
        yield made


def test_sample_is_described_and_answered(qtbot: QtBot, program: Program) -> None:
    drop(program, resource("samples", "1-party.png"))
    described(qtbot, program)
    entry = program.session.current
    assert entry is not None
    assert entry.evidence is not None
    tags = " ".join(tag.text for tag in entry.evidence.tags)
    assert any(name in tags for name in ("cake", "balloon", "star", "gift", "present"))
    exchange = ask(program, "What is in the picture?")
    qtbot.waitUntil(lambda: not exchange.open, timeout=60_000)
    assert exchange.stage == Stage.DONE, exchange.problem
    assert exchange.answer is not None
    assert exchange.answer.text.strip()
    passage = program.window.conversation.messages[0].answer
    assert passage.toPlainText() == exchange.answer.text
    assert passage.isVisible()
