"""The queue of downloads: one at a time on a thread of its own, paused, gone on with, cancelled, kept over restarts."""

import contextlib
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from lens_desktop import places
from lens_desktop.domain.errors import LensError
from lens_desktop.log import log_failure
from lens_desktop.store import installed
from lens_desktop.store.catalogue import Catalogue, Checkpoint
from lens_desktop.store.lock import PUBLIC, is_locked

if TYPE_CHECKING:
    from lens_desktop.store.download import Progress
    from lens_desktop.store.hub import Hub

EVERY = 0.2  # seconds between two words on progress
_PATIENCE = 3000  # milliseconds a download has to stop when the program ends


class DownloadState(StrEnum):
    """Where a download stands."""

    WAITING = "waiting"
    GETTING = "getting"
    PAUSED = "paused"
    FAILED = "failed"


@dataclass(slots=True, eq=False)
class Download:
    """What is got under one name of the catalogue, a set's or a checkpoint's; `done` and `total` in bytes."""

    name: str
    checkpoints: tuple[Checkpoint, ...]
    state: DownloadState = DownloadState.WAITING
    done: int = 0
    total: int = 0
    speed: float = 0.0
    reason: str = ""

    @property
    def seconds_left(self) -> float | None:
        """How long it will still take, None when nobody can know."""
        return (self.total - self.done) / self.speed if self.speed > 0 and self.total else None


def public_hub() -> "Hub":
    """Return the hub that checkpoints come from; the offline lock is asked before each connection."""
    from lens_desktop.store.hub import Hub  # takes a while to import, and most visits never need it

    return Hub(PUBLIC, is_locked)


class Downloads(QObject):
    """All downloads that are not finished. `changed` carries a name; `finished` one that is whole and verified.

    What was unfinished when the program ended is there again, paused: nothing is fetched unless the user says so.
    """

    changed = Signal(str)
    finished = Signal(str)

    def __init__(
        self, catalogue: Catalogue, hub: "Callable[[], Hub]" = public_hub, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.catalogue = catalogue
        self._hub = hub
        self._running: _Getting | None = None
        self.items: dict[str, Download] = {}
        for name in _kept():
            if name in catalogue.sets or name in catalogue.checkpoints:
                self.items[name] = self._made(name, DownloadState.PAUSED)

    def add(self, name: str) -> None:
        """Get what the catalogue knows under a name, or go on with it."""
        item = self.items.setdefault(name, self._made(name, DownloadState.WAITING))
        if item.state != DownloadState.GETTING:
            item.state, item.reason, item.speed = DownloadState.WAITING, "", 0.0
        self._keep()
        self.changed.emit(name)
        self._next()

    def pause(self, name: str) -> None:
        """Stop getting; what is here stays, and `add` goes on."""
        item = self.items[name]
        if self._running and self._running.item is item:
            self._running.stopped = True  # it says so itself when it has stopped
        else:
            item.state = DownloadState.PAUSED
            self.changed.emit(name)

    def cancel(self, name: str) -> None:
        """Stop getting and throw away what is unfinished. Checkpoints that are whole stay."""
        item = self.items.pop(name)
        self._keep()
        if self._running and self._running.item is item:
            self._running.stopped = True  # thrown away when it has stopped: the network may keep it for a while
        else:
            self._throw_away(item)
        self.changed.emit(name)

    def stop(self) -> None:
        """Stop the thread and wait for it: the program ends."""
        if self._running:
            self._running.stopped = True
            if not self._running.wait(_PATIENCE):
                self._running.terminate()  # held by a dead connection; what is on the disk can be gone on with
                self._running.wait()
            self._running = None

    def _throw_away(self, item: Download) -> None:
        from lens_desktop.store.download import cancel

        with contextlib.suppress(LensError):  # the folder has vanished, and all with it
            for checkpoint in item.checkpoints:
                cancel(places.models(), checkpoint.id)

    def _made(self, name: str, state: DownloadState) -> Download:
        checkpoints = self.catalogue.wanted(name)
        here = 0
        with contextlib.suppress(LensError):  # the folder has vanished: getting says so
            here = sum(one.size for one in checkpoints if installed.is_installed(places.models(), one))
        return Download(name, checkpoints, state, here, sum(one.size for one in checkpoints))

    def _next(self) -> None:
        if self._running is None:
            item = next((one for one in self.items.values() if one.state == DownloadState.WAITING), None)
            if item is not None:
                item.state = DownloadState.GETTING
                self._running = _Getting(item, self._hub, self)
                self._running.told.connect(self._told)
                self._running.ended.connect(self._ended)
                self._running.start()
                self.changed.emit(item.name)

    def _told(self, name: str) -> None:
        if self._running and self.items.get(name) is self._running.item:
            self.changed.emit(name)

    def _ended(self, name: str, code: str, reason: str) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        running.wait()
        item = self.items.get(name)
        if item is not running.item:  # cancelled, and perhaps asked for again since
            self._throw_away(running.item)
            self._next()
            return
        if item is not None:
            item.speed = 0.0
            if not code:
                del self.items[name]
            elif code == "cancelled":
                item.state = DownloadState.PAUSED
            else:
                item.state, item.reason = DownloadState.FAILED, reason
            self._keep()
            self.changed.emit(name)
            if not code:
                self.finished.emit(name)
        self._next()

    def _keep(self) -> None:
        part = _file().with_suffix(".new")
        part.write_text(json.dumps(list(self.items)), encoding="utf-8")
        part.replace(_file())


class _Getting(QThread):
    """Gets the checkpoints of one download, one after the other. `ended` carries name, error code or "", reason."""

    told = Signal(str)
    ended = Signal(str, str, str)

    def __init__(self, item: Download, hub: "Callable[[], Hub]", parent: QObject) -> None:
        super().__init__(parent)
        self.item = item
        self.stopped = False
        self._hub = hub

    def run(self) -> None:
        """Fetch, telling now and then."""
        from lens_desktop.store.download import get

        item = self.item
        started, fetched, said, before = time.monotonic(), 0, 0.0, 0

        def report(progress: "Progress") -> None:
            nonlocal said
            item.done = before + progress.done
            item.total = max(item.total, before + progress.total)  # not known before of what the user added
            now = time.monotonic()
            item.speed = (fetched + progress.fetched) / max(now - started, 0.5)
            if now - said > EVERY:
                said = now
                self.told.emit(item.name)

        try:
            hub, models = self._hub(), places.models()
            for checkpoint in item.checkpoints:
                get(checkpoint, hub, models, report, lambda: self.stopped)
                before += checkpoint.size
                item.done = before
        except LensError as error:
            self.ended.emit(item.name, error.code, error.message)
        except Exception as error:  # noqa: BLE001  # whatever it is, the queue goes on and the user is told
            log_failure("window", error)
            self.ended.emit(item.name, "crashed", f"It stopped by an error ({type(error).__name__}): try again.")
        else:
            self.ended.emit(item.name, "", "")


def _kept() -> Iterable[str]:
    try:
        names = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else ()


def _file() -> Path:
    return places.config() / "downloads.json"
