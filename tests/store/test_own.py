"""Checkpoints of the user's own: on the list by their name on the hub, or a folder that looks like one."""

import re
from pathlib import Path

import pytest

from lens_desktop import places
from lens_desktop.domain.errors import LensError
from lens_desktop.store import own
from lens_desktop.store.catalogue import Module, read_catalogue
from lens_desktop.store.download import get
from lens_desktop.store.hub import Hub
from lens_desktop.store.installed import is_installed, pinned
from tests.hub_server import HubServer
from tests.store.conftest import hub, repository

__all__ = ["hub", "repository"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENS_DESKTOP_HOME", str(tmp_path / "home"))


def test_a_repository_is_on_the_list_until_it_is_forgotten() -> None:
    added = own.add(" Makers/Talker_2.5/ ", Module.LLM)
    assert (added.id, added.title, added.revision) == ("makers-talker-2.5", "Makers/Talker_2.5", "main")
    assert (added.licence, added.size) == ("see its page", 0)
    assert own.add("Makers/Talker_2.5", Module.LLM) == added
    at = own.add("Makers/Talker_2.5", Module.LLM, "0123456789abcdef0123456789abcdef01234567")
    assert (at.id, at.title) == ("makers-talker-2.5-01234567", "Makers/Talker_2.5 at 01234567")
    assert read_catalogue().wanted(added.id) == (added,)
    assert own.own() == (added, at)
    own.forget(added.id)
    assert own.own() == (at,)
    assert added.id not in read_catalogue().checkpoints


@pytest.mark.parametrize(
    ("repository", "revision", "words"),
    [
        ("talker", "", "talker is no name on the hub: write it as owner/name"),
        ("", "", "This is no name"),
        ("../talker", "", "is no name on the hub"),
        ("a/b/c", "", "is no name on the hub"),
        ('a/b"', "", "is no name on the hub"),
        ("a/b", "../main", "is no revision"),
    ],
)
def test_what_is_no_name_is_said(repository: str, revision: str, words: str) -> None:
    with pytest.raises(LensError, match=re.escape(words)):
        own.add(repository, Module.LLM, revision)
    assert own.own() == ()


def test_one_thing_for_two_modules_is_said() -> None:
    own.add("makers/blip", Module.LLM)
    with pytest.raises(LensError, match="makers-blip is in the list already, as an LLM: remove that one first"):
        own.add("makers/blip", Module.CAPTIONER)


@pytest.mark.loopback
def test_it_is_got_like_any_other_and_pinned(hub: HubServer, repository: Path) -> None:
    added = own.add("makers/blip", Module.CAPTIONER)
    get(added, Hub(hub.address), places.models())
    assert is_installed(places.models(), added)
    plan = pinned(places.models(), added.id)
    assert plan is not None
    assert {file.path for file in plan.files} == {"config.json", "vocab.txt", "model.safetensors"}
    assert all(file.sha256 for file in plan.files)


@pytest.mark.loopback
def test_weights_that_could_run_code_are_not_fetched(hub: HubServer, repository: Path) -> None:
    (repository / "model.safetensors").unlink()
    with pytest.raises(LensError, match="makers/blip has no weights in safetensors"):
        get(own.add("makers/blip", Module.LLM), Hub(hub.address), places.models())
    assert hub.served == 0


def test_a_folder_is_looked_at_before_it_is_chosen(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    for name, words in (("", "There is no folder"), ("weights.bin", "no safetensors file")):
        if name:
            folder.mkdir()
            (folder / name).touch()
        with pytest.raises(LensError, match=words):
            own.check_folder(folder, Module.LLM)
    (folder / "model.safetensors").touch()
    with pytest.raises(LensError, match=r"no config\.json, as an LLM must"):
        own.check_folder(folder, Module.LLM)
    (folder / "config.json").touch()
    own.check_folder(folder, Module.LLM)
    with pytest.raises(LensError, match=r"no open_clip_config\.json"):
        own.check_folder(folder, Module.CLIP)
