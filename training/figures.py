"""The figures of a measurement on the held-out fixtures, and the table they are printed in."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from training.fixtures import Question
from training.scoring import YES_NO, right

GOALS = {"tags": 0.9, "attributes": 0.7, "captions": 0.8, "answers": 0.8, "exchanged": 0.45, "most frequent": 0.45}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question. `supported` says whether the evidence in the prompt holds an accepted answer."""

    question: Question
    answer: str
    prompt: str
    right: bool
    supported: bool


@dataclass(frozen=True, slots=True)
class VisionFigures:
    """How the evidence fits the scenes; by image, what tags and captions missed and which attributes were false."""

    scenes: int
    untagged: dict[str, list[str]]
    uncaptioned: dict[str, list[str]]
    attributes_shown: int
    attributes_true: int
    false_attributes: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Measured:
    """A whole measurement: `own` with each scene's evidence, `other` with another scene's. Times in seconds."""

    vision: VisionFigures
    own: list[Outcome]
    other: list[Outcome]
    scenes: int
    describing: float
    asking: float

    def figures(self) -> dict[str, float]:
        """Return the figures that have a goal, as shares."""
        vision = self.vision
        return {
            "tags": 1 - share(len(vision.untagged), vision.scenes),
            "attributes": share(vision.attributes_true, vision.attributes_shown),
            "captions": 1 - share(len(vision.uncaptioned), vision.scenes),
            "answers": share_right(self.own),
            "exchanged": share_right(self.other),
            "most frequent": share(sum(most_frequent(self.own).values()), len(self.own)),
            "supported": share(sum(one.right and one.supported for one in self.own), len(self.own)),
            "yes or no": share(sum(one.question.form in YES_NO for one in self.own), len(self.own)),
        }


def share(part: int, whole: int) -> float:
    """Return a part of a whole as a share, 0 of nothing."""
    return part / whole if whole else 0.0


def share_right(outcomes: Sequence[Outcome]) -> float:
    """Return the share of right answers."""
    return share(sum(one.right for one in outcomes), len(outcomes))


def interval(part: int, whole: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson interval of a share, at 95 % with the usual `z`."""
    if not whole:
        return 0.0, 1.0
    p = part / whole
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    reach = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return middle - reach, middle + reach


def most_frequent(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Return for each form how many questions the best single answer would get right."""
    forms: dict[str, list[Question]] = defaultdict(list)
    for one in outcomes:
        forms[one.question.form].append(one.question)
    best = {}
    for form, questions in forms.items():
        candidates = {question.answers[0] for question in questions}
        best[form] = max(sum(right(answer, question.answers, form) for question in questions) for answer in candidates)
    return best


def table(measured: Measured, title: str) -> str:
    """Return the table of all figures."""
    figures, vision, own = measured.figures(), measured.vision, measured.own
    low, high = interval(sum(one.right for one in own), len(own))
    lines = [
        f"{title}: {measured.scenes} held-out scenes, {len(own)} questions ({figures['yes or no']:.0%} yes or no)",
        "",
        _row("tags: every thing among the top 8", figures, "tags", f"{vision.scenes} scenes of at most three kinds"),
        _row("attributes: true ones of the top 5", figures, "attributes", f"{vision.attributes_shown} shown"),
        _row("beam caption names every thing", figures, "captions", "the same scenes"),
        _row("answers right", figures, "answers", f"95 % interval {low:.1%} to {high:.1%}"),
        f"{'  and held by the evidence':<38}{figures['supported']:>7.1%}",
        _row("with another scene's evidence", figures, "exchanged", "", "at most"),
        _row("the most frequent answer per form", figures, "most frequent", "", "at most"),
        "",
        f"{'form':<18}{'questions':>9}{'right':>9}{'held':>9}{'exchanged':>11}{'frequent':>10}",
    ]
    frequent, counts = most_frequent(own), Counter(one.question.form for one in own)
    for form, number in counts.most_common():
        mine = [one for one in own if one.question.form == form]
        others = [one for one in measured.other if one.question.form == form]
        lines.append(
            f"{form:<18}{number:>9}{share_right(mine):>9.1%}{share(sum(one.supported for one in mine), number):>9.1%}"
            f"{share_right(others):>11.1%}{share(frequent[form], number):>10.1%}"
        )
    seconds = share_of_time(measured)
    return "\n".join([*lines, "", seconds])


def share_of_time(measured: Measured) -> str:
    """Return what one scene and one question took."""
    scene = measured.describing / max(measured.scenes, 1)
    question = measured.asking / max(len(measured.own), 1)
    return f"seconds: {scene:.2f} to describe a scene, {question:.2f} to answer a question"


def _row(name: str, figures: dict[str, float], key: str, note: str, bound: str = "at least") -> str:
    goal = f"goal {bound} {GOALS[key]:.0%}"
    return f"{name:<38}{figures[key]:>7.1%}   {goal:<18} {note}".rstrip()
