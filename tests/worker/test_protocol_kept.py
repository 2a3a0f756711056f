"""Whatever the models do, a request ends once, the stream stays clean, and no worker outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lens_desktop.domain.answer import Answer
from lens_desktop.domain.evidence import Evidence, Module
from lens_desktop.protocol import Cancel, Decode, Describe, Failed, Result, Status
from tests.processes import children, gone
from tests.worker.talk import IMAGE, ROOT, Worker, is_end, scripted

Start = Callable[..., Worker]


@pytest.fixture
def start() -> Iterator[Start]:
    workers: list[Worker] = []

    def one(*words: str) -> Worker:
        workers.append(Worker(scripted(*words)))
        return workers[-1]

    yield one
    for worker in workers:
        worker.kill()


def test_it_says_what_it_does_and_when_it_is_ready(start: Start) -> None:
    worker = start()
    assert worker.ready() == [Status("Loading"), Status("Ready", True, (("device", "cpu"),))]
    assert worker.close() == 0


def test_results_grow_and_the_last_is_final(start: Start) -> None:
    worker = start()
    worker.ready()
    worker.send(Describe(1, IMAGE))
    worker.ask(2, "4")
    said = worker.end_of(1, 2)
    described = [event.value for event in said[1] if isinstance(event, Result) and isinstance(event.value, Evidence)]
    assert [len(value.tags) for value in described] == [1, 2, 3, 4, 4]
    answers = [event.value for event in said[2] if isinstance(event, Result) and isinstance(event.value, Answer)]
    assert [value.text for value in answers] == ["0 ", "0 1 ", "0 1 2 ", "0 1 2 3 ", "0 1 2 3 ", "0 1 2 3 "]
    assert [value.finished for value in answers] == [False] * 4 + [True] * 2
    assert [event.final for event in said[1] if isinstance(event, Result)] == [False] * 4 + [True]


def test_questions_go_before_descriptions_that_wait(start: Start) -> None:
    worker = start("slow")
    worker.send(Describe(1, IMAGE), Describe(2, IMAGE))
    worker.ask(3, "2")
    worker.ask(4, "2")
    worker.ready()
    ends = []
    while len(ends) < 4:
        event = worker.next()
        assert isinstance(event, (Result, Failed))
        if is_end(event):
            ends.append(event.request)
    assert ends == [3, 4, 1, 2]


@pytest.mark.parametrize(
    ("deed", "code", "words"),
    [
        ("exit", "error", "SystemExit"),
        ("interrupt", "error", "KeyboardInterrupt"),
        ("memory", "out-of-memory", "the memory is full"),
        ("secret", "error", "ValueError"),
        ("reason", "too-long", "Ask a shorter question."),
        ("silence", "cancelled", "Stopped"),
        ("unsendable", "error", "The answer failed"),
    ],
)
def test_whatever_is_raised_the_request_ends_once_and_the_next_works(
    start: Start, deed: str, code: str, words: str
) -> None:
    worker = start()
    worker.ready()
    worker.ask(1, deed)
    worker.ask(2, "1")
    said = worker.end_of(1, 2)
    failed = said[1][-1]
    assert isinstance(failed, Failed)
    assert (failed.code, words in failed.message, "secret" in failed.message) == (code, True, False)
    assert isinstance(said[2][-1], Result)


def test_a_library_that_prints_does_not_spoil_the_stream(start: Start) -> None:
    worker = start()
    worker.ready()
    worker.ask(1, "shout")
    assert isinstance(worker.end_of(1)[1][-1], Result)
    worker.stdin.close()
    assert worker.process.stderr
    printed = worker.process.stderr.read()
    assert b"Loading weights" in printed
    assert b"from a child" in printed


def test_a_crash_ends_the_stream_at_once(start: Start) -> None:
    worker = start()
    worker.ready()
    worker.ask(1, "crash")
    assert worker.next(timeout=5) is None
    assert worker.process.wait(timeout=5) == -signal.SIGSEGV


def test_a_running_answer_is_stopped_and_keeps_its_text(start: Start) -> None:
    worker = start()
    worker.ready()
    worker.ask(1, "100000")
    for _ in range(3):
        worker.next()
    worker.send(Cancel(1))
    end = worker.end_of(1)[1][-1]
    assert isinstance(end, Result)
    assert isinstance(end.value, Answer)
    assert end.value.text.startswith("0 1 2 ")
    assert not end.value.finished


def test_a_running_description_is_stopped(start: Start) -> None:
    worker = start()
    worker.ready()
    worker.send(Describe(1, replace(IMAGE, note="slow")))
    worker.next()
    worker.send(Cancel(1), Describe(2, IMAGE))
    said = worker.end_of(1, 2)
    assert said[1][-1] == Failed(1, "cancelled", "Stopped.")
    assert isinstance(said[2][-1], Result)


def test_a_waiting_request_is_stopped_at_once_even_while_the_models_load(start: Start) -> None:
    worker = start("slow")
    worker.ask(1, "2")
    worker.ask(2, "2")
    worker.send(Cancel(1), Cancel(77))
    events = [worker.next(), worker.next()]
    assert Failed(1, "cancelled", "Stopped before it began.") in events
    assert Status("Loading") in events
    worker.ready()
    assert isinstance(worker.end_of(2)[2][-1], Result)
    worker.send(Cancel(2))  # too late: it is over
    worker.ask(3, "1")
    end = worker.end_of(3)[3][-1]
    assert isinstance(end, Result)
    assert isinstance(end.value, Answer)
    assert end.value.finished


def test_models_that_do_not_load_give_their_reason_for_every_request(start: Start) -> None:
    worker = start("broken")
    worker.ask(1, "2")
    reason = "There is no checkpoint: choose one."
    assert [worker.next(), worker.next(), worker.next()] == [
        Status("Loading"),
        Status(reason, failed=True),
        Failed(1, "missing", reason),
    ]
    worker.send(Describe(2, IMAGE))
    assert worker.next() == Failed(2, "missing", reason)


def test_an_unforeseen_error_while_loading_is_a_sentence_too(start: Start) -> None:
    worker = start("odd")
    worker.ask(1, "2")
    worker.next()
    status, failed = worker.next(), worker.next()
    assert isinstance(status, Status)
    assert isinstance(failed, Failed)
    assert status.text == failed.message
    assert "RuntimeError" in failed.message
    assert "secret" not in failed.message


def test_it_reads_no_files(start: Start) -> None:
    worker = start()
    worker.ready()
    worker.send(Decode(1, "/etc/passwd"))
    event = worker.next()
    assert isinstance(event, Failed)
    assert event.code == "protocol"


def test_the_log_says_where_and_nothing_private(start: Start, home: Path) -> None:
    worker = start()
    worker.ready()
    log = home / "logs" / "worker.log"
    log.unlink(missing_ok=True)
    worker.ask(1, "secret")
    worker.end_of(1)
    written = log.read_text()
    assert "builtins.ValueError" in written
    assert "lens_desktop/worker/serve.py" in written
    assert "secret" not in written
    assert "private" not in written
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("busy", [None, "100000"])
def test_the_end_of_its_input_ends_it_at_once(start: Start, busy: str | None) -> None:
    worker = start()
    worker.ready()
    if busy:
        worker.ask(1, busy)
        worker.next()
    assert worker.close() == 0


@pytest.mark.parametrize("state", ["loading", "idle", "busy", "stuck"])
def test_no_worker_outlives_a_killed_parent(state: str) -> None:
    """The parent is killed with no chance to clean up, also while the worker is stuck in C and sees nothing."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, state], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout
    assert parent.stdout.readline() == b"there\n"
    (child,) = children(parent.pid, "scripted")
    parent.kill()
    parent.wait()
    assert gone(child, 1)
    parent.stdout.close()


