"""The worker's client against real processes that answer, die, never start, or talk nonsense."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.image import Image
from lens_desktop.protocol import Ask, Cancel, Describe, Failed, Result
from lens_desktop.settings import Settings
from lens_desktop.ui.worker_client import WorkerClient, WorkerState
from tests.processes import alive
from tests.ui.conftest import SCRIPT

IMAGE = Image("id", "/a.png", "hash", 4, 4, "/a.npy", "/a.thumb.png")
EVIDENCE = Evidence("id")


class Watched:
    """A client with everything it said."""

    def __init__(self, *command: str) -> None:
        self.client = WorkerClient(command, Settings())
        self.events: list[Result | Failed] = []
        self.deaths: list[str] = []
        self.client.said.connect(self.events.append)
        self.client.died.connect(self.deaths.append)

    def ends(self, request: int) -> list[Result | Failed]:
        return [
            event for event in self.events if event.request == request and (isinstance(event, Failed) or event.final)
        ]


@pytest.fixture
def watch() -> Iterator[list[Watched]]:
    made: list[Watched] = []
    yield made
    for watched in made:
        watched.client.stop()


def scripted(watch: list[Watched], *arguments: str) -> Watched:
    watched = Watched(sys.executable, str(SCRIPT), *arguments)
    watch.append(watched)
    watched.client.start()
    return watched


def ready(qtbot: QtBot, watched: Watched) -> None:
    qtbot.waitUntil(lambda: watched.client.state == WorkerState.READY, timeout=10_000)


def ask(watched: Watched, question: str) -> int:
    request = watched.client.next_request()
    watched.client.send(Ask(request, IMAGE, EVIDENCE, question))
    return request


def test_answers_and_facts_arrive(qtbot: QtBot, watch: list[Watched]) -> None:
    watched = scripted(watch)
    ready(qtbot, watched)
    assert dict(watched.client.facts)["device"] == "cpu"
    request = watched.client.next_request()
    watched.client.send(Describe(request, IMAGE))
    qtbot.waitUntil(lambda: bool(watched.ends(request)), timeout=5000)
    assert len([event for event in watched.events if event.request == request]) == 2


def test_death_ends_every_request_once_is_told_and_mended(qtbot: QtBot, watch: list[Watched]) -> None:
    watched = scripted(watch)
    ready(qtbot, watched)
    first = watched.client.pid
    requests = [ask(watched, "slow"), ask(watched, "waits behind it")]
    qtbot.waitUntil(lambda: bool(watched.events), timeout=5000)
    os.kill(first, signal.SIGKILL)
    killed = time.monotonic()
    qtbot.waitUntil(lambda: bool(watched.deaths), timeout=5000)
    assert time.monotonic() - killed < 0.5
    assert [event.code for request in requests for event in watched.ends(request) if isinstance(event, Failed)] == [
        "crashed",
        "crashed",
    ]
    ready(qtbot, watched)
    assert watched.client.pid != first
    again = ask(watched, "hello")
    qtbot.waitUntil(lambda: bool(watched.ends(again)), timeout=5000)
    assert all(len(watched.ends(request)) == 1 for request in [*requests, again])


def test_one_that_never_becomes_ready_is_not_started_for_ever(qtbot: QtBot, watch: list[Watched]) -> None:
    watched = scripted(watch, "--never-ready")
    qtbot.waitUntil(lambda: watched.client.state == WorkerState.FAILED, timeout=10_000)
    qtbot.wait(300)
    assert len(watched.deaths) == 1
    assert "code 3" in watched.client.text
    watched.client.start()
    qtbot.waitUntil(lambda: len(watched.deaths) == 2, timeout=10_000)


def test_program_that_does_not_exist_is_a_sentence(qtbot: QtBot, watch: list[Watched], tmp_path: Path) -> None:
    watched = Watched(str(tmp_path / "nothing-here"))
    watch.append(watched)
    watched.client.start()
    qtbot.waitUntil(lambda: watched.client.state == WorkerState.FAILED, timeout=5000)
    assert "could not be started" in watched.client.text
    request = ask(watched, "hello")
    qtbot.waitUntil(lambda: bool(watched.ends(request)), timeout=5000)


def test_nonsense_on_the_pipe_ends_the_process(qtbot: QtBot, watch: list[Watched]) -> None:
    watched = Watched(sys.executable, "-c", "import time; print('hello, I am not a frame', flush=True); time.sleep(60)")
    watch.append(watched)
    watched.client.start()
    qtbot.waitUntil(lambda: bool(watched.deaths), timeout=5000)
    assert watched.client.state == WorkerState.FAILED


def test_cancel_reaches_the_worker_and_stop_leaves_nothing(qtbot: QtBot, watch: list[Watched]) -> None:
    watched = scripted(watch)
    ready(qtbot, watched)
    request = ask(watched, "slow")
    qtbot.waitUntil(lambda: bool(watched.events), timeout=5000)
    watched.client.send(Cancel(request))
    qtbot.waitUntil(lambda: bool(watched.ends(request)), timeout=5000)
    last = watched.ends(request)[0]
    assert isinstance(last, Result)
    pid = watched.client.pid
    watched.client.stop()
    assert not alive(pid)
    assert len(watched.deaths) == 0
