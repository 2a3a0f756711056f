"""What the vision modules wrote about one image."""

from dataclasses import dataclass
from enum import StrEnum


class Module(StrEnum):
    """The vision modules, in the order the window shows them."""

    TAGS = "tags"
    ATTRIBUTES = "attributes"
    CAPTIONS = "captions"
    OCR = "ocr"


class Score(StrEnum):
    """What a tag's score is: the cosine of two directions, or the probability that a sigmoid makes of it (SigLIP)."""

    COSINE = "cosine"
    PROBABILITY = "probability"


@dataclass(frozen=True, slots=True)
class Tag:
    """One entry of a vocabulary with its score for the image. Attributes are tags of another vocabulary."""

    text: str
    score: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of recognised text.

    `confidence` is 0 to 1. `box` is (x, y, width, height) in pixels of the upright image.
    """

    text: str
    confidence: float
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Failure:
    """A module that did not run, and the sentence that says why."""

    module: Module
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The text that stands for the image.

    A module listed in `finished` has run: an empty section then means "found nothing". A module in `failures` did
    not run. A module in neither is still waiting. `scored` says what the scores of tags are. `captions` starts with the
    beam-search caption. `timings` is (module or step, seconds). `ocr_scale` is the size at which
    text was read over the original size.
    """

    image_id: str
    tags: tuple[Tag, ...] = ()
    attributes: tuple[Tag, ...] = ()
    captions: tuple[str, ...] = ()
    ocr: tuple[TextLine, ...] = ()
    finished: tuple[Module, ...] = ()
    failures: tuple[Failure, ...] = ()
    timings: tuple[tuple[str, float], ...] = ()
    ocr_scale: float = 1.0
    scored: Score = Score.COSINE

    @property
    def waiting(self) -> tuple[Module, ...]:
        """The modules that neither ran nor failed."""
        failed = {failure.module for failure in self.failures}
        return tuple(module for module in Module if module not in self.finished and module not in failed)

    def failure(self, module: Module) -> str | None:
        """Return why `module` did not run, or None."""
        return next((failure.reason for failure in self.failures if failure.module == module), None)

    @property
    def text(self) -> str:
        """The recognised text as one string, a line break between lines."""
        return "\n".join(line.text for line in self.ocr)
