"""Runs two choices of one module on one image, each in a worker process of its own, one after the other."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

from lens_desktop.domain.answer import Answer
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.evidence import Module as Section
from lens_desktop.protocol import Ask, Describe, Event, Failed, Result
from lens_desktop.settings import Settings
from lens_desktop.store.catalogue import Module
from lens_desktop.ui.candidates import Candidate
from lens_desktop.ui.worker_client import WorkerClient, WorkerState

SECTIONS = {
    Module.CLIP: (Section.TAGS, Section.ATTRIBUTES),
    Module.CAPTIONER: (Section.CAPTIONS,),
    Module.LLM: (),
}
_KILLED = " If the memory is short, choose “Free the memory of the models” and compare again."


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    LOADING = "loading"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(slots=True, eq=False)
class Run:
    """One choice on one image; `request` makes what is asked of its worker, `value` is what came back so far.

    `text` says what it does now, or why it failed. `loading` and `seconds` are how long it took to be ready and to be
    done; `settings` and `facts` are known once its worker was started and ready.
    """

    module: Module
    candidate: Candidate
    request: Callable[[int], Describe | Ask]
    state: RunState = RunState.WAITING
    text: str = ""
    value: Evidence | Answer | None = None
    settings: Settings | None = None
    facts: tuple[tuple[str, str], ...] = ()
    loading: float = 0.0
    seconds: float = 0.0

    @property
    def open(self) -> bool:
        """Whether more may come."""
        return self.state in (RunState.WAITING, RunState.LOADING, RunState.RUNNING)


class Comparison(QObject):
    """Works through runs: the next worker starts only when the one before is gone, so that one is in memory at a time.

    `changed` carries the run that changed; `ended` comes once for every `start`, also one that was cancelled.
    """

    changed = Signal(object)
    ended = Signal()

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._worker: WorkerClient | None = None
        self._started = 0.0
        self.runs: tuple[Run, ...] = ()
        self.running = False

    @property
    def pid(self) -> int:
        """The process that runs now, 0 when none does."""
        return self._worker.pid if self._worker else 0

    @property
    def steps(self) -> int:
        """How many of the steps are behind: two for each run, to load and to look."""
        far = {RunState.WAITING: 0, RunState.LOADING: 0, RunState.RUNNING: 1}
        return sum(far.get(run.state, 2) for run in self.runs)

    def start(self, *runs: Run) -> None:
        """Begin; what ran before is ended."""
        self.cancel()
        self.runs, self.running = runs, True
        self._next()

    def cancel(self) -> None:
        """End the worker and wait until it is gone; what has come stays."""
        self._end_worker()
        if not self.running:
            return
        for run in self.runs:
            if run.open:
                run.state, run.text = RunState.STOPPED, "Stopped"
                self.changed.emit(run)
        self.running = False
        self.ended.emit()

    def _next(self) -> None:
        if not self.running:
            return
        self._end_worker()
        run = next((run for run in self.runs if run.state is RunState.WAITING), None)
        if run is None:
            self.running = False
            self.ended.emit()
            return
        try:
            run.settings = run.candidate.settings(run.module)
        except LensError as error:
            self._close(run, RunState.FAILED, error.message)
            return
        run.state, run.text = RunState.LOADING, "Starting"
        self._started = time.perf_counter()
        worker = self._worker = WorkerClient(self._command, run.settings, self)
        worker.changed.connect(lambda: self._worker_changed(run, worker))
        worker.said.connect(lambda event: self._said(run, event))
        worker.start()

    def _end_worker(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker.deleteLater()
            self._worker = None

    def _worker_changed(self, run: Run, worker: WorkerClient) -> None:
        if run.state is not RunState.LOADING:
            return
        run.text = worker.text
        if worker.state is WorkerState.FAILED:
            self._close(run, RunState.FAILED, worker.text)
            return
        if worker.state is WorkerState.READY and not worker.reading:  # a CLIP needs its whole vocabulary
            run.state, run.facts, run.loading = RunState.RUNNING, worker.facts, time.perf_counter() - self._started
            run.text = "Answering" if run.module is Module.LLM else "Looking"
            worker.send(run.request(worker.next_request()))
        self.changed.emit(run)

    def _said(self, run: Run, event: Event) -> None:
        if run.state is not RunState.RUNNING:
            return
        if isinstance(event, Failed):
            killed = _KILLED if "ended by the system" in event.message else ""
            self._close(run, RunState.FAILED, event.message + killed)
        elif isinstance(event, Result) and isinstance(event.value, Evidence | Answer):
            run.value = event.value
            if not event.final:
                self.changed.emit(run)
                return
            run.seconds = _seconds(event.value)
            reasons = _reasons(run.module, event.value)
            if reasons and None not in reasons:  # every section that counts
                self._close(run, RunState.FAILED, " ".join(sorted(filter(None, reasons))))
            else:
                self._close(run, RunState.DONE, "")

    def _close(self, run: Run, state: RunState, text: str) -> None:
        run.state, run.text = state, text
        self.changed.emit(run)
        QTimer.singleShot(0, self, self._next)  # its process must not be ended from within its own message


def _reasons(module: Module, value: Evidence | Answer) -> set[str | None]:
    """Return why the sections that are compared did not run, None for one that did."""
    return {value.failure(section) for section in SECTIONS[module]} if isinstance(value, Evidence) else set()


def _seconds(value: Evidence | Answer) -> float:
    """Return how long the compared module worked."""
    if isinstance(value, Answer):
        return value.seconds
    return sum(seconds for step, seconds in value.timings if step != Section.OCR)
