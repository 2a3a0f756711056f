"""What came back for a question."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and its answer in the same conversation."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate of a closed-ended question with its probability under the LLM."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, so far or whole, with the exact prompt the LLM was given.

    `choices` is filled for closed-ended questions, most probable first. `finished` is False while text still streams
    and stays False when the user stopped it. `dropped` counts evidence lines left out to fit the token budget.
    """

    text: str
    prompt: str
    finished: bool = False
    choices: tuple[Choice, ...] = ()
    seconds: float = 0.0
    dropped: int = 0
