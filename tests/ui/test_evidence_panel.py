"""Every state a section of evidence can be in has words of its own."""

from lens_desktop.domain.evidence import Evidence, Failure, Module, Tag, TextLine
from lens_desktop.ui.entry import Entry
from lens_desktop.ui.evidence_panel import cost, section


def entry(evidence: Evidence | None, problem: str = "") -> Entry:
    return Entry("/a.png", evidence=evidence, describe_problem=problem)


def texts(evidence: Evidence | None, module: Module, problem: str = "") -> list[str]:
    return [line.text for line in section(entry(evidence, problem), module, "Waiting for its turn")]


def test_before_between_and_after() -> None:
    assert texts(None, Module.TAGS) == ["Waiting for its turn"]
    begun = Evidence("id", tags=(Tag("dog", 0.3),), finished=(Module.TAGS,))
    assert texts(begun, Module.TAGS) == ["dog"]
    assert texts(begun, Module.ATTRIBUTES) == ["Looking…"]
    assert texts(begun, Module.OCR) == ["Waiting for attributes"]
    done = Evidence("id", finished=tuple(Module))
    assert texts(done, Module.OCR) == ["Nothing found"]


def test_failed_module_says_why_and_holds_up_no_other() -> None:
    evidence = Evidence("id", finished=(Module.TAGS,), failures=(Failure(Module.ATTRIBUTES, "No vocabulary."),))
    assert texts(evidence, Module.ATTRIBUTES) == ["Did not run: No vocabulary."]
    assert texts(evidence, Module.CAPTIONS) == ["Looking…"]


def test_failed_description_is_said_in_every_section() -> None:
    for module in Module:
        assert texts(None, module, "It died.") == ["Did not run: It died."]


def test_scores_are_bars_with_numbers_and_words_for_a_screen_reader() -> None:
    tags = (Tag("dog", 0.4), Tag("cat", 0.1), Tag("fog", -0.1))
    lines = section(entry(Evidence("id", tags=tags, finished=(Module.TAGS,))), Module.TAGS, "")
    assert [line.share for line in lines] == [1.0, 0.25, -0.25]
    assert [line.figure for line in lines] == ["0.40", "0.10", "−0.10"]
    assert lines[0].spoken == "dog, similarity 0.40"
    text = Evidence("id", ocr=(TextLine("SALE", 0.9, (0, 0, 4, 4)),), finished=(Module.OCR,))
    (line,) = section(entry(text), Module.OCR, "")
    assert (line.text, line.share, line.figure) == ("SALE", 0.9, "90 %")


def test_text_read_smaller_says_so() -> None:
    evidence = Evidence("id", timings=(("ocr", 0.42),), ocr_scale=0.5)
    assert cost(evidence, Module.OCR) == "read at 50 % size · 0.4 s"
    assert cost(evidence, Module.TAGS) == ""