PARENT = """
import sys, time
from tests.worker.talk import Worker, scripted
state = sys.argv[1]
worker = Worker(scripted("slow"))
worker.next()
if state != "loading":
    worker.ready()
if state in ("busy", "stuck"):
    worker.ask(1, {"busy": "100000", "stuck": "hang"}[state])
    time.sleep(0.3)
print("there", flush=True)
time.sleep(60)
"""


def test_it_serves_while_it_reads_a_vocabulary_and_then_looks_for_the_rest(start: Start) -> None:
    worker = start("reading")
    *_, first = worker.ready()
    assert (first.reading, first.text) == (True, "Reading the vocabulary: 4 to go")
    worker.send(Describe(1, IMAGE))
    said = []
    while Status("Ready", True, first.facts) not in said:
        said.append(worker.next())
    (partly,) = (event.value for event in said if isinstance(event, Result) and event.final)
    assert partly.waiting == (Module.TAGS,)
    assert said.index(next(event for event in said if isinstance(event, Result))) < len(said) - 2, "it waited to serve"
    worker.send(Describe(2, IMAGE, partly))
    whole = worker.end_of(2)[2][-1]
    assert isinstance(whole, Result)
    assert set(whole.value.finished) == set(Module)
    assert whole.value.tags[:3] == partly.tags, "modules that had finished ran again"


def test_ctrl_c_in_the_terminal_is_the_parents(start: Start) -> None:
    worker = start()
    worker.ready()
    os.kill(worker.process.pid, signal.SIGINT)
    time.sleep(0.1)
    worker.ask(1, "1")
    assert isinstance(worker.end_of(1)[1][-1], Result)
