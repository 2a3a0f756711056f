"""The window's side of the decode process: one file at a time, a time limit, and a fresh process after a failure."""

from collections import deque
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from lens_desktop import places
from lens_desktop.protocol import Decode, Event, Failed, Result
from lens_desktop.ui.frame_process import FrameProcess

LIMIT = 20_000  # milliseconds for one file


class DecoderClient(QObject):
    """Reads image files in a guarded process.

    `said` carries, for every request and in order, one final Result with an Image or one Failed: codes ``too-slow``
    and ``crashed`` besides the decoder's own. The process is started with the first file and again after it was lost.
    """

    said = Signal(object)

    def __init__(self, command: Sequence[str], parent: QObject | None = None, *, limit: int = LIMIT) -> None:
        super().__init__(parent)
        self._process = FrameProcess(command, places.logs() / "decoder.log", {}, self)
        self._process.received.connect(self._received)
        self._process.ended.connect(self._ended)
        self._numbers = count(1)
        self._waiting: deque[Decode] = deque()
        self._current: Decode | None = None
        self._timer = QTimer(self, singleShot=True, interval=limit)
        self._timer.timeout.connect(self._too_slow)

    @property
    def pid(self) -> int:
        """The decode process's number, 0 when there is none."""
        return self._process.pid

    def decode(self, path: str) -> int:
        """Ask for a file and return the request's number."""
        request = Decode(next(self._numbers), path)
        self._waiting.append(request)
        QTimer.singleShot(0, self, self._next)
        return request.request

    def stop(self) -> None:
        """End the process and forget what waits."""
        self._waiting.clear()
        self._current = None
        self._timer.stop()
        self._process.stop()

    def _next(self) -> None:
        if self._current is not None or not self._waiting:
            return
        self._current = self._waiting.popleft()
        if not self._process.pid:
            self._process.start()
        self._process.send(self._current)
        self._timer.start()

    def _received(self, message: Event) -> None:
        if isinstance(message, Result | Failed) and self._current and message.request == self._current.request:
            self._finish(message)

    def _too_slow(self) -> None:
        if self._current is not None:
            name = Path(self._current.path).name
            message = f"Reading {name} took longer than {self._timer.interval() // 1000} s and was given up."
            failed = Failed(self._current.request, "too-slow", message)
            self._process.stop()
            self._finish(failed)

    def _ended(self, how: str) -> None:
        if self._current is not None:
            name = Path(self._current.path).name
            text = f"{name} could not be read: the process that reads images {how}. The file may be damaged."
            self._finish(Failed(self._current.request, "crashed", text))

    def _finish(self, message: Event) -> None:
        self._timer.stop()
        self._current = None
        self.said.emit(message)
        QTimer.singleShot(0, self, self._next)
