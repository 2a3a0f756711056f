"""The user's own words: imported, in use with every CLIP, read ahead, described by the LLM in use, and reset."""

import json
from pathlib import Path

import pytest

from lens_desktop import places
from lens_desktop.engine.descriptors import descriptor_question, read_descriptors
from lens_desktop.store.choice import chosen
from tests.cli.terminal import ROOT, run, sentence
from tests.llm_server import LlmServer

SAMPLE = ROOT / "resources" / "samples" / "1-party.png"


@pytest.mark.slow
def test_own_tags_are_used_and_reset(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("# mine\nballoon\n  birthday  cake \nballoon\nanchor\n")
    assert b"3 tags are in use" in run("vocabulary", "import", words).stdout
    assert b"tags: 3 entries, your own" in run("vocabulary", "list").stdout
    built = run("vocabulary", "build")
    assert (built.returncode, built.stdout) == (0, b"The vocabularies are read for this CLIP.\n"), built.stderr
    assert list((places.cache() / "text-features").glob("*.npy"))
    evidence = json.loads(run("describe", SAMPLE, "--json").stdout)["evidence"]
    assert evidence["scored"] == "cosine"
    found = {tag["text"] for tag in evidence["tags"]}
    assert "birthday cake" in found
    assert found <= {"balloon", "birthday cake", "anchor"}
    assert b"are again those of the set" in run("vocabulary", "reset", "tags").stdout
    assert not chosen().vocabulary.startswith(str(places.data()))


@pytest.mark.parametrize(("content", "words"), [(None, "no vocabulary"), (b"\n", "empty"), (b"\xff\xfe", "not UTF-8")])
def test_lists_that_cannot_be_used_change_nothing(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "words.txt"
    if content is not None:
        file.write_bytes(content)
    assert words in sentence(run("vocabulary", "import", file))
    long = tmp_path / "long.txt"
    long.write_text("x" * 300)
    assert "longer than 200 characters" in sentence(run("vocabulary", "import", long))
    assert not (places.data() / "vocabularies" / "tags.txt").exists()


def test_usage_is_one_sentence() -> None:
    assert "Say what to do with vocabulary" in sentence(run("vocabulary"))
    assert "Name classes" in sentence(run("vocabulary", "describe"))


@pytest.mark.slow
@pytest.mark.loopback
def test_the_llm_in_use_describes_classes() -> None:
    pieces = ("Here they are:\n- black and ", "white stripes\n- has a short mane\n2. It is a four-legged animal.\n")
    with LlmServer(pieces) as server:
        place = f"llm={server.address}"
        done = run("vocabulary", "describe", "zebra", "--add", "--checkpoints", "starter", "--checkpoints", place)
    assert done.stdout.decode().splitlines() == [
        "zebra which has black and white stripes",
        "zebra which has a short mane",
        "zebra which is a four-legged animal",
    ], done.stderr
    assert "What are useful visual features for distinguishing a zebra in a photo?" in str(server.heard[-1])
    kept = (places.data() / "vocabularies" / "attributes.txt").read_text().splitlines()
    assert kept[-1] == "zebra which is a four-legged animal"
    assert len(kept) > 3, "those in use before are kept"


def test_answers_that_are_no_list_give_none() -> None:
    assert "zebra" in descriptor_question("zebra")
    assert read_descriptors("zebra", "I do not know.") == ()
    assert read_descriptors("zebra", f"- {'very ' * 40}long\n- Stripes.\n- stripes") == ("zebra which has stripes",)
