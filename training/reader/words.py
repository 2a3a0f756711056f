"""Words to be read from pictures: common, rare, invented and misread ones."""

import gzip
import random
import string
from functools import cache
from pathlib import Path

STRAY = ("|", "~", "-", "_", "=", ".", ":", ";", "'", "—", "__", "~~", "||", "*")
LOOK_ALIKE = {
    "o": "0", "0": "O", "l": "1", "1": "l", "i": "l", "s": "5", "5": "S", "b": "6", "z": "2", "g": "9", "e": "c",
    "c": "e", "n": "r", "m": "rn", "u": "v", "v": "y", "h": "n", "t": "f", "a": "o", "8": "B", "B": "8", "S": "5",
    "O": "0", "I": "l", "E": "F", "D": "O", "Z": "2", "G": "6", "A": "4", "T": "Y", "R": "K",
}  # fmt: skip


@cache
def english() -> tuple[str, ...]:
    """Return some 18,000 English words, frequent ones first, from the merges of open_clip's tokenizer."""
    import open_clip

    file = Path(open_clip.__file__).parent / "bpe_simple_vocab_16e6.txt.gz"
    merges = gzip.decompress(file.read_bytes()).decode("utf-8").split("\n")[1:36000]
    words = ("".join(merge.split()) for merge in merges if merge.endswith("</w>"))
    plain = (word.removesuffix("</w>") for word in words)
    return tuple(word for word in plain if word.isascii() and word.isalpha() and len(word) > 1)


def invented(rng: random.Random) -> str:
    """Return a word nobody has seen: syllables, or letters, or a code of letters and digits."""
    draw = rng.random()
    if draw < 0.5:
        onset, nucleus, coda = "bcdfghjklmnprstvwz", "aeiou", ("", "", "n", "r", "s", "t", "l", "m", "k")
        return "".join(rng.choice(onset) + rng.choice(nucleus) + rng.choice(coda) for _ in range(rng.randint(1, 4)))
    if draw < 0.8:
        letters = string.ascii_lowercase if rng.random() < 0.7 else string.digits
        return "".join(rng.choice(letters) for _ in range(rng.randint(2, 9)))
    return "".join(rng.choice(string.ascii_uppercase + string.digits) for _ in range(rng.randint(2, 6)))


def line(rng: random.Random, names: tuple[str, ...]) -> str:
    """Return a line of text as it might stand in a picture, in any case."""
    count = rng.choices((1, 2, 3, 4, 5, 6, 7), (8, 5, 4, 4, 3, 2, 1))[0]
    words = []
    for _ in range(count):
        draw = rng.random()
        pool = english() if draw < 0.3 else english()[:1500]
        words.append(invented(rng) if draw < 0.25 else rng.choice(names) if draw > 0.9 else rng.choice(pool))
    text = " ".join(words)
    draw = rng.random()
    text = text if draw < 0.45 else text.upper() if draw < 0.75 else text.title() if draw < 0.85 else text.capitalize()
    draw = rng.random()
    if draw < 0.06:
        return f"{text}{rng.choice('!?.:')}"
    return f"{text} {rng.choice(('$', '', '#', '+'))}{rng.randint(0, 999)}" if draw > 0.95 else text


def misread(text: str, rate: float, rng: random.Random) -> str:
    """Return text as a recogniser would misread it, `rate` of its characters wrong."""
    read = []
    for char in text:
        draw = rng.random()
        if char == " " or draw >= rate:
            read.append(char)
        elif draw < 0.7 * rate:
            read.append(LOOK_ALIKE.get(char, char))
    return " ".join("".join(read).split())


def stray_line(rng: random.Random) -> str:
    """Return marks that a recogniser takes from a pattern."""
    return " ".join(rng.choice(STRAY) for _ in range(rng.randint(1, 3)))
