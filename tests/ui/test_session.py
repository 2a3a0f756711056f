"""The session's promises about order, failure and death, with a scripted worker."""

import os
import signal
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lens_desktop.protocol import Ask, Cancel, Describe, Request
from lens_desktop.settings import Settings
from lens_desktop.ui.app import Program, make_application, make_program
from lens_desktop.ui.entry import Stage
from lens_desktop.ui.worker_client import WorkerState
from tests.ui.conftest import Start, draw


def all_described(qtbot: QtBot, program: Program) -> None:
    library = program.session.library
    qtbot.waitUntil(lambda: not any(entry.reading or entry.wants_description for entry in library), timeout=20_000)


def sent_by(program: Program) -> list[Request]:
    """Return the list that what goes to the worker is written into from now on."""
    sent: list[Request] = []
    send = program.worker._process.send

    def note(message: Request) -> None:
        sent.append(message)
        send(message)

    program.worker._process.send = note  # type: ignore[method-assign]
    return sent


def test_question_before_the_evidence_waits_for_it(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    program.session.ask("What is it?")
    entry = program.session.current
    assert entry is not None
    assert entry.exchanges[0].stage == Stage.WAITING
    qtbot.waitUntil(lambda: not entry.exchanges[0].open, timeout=20_000)
    assert entry.exchanges[0].stage == Stage.DONE
    assert entry.exchanges[0].answer is not None
    assert "Captions: a picture" in entry.exchanges[0].answer.prompt


def test_one_description_at_a_time_current_image_first(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    program = start()
    qtbot.waitUntil(lambda: program.worker.state == WorkerState.READY)
    sent = sent_by(program)
    colours = ("red", "green", "blue", "black", "orange")
    program.window.add_paths([str(draw(tmp_path / f"{colour}.png", colour)) for colour in colours])
    library = program.session.library
    qtbot.waitUntil(lambda: len(library) == 5 and not library[4].reading, timeout=20_000)
    program.session.select(library[4])
    all_described(qtbot, program)
    order = [message.image.path for message in sent if isinstance(message, Describe)]
    assert order.index(library[4].path) <= 4
    assert {Path(path).stem for path in order} == set(colours)


def test_follow_up_sends_the_same_evidence_and_earlier_turns(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    all_described(qtbot, program)
    sent = sent_by(program)
    entry = program.session.current
    assert entry is not None
    for question in ("What is it?", "What colour?"):
        program.session.ask(question)
        qtbot.waitUntil(lambda: not program.session.answering, timeout=5000)
    asks = [message for message in sent if isinstance(message, Ask)]
    assert not [message for message in sent if isinstance(message, Describe)]
    assert [turn.question for turn in asks[1].turns] == ["What is it?"]
    assert asks[1].evidence == entry.evidence


def test_failed_description_fails_the_questions_that_wait(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start("--dies-describing")
    program.window.add_paths([str(picture)])
    program.session.ask("What is it?")
    entry = program.session.current
    assert entry is not None
    qtbot.waitUntil(lambda: not entry.exchanges[0].open, timeout=30_000)
    assert entry.exchanges[0].stage == Stage.FAILED
    assert entry.describe_problem == entry.exchanges[0].problem
    assert entry.describe_tries == 2
    line = program.window.evidence.lists["tags"].lines.lines[0]
    assert line.text.startswith("Did not run: ")


def test_question_that_kills_the_worker_is_asked_again_once(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    all_described(qtbot, program)
    sent = sent_by(program)
    program.session.ask("die")
    message = program.window.conversation.messages[0]
    qtbot.waitUntil(lambda: message.exchange.stage == Stage.FAILED, timeout=20_000)
    assert len([request for request in sent if isinstance(request, Ask)]) == 2
    assert message.question.toPlainText() == "die"
    assert not message.again.isHidden()
    qtbot.waitUntil(lambda: program.worker.state == WorkerState.READY, timeout=20_000)
    message.again.click()
    assert message.exchange.open


def test_worker_that_cannot_start_fails_questions_and_offers_to_try_again(
    qtbot: QtBot, start: Start, picture: Path
) -> None:
    program = start("--never-ready")
    program.window.add_paths([str(picture)])
    qtbot.waitUntil(lambda: program.worker.state == WorkerState.FAILED, timeout=10_000)
    program.session.ask("What is it?")
    assert program.session.current is not None
    assert program.session.current.exchanges[0].stage == Stage.FAILED
    assert "code 3" in program.window.crash_banner.text.text()
    words = [button.text() for button in program.window.crash_banner.buttons]
    assert words == ["Try again", "Open the log"]
    program.window.crash_banner.buttons[0].click()
    assert program.worker.state == WorkerState.STARTING


def test_models_that_cannot_be_loaded_are_told_with_their_reason(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start("--cannot-load")
    program.window.add_paths([str(picture)])
    program.session.ask("What is it?")
    qtbot.waitUntil(lambda: program.worker.state == WorkerState.FAILED, timeout=10_000)
    reason = "The captioner is not a BLIP model: choose another."
    assert reason in program.window.crash_banner.text.text()
    assert program.session.current is not None
    assert program.session.current.exchanges[0].problem == reason
    assert program.worker.pid == 0


def test_without_checkpoints_the_window_opens_and_says_why(
    qtbot: QtBot, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENS_DESKTOP_SET", str(tmp_path / "nowhere"))
    make_application()
    program = make_program()
    qtbot.addWidget(program.window)
    program.start([str(picture)])
    assert "There is no checkpoint set" in program.window.crash_banner.text.text()
    qtbot.waitUntil(lambda: program.window.image.view.image is not None, timeout=10_000)
    program.close()


def test_out_of_memory_is_said_in_its_message(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    all_described(qtbot, program)
    program.session.ask("fail")
    qtbot.waitUntil(lambda: not program.session.answering, timeout=5000)
    assert "close other programs" in program.window.conversation.messages[0].state.text()
    assert program.worker.state == WorkerState.READY


def test_removing_an_image_stops_its_question(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    all_described(qtbot, program)
    sent = sent_by(program)
    program.session.ask("slow")
    exchange = program.window.conversation.messages[0].exchange
    qtbot.waitUntil(lambda: bool(exchange.answer), timeout=5000)
    program.window.image_deeds.remove_current()
    assert any(isinstance(message, Cancel) for message in sent)
    qtbot.waitUntil(lambda: exchange.stage == Stage.STOPPED, timeout=5000)


def test_killed_again_and_again_the_worker_comes_back(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start(settings=Settings(title="Scripted set"))
    program.window.add_paths([str(picture)])
    all_described(qtbot, program)
    entry = program.session.current
    assert entry is not None
    for _ in range(5):
        program.session.ask("slow")
        exchange = entry.exchanges[-1]
        qtbot.waitUntil(lambda exchange=exchange: bool(exchange.answer), timeout=20_000)
        os.kill(program.worker.pid, signal.SIGKILL)
        qtbot.waitUntil(lambda exchange=exchange: exchange.stage == Stage.WAITING, timeout=5000)
        qtbot.waitUntil(lambda exchange=exchange: exchange.stage == Stage.ANSWERING, timeout=20_000)
        program.session.stop()
        qtbot.waitUntil(lambda exchange=exchange: not exchange.open, timeout=5000)
    assert program.worker.state == WorkerState.READY
