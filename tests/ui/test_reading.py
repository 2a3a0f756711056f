"""While a vocabulary is read the window already serves, says how far it is, and fills in the rest by itself."""

import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from lens_desktop.domain.evidence import Module
from lens_desktop.ui.entry import Stage
from tests.ui.conftest import Start

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = f"""
import runpy, sys
sys.path.insert(0, {str(ROOT)!r})
sys.argv = ["scripted", "reading"]
runpy.run_module("tests.worker.scripted", run_name="__main__")
"""


def test_tags_come_when_the_vocabulary_is_read(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start(command=[sys.executable, "-c", SCRIPT])
    program.window.add_paths([str(picture)])
    qtbot.waitUntil(lambda: bool(program.session.current and program.session.current.described), timeout=20_000)
    entry = program.session.current
    assert entry is not None
    assert entry.evidence is not None
    assert entry.evidence.waiting == (Module.TAGS,)
    captions = entry.evidence.captions
    assert "Reading the vocabulary" in program.window.status.state.text()
    (line,) = program.window.evidence.lists[Module.TAGS].lines.lines
    assert "They come by themselves" in line.text
    program.session.ask("2")
    qtbot.waitUntil(lambda: entry.exchanges[0].stage == Stage.DONE, timeout=20_000)
    qtbot.waitUntil(lambda: bool(entry.evidence and Module.TAGS in entry.evidence.finished), timeout=20_000)
    assert entry.evidence.captions == captions
    assert program.window.status.state.text() == "Ready"
    assert len(entry.exchanges) == 1, "the answer stays"
