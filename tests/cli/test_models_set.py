"""A whole set is got from a hub on this machine and answers, and nothing but what the catalogue knows is taken."""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lens_desktop.program import command
from lens_desktop.store.catalogue import read_catalogue
from tests.cli.catalogue_file import write_catalogue
from tests.cli.terminal import ROOT, run, sentence
from tests.hub_server import HubServer
from tests.published import write

pytestmark = [pytest.mark.slow, pytest.mark.loopback]

# the checkpoints of the program's own small set, and what is served under their names: the same layouts, made small
SMALL = {"clip-vit-b-32": "ViT-B-32-narrow", "blip-base": "blip-base", "flan-t5-base": "flan-t5-base"}
SHIPPED = ROOT / "resources" / "checkpoints.toml"
PICTURE = ROOT / "resources" / "samples" / "1-party.png"


def _served(folder: Path) -> Iterator[HubServer]:
    server = HubServer(folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _small() -> dict[str, tuple[str, str]]:
    """Return the module and repository of each checkpoint of the small set, as the program's own catalogue has them."""
    catalogue = read_catalogue(SHIPPED)
    assert [one.id for one in catalogue.wanted("small")] == list(SMALL)
    return {one.id: (one.module.value, one.repository) for one in catalogue.wanted("small")}


def _found(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _expected(hub: HubServer, checkpoints: dict[str, tuple[str, str]]) -> set[str]:
    """Return the files that must be there, and nothing else, when all checkpoints are."""
    files = {f"{id_}/{file}" for id_, (_, name) in checkpoints.items() for file in os.listdir(hub.folder / name)}
    return (
        files | {f"{id_}/lens-checkpoint.json" for id_ in checkpoints} | {f"pinned/{id_}.json" for id_ in checkpoints}
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    """Serve the small set's three repositories under their real names."""
    folder = tmp_path_factory.mktemp("published")
    for id_, (_, repository) in _small().items():
        write(SMALL[id_], folder / repository)
    yield from _served(folder)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"LENS_DESKTOP_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0"}


def test_a_set_is_got_used_and_answers(published: HubServer, env: dict[str, str], tmp_path: Path) -> None:
    """As a user does: get, use, ask. Only getting is told of the catalogue and the hub."""
    small = _small()
    catalogue = write_catalogue(tmp_path / "catalogue.toml", published.folder, small, "small")
    assert "must be got first" in sentence(run("models", "use", "small", **env))
    done = run("models", "get", "small", "--hub", published.address, "--catalogue", catalogue, **env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [line.split(":")[0] for line in done.stdout.decode().splitlines()] == list(small)
    models = tmp_path / "home" / "data" / "models"
    assert _found(models) == _expected(published, small)
    verified = run("models", "verify", "small", "--catalogue", catalogue, **env)
    assert verified.stdout.decode().splitlines() == [f"{id_}: every byte is right" for id_ in small]
    assert run("models", "use", "small", **env).stdout == b"In use from now on: Small set.\n"
    served = published.served
    done = run("ask", PICTURE, "How many balloons are there?", "--json", **env)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["question"] == "How many balloons are there?"
    assert isinstance(told["answer"], str)
    assert told["checkpoints"]["set"] == "small"
    for module, id_ in zip(("clip", "captioner", "llm"), small, strict=True):
        assert id_ in told["checkpoints"][module]
    evidence = told["evidence"]
    assert evidence["failures"] == []
    assert len(evidence["captions"]) > 1
    assert published.served == served  # asking fetches nothing


def test_what_the_program_knows_better_is_refused_by_name(
    published: HubServer, env: dict[str, str], tmp_path: Path
) -> None:
    """By the program's own catalogue the files must be the makers': whoever runs a hub cannot slip in others."""
    for wanted, member in (("small", "clip-vit-b-32"), ("flan-t5-base", "flan-t5-base")):
        done = run("models", "get", wanted, "--hub", published.address, **env)
        assert (done.returncode, done.stdout) == (2, b"")
        said = done.stderr.decode().splitlines()[-1]  # what a licence asks is said before
        known = {file.path for file in read_catalogue(SHIPPED).checkpoints[member].files}
        assert said.split(" of ")[0] in known
        assert f" of {_small()[member][1]} is not the file that is known" in said
    assert "must be got first" in sentence(run("models", "use", "small", **env))
    models = tmp_path / "home" / "data" / "models"
    assert not any(models.iterdir())


@pytest.fixture
def three(tmp_path: Path) -> Iterator[HubServer]:
    """Serve three repositories of noise, so that twenty kills hit each of them."""
    for name, size in (("clip", 5_000_000), ("blip", 8_000_000), ("reader", 40_000_000)):
        folder = tmp_path / "hub" / "makers" / name
        folder.mkdir(parents=True)
        for file, length in (("config.json", 600), ("vocab.txt", 50_000), ("model.safetensors", size)):
            (folder / file).write_bytes(os.urandom(length))
    yield from _served(tmp_path / "hub")


def test_twenty_kills_cost_little_and_leave_nothing(three: HubServer, env: dict[str, str], tmp_path: Path) -> None:
    noise = {
        "clip": ("clip", "makers/clip"),
        "blip": ("captioner", "makers/blip"),
        "reader": ("llm", "makers/reader"),
    }
    catalogue = write_catalogue(tmp_path / "catalogue.toml", three.folder, noise, "small")
    models = tmp_path / "home" / "data" / "models"
    three.rate = 3_000_000
    words = ("models", "get", "small", "--hub", three.address, "--catalogue", str(catalogue))
    rng = random.Random(0)
    kills, hit = 0, set()
    while kills < 20:
        served = three.served
        running = subprocess.Popen(command(*words), env={**os.environ, **env}, cwd=ROOT)
        until = time.monotonic() + 60
        while three.served == served and running.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.8))
        if running.poll() is not None:
            break
        running.send_signal(signal.SIGKILL)
        running.wait()
        kills += 1
        hit |= {path.name for path in (models / ".getting").iterdir() if path.is_dir()}
    three.rate = 0
    assert kills == 20, "it was faster than the kills"
    assert hit == set(noise)
    assert run(*words, **env).returncode == 0
    for id_, (_, name) in noise.items():
        for file in os.listdir(three.folder / name):
            assert (models / id_ / file).read_bytes() == (three.folder / name / file).read_bytes()
    size = sum(path.stat().st_size for path in three.folder.rglob("*") if path.is_file())
    again = (three.served - size) / kills
    print(f"{again / 1e6:.2f} MB fetched again per kill")
    assert again < 2_000_000
    assert _found(models) == _expected(three, noise)
