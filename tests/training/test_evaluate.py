"""Evaluation runs the real pipeline over the fixtures and says plainly what came of it."""

import json
from pathlib import Path

import pytest

from lens_desktop.domain.evidence import Evidence, Tag
from training.evaluate import exchanged, main, vision_figures
from training.figures import interval
from training.world.scene import Scene, Thing

BOX = (0.1, 0.1, 0.3, 0.3)


@pytest.mark.slow
def test_a_set_is_measured_through_the_real_pipeline(
    tiny_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    assert main(["--set", str(tiny_set), "--limit", "2", "--json", str(report)]) == 0
    shown = capsys.readouterr().out
    for part in ("2 held-out scenes", "answers right", "with another scene's evidence", "seconds:"):
        assert part in shown
    content = json.loads(report.read_text(encoding="utf-8"))
    assert set(content["figures"]) >= {"tags", "attributes", "captions", "answers", "exchanged", "most frequent"}
    assert len(content["evidence"]) == 2
    for failure in content["failures"]:  # random weights answer nothing right, and each failure shows its prompt
        assert failure["question"] in failure["prompt"]
    assert content["failures"]
    assert main(["--set", str(tiny_set), "--evidence", str(report)]) == 0
    assert "2 held-out scenes" in capsys.readouterr().out


def test_a_set_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--set", str(tmp_path / "nowhere")]) == 2
    assert "no checkpoint set" in capsys.readouterr().err


def test_exchanged_evidence_never_stays_with_its_image() -> None:
    evidence = {str(number): Evidence(str(number)) for number in range(20)}
    assert all(one.image_id != name for name, one in exchanged(evidence).items())
    assert sorted(one.image_id for one in exchanged(evidence).values()) == sorted(evidence)


def test_vision_figures_count_what_was_missed_and_what_is_false() -> None:
    scenes = {
        "a": Scene((Thing("dog", (BOX,)), Thing("circle", (BOX, BOX), "red"))),
        "b": Scene((Thing("cat", (BOX,)),)),
    }
    tags = tuple(Tag(name, 0.3) for name in ("dog", "circle"))
    attributes = (Tag("circle which is red", 0.3), Tag("circle which is blue", 0.2))
    evidence = {
        "a": Evidence("a", tags, attributes, ("a puppy on the left , two red circles",)),
        "b": Evidence("b", tags, (), ("a dog",)),
    }
    figures = vision_figures(scenes, evidence)
    assert figures.untagged == {"b": ["cat"]}
    assert figures.uncaptioned == {"b": ["cat"]}
    assert (figures.attributes_shown, figures.attributes_true) == (2, 1)
    assert figures.false_attributes == {"a": ["circle which is blue"]}


def test_the_interval_of_a_share_holds_it_and_narrows() -> None:
    low, high = interval(80, 100)
    assert low < 0.8 < high
    assert interval(800, 1000)[0] > low
