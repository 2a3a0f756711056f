"""Evidence and answers in words: sections aligned, silence explained, nothing that steers a terminal."""

import json

from lens_desktop.cli.show import answer_object, answer_text, as_json, evidence_text
from lens_desktop.domain.answer import Answer, Choice
from lens_desktop.domain.evidence import Evidence, Failure, Module, Tag, TextLine
from lens_desktop.domain.image import Image
from lens_desktop.settings import Settings

IMAGE = Image("0", "/a.gif", "1", 4, 4, "/a.npy", "/a.png", "The first frame of an animation.")
EVIDENCE = Evidence(
    "0",
    tags=(Tag("apple", 0.314), Tag("boat", 0.2)),
    captions=("an apple", "a boat"),
    ocr=(TextLine("SALE\x1b[31m\n50%", 0.93, (0, 0, 1, 1)),),
    finished=(Module.TAGS, Module.CAPTIONS, Module.OCR),
    failures=(Failure(Module.ATTRIBUTES, "No vocabulary."),),
    ocr_scale=0.5,
)


def test_evidence_for_a_person() -> None:
    assert evidence_text(IMAGE, EVIDENCE).splitlines() == [
        "  Image       The first frame of an animation.",
        "  Tags        apple 0.31",
        "              boat 0.20",
        "  Attributes  did not run: No vocabulary.",
        "  Captions    an apple",
        "              a boat",
        '  OCR         "SALE [31m 50%" 93%',
        "              (read at 50% of the size)",
    ]
    silent = evidence_text(Image("0", "", "", 1, 1, "", ""), Evidence("0", finished=tuple(Module)))
    assert [line.split(maxsplit=1)[1] for line in silent.splitlines()] == ["nothing found"] * 4


def test_an_answer_for_a_person() -> None:
    answer = Answer("yes", "…", True, (Choice("yes", 0.75), Choice("no", 0.25)), dropped=3)
    lines = answer_text(answer, IMAGE, EVIDENCE).splitlines()
    assert lines[:2] == ["yes", "yes 75% · no 25%"]
    assert lines[2].startswith("(3 lines of evidence were left out")
    assert lines[3:5] == ["", "Evidence"]
    assert answer_text(Answer("", "…", True), IMAGE, EVIDENCE).splitlines()[0] == "(no answer)"


def test_json_is_one_line_that_any_terminal_can_hold() -> None:
    found = answer_object("café \udcff.gif", IMAGE, "où?", EVIDENCE, Answer("là", "…", True), Settings())
    line = as_json(found)
    assert line.isascii()
    assert "\n" not in line
    again = json.loads(line)
    assert (again["image"], again["question"], again["note"]) == ("café \udcff.gif", "où?", IMAGE.note)
    assert again["evidence"]["failures"] == [{"module": "attributes", "reason": "No vocabulary."}]
    assert again["evidence"]["ocr"][0]["box"] == [0, 0, 1, 1]
    assert "choices" not in again
