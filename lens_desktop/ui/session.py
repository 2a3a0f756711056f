"""Between the panels and the child processes: what the user did becomes requests, what came back becomes state."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from PySide6.QtCore import QObject, QTimer, Signal

from lens_desktop.domain.answer import Answer
from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.image import Image
from lens_desktop.domain.prompt import Mode
from lens_desktop.protocol import Ask, Cancel, Describe, Event, Failed, Result
from lens_desktop.ui.decoder_client import DecoderClient
from lens_desktop.ui.entry import Entry, Exchange, Stage
from lens_desktop.ui.library_model import LibraryModel
from lens_desktop.ui.worker_client import WorkerClient, WorkerState

SLICE = 50  # files taken from a folder before the window gets its turn again


class Session(QObject):
    """The state of the window.

    One Describe is in flight at a time, the current image first; one Ask likewise. A question waits until its image's
    evidence is whole, and fails with it. When the worker dies, what was open is asked again once by itself.
    """

    current_changed = Signal()
    entry_changed = Signal(object)  # Entry: its image, problem or evidence
    exchange_added = Signal(object, object)  # Entry, Exchange
    exchange_changed = Signal(object, object)
    answered = Signal(object)  # Exchange, once, when its answer is whole
    notice = Signal(str)  # a sentence worth a moment of the user's attention
    busy_changed = Signal()

    def __init__(self, worker: WorkerClient, decoder: DecoderClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library = LibraryModel(self)
        self.current: Entry | None = None
        self._worker = worker
        self._decoder = decoder
        self._decoding: dict[int, Entry] = {}
        self._describing: tuple[int, Entry] | None = None
        self._asking: tuple[int, Entry, Exchange] | None = None
        worker.said.connect(self._worker_event)
        worker.changed.connect(self._worker_changed)
        decoder.said.connect(self._decoder_event)

    # what the user does

    def add(self, paths: Iterable[str]) -> None:
        """Add files to the library, a slice at a time; the first one becomes the current image."""
        self._wake()
        self._take(iter(paths), select=True)

    def select(self, entry: Entry | None) -> None:
        """Make an entry the current one."""
        if entry is not self.current:
            self.current = entry
            self.current_changed.emit()
            self._dispatch()

    def remove(self, entry: Entry) -> int:
        """Take an entry out of the library and return the row it had."""
        row = self.library.row(entry)
        if self._describing and self._describing[1] is entry:
            self._worker.send(Cancel(self._describing[0]))
        for exchange in entry.exchanges:
            if exchange.open:
                self._stop(exchange)
        self.library.remove(entry)
        if entry is self.current:
            neighbour = self.library[min(row, len(self.library) - 1)] if len(self.library) else None
            self.select(neighbour)
        return row

    def restore(self, row: int, entry: Entry) -> None:
        """Put a removed entry back where it was."""
        self.library.insert(min(row, len(self.library)), [entry])
        self.select(entry)
        self._dispatch()

    def ask(self, question: str, mode: Mode = Mode.GENERAL, options: Sequence[str] = ()) -> None:
        """Ask about the current image."""
        entry = self.current
        if entry is None or entry.problem or not question.strip():
            return
        exchange = Exchange(question.strip(), mode, tuple(options))
        entry.exchanges.append(exchange)
        self.library.touch(entry)
        self.exchange_added.emit(entry, exchange)
        self._wake()
        self._dispatch()
        self._worker_changed()

    def ask_again(self, exchange: Exchange | None = None) -> None:
        """Ask a question of the current image again, the last one by default; one without an answer keeps its place."""
        entry = self.current
        if entry is None or not entry.exchanges:
            return
        exchange = exchange or entry.exchanges[-1]
        if exchange.open:
            return
        if entry.describe_problem:
            self.describe_again(entry)
        if exchange.stage == Stage.DONE:
            self.ask(exchange.question, exchange.mode, exchange.options)
            return
        exchange.stage, exchange.answer, exchange.problem, exchange.asked_again = Stage.WAITING, None, "", False
        self.exchange_changed.emit(entry, exchange)
        self._wake()
        self._dispatch()
        self._worker_changed()

    def describe_again(self, entry: Entry) -> None:
        """Let the vision modules look at an image once more."""
        entry.forget_description()
        self.entry_changed.emit(entry)
        self._wake()
        self._dispatch()

    def describe_all_again(self) -> None:
        """Let other vision modules look at every image; questions that wait go on waiting."""
        for entry in self.library:
            if entry.image is not None:
                entry.forget_description()
                self.entry_changed.emit(entry)
        self._dispatch()

    def free_memory(self) -> None:
        """Stop all questions and end the worker; it comes back with the next question or image."""
        for entry in self.library:
            for exchange in entry.exchanges:
                if exchange.open:
                    self._stop(exchange)
        self._worker.rest()

    def stop(self) -> None:
        """Stop answering the current image's questions."""
        for exchange in list(self.current.exchanges) if self.current else []:
            if exchange.open:
                self._stop(exchange)

    # what the panels ask

    @property
    def answering(self) -> bool:
        """Whether a question about the current image is still open."""
        return self.current is not None and any(exchange.open for exchange in self.current.exchanges)

    @property
    def open_questions(self) -> bool:
        """Whether any question, about any image, still waits for its answer."""
        return any(exchange.open for entry in self.library for exchange in entry.exchanges)

    def waits_for(self, entry: Entry) -> str:
        """Say what the vision modules of an image wait for before the first of them can look at it."""
        if entry.reading:
            return "Waiting for the file to be read"
        match self._worker.state:
            case WorkerState.FAILED:
                return "Waiting: the worker is not running"
            case WorkerState.RESTING:
                return "Waiting: the worker rests until you ask"
            case WorkerState.READY if entry.wants_the_rest:
                return f"{self._worker.text}. They come by themselves"
            case WorkerState.READY:
                return "Looking…" if self._describing and self._describing[1] is entry else "Waiting for its turn"
            case _:
                return "Waiting for the worker to start"

    @property
    def undescribed(self) -> int:
        """How many images the vision modules have still to look at."""
        return sum(entry.wants_description for entry in self.library)

    # files

    def _take(self, incoming: Iterator[str], *, select: bool = False) -> None:
        paths = list(islice(incoming, SLICE))
        entries = [Entry(path) for path in paths]
        self.library.insert(len(self.library), entries)
        for entry in entries:
            self._decoding[self._decoder.decode(entry.path)] = entry
        if select and entries:
            self.select(entries[0])
        if len(paths) == SLICE:
            QTimer.singleShot(0, self, lambda: self._take(incoming))

    def _decoder_event(self, event: Event) -> None:
        if not isinstance(event, Result | Failed):
            return
        entry = self._decoding.pop(event.request, None)
        if entry is None:
            return
        if isinstance(event, Failed):
            entry.problem = event.message
            for exchange in entry.waiting:
                self._set(entry, exchange, Stage.FAILED, event.message)
        elif isinstance(event.value, Image):
            known = next((e for e in self.library if e.image and e.image.id == event.value.id), None)
            if known is not None and not entry.exchanges:
                self._same_as(entry, known)
                return
            entry.image = event.value
        self.library.touch(entry)
        self.entry_changed.emit(entry)
        self._dispatch()

    def _same_as(self, entry: Entry, known: Entry) -> None:
        """Drop a file whose picture is in the library already."""
        self.notice.emit(f"{entry.name} is the same picture as {known.name}, which is in the library already.")
        if self.library.row(entry) < 0:
            return
        was_current = entry is self.current
        self.library.remove(entry)
        if was_current:
            self.select(known)

    # requests

    def _wake(self) -> None:
        if self._worker.state == WorkerState.RESTING:
            self._worker.start()

    def _dispatch(self) -> None:
        if self._worker.state == WorkerState.READY:
            self._ask_next()
            self._describe_next()
        self.busy_changed.emit()

    def _by_urgency(self) -> Iterator[Entry]:
        """Yield the current entry, those with questions waiting, then all."""
        if self.current is not None:
            yield self.current
        yield from (entry for entry in self.library if entry.waiting)
        yield from self.library

    def _describe_next(self) -> None:
        entry = next((entry for entry in self._by_urgency() if entry.wants_description), None)
        if entry is None or entry.image is None:
            return
        if self._describing is not None:
            request, other = self._describing
            if entry is self.current and other is not entry and not other.waiting:
                self._worker.send(Cancel(request))  # its turn comes again
            return
        request = self._worker.next_request()
        self._describing = (request, entry)
        entry.describe_tries += 1
        self._worker.send(Describe(request, entry.image, entry.evidence or Evidence("")))

    def _ask_next(self) -> None:
        if self._asking is not None:
            return
        for entry in self._by_urgency():
            if entry.described and entry.waiting and entry.image and entry.evidence:
                exchange = entry.waiting[0]
                exchange.request = self._worker.next_request()
                exchange.problem = ""
                self._asking = (exchange.request, entry, exchange)
                self._set(entry, exchange, Stage.ANSWERING)
                turns = entry.turns_before(exchange)
                ask = Ask(
                    exchange.request,
                    entry.image,
                    entry.evidence,
                    exchange.question,
                    exchange.mode,
                    turns,
                    exchange.options,
                )
                self._worker.send(ask)
                return

    def _stop(self, exchange: Exchange) -> None:
        if exchange.stage == Stage.ANSWERING:
            self._worker.send(Cancel(exchange.request))
        else:
            entry = next(entry for entry in self.library if exchange in entry.exchanges)
            self._set(entry, exchange, Stage.STOPPED)
            self.busy_changed.emit()

    # what the worker says

    def _worker_event(self, event: Event) -> None:
        if not isinstance(event, Result | Failed):
            return
        if self._describing and event.request == self._describing[0]:
            self._described(self._describing[1], event)
        elif self._asking and event.request == self._asking[0]:
            self._answered(self._asking[1], self._asking[2], event)
        if isinstance(event, Failed) or event.final:
            self._dispatch()

    def _described(self, entry: Entry, event: Result | Failed) -> None:
        if isinstance(event, Result):
            assert isinstance(event.value, Evidence)
            entry.evidence = event.value
            entry.described = event.final
            if event.final:
                self._describing = None
        else:
            self._describing = None
            entry.evidence = None
            if event.code == "cancelled":
                entry.describe_tries -= 1
            elif event.code != "crashed" or entry.describe_tries > 1:
                entry.describe_problem = event.message
                for exchange in entry.waiting:
                    self._set(entry, exchange, Stage.FAILED, event.message)
        self.entry_changed.emit(entry)

    def _answered(self, entry: Entry, exchange: Exchange, event: Result | Failed) -> None:
        if isinstance(event, Result):
            assert isinstance(event.value, Answer)
            exchange.answer = event.value
            stage = Stage.ANSWERING
            if event.final:
                self._asking = None
                stage = Stage.DONE if event.value.finished else Stage.STOPPED
            self._set(entry, exchange, stage)
            if stage == Stage.DONE:
                self.answered.emit(exchange)
            return
        self._asking = None
        if event.code == "cancelled":
            self._set(entry, exchange, Stage.STOPPED)
        elif event.code == "crashed" and not exchange.asked_again:
            exchange.asked_again, exchange.answer = True, None
            self._set(entry, exchange, Stage.WAITING, "The worker stopped. Your question is kept and is asked again.")
        else:
            self._set(entry, exchange, Stage.FAILED, event.message)

    def _worker_changed(self) -> None:
        if self._worker.state == WorkerState.FAILED:
            for entry in self.library:
                for exchange in entry.waiting:
                    self._set(entry, exchange, Stage.FAILED, self._worker.text)
        if self._worker.state == WorkerState.READY and not self._worker.reading:
            for entry in self.library:
                if entry.wants_the_rest:
                    entry.described = False  # what is there stays; only the rest is looked for
        self._dispatch()

    def _set(self, entry: Entry, exchange: Exchange, stage: Stage, problem: str = "") -> None:
        exchange.stage, exchange.problem = stage, problem
        self.exchange_changed.emit(entry, exchange)
