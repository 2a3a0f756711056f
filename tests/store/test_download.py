"""Getting a checkpoint from a hub: whole, resumable, verified, or refused by name."""

import dataclasses
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from lens_desktop.domain.errors import LensError
from lens_desktop.store import download, installed
from lens_desktop.store.download import Progress, get
from lens_desktop.store.hub import Hub
from tests.hub_server import HubServer
from tests.store.conftest import SIZES, checkpoint

pytestmark = pytest.mark.loopback


def files(folder: Path) -> set[str]:
    return {found.relative_to(folder).as_posix() for found in folder.rglob("*") if found.is_file()}


@pytest.mark.parametrize("pinned", [True, False])
def test_a_checkpoint_comes_whole_and_nothing_is_left_over(
    repository: Path, hub: HubServer, tmp_path: Path, pinned: bool
) -> None:
    said: list[Progress] = []
    wanted = checkpoint(repository, pinned)
    folder = get(wanted, Hub(hub.address), tmp_path / "models", said.append)
    assert files(folder) == {*SIZES, installed.NOTE}
    for name in SIZES:
        assert (folder / name).read_bytes() == (repository / name).read_bytes()
    assert said[-1].done == said[-1].total == said[-1].fetched == sum(SIZES.values())
    assert [one.done for one in said] == sorted(one.done for one in said)
    assert {path.name for path in (tmp_path / "models").iterdir()} == {"blip", "pinned"}
    assert installed.verify(tmp_path / "models", wanted) == []
    asked = len(hub.asked)
    assert get(wanted, Hub(hub.address), tmp_path / "models") == folder
    assert len(hub.asked) == asked  # what is here is not asked for again


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_breaks_goes_on_where_it_broke(
    repository: Path, hub: HubServer, tmp_path: Path, ranges: bool
) -> None:
    hub.broken, hub.ranges = {"model.safetensors"}, ranges
    said: list[Progress] = []
    folder = get(checkpoint(repository), Hub(hub.address), tmp_path, said.append)
    assert (folder / "model.safetensors").read_bytes() == (repository / "model.safetensors").read_bytes()
    assert said[-1].fetched == sum(SIZES.values())
    assert hub.served == sum(SIZES.values()) if ranges else hub.served > sum(SIZES.values())


def test_a_stopped_download_goes_on_later(repository: Path, hub: HubServer, tmp_path: Path) -> None:
    said: list[Progress] = []
    with pytest.raises(LensError, match="goes on from here"):
        get(
            checkpoint(repository),
            Hub(hub.address),
            tmp_path,
            said.append,
            stop=lambda: said[-1].fetched > 1_000_000,
        )
    assert not installed.is_installed(tmp_path, checkpoint(repository))
    before = said[-1].done
    said.clear()
    get(checkpoint(repository), Hub(hub.address), tmp_path, said.append)
    assert said[0].done >= before - SIZES["model.safetensors"]
    assert said[-1].fetched == sum(SIZES.values()) - before
    assert installed.verify(tmp_path, checkpoint(repository)) == []


def test_a_cancelled_download_leaves_nothing(repository: Path, hub: HubServer, tmp_path: Path) -> None:
    with pytest.raises(LensError, match="Paused"):
        get(checkpoint(repository), Hub(hub.address), tmp_path, stop=lambda: True)
    assert list(tmp_path.glob(".getting/blip*"))
    download.cancel(tmp_path, "blip")
    assert not (tmp_path / ".getting").exists()


def test_one_flipped_byte_is_refused_by_name(repository: Path, hub: HubServer, tmp_path: Path) -> None:
    hub.flipped = {"model.safetensors"}
    with pytest.raises(LensError, match=r"model\.safetensors of makers/blip is not the file that is known") as caught:
        get(checkpoint(repository), Hub(hub.address), tmp_path)
    assert caught.value.code == "refused"
    assert not (tmp_path / "blip").exists()
    assert not list((tmp_path / ".getting").rglob("model.safetensors*"))
    hub.flipped = set()
    get(checkpoint(repository), Hub(hub.address), tmp_path)
    assert installed.verify(tmp_path, checkpoint(repository)) == []


