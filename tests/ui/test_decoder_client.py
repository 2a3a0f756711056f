"""The decode process's client: order, bad files, time limit, and a process that dies."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lens_desktop.domain.image import Image
from lens_desktop.program import command
from lens_desktop.protocol import Failed, Result
from lens_desktop.ui.decoder_client import DecoderClient
from tests.processes import alive

# swallows the first request; a process started after that one works
HANGS_ONCE = """
import os, subprocess, sys, time
mark = sys.argv[1]
if os.path.exists(mark):
    os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
open(mark, "w").close()
time.sleep(60)
"""
DIES = "import os; os.read(0, 10); os.abort()"


@pytest.fixture
def clients() -> Iterator[list[DecoderClient]]:
    made: list[DecoderClient] = []
    yield made
    for client in made:
        client.stop()


def watch(clients: list[DecoderClient], client: DecoderClient) -> list[Result | Failed]:
    events: list[Result | Failed] = []
    client.said.connect(events.append)
    clients.append(client)
    return events


def test_files_come_back_in_order_and_bad_ones_with_a_reason(
    qtbot: QtBot, clients: list[DecoderClient], picture: Path, tmp_path: Path
) -> None:
    client = DecoderClient(command("--decode"))
    events = watch(clients, client)
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    requests = [client.decode(str(path)) for path in (picture, bad, picture)]
    qtbot.waitUntil(lambda: len(events) == 3, timeout=20_000)
    assert [event.request for event in events] == requests
    assert isinstance(events[0], Result)
    assert isinstance(events[0].value, Image)
    assert isinstance(events[1], Failed)
    assert isinstance(events[2], Result)
    pid = client.pid
    client.stop()
    assert not alive(pid)


def test_file_that_takes_too_long_is_given_up_and_the_next_is_read(
    qtbot: QtBot, clients: list[DecoderClient], picture: Path, tmp_path: Path
) -> None:
    words = [sys.executable, "-c", HANGS_ONCE, str(tmp_path / "mark"), *command("--decode")[1:]]
    client = DecoderClient(words, limit=3000)
    events = watch(clients, client)
    client.decode(str(picture))
    client.decode(str(picture))
    qtbot.waitUntil(lambda: len(events) == 2, timeout=30_000)
    assert isinstance(events[0], Failed)
    assert events[0].code == "too-slow"
    assert isinstance(events[1], Result)


def test_process_that_dies_fails_each_file_once(qtbot: QtBot, clients: list[DecoderClient], picture: Path) -> None:
    client = DecoderClient([sys.executable, "-c", DIES])
    events = watch(clients, client)
    client.decode(str(picture))
    client.decode(str(picture))
    qtbot.waitUntil(lambda: len(events) == 2, timeout=20_000)
    assert all(isinstance(event, Failed) and event.code == "crashed" for event in events)
    assert isinstance(events[0], Failed)
    assert picture.name in events[0].message
