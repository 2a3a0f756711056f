"""Bad usage and unreadable input: one sentence on standard error, exit code 2, no traceback, no models loaded."""

import os
from pathlib import Path

import pytest

from tests.cli.terminal import run, sentence
from tests.hostile import encoded, picture, write_bomb


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ask",), "Give an image and a question"),
        (("ask", "a.png"), "Give an image and a question"),
        (("ask", "a.png", "  "), "The question is empty"),
        (("ask", "a.png", "why?", "--jsonl", "x"), "not both"),
        (("ask", "a.png", "why?", "--mode", "guess"), "--mode: invalid choice: 'guess'"),
        (("ask", "a.png", "why?", "--options", "yes"), "One option leaves no choice"),
        (("ask", "a.png", "why?", "--seed", "x"), "--seed: invalid int value"),
        (("ask", "--jsonl", "nowhere.jsonl"), "nowhere.jsonl cannot be read"),
        (("describe",), "are required: IMAGE"),
        (("doctor", "x"), "x"),
        (("--nope",), "--nope"),
        (("ask", "a.png", "why?", "--checkpoints", "nowhere"), "There is no folder nowhere"),
        (("ask", "a.png", "why?", "--checkpoints", "lens=x"), "There is no module lens"),
        (("ask", "a.png", "why?", "--checkpoints", "/"), "There is no checkpoint set at /"),
    ],
)
def test_bad_usage_is_one_sentence(words: tuple[str, ...], says: str) -> None:
    assert says in sentence(run(*words))


def test_every_bad_file_is_one_sentence(tmp_path: Path, tiny_set: Path) -> None:
    (tmp_path / "text.jpg").write_text("Dear diary,")
    (tmp_path / "cut.png").write_bytes(encoded(picture(300, 300).effect_spread(30), "PNG")[:2000])
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "album").mkdir()
    write_bomb(tmp_path / "bomb.png")
    says = {
        "text.jpg": "text.jpg is not an image: it holds text.",
        "cut.png": "cut.png is cut short",
        "empty.png": "empty.png is empty (0 bytes)",
        "missing.png": "There is no file at ",
        "album": "album is a folder",
        "bomb.png": "bomb.png is 30,000 × 30,000 pixels",
    }
    for name, words in says.items():
        assert words in sentence(run("ask", tmp_path / name, "what is it?", "--checkpoints", tiny_set))
    assert "There are no images in album" in sentence(run("describe", tmp_path / "album", "--checkpoints", tiny_set))
    done = run("describe", *(tmp_path / name for name in says if name != "album"), "--checkpoints", tiny_set)
    assert (done.returncode, done.stdout) == (2, b"")
    assert [
        words in line
        for words, line in zip(
            (w for n, w in says.items() if n != "album"), done.stderr.decode().splitlines(), strict=True
        )
    ] == [True] * 5


def test_a_name_that_is_not_text_is_named_as_well_as_can_be(tmp_path: Path, tiny_set: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    assert "caf?.png" in sentence(run("ask", name, "what?", "--checkpoints", tiny_set))


def test_help_and_version_are_asked_for() -> None:
    for words in (("--help",), ("ask", "--help"), ("--version",)):
        done = run(*words)
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"lens-desktop" in done.stdout


def test_bad_lines_are_answered_in_their_place_without_models(tiny_set: Path) -> None:
    lines = [
        b"nonsense",
        b"[1]",
        b"{}",
        b'{"image": 3, "question": "?"}',
        b'{"image": "a.png"}',
        b"\xff\xfe",
        b"[" * 9999,
    ]
    done = run("ask", "--jsonl", "-", "--checkpoints", tiny_set, stdin=b"\n".join(lines))
    assert (done.returncode, done.stderr) == (0, b"")
    assert [b"error" in line for line in done.stdout.splitlines()] == [True] * len(lines)
