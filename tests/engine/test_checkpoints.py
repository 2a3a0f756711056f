"""Checkpoints are recognised by their files; those that could run code are refused before anything of them runs."""

import json
import os
import pickle
import shutil
from pathlib import Path

import pytest

from lens_desktop.domain.errors import LensError
from lens_desktop.engine.checkpoints import Kind, fingerprint, load, recognise
from lens_desktop.engine.device import Device

KINDS = {"clip": Kind.CLIP, "clip-vit": Kind.CLIP, "captioner": Kind.CAPTIONER, "llm": Kind.LLM, "t5": Kind.LLM}


class Canary:
    """Writes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self):
        return (os.system, (f"touch {self.file}",))


@pytest.fixture
def copy(tiny_set: Path, tmp_path: Path):
    def copy(name: str) -> Path:
        return Path(shutil.copytree(tiny_set / name, tmp_path / name))

    return copy


@pytest.mark.parametrize("name", KINDS)
def test_published_formats_are_recognised_and_loaded(tiny_set: Path, cpu: Device, name: str) -> None:
    assert recognise(tiny_set / name) is KINDS[name]
    loaded = load(tiny_set / name, KINDS[name], cpu)
    assert not loaded.model.training


def test_the_canary_would_sing(tmp_path: Path) -> None:
    file = tmp_path / "sang"
    pickle.loads(pickle.dumps(Canary(file)))
    assert file.exists()


@pytest.mark.parametrize("name", ["clip", "captioner", "llm"])
@pytest.mark.parametrize("file", ["pytorch_model.bin", "open_clip_pytorch_model.bin", "extra/model.PKL", "model.pt"])
def test_pickles_are_refused_unread(copy, tmp_path: Path, cpu: Device, name: str, file: str) -> None:
    folder = copy(name)
    for weights in folder.glob("*.safetensors"):
        weights.unlink()  # a loader that looks for weights would take the pickle
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_bytes(pickle.dumps(Canary(tmp_path / "sang")))
    with pytest.raises(LensError, match="can run code") as caught:
        load(folder, KINDS[name], cpu)
    assert caught.value.code == "refused"
    assert not (tmp_path / "sang").exists()


@pytest.mark.parametrize("file", ["model.safetensors", "vocab.json"])
def test_a_link_out_of_the_folder_is_refused(copy, tmp_path: Path, cpu: Device, file: str) -> None:
    folder = copy("llm")
    (tmp_path / "elsewhere").write_bytes(b"private")
    (folder / file).unlink(missing_ok=True)
    (folder / file).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LensError, match="a link out of it") as caught:
        load(folder, Kind.LLM, cpu)
    assert caught.value.code == "refused"


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("llm", "config.json"),
        ("llm", "tokenizer_config.json"),
        ("captioner", "processor_config.json"),
        ("clip", "open_clip_config.json"),
        ("clip", "tokenizer_config.json"),
    ],
)
@pytest.mark.parametrize("with_code", [False, True])
def test_checkpoints_with_code_of_their_own_are_refused(
    copy, tmp_path: Path, cpu: Device, name: str, config: str, with_code: bool
) -> None:
    folder = copy(name)
    code = f"open({str(tmp_path / 'sang')!r}, 'w').close()\nclass Sly: pass\n"
    if with_code:
        (folder / "sly.py").write_text(code)
    settings = json.loads((folder / config).read_text())
    settings["nested"] = [{"auto_map": {"AutoModelForCausalLM": "sly.Sly", "AutoTokenizer": ["sly.Sly", None]}}]
    settings["auto_map"] = settings["nested"][0]["auto_map"]
    (folder / config).write_text(json.dumps(settings))
    with pytest.raises(LensError, match="run code") as caught:
        load(folder, KINDS[name], cpu)
    assert caught.value.code == "refused"
    assert not (tmp_path / "sang").exists()


def test_a_tokenizer_may_not_be_asked_to_trust_code(copy, cpu: Device) -> None:
    folder = copy("clip")
    settings = json.loads((folder / "open_clip_config.json").read_text())
    settings["model_cfg"]["text_cfg"]["tokenizer_kwargs"] = {"trust_remote_code": True}
    (folder / "open_clip_config.json").write_text(json.dumps(settings))
    with pytest.raises(LensError, match="trust_remote_code") as caught:
        load(folder, Kind.CLIP, cpu)
    assert caught.value.code == "refused"


def test_what_is_missing_or_of_another_kind_is_said(copy, tmp_path: Path, cpu: Device) -> None:
    with pytest.raises(LensError, match="no checkpoint at") as caught:
        load(tmp_path / "nowhere", Kind.LLM, cpu)
    assert caught.value.code == "missing"
    (tmp_path / "empty").mkdir()
    with pytest.raises(LensError, match="is not a checkpoint"):
        load(tmp_path / "empty", Kind.LLM, cpu)
    with pytest.raises(LensError, match="for llm, not for captioner"):
        load(copy("llm"), Kind.CAPTIONER, cpu)


@pytest.mark.parametrize("name", ["clip", "captioner", "llm"])
@pytest.mark.parametrize("damage", ["no weights", "cut short", "other shapes", "bad config"])
def test_damaged_checkpoints_fail_in_one_sentence(copy, tiny_set: Path, cpu: Device, name: str, damage: str) -> None:
    folder = copy(name)
    (weights,) = folder.glob("*.safetensors")
    if damage == "no weights":
        weights.unlink()
    elif damage == "cut short":
        weights.write_bytes(weights.read_bytes()[:-100])
    elif damage == "other shapes":
        other = "clip-vit" if name == "clip" else "t5"
        shutil.copy(next((tiny_set / other).glob("*.safetensors")), weights)
    else:
        config = folder / ("open_clip_config.json" if name == "clip" else "config.json")
        config.write_text("{")
    with pytest.raises(LensError) as caught:
        load(folder, KINDS[name], cpu)
    assert caught.value.code == "bad-checkpoint"
    assert "\n" not in caught.value.message


def test_fingerprints_follow_the_contents(copy, tiny_set: Path) -> None:
    folder = copy("clip")
    assert fingerprint(folder) == fingerprint(tiny_set / "clip")
    weights = folder / "open_clip_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    assert fingerprint(folder) != fingerprint(tiny_set / "clip")
