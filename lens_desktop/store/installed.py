"""The folder of checkpoints: one folder each with a note of what it must hold; verifying and removing them.

A folder of checkpoints can be copied to another machine, or moved: nothing in it names a place outside.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lens_desktop.domain.errors import LensError
from lens_desktop.settings import Settings
from lens_desktop.store.catalogue import Checkpoint, File, safe_path

NOTE = "lens-checkpoint.json"
UNFINISHED = ".getting"  # beside the finished ones, so that finishing is a rename
PINNED = "pinned"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Plan:
    """Exactly what a checkpoint's folder must hold: the files of one commit of a repository."""

    repository: str
    commit: str
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(file.size for file in self.files)


def place(models: Path, id_: str) -> Path:
    """Return the folder of a checkpoint, whether it is there or not."""
    return models / id_


def is_installed(models: Path, checkpoint: Checkpoint) -> bool:
    """Say whether a checkpoint was got whole; its bytes are not read."""
    return read_plan(place(models, checkpoint.id) / NOTE) is not None


def is_used(models: Path, id_: str, settings: Settings) -> bool:
    """Say whether a checkpoint is one of those in use."""
    folder = place(models, id_)
    return not {str(folder), str(folder.resolve())}.isdisjoint((settings.clip, settings.captioner, settings.llm))


def read_plan(file: Path) -> Plan | None:
    """Return the plan in a file, or None when there is none that can be read."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        files = tuple(File(str(one["path"]), int(one["size"]), str(one["sha256"])) for one in values["files"])
        plan = Plan(str(values["repository"]), str(values["commit"]), files)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return plan if all(safe_path(one.path) for one in files) else None


def write_plan(file: Path, plan: Plan) -> None:
    """Write a plan whole or not at all, and have it on the disk before returning."""
    _write(file, asdict(plan))


def pinned(models: Path, id_: str) -> Plan | None:
    """Return what the first download of a checkpoint found, which later ones must equal, or None."""
    return read_plan(models / PINNED / f"{id_}.json")


def pin(models: Path, id_: str, plan: Plan) -> None:
    """Remember what a checkpoint's first download found."""
    (models / PINNED).mkdir(exist_ok=True)
    write_plan(models / PINNED / f"{id_}.json", plan)


def verify(models: Path, checkpoint: Checkpoint, progress: Callable[[int], None] = lambda _bytes: None) -> list[str]:
    """Return what is wrong with a checkpoint's folder in sentences, by reading every byte; nothing when all is well.

    The catalogue's sha256 count before the folder's own note. Raises LensError ``missing`` when it is not there.
    """
    folder = place(models, checkpoint.id)
    plan = read_plan(folder / NOTE)
    if plan is None:
        raise LensError("missing", f"{checkpoint.title} is not here: get it with `lens-desktop models get`.")
    known = {file.path: file for file in checkpoint.files}
    problems = []
    for file in plan.files:
        if (problem := _wrong(folder / file.path, _stricter(file, known.get(file.path)), progress)) is not None:
            problems.append(problem)
    expected = {NOTE, *(file.path for file in plan.files)}
    for found in sorted(folder.rglob("*")):
        if (found.is_file() or found.is_symlink()) and found.relative_to(folder).as_posix() not in expected:
            problems.append(f"{found.relative_to(folder)} does not belong there.")
    return problems


def sha256_of(file: Path, progress: Callable[[int], None] = lambda _bytes: None) -> Any:
    """Return the running sha256 of a file, to be continued or finished."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            progress(len(block))
    return digest


def remove(models: Path, id_: str) -> bool:
    """Remove a checkpoint, finished or not; return whether there was one. What was pinned stays pinned."""
    there = False
    for folder in (place(models, id_), models / UNFINISHED / id_):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
            there = True
    unfinished = models / UNFINISHED
    if unfinished.is_dir() and not any(unfinished.iterdir()):
        unfinished.rmdir()
    return there


def _wrong(file: Path, wanted: File, progress: Callable[[int], None]) -> str | None:
    if file.is_symlink() or not file.is_file():
        return f"{wanted.path} is missing."
    size = file.stat().st_size
    if wanted.size and size != wanted.size:
        return f"{wanted.path} has {size:,} bytes instead of {wanted.size:,}."
    if wanted.sha256 and sha256_of(file, progress).hexdigest() != wanted.sha256:
        return f"{wanted.path} is damaged: its sha256 is not {wanted.sha256[:12]}…"
    return None


def _stricter(noted: File, known: File | None) -> File:
    if known is None:
        return noted
    return File(noted.path, known.size or noted.size, known.sha256 or noted.sha256)


def _write(file: Path, values: dict[str, Any]) -> None:
    part = file.with_name(f"{file.name}.new")
    with part.open("w", encoding="utf-8") as stream:
        json.dump(values, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)
