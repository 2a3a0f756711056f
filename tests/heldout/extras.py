"""Pictures composed by hand: the meme fixtures, whose answers are only in the text, and the window's three samples."""

from dataclasses import dataclass

from PySide6.QtGui import QImage

from tests.heldout.draw import Looks, grounds, paint, stamp_of, words_path
from training.world import lexicon
from training.world.scene import Box, Scene, Thing, Writing


@dataclass(frozen=True, slots=True)
class Put:
    """A thing by name, its middle as fractions of the canvas and the height of one copy as a fraction of its height."""

    name: str
    middles: tuple[tuple[float, float], ...]
    height: float
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A centred line of text: its middle and height as fractions of the canvas's height, at most 0.94 of the width."""

    words: str
    middle: float
    height: float
    colour: str = "white"


@dataclass(frozen=True, slots=True)
class Composed:
    """A picture composed by hand, and questions to ask about it."""

    file: str
    size: tuple[int, int]
    ground: tuple[str, int, str]  # colour, which of its shades, pattern
    face: str
    meme: bool
    puts: tuple[Put, ...]
    lines: tuple[Line, ...]
    asked: tuple[str, ...]
    seed: int = 5


MEMES = (
    Composed(
        "cat.png", (800, 600), ("blue", 3, "plain"), "Bebas Neue", True,
        (Put("cat", ((0.5, 0.52),), 0.5),),
        (Line("ASKED FOR TUNA", 0.11, 0.13), Line("GOT BROCCOLI", 0.89, 0.13)),
        ("What does the text say?", "What is written in the picture?"),
    ),
    Composed(
        "robot.png", (640, 640), ("green", 2, "plain"), "League Spartan", True,
        (Put("robot", ((0.5, 0.5),), 0.52),),
        (Line("HELLO HUMAN", 0.1, 0.095), Line("MY NAME IS BLORP", 0.91, 0.095)),
        ("Read the text.", "What do the words say?"),
    ),
    Composed(
        "owl.png", (720, 540), ("purple", 2, "gradient"), "Lato", True,
        (Put("owl", ((0.32, 0.52),), 0.5), Put("coffee", ((0.72, 0.58),), 0.34)),
        (Line("UP ALL NIGHT", 0.11, 0.12), Line("NO REGRETS", 0.89, 0.12)),
        ("What does it say?", "What is the text in this image?"),
    ),
    Composed(
        "pizza.png", (600, 750), ("red", 2, "plain"), "Bebas Neue", True,
        (Put("pizza", ((0.5, 0.52),), 0.44),),
        (Line("ONE MORE SLICE", 0.9, 0.11),),
        ("Which words are written here?", "What does the meme say?"),
    ),
)  # fmt: skip

SAMPLES = (
    Composed(
        "1-party.png", (800, 560), ("blue", 3, "plain"), "Lato", False,
        (
            Put("balloon", ((0.12, 0.25), (0.24, 0.34)), 0.3), Put("birthday cake", ((0.5, 0.56),), 0.5),
            Put("gift", ((0.84, 0.76),), 0.27), Put("star", ((0.84, 0.24),), 0.28, "yellow"),
        ),
        (),
        ("What is in the picture?",),
    ),
    Composed(
        "2-meme.png", (760, 570), ("green", 0, "plain"), "Bebas Neue", True,
        (Put("penguin", ((0.35, 0.51),), 0.5), Put("ice cream", ((0.68, 0.57),), 0.36)),
        (Line("TOO HOT OUTSIDE", 0.11, 0.13), Line("BACK TO THE FRIDGE", 0.89, 0.13)),
        ("What does the text say?",),
    ),
    Composed(
        "3-poster.png", (640, 800), ("yellow", 3, "plain"), "Roboto Slab", False,
        (Put("guitar", ((0.27, 0.68),), 0.32), Put("drum", ((0.72, 0.72),), 0.24)),
        (
            Line("Garden Concert", 0.14, 0.075, "purple"), Line("Sunday at four", 0.27, 0.06, "purple"),
            Line("Free entry", 0.385, 0.06, "purple"),
        ),
        ("What is written on it?",),
        3,
    ),
)  # fmt: skip


def compose(picture: Composed) -> tuple[Scene, QImage]:
    """Return what a picture shows, and the picture."""
    width, height = picture.size
    colour, shade, pattern = picture.ground
    things = sorted((_thing(put, picture) for put in picture.puts), key=lambda thing: thing.centre[0])
    chars = tuple("" if thing.colour else lexicon.entry(thing.name).char for thing in things)
    writing = tuple(_writing(line, picture) for line in picture.lines)
    scene = Scene(tuple(things), writing, colour, pattern, width / height)
    return scene, paint(scene, Looks(picture.seed, grounds(colour)[shade], picture.face, picture.meme, chars), width)


def _thing(put: Put, picture: Composed) -> Thing:
    char = "" if put.colour else lexicon.entry(put.name).char
    stamp = stamp_of(Thing(put.name, (), put.colour), char, picture.seed)
    down = put.height
    across = down * stamp.width() / stamp.height() * picture.size[1] / picture.size[0]
    boxes = tuple((x - across / 2, y - down / 2, across, down) for x, y in put.middles)
    return Thing(put.name, boxes, put.colour)


def _writing(line: Line, picture: Composed) -> Writing:
    bounds = words_path(line.words, picture.face).boundingRect()
    ratio = bounds.width() / bounds.height() * picture.size[1] / picture.size[0]
    across = min(line.height * ratio, 0.94)
    down = across / ratio
    box: Box = (0.5 - across / 2, line.middle - down / 2, across, down)
    return Writing(line.words, line.colour, box)
