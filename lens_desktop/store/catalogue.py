"""The catalogue: which checkpoints and sets there are, where they come from, and what each of their files must be."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from lens_desktop import places
from lens_desktop.domain.errors import LensError
from lens_desktop.resources import resource

# what a checkpoint in safetensors is made of; nothing else is ever fetched or accepted
ALLOWED = (".safetensors", ".json", ".txt", ".model", ".jinja", ".md")
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
_OVERHEAD = 1.2  # activations, buffers and the allocator's slack, on top of the weights


class Module(StrEnum):
    """What a checkpoint does in a set."""

    CLIP = "clip"
    CAPTIONER = "captioner"
    MATCHER = "matcher"
    LLM = "llm"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a checkpoint. `size` is in bytes, 0 when unknown; `sha256` is empty until it is pinned."""

    path: str
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An entry of the catalogue.

    `revision` is a commit, or a branch when no commit could be looked up; then, and for files without a sha256, the
    first download pins what it found. `complete` says that `files` are all there is to fetch; otherwise the hub is
    asked, and `files` are those of which something is known. `skip` names files that are not needed. `unverified`
    names the fields that could not be looked up at a source.
    """

    id: str
    title: str
    module: Module
    repository: str
    revision: str
    licence: str
    about: str
    parameters: int = 0
    bytes_per_parameter: int = 2
    licence_note: str = ""
    files: tuple[File, ...] = ()
    complete: bool = False
    skip: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The bytes to fetch: of all files, or estimated from the parameters while not all are known."""
        known = sum(file.size for file in self.files)
        return known if self.complete else max(known, self.parameters * self.bytes_per_parameter)

    @property
    def pinned(self) -> bool:
        """Whether every file must be exactly the one the catalogue knows, and the hub need not be asked."""
        return self.complete and is_commit(self.revision) and all(file.sha256 for file in self.files)

    def wants(self, path: str) -> bool:
        """Say whether a file that the hub lists is to be fetched: subfolders hold the weights in other formats."""
        return "/" not in path and path not in self.skip and safe_path(path)

    def memory(self, dtype: str) -> int:
        """Return the bytes that running it takes with weights in `dtype`, estimated from its parameters."""
        return int(self.parameters * _BYTES[dtype] * _OVERHEAD)


@dataclass(frozen=True, slots=True)
class CheckpointSet:
    """A choice of one checkpoint per module by their ids; `needs` says in words what machine it is for."""

    id: str
    title: str
    needs: str
    clip: str
    captioner: str
    llm: str
    note: str = ""

    @property
    def members(self) -> tuple[str, ...]:
        """The ids of its checkpoints."""
        return (self.clip, self.captioner, self.llm)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All checkpoints and sets, by id."""

    checkpoints: Mapping[str, Checkpoint]
    sets: Mapping[str, CheckpointSet]

    def wanted(self, name: str) -> tuple[Checkpoint, ...]:
        """Return the checkpoint `name`, or those of the set `name`. Raises LensError ``missing``."""
        if name in self.checkpoints:
            return (self.checkpoints[name],)
        if name in self.sets:
            return tuple(self.checkpoints[member] for member in self.sets[name].members)
        known = ", ".join((*self.sets, *self.checkpoints))
        raise LensError("missing", f"The catalogue has no {name}: choose one of {known}.")


def read_catalogue(file: Path | None = None) -> Catalogue:
    """Return the catalogue in `file`, or the program's own and what the user added to it.

    Raises LensError ``missing`` or ``bad-catalogue``.
    """
    if file is not None:
        return _read(file)
    shipped = _read(resource("checkpoints.toml"))
    if not own_file().exists():
        return shipped
    return Catalogue({**_read(own_file()).checkpoints, **shipped.checkpoints}, shipped.sets)


def own_file() -> Path:
    """Return the file of the checkpoints that the user added; store/own.py writes it."""
    return places.config() / "checkpoints.toml"


def _read(file: Path) -> Catalogue:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError:
        raise LensError("missing", f"There is no catalogue at {file}: choose another.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LensError("bad-catalogue", f"The catalogue {file} cannot be read ({error}): correct it.") from None
    try:
        checkpoints = [_checkpoint(entry) for entry in table.get("checkpoint", [])]
        sets = [_made(CheckpointSet, entry) for entry in table.get("set", [])]
        catalogue = Catalogue({one.id: one for one in checkpoints}, {one.id: one for one in sets})
        _check(catalogue, [one.id for one in (*checkpoints, *sets)])
    except (ValueError, TypeError, AttributeError) as error:
        raise LensError("bad-catalogue", f"The catalogue {file} is wrong ({error}): correct it.") from None
    return catalogue


def size_text(size: int) -> str:
    """Return a number of bytes for people: "340 MB", "1.7 GB", "?" for none."""
    if not size:
        return "?"
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def safe_path(path: str) -> bool:
    """Say whether a file of this name may lie in a checkpoint: inside it, and of a kind that cannot run."""
    parts = PurePosixPath(path)
    inside = not parts.is_absolute() and ".." not in parts.parts and "\\" not in path and path == str(parts)
    return inside and parts.suffix.lower() in ALLOWED and not any(part.startswith(".") for part in parts.parts)


def _checkpoint(entry: dict[str, Any]) -> Checkpoint:
    values = dict(entry)
    values["files"] = tuple(_made(File, file) for file in values.pop("file", []))
    for name in ("unverified", "skip"):
        values[name] = tuple(values.get(name, ()))
    values["module"] = Module(values.get("module", ""))
    checkpoint: Checkpoint = _made(Checkpoint, values)
    if not _REPOSITORY.fullmatch(checkpoint.repository) or ".." in checkpoint.repository:
        raise ValueError(f"{checkpoint.id} has no repository of the form owner/name")
    for file in checkpoint.files:
        if not safe_path(file.path):
            raise ValueError(f"{checkpoint.id} names {file.path}, which no checkpoint may hold")
        if file.sha256 and not _SHA256.fullmatch(file.sha256):
            raise ValueError(f"the sha256 of {file.path} in {checkpoint.id} is none")
    return checkpoint


def is_commit(revision: str) -> bool:
    """Say whether a revision names one state for ever, not a branch that moves."""
    return bool(_COMMIT.fullmatch(revision))


def _made(kind: Any, values: dict[str, Any]) -> Any:
    """Return a dataclass of values of the right types."""
    known = {field.name: field.type for field in fields(kind)}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"{name} is no field of a {kind.__name__.lower()}")
        if known[name] in (str, int, bool) and type(value) is not known[name]:
            raise ValueError(f"{name} must not be {value!r}")
    return kind(**values)


def _check(catalogue: Catalogue, ids: list[str]) -> None:
    """Raise ValueError when ids repeat or are no names of folders, or a set names what is not there."""
    for one in ids:
        if not _ID.fullmatch(one):
            raise ValueError(f"{one!r} is no id: use small letters, digits, points and hyphens")
        if ids.count(one) > 1:
            raise ValueError(f"{one} is there twice")
    for chosen in catalogue.sets.values():
        for module, member in zip((Module.CLIP, Module.CAPTIONER, Module.LLM), chosen.members, strict=True):
            if member not in catalogue.checkpoints or catalogue.checkpoints[member].module is not module:
                raise ValueError(f"the set {chosen.id} names {member!r} as its {module}")