def test_what_was_left_damaged_is_fetched_again(repository: Path, hub: HubServer, tmp_path: Path) -> None:
    part = tmp_path / ".getting" / "blip" / "model.safetensors.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"\0" * 100_000)
    folder = get(checkpoint(repository), Hub(hub.address), tmp_path)
    assert (folder / "model.safetensors").read_bytes() == (repository / "model.safetensors").read_bytes()


def test_the_catalogue_does_not_believe_another_hub(repository: Path, hub: HubServer, tmp_path: Path) -> None:
    ours = checkpoint(repository)
    (repository / "model.safetensors").write_bytes(bytes(SIZES["model.safetensors"]))
    with pytest.raises(LensError, match=r"model\.safetensors of makers/blip"):
        get(ours, Hub(hub.address), tmp_path)
    served = hub.served
    unsure = checkpoint(repository, revision="main", files=ours.files)
    with pytest.raises(LensError, match=r"model\.safetensors of makers/blip .*its sha256 is another"):
        get(unsure, Hub(hub.address), tmp_path / "two")
    assert hub.served == served  # the listing was enough to refuse


def test_what_came_first_is_pinned(repository: Path, hub: HubServer, tmp_path: Path) -> None:
    unknown = checkpoint(repository, pinned=False)
    get(unknown, Hub(hub.address), tmp_path)
    assert installed.remove(tmp_path, "blip")
    (repository / "config.json").write_bytes(b"x" * SIZES["config.json"])
    with pytest.raises(LensError, match=r"config\.json of makers/blip"):
        get(unknown, Hub(hub.address), tmp_path)


def test_a_locked_program_connects_to_nothing(repository: Path, hub: HubServer, tmp_path: Path) -> None:
    for pinned in (True, False):
        with pytest.raises(LensError, match="locked offline"):
            get(checkpoint(repository, pinned), Hub(hub.address, locked=lambda: True), tmp_path)
    assert hub.asked == []


def test_a_full_disk_is_told_before_anything_is_fetched(
    repository: Path, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: SimpleNamespace(free=1_000_000))
    with pytest.raises(LensError, match=r"0\.2 GB are needed .* 0\.0 GB are free: make room"):
        get(checkpoint(repository), Hub(hub.address), tmp_path)
    assert hub.served == 0


def test_a_hub_that_is_not_there_is_one_sentence(repository: Path, tmp_path: Path, hub: HubServer) -> None:
    hub.shutdown()
    hub.socket.close()
    with pytest.raises(LensError, match=r"127\.0\.0\.1 does not answer .* try again later") as caught:
        get(checkpoint(repository, pinned=False), Hub(hub.address), tmp_path)
    assert caught.value.code == "network"


def test_a_repository_that_is_not_there_is_one_sentence(repository: Path, hub: HubServer, tmp_path: Path) -> None:
    lost = dataclasses.replace(checkpoint(repository, pinned=False), repository="makers/nothing")
    with pytest.raises(LensError, match="has no makers/nothing: check its name"):
        get(lost, Hub(hub.address), tmp_path)


def test_two_at_once_do_not_meet(repository: Path, hub: HubServer, tmp_path: Path) -> None:
    def again(_progress: Progress) -> None:
        with pytest.raises(LensError, match="being fetched by another"):
            get(checkpoint(repository), Hub(hub.address), tmp_path)

    get(checkpoint(repository), Hub(hub.address), tmp_path, again)


def test_verifying_names_what_is_wrong(repository: Path, hub: HubServer, tmp_path: Path) -> None:
    wanted = checkpoint(repository)
    folder = get(wanted, Hub(hub.address), tmp_path)
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    (folder / "config.json").unlink()
    (folder / "extra.json").write_text("{}")
    problems = installed.verify(tmp_path, wanted)
    assert [problem.split()[0] for problem in problems] == ["config.json", "model.safetensors", "extra.json"]
    with pytest.raises(LensError, match="is not here"):
        installed.verify(tmp_path / "elsewhere", wanted)
