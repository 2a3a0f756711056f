"""Gets a checkpoint: resumable at any byte, verified before it counts, all of it or nothing in its final place."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import filelock

from lens_desktop.domain.errors import LensError
from lens_desktop.store import installed
from lens_desktop.store.catalogue import Checkpoint, File
from lens_desktop.store.hub import Hub, UnreachableError
from lens_desktop.store.installed import NOTE, UNFINISHED, Plan

_PLAN = "plan.json"
_TRIES = 6  # in a row without a byte
_ROOM = 200_000_000  # bytes that stay free on the disk
_WAIT, _LONGEST_WAIT = 0.5, 20.0  # seconds before another try


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is, in bytes; `fetched` is what came over the network this time. `doing` is for people."""

    done: int
    total: int
    fetched: int
    doing: str


@dataclass(slots=True)
class _State:
    """What all files of one download share."""

    hub: Hub
    plan: Plan
    folder: Path
    report: Callable[[Progress], None]
    stop: Callable[[], bool]
    done: int = 0
    fetched: int = 0

    def tell(self, doing: str) -> None:
        self.report(Progress(self.done, self.plan.size, self.fetched, doing))
        if self.stop():
            raise LensError("cancelled", "Paused: it goes on from here when asked again.")


def get(
    checkpoint: Checkpoint,
    hub: Hub,
    models: Path,
    report: Callable[[Progress], None] = lambda _progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Return the folder of a checkpoint, fetched from the hub as far as it is not there.

    What an earlier call had fetched when it was stopped or killed is used. Raises LensError: ``cancelled`` when `stop`
    turned true, ``refused`` when a file is not the one that is known, ``no-room``, ``busy``, ``network``, ``offline``.
    """
    target = installed.place(models, checkpoint.id)
    if installed.is_installed(models, checkpoint):
        cancel(models, checkpoint.id)  # what a kill in the last moment left
        return target
    folder = models / UNFINISHED / checkpoint.id
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(models / UNFINISHED / f"{checkpoint.id}.lock")
    try:
        with lock.acquire(blocking=False):
            state = _State(hub, _planned(checkpoint, hub, models, folder, stop), folder, report, stop)
            _make_room(state, models)
            for file in state.plan.files:
                _fetch(state, file)
            _finish(state, models, checkpoint.id, target)
            lock_file = Path(lock.lock_file)
    except filelock.Timeout:
        raise LensError("busy", f"{checkpoint.title} is being fetched by another window or terminal.") from None
    except LensError:
        if folder.is_dir() and not any(folder.iterdir()):
            cancel(models, checkpoint.id)  # refused before anything was fetched
        raise
    except OSError as error:
        raise LensError("no-room", f"{models} cannot be written ({error.strerror}): choose another folder.") from None
    lock_file.unlink(missing_ok=True)
    if not any((models / UNFINISHED).iterdir()):
        (models / UNFINISHED).rmdir()
    return target


def cancel(models: Path, id_: str) -> None:
    """Throw away what an unfinished download has fetched."""
    shutil.rmtree(models / UNFINISHED / id_, ignore_errors=True)
    (models / UNFINISHED / f"{id_}.lock").unlink(missing_ok=True)
    if (models / UNFINISHED).is_dir() and not any((models / UNFINISHED).iterdir()):
        (models / UNFINISHED).rmdir()


def _planned(checkpoint: Checkpoint, hub: Hub, models: Path, folder: Path, stop: Callable[[], bool]) -> Plan:
    """Return what to fetch: as planned before, as pinned, as the catalogue says, and else as the hub lists it."""
    known = {file.path: file for file in checkpoint.files}
    plan = installed.read_plan(folder / _PLAN)
    if plan is None or plan.repository != checkpoint.repository:
        plan = installed.pinned(models, checkpoint.id)
    if plan is None or plan.repository != checkpoint.repository:
        commit, files = checkpoint.revision, checkpoint.files
        if not checkpoint.pinned:
            listing = _again(lambda: hub.listing(checkpoint.repository, checkpoint.revision), stop)
            commit = listing.commit
            wanted = known.__contains__ if checkpoint.complete else checkpoint.wants
            files = tuple(file for file in listing.files if wanted(file.path))
            if not any(file.path.endswith(".safetensors") for file in files):
                raise LensError("refused", f"{checkpoint.repository} has no weights in safetensors: choose another.")
        plan = Plan(checkpoint.repository, commit, files)
    # whatever was planned or listed, what the catalogue knows of a file is what it must be
    files = tuple(_known(file, known.get(file.path), checkpoint) for file in plan.files)
    missing = sorted(known.keys() - {file.path for file in files})
    if missing or not files:
        raise LensError("refused", f"The hub has no {missing[0] if missing else 'file'} of {checkpoint.title}.")
    plan = replace(plan, files=files)
    installed.write_plan(folder / _PLAN, plan)
    return plan


def _known(found: File, known: File | None, checkpoint: Checkpoint) -> File:
    """Return what a file must be; raise LensError ``refused`` when the hub says it is another one."""
    if known is None:
        return found
    for ours, theirs, what in ((known.size, found.size, "size"), (known.sha256, found.sha256, "sha256")):
        if ours and theirs and ours != theirs:
            raise _refused(checkpoint.repository, found.path, f"its {what} is another")
    return File(found.path, known.size or found.size, known.sha256 or found.sha256)


def _make_room(state: _State, models: Path) -> None:
    """Raise LensError ``no-room`` when what is still to come does not fit the disk."""
    here = sum(part.stat().st_size for part in state.folder.rglob("*") if part.is_file())
    needed, free = state.plan.size - here + _ROOM, shutil.disk_usage(models).free
    if needed > free:
        raise LensError(
            "no-room",
            f"{needed / 1e9:.1f} GB are needed in {models} and {free / 1e9:.1f} GB are free: make room, or choose "
            "another folder.",
        )


def _fetch(state: _State, file: File) -> None:
    """Have one file whole and verified in the unfinished folder."""
    final = state.folder / file.path
    if final.is_file():
        state.done += file.size
        return
    final.parent.mkdir(parents=True, exist_ok=True)
    part = final.with_name(f"{final.name}.part")
    resumed = _fetch_part(state, file, part)
    problem = _problem(file, part)
    if problem and resumed:  # what an earlier run left may be damaged: once more from the start
        state.done -= part.stat().st_size
        part.unlink()
        _fetch_part(state, file, part)
        problem = _problem(file, part)
    if problem:
        part.unlink()
        raise _refused(state.plan.repository, file.path, problem)
    part.replace(final)


def _fetch_part(state: _State, file: File, part: Path) -> bool:
    """Append to `part` until the file is whole; return whether it went on from what was there."""
    start = part.stat().st_size if part.is_file() else 0
    if start > (file.size or start):
        part.unlink()
        start = 0
    state.done += start
    state.tell(f"Getting {file.path}")

    def receive() -> None:
        at = part.stat().st_size if part.is_file() else 0
        if file.size and at == file.size:
            return
        with (
            state.hub.stream(state.plan.repository, state.plan.commit, file.path, at) as blocks,
            part.open("ab") as out,
        ):
            for block in blocks:
                if file.size and at + len(block) > file.size:
                    raise _refused(state.plan.repository, file.path, "it is longer than it must be")
                out.write(block)
                out.flush()
                at += len(block)
                state.done += len(block)
                state.fetched += len(block)
                state.tell(f"Getting {file.path}")
            os.fsync(out.fileno())
        if file.size and at < file.size:
            raise UnreachableError("the connection ended early")

    _again(receive, state.stop, lambda: state.fetched)
    if not part.is_file():
        part.touch()  # an empty file is a file
    return start > 0


def _problem(file: File, part: Path) -> str:
    """Say what is wrong with a fetched file, "" when nothing is; without a known sha256 only its size is."""
    size = part.stat().st_size
    if file.size and size != file.size:
        return f"it has {size:,} bytes instead of {file.size:,}"
    if file.sha256 and installed.sha256_of(part).hexdigest() != file.sha256:
        return "its sha256 is another"
    return ""


def _finish(state: _State, models: Path, id_: str, target: Path) -> None:
    """Note what was found, pin it, and put the folder in its place."""
    state.tell("Finishing")
    files = [
        file if file.sha256 else replace(file, sha256=installed.sha256_of(state.folder / file.path).hexdigest())
        for file in state.plan.files
    ]
    files = [replace(file, size=(state.folder / file.path).stat().st_size) for file in files]
    plan = replace(state.plan, files=tuple(files))
    installed.write_plan(state.folder / NOTE, plan)
    (state.folder / _PLAN).unlink(missing_ok=True)
    installed.pin(models, id_, plan)
    wanted = {NOTE, *(file.path for file in files)}
    for found in [one for one in state.folder.rglob("*") if one.is_file()]:
        if found.relative_to(state.folder).as_posix() not in wanted:
            found.unlink()  # left by a kill
    if target.exists():  # an older one without its note
        shutil.rmtree(target)
    state.folder.replace(target)


def _again(work: Callable[[], Any], stop: Callable[[], bool], gained: Callable[[], int] = lambda: 0) -> Any:
    """Return what `work` returns, tried again with growing pauses while the hub cannot be reached."""
    before, tries = gained(), 0
    while True:
        try:
            return work()
        except UnreachableError as error:
            tries = 1 if gained() > before else tries + 1
            before = gained()
            if tries >= _TRIES:
                reason = f"{error}: try again later, it goes on from here."
                raise LensError("network", f"{reason[:1].upper()}{reason[1:]}") from None
        until = time.monotonic() + min(_LONGEST_WAIT, _WAIT * 2**tries)
        while time.monotonic() < until:
            if stop():
                raise LensError("cancelled", "Paused: it goes on from here when asked again.")
            time.sleep(0.05)


def _refused(repository: str, path: str, why: str) -> LensError:
    return LensError("refused", f"{path} of {repository} is not the file that is known ({why}): nothing of it is kept.")
