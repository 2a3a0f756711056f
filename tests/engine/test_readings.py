"""Which attempts at reading are text: agreeing, sure and long ones, each place once, in reading order."""

from lens_desktop.engine.readings import Box, Reading, choose, is_page, overlap


def line(text: str, confidence: float, box: Box, page: bool = False) -> Reading:
    return Reading(tuple((word, confidence) for word in text.split()), box, page)


TOP = (100, 20, 500, 70)
BOTTOM = (100, 400, 520, 450)


def test_attempts_at_a_line_vote_word_by_word() -> None:
    attempts = [
        line("WHEN thle COFFEE", 0.73, TOP),
        line("WHEN THE COFFEE", 0.7, TOP),
        line("WHEN THE COREE", 0.46, TOP),
        line("WHEN thiB COFFEE", 0.5, TOP),
    ]
    (chosen,) = choose([], attempts)
    assert chosen.text == "WHEN THE COFFEE"


def test_texture_is_no_text() -> None:
    box = (10, 10, 60, 40)
    for text, confidence in (
        ("rr", 0.94),
        ("eee", 0.96),
        ("AAAA", 0.96),
        ("a", 0.99),
        ("arf af f a f a", 0.57),
        ("@ «", 0.9),
    ):
        assert (
            choose([], [line(text, confidence, box)] * 4 if text in ("eee", "AAAA") else [line(text, confidence, box)])
            == []
        )


def test_short_words_count_when_several_attempts_agree() -> None:
    attempts = [line("go", 0.96, TOP) for _ in range(3)]
    assert [one.text for one in choose([], attempts)] == ["go"]
    assert choose([], attempts[:1]) == []


def test_a_sure_line_vouches_for_others_of_its_size() -> None:
    other = line("blue", 0.96, (100, 80, 200, 128))
    assert choose([], [other]) == []
    sure = [line("purple boats", 0.96, TOP)] * 3
    assert [one.text for one in choose([], [other, *sure])] == ["purple boats", "blue"]
    tiny = line("blue", 0.96, (100, 80, 130, 92))
    assert [one.text for one in choose([], [tiny, *sure])] == ["purple boats"]


def test_lines_come_in_the_order_a_person_reads_them() -> None:
    picture = [line("FINALLY KICKS IN", 0.96, BOTTOM), line("WHEN THE COFFEE", 0.9, TOP)]
    assert [one.text for one in choose([], picture)] == ["WHEN THE COFFEE", "FINALLY KICKS IN"]


def test_a_page_keeps_tesseract_s_order_and_its_short_lines() -> None:
    page = [
        line("The left column speaks of foxes and of dogs", 0.95, (10, 10, 300, 30), page=True),
        line("12", 0.9, (10, 40, 40, 60), page=True),
        line("The right column speaks of wizards", 0.95, (320, 10, 600, 30), page=True),
    ]
    assert is_page(page)
    assert choose(page, []) == page
    assert not is_page(page[1:2])
    assert choose(page[1:2], []) == []


def test_overlap_is_the_part_of_the_smaller_box() -> None:
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == 0.5
    assert overlap((0, 0, 10, 10), (2, 2, 4, 4)) == 1
    assert overlap((0, 0, 10, 10), (20, 0, 30, 10)) == 0
