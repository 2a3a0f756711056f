"""Checkpoints of the user's own choice: a repository of the hub by its name, or any folder."""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from lens_desktop.domain.errors import LensError
from lens_desktop.store.catalogue import Checkpoint, Module, is_commit, own_file, read_catalogue

_REPOSITORY = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)
_REVISION = re.compile(r"[\w-][\w./-]*", re.ASCII)
_CONFIGS = {Module.CLIP: "open_clip_config.json", Module.CAPTIONER: "config.json", Module.LLM: "config.json"}
_KINDS = {Module.CLIP: "a CLIP", Module.CAPTIONER: "a captioner", Module.MATCHER: "a matcher", Module.LLM: "an LLM"}


def add(repository: str, module: Module, revision: str = "") -> Checkpoint:
    """Remember a repository of the hub as a checkpoint of the catalogue, and return it. Nothing is fetched.

    Raises LensError ``usage`` when the names are none, or it is there for another module.
    """
    repository, revision = repository.strip().strip("/"), revision.strip()
    if not _REPOSITORY.fullmatch(repository) or ".." in repository:
        raise LensError("usage", f"{repository or 'This'} is no name on the hub: write it as owner/name.")
    if revision and (not _REVISION.fullmatch(revision) or ".." in revision):
        raise LensError("usage", f"{revision} is no revision: write a branch, a tag or a commit.")
    checkpoint = Checkpoint(
        id=_id(repository, revision),
        title=f"{repository} at {revision[:8] if is_commit(revision) else revision}" if revision else repository,
        module=module,
        repository=repository,
        revision=revision or "main",
        licence="see its page",
        about="Your own choice from the hub: nobody has tried it here.",
        # of an open_clip repository, its weights in another library's format
        skip=("model.safetensors",) if module is Module.CLIP else (),
        unverified=("licence", "parameters", "files"),
    )
    catalogue = read_catalogue()
    there = catalogue.checkpoints.get(checkpoint.id)
    if there == checkpoint:
        return there
    if there or checkpoint.id in catalogue.sets:
        what = f"as {_KINDS[there.module]}" if there and there.module != module else "under the same id"
        raise LensError("usage", f"{checkpoint.id} is in the list already, {what}: remove that one first.")
    _write([*own(), checkpoint])
    return checkpoint


def own() -> tuple[Checkpoint, ...]:
    """Return the checkpoints that the user added."""
    return tuple(read_catalogue(own_file()).checkpoints.values()) if own_file().exists() else ()


def forget(id_: str) -> None:
    """Take an own checkpoint off the list; its files are removed by `installed.remove`."""
    _write([one for one in own() if one.id != id_])


def check_folder(folder: Path, module: Module) -> None:
    """Raise LensError when a folder is no checkpoint for `module` at a glance; the worker looks closely."""
    if not folder.is_dir():
        raise LensError("missing", f"There is no folder {folder}: choose another.")
    if not any(folder.glob("*.safetensors")):
        raise LensError(
            "bad-checkpoint", f"{folder} has no safetensors file: choose the folder of a checkpoint in that format."
        )
    if not (folder / _CONFIGS[module]).is_file():
        raise LensError(
            "bad-checkpoint", f"{folder} has no {_CONFIGS[module]}, as {_KINDS[module]} must: choose another."
        )


def _write(checkpoints: Sequence[Checkpoint]) -> None:
    """Write the own catalogue whole or not at all."""
    lines = ["# Checkpoints that you added to the program's catalogue. The program writes this file."]
    for one in checkpoints:
        plain = {name: getattr(one, name) for name in ("id", "title", "repository", "revision", "licence", "about")}
        lines += ["", "[[checkpoint]]", f'module = "{one.module}"']
        lines += [f"{name} = {json.dumps(value)}" for name, value in plain.items()]
        lines += [f"skip = {json.dumps(list(one.skip))}", f"unverified = {json.dumps(list(one.unverified))}"]
    part = own_file().with_suffix(".new")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.replace(part, own_file())


def _id(repository: str, revision: str) -> str:
    whole = f"{repository}-{revision[:8] if is_commit(revision) else revision}" if revision else repository
    return re.sub(r"[^a-z0-9.]+", "-", whole.lower()).strip("-.")
