"""The folder of checkpoints is the user's choice and can be moved; whatever happens, one whole folder is in use.

Everything is linked (on the same disk) or copied into the new folder, then the choice is switched, then the old folder
is removed. What a kill leaves over is named in the file of the choice beforehand, so that `settle` can remove it.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock

from lens_desktop import places
from lens_desktop.domain.errors import LensError
from lens_desktop.store.catalogue import size_text
from lens_desktop.store.installed import NOTE, PINNED, UNFINISHED, read_plan

_STAGE = ".moving"  # inside the new folder, so that putting things in their place is a rename
_ROOM = 200_000_000  # bytes that stay free on the disk
_BLOCK = 1 << 20

Report = Callable[[int, int], None]


def move(target: Path, report: Report = lambda _done, _total: None, stop: Callable[[], bool] = lambda: False) -> Path:
    """Keep checkpoints in `target` from now on, with all that are here; return it. `report` has bytes done and all.

    A target with checkpoints, from another machine perhaps, is taken with them. When the old folder has vanished, the
    new one is only taken. Raises LensError: ``usage`` when the target cannot be one, ``busy`` while a download or
    another move runs, ``no-room``, ``cancelled`` when `stop` turned true; then the old folder stays in use, whole.
    """
    target = Path(os.path.abspath(target.expanduser()))
    with _alone():
        try:
            old = places.models().resolve()
        except LensError:
            old = None
        made = not target.exists()
        _check(target, old)
        try:
            target.mkdir(parents=True, exist_ok=True)
            target = target.resolve()
            if old is not None:
                _bring(old, target, report, stop)
            _choose(target, [old] if old else [])
        except OSError as error:
            reason = f"{target} cannot be written ({error.strerror}): choose another folder."
            raise LensError("no-room", f"{reason} Everything stays where it is.") from None
        finally:
            shutil.rmtree(target / _STAGE, ignore_errors=True)
            if made and places.models_choice().get("folder") != str(target):
                with contextlib.suppress(OSError):
                    target.rmdir()
        _remove_left()
    return target


def settle() -> None:
    """Remove what a move that was killed left over, if there is any."""
    if places.models_choice().get("left"):
        with contextlib.suppress(LensError), _alone():
            _remove_left()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    lock = filelock.FileLock(places.models_file().with_suffix(".lock"))
    try:
        with lock.acquire(blocking=False):
            yield
    except filelock.Timeout:
        raise LensError("busy", "The folder is being moved by another window or terminal: wait for it.") from None


def _check(target: Path, old: Path | None) -> None:
    """Raise LensError when `target` cannot become the folder of checkpoints."""
    if target.exists() and not target.is_dir():
        raise LensError("usage", f"{target} is a file: choose a folder.")
    there = target.resolve()
    if there == old:
        raise LensError("usage", f"The checkpoints are in {target} already.")
    if old is not None and (there.is_relative_to(old) or old.is_relative_to(there)):
        raise LensError("usage", f"{target} and {old} lie inside each other: choose a folder apart from it.")
    foreign = next((one.name for one in sorted(there.iterdir()) if not _ours(one)), "") if target.is_dir() else ""
    if foreign:
        raise LensError(
            "usage", f"{target} holds other things ({foreign}): choose an empty folder, or one with checkpoints."
        )


def _ours(path: Path) -> bool:
    return path.name in (PINNED, UNFINISHED, _STAGE) or (path / NOTE).is_file()


def _bring(old: Path, target: Path, report: Report, stop: Callable[[], bool]) -> None:
    """Have in `target` all that is in `old`, which is not touched."""
    _check_downloads(old)
    wanted = [part for part in _parts(old) if not _is_there(part, old, target)]
    stage = target / _STAGE
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()
    _choose(None, [stage])
    files = [file for part in wanted for file in _files(old / part)]
    total = sum(file.lstat().st_size for file in files)
    put = _put_of(files, stage)
    if put is _copy:
        _check_room(total, target)
    done = 0
    report(done, total)
    for file in files:
        place = stage / file.relative_to(old)
        place.parent.mkdir(parents=True, exist_ok=True)
        for bytes_ in put(file, place):
            done += bytes_
            report(done, total)
            if stop():
                raise LensError("cancelled", "Stopped: everything stays where it is.")
        if place.lstat().st_size != file.lstat().st_size:
            raise LensError("no-room", f"{file.name} did not arrive whole: everything stays where it is. Try again.")
    _check_downloads(old)  # one that was begun meanwhile would be lost
    for part in wanted:
        (target / part).parent.mkdir(exist_ok=True)
        if os.path.lexists(stage / part):  # not so when it is an empty folder
            (stage / part).replace(target / part)


def _parts(folder: Path) -> list[Path]:
    """Return what moves as one piece: each checkpoint, each pin, each unfinished download, relative to the folder."""
    found: list[Path] = []
    for one in sorted(folder.iterdir()):
        inside = sorted(one.iterdir()) if one.name in (PINNED, UNFINISHED) and one.is_dir() else [one]
        found += [part.relative_to(folder) for part in inside if part.suffix != ".lock" and part.name != _STAGE]
    return found


def _is_there(part: Path, old: Path, target: Path) -> bool:
    """Say whether the new folder has it already. Raises LensError when it has another checkpoint in its place."""
    ours, theirs = read_plan(old / part / NOTE), read_plan(target / part / NOTE)
    if ours and theirs and ours != theirs:
        raise LensError("usage", f"{target} holds another {part}: remove one of the two first.")
    return (target / part).exists()


def _check_downloads(folder: Path) -> None:
    for file in (folder / UNFINISHED).glob("*.lock"):
        try:
            filelock.FileLock(file).acquire(blocking=False).lock.release()
        except filelock.Timeout:
            raise LensError("busy", "A download is running: pause it, and then move the folder.") from None


def _check_room(total: int, target: Path) -> None:
    free = shutil.disk_usage(target).free
    if total + _ROOM > free:
        raise LensError(
            "no-room",
            f"{size_text(total)} are to be moved and {size_text(free)} are free in {target}: make room, or choose "
            "another folder.",
        )


def _files(path: Path) -> list[Path]:
    if path.is_symlink() or not path.is_dir():
        return [path]
    return [file for file in sorted(path.rglob("*")) if file.is_symlink() or not file.is_dir()]


def _put_of(files: list[Path], stage: Path) -> Callable[[Path, Path], Iterator[int]]:
    """Return how files get into the new folder: as links where both are on one disk that knows links."""
    trial = stage / "trial"
    try:
        if files:
            os.link(files[0], trial, follow_symlinks=False)
            trial.unlink()
    except OSError:
        return _copy
    return _link


def _link(file: Path, place: Path) -> Iterator[int]:
    os.link(file, place, follow_symlinks=False)
    yield file.lstat().st_size


def _copy(file: Path, place: Path) -> Iterator[int]:
    if file.is_symlink():
        place.symlink_to(file.resolve())
        return
    with file.open("rb") as source, place.open("xb") as out:
        while block := source.read(_BLOCK):
            out.write(block)
            yield len(block)
        out.flush()
        os.fsync(out.fileno())


def _choose(folder: Path | None, left: list[Path]) -> None:
    """Note the folder in use (None: the same as before) and what is left over as soon as that is so."""
    chosen = places.models_choice().get("folder", "") if folder is None else str(folder)
    part = places.models_file().with_suffix(".new")
    with part.open("w", encoding="ascii") as out:
        json.dump({"folder": chosen, "left": [str(one) for one in left]}, out)
        out.flush()
        os.fsync(out.fileno())
    os.replace(part, places.models_file())


def _remove_left() -> None:
    for left in places.models_choice().get("left", []):
        shutil.rmtree(left, ignore_errors=True)
    _choose(None, [])
