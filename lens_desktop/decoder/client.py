"""Asks the decode process for images, one at a time: for the terminal, the measurements and the tests."""

import contextlib
import os
import queue
import subprocess
import threading
import time
from types import TracebackType
from typing import BinaryIO, cast

from lens_desktop.child import read_events
from lens_desktop.decoder.files import name_of
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.image import Image
from lens_desktop.program import command
from lens_desktop.protocol import Decode, Event, Failed, Result, encode

TIME_LIMIT = 20.0  # seconds a single file may take


class DecoderClient:
    """Owns a decode process, starts it when needed and again after it died. Use it in a ``with`` from one thread."""

    def __init__(self, time_limit: float = TIME_LIMIT) -> None:
        self._time_limit = time_limit
        self._process: subprocess.Popen[bytes] | None = None
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._requests = 0

    def decode(self, path: str | os.PathLike[str]) -> Image:
        """Return the image in a file. Blocks for `time_limit` seconds at most; raises LensError with the reason."""
        file = os.fspath(path)
        name = name_of(file)
        self._requests += 1
        pipe = cast(BinaryIO, self._running().stdin)
        with contextlib.suppress(OSError):  # a process that died just now shows as an end of events
            pipe.write(encode(Decode(self._requests, file)))
            pipe.flush()
        deadline = time.monotonic() + self._time_limit
        while True:
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self.close()
                limit = f"{self._time_limit:.0f} seconds"
                raise LensError("too-slow", f"{name} took longer than {limit} to read: save a smaller copy.") from None
            match event:
                case None:
                    self.close()
                    raise LensError("crashed", f"Reading {name} failed badly, it may be damaged: choose another file.")
                case Result(request=self._requests, value=Image() as image):
                    return image
                case Failed(request=self._requests, code=code, message=message):
                    raise LensError(code, message)

    def close(self) -> None:
        """End the process. The next `decode` starts a new one."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                cast(BinaryIO, pipe).close()
        self._process = None

    def __enter__(self) -> "DecoderClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._events = queue.SimpleQueue()
        try:
            self._process = subprocess.Popen(
                command("--decode"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise LensError("crashed", f"The program cannot start its decoder ({error.strerror}).") from None
        out = cast(BinaryIO, self._process.stdout)
        self._reader = threading.Thread(target=read_events, args=(out, self._events.put), daemon=True)
        self._reader.start()
        return self._process
