"""``lens-desktop models`` in a terminal of its own, against a hub on this machine."""

import json
from pathlib import Path

import pytest

from tests.cli.catalogue_file import write_catalogue
from tests.cli.terminal import ROOT, run, sentence
from tests.hub_server import HubServer
from tests.store.conftest import hub, repository

pytestmark = pytest.mark.loopback

__all__ = ["hub", "repository"]


@pytest.fixture
def catalogue(repository: Path, tmp_path: Path) -> Path:
    """Return the file of a catalogue with one checkpoint, every file of it known."""
    return write_catalogue(
        tmp_path / "catalogue.toml", repository.parent.parent, {"blip": ("captioner", "makers/blip")}
    )


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"LENS_DESKTOP_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0"}


def test_get_verify_list_remove(hub: HubServer, catalogue: Path, env: dict[str, str], tmp_path: Path) -> None:
    where = ("--hub", hub.address, "--catalogue", catalogue)
    done = run("models", "get", "blip", *where, **env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"blip: here, verified, in ")
    models = tmp_path / "home" / "data" / "models"
    listed = run("models", "list", "--catalogue", catalogue, **env).stdout.decode()
    assert any(line.split()[:4] == ["blip", "3", "MB", "here"] for line in listed.splitlines())
    assert str(models) in listed
    assert run("models", "verify", "--catalogue", catalogue, **env).stdout == b"blip: every byte is right\n"
    weights = models / "blip" / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[7] ^= 1
    weights.write_bytes(data)
    damaged = run("models", "verify", "blip", "--catalogue", catalogue, **env)
    assert damaged.returncode == 1
    assert b"model.safetensors is damaged" in damaged.stdout
    assert run("models", "remove", "blip", "--catalogue", catalogue, **env).stdout == b"blip: removed\n"
    assert not (models / "blip").exists()


def test_one_flipped_byte_is_refused_by_name(hub: HubServer, catalogue: Path, env: dict[str, str]) -> None:
    hub.flipped = {"model.safetensors"}
    done = run("models", "get", "blip", "--hub", hub.address, "--catalogue", catalogue, **env)
    assert "model.safetensors of makers/blip is not the file that is known" in sentence(done)


def test_bad_usage_is_one_sentence(env: dict[str, str], tmp_path: Path) -> None:
    assert "Say what to do with models" in sentence(run("models", **env))
    assert "has no whale: choose one of" in sentence(run("models", "get", "whale", **env))
    assert "is no address of a hub" in sentence(run("models", "get", "blip-large", "--hub", "ftp://x", **env))
    assert "must be got first" in sentence(run("models", "use", "small", **env))
    assert "There is no folder whale" in sentence(run("models", "use", "whale", **env))
    assert not (tmp_path / "home" / "config" / "checkpoints.json").exists()


def test_what_is_used_is_kept(env: dict[str, str], tiny_set: Path, tmp_path: Path) -> None:
    assert run("models", "use", tiny_set, **env).stdout == b"In use from now on: Tiny random checkpoints.\n"
    picture = ROOT / "resources" / "samples" / "sample.png"
    picture = picture if picture.exists() else next((ROOT / "resources" / "samples").glob("*.*"))
    told = json.loads(run("describe", picture, "--json", **env).stdout)
    assert told["checkpoints"]["set"] == "tiny"
    assert run("models", "use", "starter", **env).returncode == 0
    kept = tmp_path / "home" / "config" / "checkpoints.json"
    assert json.loads(kept.read_text())["choices"] == ["starter"]
    for words in (("llm.device=cpu", "clip.dtype=float32"), ("llm.device=auto",)):
        assert run("models", "use", *words, **env).returncode == 0
    assert json.loads(kept.read_text())["choices"] == ["starter", "clip.dtype=float32", "llm.device=auto"]


def test_one_of_your_own_is_added_got_and_removed(hub: HubServer, env: dict[str, str], tmp_path: Path) -> None:
    added = run("models", "add", "makers/blip", "--module", "captioner", **env).stdout.decode()
    assert added.startswith("makers-blip: on the list.")
    assert hub.asked == []
    done = run("models", "get", "makers-blip", "--hub", hub.address, **env)
    assert done.stdout.startswith(b"makers-blip: here, verified, in ")
    assert run("models", "use", "starter", "captioner=makers-blip", **env).returncode == 0
    assert "makers-blip is in use" in sentence(run("models", "remove", "makers-blip", **env))
    listed = run("models", "list", **env).stdout.decode()
    assert any(line.startswith("* makers-blip") for line in listed.splitlines())
    assert "Chosen beside the set: captioner=makers-blip." in listed
    run("models", "use", "starter", **env)
    assert run("models", "remove", "makers-blip", **env).stdout == b"makers-blip: removed\n"
    assert "makers-blip" not in run("models", "list", **env).stdout.decode()
    assert "is no name on the hub" in sentence(run("models", "add", "blip", "--module", "llm", **env))
    assert "required: --module" in sentence(run("models", "add", "makers/blip", **env))


def test_the_folder_is_told_moved_and_missed(
    hub: HubServer, catalogue: Path, env: dict[str, str], tmp_path: Path
) -> None:
    run("models", "get", "blip", "--hub", hub.address, "--catalogue", catalogue, **env)
    old = tmp_path / "home" / "data" / "models"
    assert run("models", "folder", **env).stdout.decode() == f"{old}\n"
    disk = tmp_path / "disk"
    moved = run("models", "folder", disk, **env)
    assert (moved.stdout.decode(), moved.stderr) == (f"Checkpoints are kept in {disk} from now on.\n", b"")
    assert run("models", "verify", "--catalogue", catalogue, **env).stdout == b"blip: every byte is right\n"
    assert not old.exists()
    disk.rename(tmp_path / "unplugged")
    for words in (("list",), ("get", "blip", "--catalogue", catalogue), ("folder",)):
        assert "is not there: connect its disk, or choose another folder" in sentence(run("models", *words, **env))
    assert run("models", "lock", **env).returncode == 0
    assert not disk.exists()
