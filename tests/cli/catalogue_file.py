"""Writes catalogues of what a hub's folder holds, for tests."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from tests.hub_server import commit_of


def write_catalogue(file: Path, hub: Path, checkpoints: Mapping[str, tuple[str, str]], set_id: str = "") -> Path:
    """Write a catalogue of `checkpoints` (id: module and repository), every file of them known.

    With `set_id` they also make up a set of that name. Only files that a checkpoint may hold are taken up.
    """
    lines = []
    if set_id:
        lines += ["[[set]]", f'id = "{set_id}"', 'title = "Small set"', 'needs = "nothing."']
        lines += [f'{module} = "{id_}"' for id_, (module, _) in checkpoints.items()]
    for id_, (module, repository) in checkpoints.items():
        folder = hub / repository
        lines += ["[[checkpoint]]", f'id = "{id_}"', f'title = "{id_.upper()}"', f'module = "{module}"']
        lines += [f'repository = "{repository}"', f'revision = "{commit_of(folder)}"', "complete = true"]
        lines += ['licence = "BSD-3-Clause"', 'about = "For tests."']
        for found in sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".bin"):
            digest = hashlib.sha256(found.read_bytes()).hexdigest()
            lines += ["[[checkpoint.file]]", f'path = "{found.name}"', f"size = {found.stat().st_size}"]
            lines += [f'sha256 = "{digest}"']
    file.write_text("\n".join(lines), encoding="utf-8")
    return file
