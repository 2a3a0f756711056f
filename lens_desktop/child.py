"""What worker and decoder share as children: clean pipes, frames read on a thread, no life without the parent."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO

from lens_desktop.domain.errors import LensError
from lens_desktop.protocol import Event, FrameReader, Request, encode

_PR_SET_PDEATHSIG = 1
_CHUNK = 1 << 16


class Pipes:
    """The child's end of the protocol, on private copies of standard input and output.

    Make it first thing: afterwards whatever a library prints goes to standard error, and whatever it reads is empty.
    """

    def __init__(self) -> None:
        die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal is the parent's to handle
        self._incoming = os.dup(0)
        self._outgoing = os.fdopen(os.dup(1), "wb")
        self._writing = threading.Lock()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)

    def send(self, event: Event) -> None:
        """Write an event. Raises LensError ``too-large``; ends the process when nobody is there to read."""
        frame = encode(event)
        with self._writing:
            try:
                self._outgoing.write(frame)
                self._outgoing.flush()
            except OSError:
                os._exit(0)

    def listen(self, take: Callable[[Request], None]) -> None:
        """Give every request to `take`, on a thread of its own; end of input ends the process at once."""
        threading.Thread(target=self._listen, args=(take,), name="requests", daemon=True).start()

    def _listen(self, take: Callable[[Request], None]) -> None:
        frames = FrameReader()
        try:
            while data := os.read(self._incoming, _CHUNK):
                for message in frames.feed(data):
                    if isinstance(message, Request):
                        take(message)
        except LensError:
            sys.stderr.write("The input is not a message of this program.\n")  # not what it was: it may be private
            os._exit(1)
        except OSError:
            pass  # a broken pipe is an end of input
        # exit handlers and threads deep inside a model must not delay the end
        os._exit(0)


def read_events(stream: BinaryIO, take: Callable[[Event | None], None]) -> None:
    """Give every event a child writes to `take`, then None when the child is gone or talks nonsense. Blocks."""
    frames = FrameReader()
    try:
        while data := os.read(stream.fileno(), _CHUNK):
            for message in frames.feed(data):
                if isinstance(message, Event):
                    take(message)
    except (LensError, OSError, ValueError):
        pass  # nonsense, or closed under our hands: either way nothing more will come
    take(None)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, even while it is stuck in C code (Linux)."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended between the two lines, and the signal will never come
        os._exit(0)
