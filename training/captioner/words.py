"""The captioner's words: every word a caption can say is one token, and letters spell the rest."""

import string
from pathlib import Path

from transformers import BertTokenizer

from training.world.captions import FEWEST_WORDS, MOST_WORDS
from training.world.lexicon import NAMES, plural
from training.world.scene import COLOURS, COUNTS, PATTERNS, SIZES

PROMPT = "a picture of"
SHORTEST, LONGEST = 10, 30  # tokens of a decoded caption, its prompt and end included
POSITIONS = 64  # room for a person who asks for longer captions
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
GRAMMAR = (
    *("a", "an", "and", "the", "of", "is", "in", "on", "at", "to", "with", "without", "no", "other", "things", "only"),
    *("picture", "text", "background", "near", "left", "right", "above", "below", "top", "bottom", "middle"),
    *("biggest", "clear", ","),
)


def vocabulary() -> list[str]:
    """Return every token, special ones first: words of the captions, then letters and digits for anything else."""
    names = {word for name in NAMES for form in (name, plural(name)) for word in form.split()}
    words = names | {*GRAMMAR, *COLOURS, *PATTERNS, *SIZES, *COUNTS}
    letters = [*string.ascii_lowercase, *string.digits, *".!?'-&:;"]
    pieces = [f"##{letter}" for letter in (*string.ascii_lowercase, *string.digits)]
    return [*SPECIAL, *sorted(words - set(letters)), *letters, *pieces]


def tokenizer(folder: Path) -> BertTokenizer:
    """Write vocab.txt into `folder` and return the tokenizer that reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "vocab.txt"
    file.write_text("".join(f"{token}\n" for token in vocabulary()), encoding="utf-8")
    return BertTokenizer(vocab=str(file), do_lower_case=True, model_max_length=POSITIONS)


class Words:
    """Captions as numbers without the tokenizer's cost: captions are words separated by spaces.

    `start`, `end` and `pad` are the ids of [CLS], [SEP] and [PAD].
    """

    def __init__(self) -> None:
        self.tokens = vocabulary()
        self._ids = {token: number for number, token in enumerate(self.tokens)}
        self.pad, self.start, self.end = (self._ids[token] for token in ("[PAD]", "[CLS]", "[SEP]"))
        self.prompt = [self.start, *self._encode(PROMPT)]

    def encode(self, caption: str) -> list[int]:
        """Return start, the prompt, the caption's words and end. Raises KeyError for a word no caption can say."""
        return [*self.prompt, *self._encode(caption), self.end]

    def _encode(self, text: str) -> list[int]:
        return [self._ids[word] for word in text.split()]


def fits(caption: str) -> bool:
    """Say whether a caption has the length that decoding allows."""
    return FEWEST_WORDS <= len(caption.split()) <= MOST_WORDS
