"""``--checkpoints`` chooses sets and single modules, and a set's choices stay with its own checkpoints."""

from pathlib import Path

import pytest

from lens_desktop.domain.errors import LensError
from lens_desktop.settings import Settings
from lens_desktop.store.choice import chosen

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
