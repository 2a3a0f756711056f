"""``--checkpoints`` chooses sets and single modules, and a set's choices stay with its own checkpoints."""

from pathlib import Path

import pytest

from lens_desktop.domain.errors import LensError
from lens_desktop.settings import Settings
from lens_desktop.store.choice import chosen, keep, with_choice

SET = """\
set_name = "mine"
title = "Mine"
note = "Drawings only."
clip = "c"
vocabulary = "v.txt"
threshold = 0.5
tags = 9
answer_tokens = 7
dtype = "float32"
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    (folder / "c").mkdir(parents=True)
    (folder / "v.txt").write_text("apple\n")
    (folder / "set.toml").write_text(SET)
    (tmp_path / "other").mkdir()
    return folder


def test_a_set_is_taken_as_it_is(mine: Path) -> None:
    settings = chosen([str(mine)], seed=3)
    assert (settings.clip, settings.threshold, settings.note, settings.seed) == (
        str(mine / "c"),
        0.5,
        "Drawings only.",
        3,
    )


def test_another_clip_brings_no_vocabulary_and_no_note_of_the_old_one(mine: Path) -> None:
    other = mine.parent / "other"
    settings = chosen([str(mine), f"clip={other}"])
    default = Settings()
    assert settings.clip == str(other)
    assert (settings.vocabulary, settings.threshold, settings.tags) == ("", default.threshold, default.tags)
    assert (settings.note, settings.dtype, settings.answer_tokens) == ("", default.dtype, 7)
    assert (settings.set_name, settings.title) == ("mine + clip", "Mine with another clip")


def test_another_llm_leaves_the_vision_as_it_is(mine: Path) -> None:
    settings = chosen([f"llm={mine.parent / 'other'}", str(mine)])
    assert (settings.tags, settings.note, settings.answer_tokens) == (9, "Drawings only.", Settings().answer_tokens)


def test_all_three_need_no_set(mine: Path) -> None:
    other = mine.parent / "other"
    settings = chosen([f"{module}={other}" for module in ("clip", "captioner", "llm")])
    assert settings.clip == settings.captioner == settings.llm == str(other)
    assert settings.set_name == "clip + captioner + llm"


def test_a_folder_with_an_equals_sign_is_still_a_folder(mine: Path) -> None:
    odd = mine.rename(mine.with_name("a=b"))
    assert chosen([str(odd)]).set_name == "mine"


@pytest.mark.parametrize("choice", ["nowhere", "clip=nowhere", "reader=x"])
def test_what_is_not_there_is_a_sentence(choice: str) -> None:
    with pytest.raises(LensError) as caught:
        chosen([choice])
    assert caught.value.code == "missing"


def test_a_server_is_an_llm_and_nothing_else(mine: Path) -> None:
    address = "http://127.0.0.1:8080/v1"
    settings = chosen([str(mine), f"llm={address}"])
    assert (settings.llm, settings.title) == (address, "Mine with another llm")
    with pytest.raises(LensError, match="Only the LLM can be a server, not the clip"):
        chosen([str(mine), f"clip={address}"])


def test_what_is_kept_is_used_until_something_else_is(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENS_DESKTOP_HOME", str(tmp_path / "home"))
    assert chosen().set_name == "starter"
    keep([str(mine), "llm=http://llm.example.org/v1"], send_text_to="llm.example.org")
    assert (chosen().set_name, chosen().llm_consent) == ("mine + llm", "llm.example.org")
    with pytest.raises(LensError, match="There is no folder whale"):
        keep(["whale"])
    with pytest.raises(LensError, match=r"--send-text-to other\.example\.org"):
        keep(["starter", "llm=http://other.example.org/v1"], send_text_to="llm.example.org")
    assert chosen().set_name == "mine + llm"  # a mistake changes nothing
    keep(["starter"])
    assert (chosen().set_name, chosen().llm_consent) == ("starter", "")
    (tmp_path / "home" / "config" / "checkpoints.json").write_text("{damaged")
    assert chosen().set_name == "starter"


def test_a_module_can_run_elsewhere_and_in_another_number_format(mine: Path) -> None:
    settings = chosen([str(mine), "llm.device=cpu", "llm.dtype=4-bit", "clip.dtype=auto"])
    assert (settings.llm_device, settings.llm_dtype, settings.clip_dtype) == ("cpu", "4-bit", "")
    for wrong in ("clip.dtype=4-bit", "llm.device=moon"):
        with pytest.raises(LensError) as error:
            chosen([str(mine), wrong])
        assert error.value.code == "usage"


def test_a_new_choice_takes_the_place_of_the_old_one() -> None:
    choices = ("paper", "llm=a", "llm.dtype=4-bit", "clip.device=cpu")
    assert with_choice(choices, "llm.dtype=float16") == ("paper", "llm=a", "clip.device=cpu", "llm.dtype=float16")
    assert with_choice(choices, "llm=b") == ("paper", "clip.device=cpu", "llm=b")
    assert with_choice(choices, "small") == ("small",)
