"""Measure a checkpoint set on the held-out fixtures: `python -m training.evaluate` prints one table."""

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lens_desktop import places, protocol
from lens_desktop.decoder.client import DecoderClient
from lens_desktop.domain.answer import Answer
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence
from lens_desktop.engine.lens import Lens
from lens_desktop.resources import resource
from lens_desktop.settings import load_set
from training import scoring, support
from training.figures import Measured, Outcome, VisionFigures, table
from training.fixtures import HELD_OUT, Question, read_questions, read_scenes
from training.world import lexicon
from training.world.scene import Scene

TAGS, ATTRIBUTES, FEW = 8, 5, 3  # how many are looked at, and how many kinds of things a scene may have for it


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and write the failures where wanted; return 0 when it ran, 2 when it could not."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("--set", type=Path, default=resource("starter"), help="folder of the checkpoint set")
    parser.add_argument("--data", type=Path, default=HELD_OUT, help="folder of fixtures")
    parser.add_argument("--limit", type=int, default=0, help="only the first so many scenes")
    parser.add_argument("--json", type=Path, help="where to write figures and failures")
    parser.add_argument("--evidence", type=Path, help="take the evidence from an earlier --json instead of describing")
    options = parser.parse_args(arguments)
    try:
        settings = load_set(options.set)
        scenes = read_scenes(options.data)
        questions = read_questions(options.data)
        written = read_evidence(options.evidence) if options.evidence else {}
        lens = Lens.load(settings, cache=places.cache())
    except (LensError, OSError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 2
    if options.limit:
        scenes = dict(list(scenes.items())[: options.limit])
    if written:
        scenes = {name: scene for name, scene in scenes.items() if name in written}
    questions = [question for question in questions if question.image in scenes]
    start = time.monotonic()
    evidence = written or describe_all(lens, options.data, list(scenes))
    described = time.monotonic() - start
    own = ask_all(lens, questions, evidence)
    asked = time.monotonic() - start - described
    other = ask_all(lens, questions, exchanged(evidence))
    measured = Measured(vision_figures(scenes, evidence), own, other, len(scenes), described, asked)
    print(table(measured, settings.title or settings.set_name))
    if options.json:
        write_failures(options.json, measured, evidence)
    return 0


def describe_all(lens: Lens, folder: Path, images: Sequence[str]) -> dict[str, Evidence]:
    """Return the evidence of each image, by name, decoded and described as the program does it."""
    found: dict[str, Evidence] = {}
    with DecoderClient() as decoder:
        for number, name in enumerate(images, start=1):
            for evidence in lens.describe(decoder.decode(folder / name)):
                found[name] = evidence
            _progress("described", number, len(images))
    return found


def read_evidence(file: Path) -> dict[str, Evidence]:
    """Return the evidence that an earlier run wrote, by image. Raises OSError, LensError when it is none."""
    found = {}
    for name, value in json.loads(file.read_text(encoding="utf-8"))["evidence"].items():
        message = {"type": "Result", "kind": "Evidence", "request": 0, "value": value, "final": True}
        result = protocol.decode(json.dumps(message).encode())
        if isinstance(result, protocol.Result) and isinstance(result.value, Evidence):
            found[name] = result.value
    return found


def ask_all(lens: Lens, questions: Sequence[Question], evidence: dict[str, Evidence]) -> list[Outcome]:
    """Return what came of each question, asked of the evidence under its image's name."""
    outcomes = []
    for number, question in enumerate(questions, start=1):
        answer = ask(lens, evidence[question.image], question.text)
        right = scoring.right(answer.text, question.answers, question.form)
        held = support.supports(answer.prompt, question.answers, question.about, question.form)
        outcomes.append(Outcome(question, answer.text, answer.prompt, right, held))
        _progress("asked", number, len(questions))
    return outcomes


def ask(lens: Lens, evidence: Evidence, question: str) -> Answer:
    """Return the finished answer; a question that cannot be asked has an empty one."""
    try:
        *_, answer = lens.ask(evidence, question)
    except LensError as error:
        print(f"evaluate: {question}: {error}", file=sys.stderr)
        return Answer("", "")
    return answer


def exchanged(evidence: dict[str, Evidence], seed: int = 0) -> dict[str, Evidence]:
    """Return the evidence with every image given that of another one (itself when it is alone)."""
    names = list(evidence)
    random.Random(seed).shuffle(names)
    return {name: evidence[names[index - 1]] for index, name in enumerate(names)}


def vision_figures(scenes: dict[str, Scene], evidence: dict[str, Evidence]) -> VisionFigures:
    """Return how well tags, attributes and beam captions fit the scenes, with the names that were missed."""
    few = {name: scene for name, scene in scenes.items() if 1 <= len(scene.things) <= FEW}
    untagged = _missed(few, lambda name: " , ".join(tag.text for tag in evidence[name].tags[:TAGS]))
    uncaptioned = _missed(few, lambda name: evidence[name].captions[0] if evidence[name].captions else "")
    shown = true = 0
    wrong: dict[str, list[str]] = {}
    for name, scene in scenes.items():
        attributes = [tag.text for tag in evidence[name].attributes[:ATTRIBUTES]]
        false = [text for text in attributes if text not in lexicon.true_attributes(scene)]
        shown, true = shown + len(attributes), true + len(attributes) - len(false)
        if false:
            wrong[name] = false
    return VisionFigures(len(few), untagged, uncaptioned, shown, true, wrong)


def _missed(scenes: dict[str, Scene], text_of: Callable[[str], str]) -> dict[str, list[str]]:
    """Return the names of things that the text about a scene does not mention, for scenes with any such."""
    missed: dict[str, list[str]] = defaultdict(list)
    for name, scene in scenes.items():
        text = text_of(name)
        for thing in scene.things:
            if not support.mentions(text, thing.name):
                missed[name].append(thing.name)
    return dict(missed)


@dataclass(frozen=True, slots=True)
class Failed:
    """A wrong answer with all that it rests on."""

    image: str
    form: str
    question: str
    answer: str
    accepted: tuple[str, ...]
    supported: bool
    prompt: str


def write_failures(file: Path, measured: Measured, evidence: dict[str, Evidence]) -> None:
    """Write figures, wrong answers, what vision missed and the evidence of every scene as one JSON object."""
    failures = [
        Failed(one.question.image, one.question.form, one.question.text, one.answer, one.question.answers,
               one.supported, one.prompt)
        for one in measured.own if not one.right
    ]  # fmt: skip
    content = {
        "figures": measured.figures(),
        "failures": [asdict(failure) for failure in failures],
        "vision": asdict(measured.vision),
        "evidence": {name: asdict(one) for name, one in evidence.items()},
    }
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


def _progress(what: str, number: int, total: int) -> None:
    if number % 25 == 0 or number == total:
        print(f"{what} {number} of {total}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
