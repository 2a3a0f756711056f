"""What the window keeps about one image while the program runs: its evidence and its conversation."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from lens_desktop.domain.answer import Answer, Turn
from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.image import Image
from lens_desktop.domain.prompt import Mode


class Stage(StrEnum):
    """Where a question stands."""

    WAITING = "waiting"
    ANSWERING = "answering"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(slots=True, eq=False)
class Exchange:
    """A question and what became of it. `problem` says why it failed, or why it waits longer than usual."""

    question: str
    mode: Mode
    options: tuple[str, ...] = ()
    stage: Stage = Stage.WAITING
    answer: Answer | None = None
    problem: str = ""
    request: int = 0
    asked_again: bool = False  # after the worker died: once by itself, then only when the user says so

    @property
    def open(self) -> bool:
        """Whether an answer may still come."""
        return self.stage in (Stage.WAITING, Stage.ANSWERING)


@dataclass(slots=True, eq=False)
class Entry:
    """A row of the library: a file that is being read, an image, or a file that could not be read and why."""

    path: str
    image: Image | None = None
    problem: str = ""
    evidence: Evidence | None = None
    described: bool = False
    describe_problem: str = ""
    describe_tries: int = 0
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The file's name, fit for showing even when it is no valid text."""
        return Path(self.shown_path).name

    @property
    def shown_path(self) -> str:
        """The file's path, fit for showing and copying even when it is no valid text."""
        return self.path.encode("utf-8", "replace").decode("utf-8")

    @property
    def reading(self) -> bool:
        """Whether the file is still being read."""
        return self.image is None and not self.problem

    @property
    def wants_description(self) -> bool:
        """Whether the vision modules have still to look at it."""
        return self.image is not None and not self.described and not self.describe_problem

    @property
    def wants_the_rest(self) -> bool:
        """Whether vision modules that could not run when it was looked at are still missing."""
        return self.described and self.evidence is not None and bool(self.evidence.waiting)

    def forget_description(self) -> None:
        """Have it looked at as if for the first time."""
        self.evidence, self.described, self.describe_problem, self.describe_tries = None, False, "", 0

    @property
    def waiting(self) -> list[Exchange]:
        """The questions that wait for their turn."""
        return [exchange for exchange in self.exchanges if exchange.stage == Stage.WAITING]

    def turns_before(self, exchange: Exchange) -> tuple[Turn, ...]:
        """Return the answered questions before `exchange`; a question asked again does not lead up to itself."""
        return tuple(
            Turn(other.question, other.answer.text)
            for other in self.exchanges[: self.exchanges.index(exchange)]
            if other.stage == Stage.DONE and other.answer and other.question != exchange.question
        )
