"""The window's side of the worker: starts it, restarts it, and ends every request exactly once."""

import dataclasses
import json
from collections.abc import Sequence
from enum import StrEnum
from itertools import count

from PySide6.QtCore import QObject, QTimer, Signal

from lens_desktop import places
from lens_desktop.protocol import Cancel, Event, Failed, Request, Result, Status
from lens_desktop.settings import Settings
from lens_desktop.ui.frame_process import FrameProcess


class WorkerState(StrEnum):
    """What the worker can do for the user now."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    RESTING = "resting"
    FAILED = "failed"


class WorkerClient(QObject):
    """One worker process and the requests it owes an answer.

    `said` carries Result and Failed messages; every request sent ends in one final Result or one Failed, also when
    the process dies (code ``crashed``). `changed` tells of a new `state`, `text` or `facts`; `died` that it
    ended without being asked to, with a clause that says how. It is restarted only when it had been ready: one that
    cannot start would otherwise be started for ever.
    """

    said = Signal(object)
    changed = Signal()
    died = Signal(str)

    def __init__(self, command: Sequence[str], settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.log = places.logs() / "worker.log"
        self._process = FrameProcess(command, self.log, _environment(settings), self)
        self._process.received.connect(self._received)
        self._process.ended.connect(self._ended)
        self._numbers = count(1)
        self._open: set[int] = set()
        self.state = WorkerState.STARTING
        self.text = "Starting"
        self.facts: tuple[tuple[str, str], ...] = ()
        self.reading = False  # a vocabulary, between requests

    @property
    def pid(self) -> int:
        """The worker's process number, 0 when there is none."""
        return self._process.pid

    def start(self) -> None:
        """Start the worker, or start it again after it failed."""
        if self._process.pid:
            return
        self._change(WorkerState.STARTING, "Starting")
        self._process.start()

    def refuse(self, reason: str) -> None:
        """End a worker that cannot do its work, for a reason the user is told."""
        self._process.stop()
        self._change(WorkerState.FAILED, reason)
        for request in sorted(self._open):
            self._fail(request, "not-loaded", reason)
        self.died.emit(reason)

    def rest(self) -> None:
        """End the worker to give back its memory, until `start`; open requests fail as ``cancelled``."""
        if self.state in (WorkerState.FAILED, WorkerState.RESTING):
            return
        self._process.stop()
        self._change(WorkerState.RESTING, "Resting, its memory is free")
        for request in sorted(self._open):
            self._fail(request, "cancelled", "Stopped to free the memory.")

    def use(self, settings: Settings) -> None:
        """End the worker and start one with other settings, unless it rests; open requests fail as ``cancelled``."""
        self._process.environment = _environment(settings)
        if self.state != WorkerState.RESTING:
            self.rest()
            self.start()

    def stop(self) -> None:
        """End the worker and wait until it is gone; open requests are forgotten."""
        self._open.clear()
        self._process.stop()

    def next_request(self) -> int:
        """Return a request number that was never used."""
        return next(self._numbers)

    def send(self, request: Request) -> None:
        """Send a request. Only a ready worker takes requests; otherwise it fails, through `said`."""
        if isinstance(request, Cancel):
            if request.request in self._open:
                self._process.send(request)
            return
        self._open.add(request.request)
        if self.state == WorkerState.READY:
            self._process.send(request)
        else:
            QTimer.singleShot(0, self, lambda: self._fail(request.request, "not-ready", self.text))

    def _received(self, message: Event) -> None:
        if isinstance(message, Status):
            self.facts = message.facts or self.facts
            self.reading = message.reading
            if message.failed:
                self.refuse(message.text)
            else:
                self._change(WorkerState.READY if message.ready else self.state, message.text)
        elif isinstance(message, Result):
            if message.request in self._open:
                if message.final:
                    self._open.discard(message.request)
                self.said.emit(message)
        elif isinstance(message, Failed):
            self._fail(message.request, message.code, message.message)

    def _fail(self, request: int, code: str, message: str) -> None:
        if request in self._open:
            self._open.discard(request)
            self.said.emit(Failed(request, code, message))

    def _ended(self, how: str) -> None:
        was_ready = self.state == WorkerState.READY
        owed = sorted(self._open)
        if was_ready:
            self._change(WorkerState.RESTARTING, "Restarting")
        else:
            last = f" while it was {self.text[:1].lower()}{self.text[1:]}" if self.text else ""
            self._change(WorkerState.FAILED, f"The worker {how}{last}.")
        self.died.emit(how)
        for request in owed:
            self._fail(request, "crashed", f"The worker {how} before it was done.")
        if was_ready:
            self._process.start()

    def _change(self, state: WorkerState, text: str) -> None:
        self.state, self.text = state, text
        self.reading = self.reading and state == WorkerState.READY
        self.changed.emit()


def _environment(settings: Settings) -> dict[str, str]:
    return {"LENS_DESKTOP_SETTINGS": json.dumps(dataclasses.asdict(settings))}
