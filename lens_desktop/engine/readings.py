"""What several attempts at reading the same image agree on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

Box = tuple[int, int, int, int]  # left, top, right, bottom; right and bottom are outside

_SAME_LINE = 0.7  # overlap of two attempts at one line
_SURE = 0.9
_PAGE = 40  # letters from which on a reading is a page's and not a picture's


@dataclass(frozen=True, slots=True)
class Reading:
    """A line as one attempt read it: words with their confidences, and the box in pixels of the image."""

    words: tuple[tuple[str, float], ...]
    box: Box
    page: bool

    @property
    def text(self) -> str:
        """The words in a row."""
        return " ".join(text for text, _ in self.words)

    @property
    def confidence(self) -> float:
        """The mean confidence of the letters, 0 to 1."""
        return sum(sure * letters(text) for text, sure in self.words) / max(1, letters(self.text))

    @property
    def height(self) -> int:
        """The height of the line in pixels."""
        return self.box[3] - self.box[1]


def is_page(page: Sequence[Reading]) -> bool:
    """Tell whether an image read as a page is one: text all over, and most of it read surely."""
    everything = sum(letters(line.text) for line in page)
    sure = sum(letters(line.text) for line in page if line.confidence >= 0.8 and letters(line.text) >= 4)
    return everything >= _PAGE and sure >= 0.7 * everything


def choose(page: Sequence[Reading], picture: Sequence[Reading]) -> list[Reading]:
    """Return the readings that are text, each place once, in the order a person reads them.

    `page` are the lines of the image read as a page, `picture` attempts at lines of letters in it, some at the same.
    A page vouches for its short lines, a line that is surely text for others of its size.
    """
    readings = [*page, *picture]
    scored = sorted(((_likelihood(one, readings), one) for one in readings), key=lambda pair: -pair[0])
    sure = [one.height for score, one in scored if score > 1]
    paged = is_page(page)

    def taken(score: float, one: Reading) -> bool:
        if score > 0 or (paged and one.page and one.confidence > 0.4):
            return True
        alike = any(0.7 <= one.height / height <= 1.4 for height in sure)
        return alike and score > -1.2 and one.confidence >= _SURE and letters(one.text) > 2

    kept: list[Reading] = []
    for score, one in scored:
        if taken(score, one) and all(overlap(one.box, other.box) < 0.4 for other in kept):
            kept.append(one if one.page else _voted(one, readings))
    if all(one.page for one in kept):
        return [one for one in page if one in kept]  # columns and paragraphs are Tesseract's to order
    return sorted(kept, key=lambda one: (one.box[1] + one.box[3], one.box[0]))


def _likelihood(one: Reading, readings: Sequence[Reading]) -> float:
    """Return how likely a reading is text, over 0 when it is taken for it.

    A picture's texture gives short readings, unsure ones, and different ones at each attempt. The weights of the
    three signs were fitted on 2,570 readings of drawn scenes, memes and pictures without text.
    """
    plain = _plain(one.text)
    if len(plain) > 2 and len(set(plain)) == 1:
        return -12.0  # four balls in a row are no word
    agreeing = sum(1 for other in readings if _plain(other.text) == plain and overlap(one.box, other.box) > 0.5)
    telling = min(len(plain), 2 * len(set(plain)), 8)  # texture repeats itself: "arf af f a f a"
    return 6.1 * one.confidence + 7.3 * telling / 8 + 5.7 * min(agreeing, 4) / 4 - 11.75


def _voted(one: Reading, readings: Sequence[Reading]) -> Reading:
    """Return a reading with each word as most attempts at the same line read it, the surer ones counting more."""
    same = [
        other for other in readings if len(other.words) == len(one.words) and overlap(one.box, other.box) > _SAME_LINE
    ]
    words = []
    for place in range(len(one.words)):
        votes: dict[str, list[tuple[str, float]]] = {}
        for other in same:
            votes.setdefault(_plain(other.words[place][0]), []).append(other.words[place])
        winners = max(votes.values(), key=lambda spellings: sum(sure for _, sure in spellings))
        words.append(max(winners, key=lambda word: word[1]))
    return replace(one, words=tuple(words))


def overlap(one: Box, other: Box) -> float:
    """Return the shared area of two boxes over the smaller one's."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(0, width) * max(0, height) / max(1, smaller)


def letters(text: str) -> int:
    """Return how many letters and digits are in a text."""
    return sum(char.isalnum() for char in text)


def _plain(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())
