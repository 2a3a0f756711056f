"""The zero-shot classifier: which entries of a vocabulary fit the image best. Tags and attributes are both made so."""

from pathlib import Path

import numpy as np

from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Tag
from lens_desktop.engine.clip import Clip, Vectors
from lens_desktop.engine.text_bank import TextBank

PAPER = ("A photo of {}",)
ENSEMBLE = (
    *PAPER,
    "itap of a {}.",
    "a bad photo of the {}.",
    "a origami {}.",
    "a photo of the large {}.",
    "a {} in a video game.",
    "art of the {}.",
    "a photo of the small {}.",
)
TEMPLATES = {"single": PAPER, "ensemble": ENSEMBLE}
AS_IS = ("{}",)  # attributes are whole phrases already


class ZeroShotClassifier:
    """A CLIP with the text bank of a vocabulary, which must be complete when images are ranked."""

    def __init__(self, clip: Clip, bank: TextBank) -> None:
        self.bank = bank
        self._clip = clip

    def rank(self, image: Vectors, count: int, threshold: float) -> tuple[Tag, ...]:
        """Return the at most `count` entries whose score with the image features reaches `threshold`, best first."""
        scores = self._clip.scores(self.bank.cosines(image))
        best = np.argsort(-scores, kind="stable")[:count]
        return tuple(
            Tag(self.bank.entries[place], float(scores[place])) for place in best if scores[place] >= threshold
        )


def read_vocabulary(file: Path) -> tuple[str, ...]:
    """Return the entries of a vocabulary: one a line, without empty lines, comments (#) and repetitions.

    Raises LensError ``missing`` or ``bad-vocabulary``.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise LensError("missing", f"There is no vocabulary at {file}: restore it or choose another.") from None
    except UnicodeDecodeError:
        raise LensError("bad-vocabulary", f"The vocabulary {file} is not UTF-8 text: save it as that.") from None
    entries = tuple(dict.fromkeys(line.strip() for line in lines if line.strip() and not line.startswith("#")))
    if not entries:
        raise LensError("bad-vocabulary", f"The vocabulary {file} is empty: add entries, one a line.")
    return entries
