"""The catalogue is data: read strictly, and never a way to write outside a checkpoint's folder."""

from pathlib import Path

import pytest

from lens_desktop.domain.errors import LensError
from lens_desktop.store.catalogue import Module, is_commit, read_catalogue, safe_path

ENTRY = """\
[[checkpoint]]
id = "blip"
title = "BLIP"
module = "captioner"
repository = "makers/blip"
revision = "main"
licence = "BSD-3-Clause"
about = "Captions."
parameters = 1000
unverified = ["parameters"]
[[checkpoint.file]]
path = "model.safetensors"
size = 4000
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "catalogue.toml"
    file.write_text(text)
    return file


def test_our_own_catalogue_is_whole() -> None:
    catalogue = read_catalogue()
    modules = {one.module for one in catalogue.checkpoints.values()}
    assert modules == set(Module)
    assert {"small", "medium", "large", "paper"} <= set(catalogue.sets)
    for checkpoint in catalogue.checkpoints.values():
        assert checkpoint.about.endswith("."), checkpoint.id
        assert checkpoint.licence, checkpoint.id
        assert checkpoint.parameters, checkpoint.id
        assert not checkpoint.complete or any(file.path.endswith(".safetensors") for file in checkpoint.files)
        if "revision" not in checkpoint.unverified:
            assert is_commit(checkpoint.revision), checkpoint.id
    for chosen in catalogue.sets.values():
        assert all(checkpoint.size for checkpoint in catalogue.wanted(chosen.id)), chosen.id


def test_an_entry_is_read_with_its_files(tmp_path: Path) -> None:
    (one,) = read_catalogue(write(tmp_path, ENTRY)).checkpoints.values()
    assert (one.module, one.size, one.pinned, one.unverified) == (Module.CAPTIONER, 4000, False, ("parameters",))
    assert one.memory("float32") > one.memory("bfloat16") > 2000


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (('module = "captioner"', 'module = "magic"'), "magic"),
        (("makers/blip", "makers"), "owner/name"),
        (("makers/blip", "../blip"), "owner/name"),
        (("model.safetensors", "../model.safetensors"), "which no checkpoint may hold"),
        (("model.safetensors", "model.bin"), "which no checkpoint may hold"),
        (("size = 4000", "size = 4000\nsha256 = 'abc'"), "sha256"),
        (("parameters = 1000", 'parameters = "many"'), "parameters"),
        (("parameters = 1000", "wings = 2"), "wings"),
        (('id = "blip"', 'id = "../blip"'), "is no id"),
        (("[[checkpoint]]", "[[checkpoint"), "cannot be read"),
        (('title = "BLIP"\n', ""), "title"),
    ],
)
def test_a_wrong_catalogue_is_one_sentence(tmp_path: Path, change: tuple[str, str], reason: str) -> None:
    with pytest.raises(LensError, match="correct it") as caught:
        read_catalogue(write(tmp_path, ENTRY.replace(*change)))
    assert reason in caught.value.message
    assert "\n" not in caught.value.message or "cannot be read" in caught.value.message


def test_ids_stand_for_one_thing_and_sets_for_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(LensError, match="is there twice"):
        read_catalogue(write(tmp_path, ENTRY + ENTRY))
    chosen = '[[set]]\nid = "small"\ntitle = "S"\nneeds = "n"\nclip = "blip"\ncaptioner = "blip"\nllm = "blip"\n'
    with pytest.raises(LensError, match="names 'blip' as its clip"):
        read_catalogue(write(tmp_path, ENTRY + chosen))


def test_what_is_not_known_is_said_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(LensError, match="no whale: choose one of blip"):
        read_catalogue(write(tmp_path, ENTRY)).wanted("whale")
    with pytest.raises(LensError, match="There is no catalogue"):
        read_catalogue(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("model.safetensors", True),
        ("tokenizer/vocab.txt", True),
        ("chat_template.jinja", True),
        ("model.bin", False),
        ("modeling.py", False),
        ("../model.safetensors", False),
        ("/etc/passwd.txt", False),
        ("a/../b.json", False),
        ("a\\b.json", False),
        (".cache/b.json", False),
        ("./b.json", False),
    ],
)
def test_only_what_cannot_run_may_lie_in_a_checkpoint(path: str, safe: bool) -> None:
    assert safe_path(path) is safe
