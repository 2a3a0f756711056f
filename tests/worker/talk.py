"""A worker process and what it says, for tests."""

import contextlib
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from lens_desktop.child import read_events
from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.image import Image
from lens_desktop.protocol import Ask, Event, Failed, Request, Result, Status, encode

ROOT = Path(__file__).resolve().parent.parent.parent
IMAGE = Image("0" * 64, "/pictures/a.png", "1" * 64, 4, 4, "/none.npy", "/none.png")


class Worker:
    """Talks to a worker process."""

    def __init__(self, line: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=env
        )
        assert self.process.stdin
        assert self.process.stdout
        self.stdin = self.process.stdin
        self.events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=read_events, args=(self.process.stdout, self.events.put), daemon=True)
        self._reader.start()

    def send(self, *requests: Request) -> None:
        self.stdin.write(b"".join(map(encode, requests)))
        self.stdin.flush()

    def ask(self, request: int, question: str) -> None:
        self.send(Ask(request, IMAGE, Evidence(IMAGE.id), question))

    def next(self, timeout: float = 60) -> Event | None:
        return self.events.get(timeout=timeout)

    def ready(self) -> list[Status]:
        """Wait until the worker takes requests and return what it said on the way."""
        said: list[Status] = []
        while not said or not said[-1].ready:
            event = self.next()
            assert isinstance(event, Status), event
            said.append(event)
        return said

    def end_of(self, *requests: int, timeout: float = 60) -> dict[int, list[Result | Failed]]:
        """Wait until each request has ended and return the events of each."""
        said: dict[int, list[Result | Failed]] = {request: [] for request in requests}
        while not all(events and is_end(events[-1]) for events in said.values()):
            event = self.next(timeout)
            assert isinstance(event, (Result, Failed)), event
            assert not said[event.request] or not is_end(said[event.request][-1]), "an event after the end"
            said[event.request].append(event)
        return said

    def close(self) -> int:
        """Close the worker's input and return its exit code."""
        with contextlib.suppress(OSError):
            self.stdin.close()
        code = self.process.wait(timeout=5)
        self.drain()
        return code

    def drain(self) -> None:
        self._reader.join(timeout=5)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self.process.kill()
        with contextlib.suppress(OSError):
            self.stdin.close()
        self.process.wait()
        self.drain()


def is_end(event: Result | Failed) -> bool:
    return isinstance(event, Failed) or event.final


def scripted(*words: str) -> list[str]:
    """Return the command line of the scripted worker."""
    return [sys.executable, "-m", "tests.worker.scripted", *words]
