"""A hub on this machine with two small checkpoints, and catalogues that know them."""

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lens_desktop.store.catalogue import Checkpoint, File, Module
from tests.hub_server import HubServer, commit_of

SIZES = {"config.json": 600, "vocab.txt": 50_000, "model.safetensors": 3_000_000}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return the folder of the repository ``makers/blip`` as its makers published it."""
    folder = tmp_path / "hub" / "makers" / "blip"
    for name, size in SIZES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(os.urandom(size))
    (folder / "pytorch_model.bin").write_bytes(b"never fetched")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "config.json").write_bytes(b"never fetched")
    return folder


@pytest.fixture
def hub(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """Serve the hub; downloads wait hardly at all before they try again."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("lens_desktop.store.download._WAIT", 0.01)
    server = HubServer(repository.parent.parent)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def checkpoint(repository: Path, pinned: bool = True, **changes: object) -> Checkpoint:
    """Return the catalogue's entry of a repository: with every sha256, or with nothing but its name."""
    values: dict[str, object] = {
        "id": "blip",
        "title": "BLIP",
        "module": Module.CAPTIONER,
        "repository": "makers/blip",
        "revision": commit_of(repository) if pinned else "main",
        "licence": "BSD-3-Clause",
        "about": "Captions.",
        "complete": pinned,
        "files": tuple(known(repository / name, name) for name in SIZES) if pinned else (),
    }
    return Checkpoint(**(values | changes))  # type: ignore[arg-type]


def known(file: Path, name: str) -> File:
    """Return what the catalogue says of a file."""
    data = file.read_bytes()
    return File(name, len(data), hashlib.sha256(data).hexdigest())
