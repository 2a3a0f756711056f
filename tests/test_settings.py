"""A checkpoint set's file becomes settings, or one sentence that says what is wrong with it."""

from pathlib import Path

import pytest

from lens_desktop.domain.errors import LensError
from lens_desktop.settings import from_mapping, load_set


def test_a_set_names_its_checkpoints_relative_to_itself(tmp_path: Path) -> None:
    (tmp_path / "clip").mkdir()
    (tmp_path / "set.toml").write_text('clip = "clip"\ntags = 8\nthreshold = 0\nset_name = "mine"\n')
    settings = load_set(tmp_path)
    assert settings.clip == str(tmp_path / "clip")
    assert (settings.tags, settings.threshold, settings.set_name) == (8, 0.0, "mine")


def test_what_the_caller_chooses_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "set.toml").write_text("seed = 1\n")
    assert load_set(tmp_path, seed=7).seed == 7


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("tags = ", "bad-set", "cannot be read"),
        ('tags = "many"', "bad-set", "'tags' needs a whole number"),
        ("tags = true", "bad-set", "'tags' needs a whole number"),
        ("colour = 3", "bad-set", "Unknown setting 'colour'"),
        ('clip = "nowhere"', "missing", "names nowhere"),
    ],
)
def test_a_wrong_set_is_refused_in_one_sentence(tmp_path: Path, text: str, code: str, words: str) -> None:
    (tmp_path / "set.toml").write_text(text)
    with pytest.raises(LensError) as caught:
        load_set(tmp_path)
    assert caught.value.code == code
    assert words in caught.value.message
    assert "\n" not in caught.value.message


def test_a_missing_set_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(LensError, match="no checkpoint set"):
        load_set(tmp_path / "none")


def test_unknown_names_are_listed_with_the_known_ones() -> None:
    with pytest.raises(LensError, match="captioner"):
        from_mapping({"captoner": "x"})
