"""The zero-shot classifier: which entries of a vocabulary fit the image best. Tags and attributes are both made so."""

import numpy as np

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
