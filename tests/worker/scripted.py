"""A worker process whose Lens does what the question says: for tests of the protocol and its breaches.

Run as ``python -m tests.worker.scripted [broken|slow]``.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from lens_desktop.child import Pipes
from lens_desktop.domain.answer import Answer
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence, Module, Tag
from lens_desktop.domain.image import Image
from lens_desktop.worker.inbox import Inbox
from lens_desktop.worker.serve import serve


class Scripted:
    """Does the deeds in the order of the question, then says the words."""

    facts = (("device", "cpu"),)

    def __init__(self, unread: int = 0) -> None:
        self.unread = unread

    @property
    def reading(self) -> str:
        return f"Reading the vocabulary: {self.unread} to go" if self.unread else ""

    def read_on(self) -> bool:
        time.sleep(0.3)
        self.unread -= 1
        return True

    def describe(self, image: Image, *, known: Evidence | None = None, stop: Callable[[], bool]) -> Iterator[Evidence]:
        evidence = known or Evidence(image.id)
        for module in Module:
            if module in evidence.finished or (self.unread and module is Module.TAGS):
                continue
            for _ in range(10 if image.note == "slow" else 1):
                time.sleep(0.01)
                if stop():
                    raise LensError("cancelled", "Stopped.")
            evidence = replace(evidence, tags=(*evidence.tags, Tag(module, 1.0)), finished=(*evidence.finished, module))
            yield evidence

    def ask(self, evidence: Evidence, question: str, *, stop: Callable[[], bool], **_rest: object) -> Iterator[Answer]:
        DEEDS.get(question, lambda: None)()
        if question == "silence":
            return
        text = ""
        for word in range(int(question) if question.isdigit() else 3):
            if stop():
                yield Answer(text, question)
                return
            time.sleep(0.005)
            text += f"{word} "
            yield Answer(text, question)
        yield Answer(text, question, finished=True, seconds=ODD if question == "unsendable" else 0.0)


ODD: float = object()  # type: ignore[assignment]


def raise_(error: BaseException) -> None:
    raise error


def shout() -> None:
    """Print as libraries do: from Python, from C and from a program of their own; and try to read."""
    print("Loading weights: 100%", flush=True)
    os.write(1, b"\0\0\0\x04nope")
    subprocess.run(["echo", "from a child"], check=True)
    assert sys.stdin.read() == ""
    assert os.read(0, 10) == b""


DEEDS: dict[str, Callable[[], object]] = {
    "shout": shout,
    "crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "hang": lambda: ctypes.PyDLL(None).sleep(60),  # in C, and it never lets another thread run
    "exit": lambda: sys.exit(3),
    "memory": lambda: raise_(MemoryError()),
    "secret": lambda: raise_(ValueError("the secret in /home/me/private.png")),
    "reason": lambda: raise_(LensError("too-long", "Ask a shorter question.")),
    "interrupt": lambda: raise_(KeyboardInterrupt()),
}


def load(status: Callable[[str], None]) -> Scripted:
    status("Loading")
    match sys.argv[1:]:
        case ["broken"]:
            raise LensError("missing", "There is no checkpoint: choose one.")
        case ["odd"]:
            raise RuntimeError("the secret")
        case ["slow"]:
            time.sleep(1)
        case ["reading"]:
            return Scripted(unread=4)
    return Scripted()


if __name__ == "__main__":
    pipes = Pipes()
    inbox = Inbox(pipes.send)
    pipes.listen(inbox.put)
    serve(load, inbox, pipes.send)  # type: ignore[arg-type]
