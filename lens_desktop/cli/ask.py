"""``lens-desktop ask``: one question in words, or many as lines of JSON."""

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from lens_desktop.cli.session import Session
from lens_desktop.cli.show import answer_object, answer_text, as_json
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.prompt import Mode
from lens_desktop.store.choice import chosen


def ask(arguments: argparse.Namespace) -> int:
    """Answer and return the exit code. Raises LensError."""
    overrides: dict[str, Any] = {"options_by_length": True} if arguments.by_length else {}
    if arguments.seed is not None:
        overrides["seed"] = arguments.seed
    if arguments.jsonl is not None:
        with _lines(arguments.jsonl) as lines, Session(chosen(arguments.checkpoints, **overrides)) as session:
            for line in filter(bytes.strip, lines):
                print(as_json(_answer_line(session, line, arguments)), flush=True)
        return 0
    with Session(chosen(arguments.checkpoints, **overrides)) as session:
        image = session.image(arguments.image)
        evidence = session.evidence(image)
        answer = session.answer(evidence, arguments.question, Mode(arguments.mode), arguments.options)
    if arguments.json:
        found = answer_object(arguments.image, image, arguments.question, evidence, answer, session.settings)
        print(as_json(found))
    else:
        print(answer_text(answer, image, evidence))
    return 0


def _answer_line(session: Session, line: bytes, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the answer to a line, or the line's image and question with what is wrong."""
    path: Any = None
    question: Any = None
    try:
        try:
            values = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
        except (ValueError, RecursionError):
            raise LensError("bad-line", 'This line is not JSON: write {"image": …, "question": …}.') from None
        if not isinstance(values, dict):
            raise LensError("bad-line", 'This line is not an object: write {"image": …, "question": …}.')
        path, question = values.get("image"), values.get("question")
        for name, value in (("image", path), ("question", question)):
            if not isinstance(value, str) or not value.strip():
                raise LensError("bad-line", f'This line has no {name}: write {{"image": …, "question": …}}.')
        image = session.image(path)
        evidence = session.evidence(image)
        answer = session.answer(evidence, question, Mode(arguments.mode), arguments.options)
        return answer_object(path, image, question, evidence, answer, session.settings)
    except LensError as error:
        return {"image": path, "question": question, "error": error.message}


@contextlib.contextmanager
def _lines(place: str) -> Iterator[BinaryIO]:
    if place == "-":
        yield sys.stdin.buffer
        return
    try:
        file = open(place, "rb")  # noqa: SIM115 - closed below; only the opening may fail with this sentence
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise LensError("missing", f"{place} cannot be read ({reason}): check --jsonl.") from None
    with file:
        yield file
