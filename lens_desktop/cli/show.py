"""How answers and evidence are printed: for people, and as JSON."""

import json
from typing import Any

from lens_desktop.domain.answer import Answer
from lens_desktop.domain.evidence import Evidence, Module
from lens_desktop.domain.image import Image
from lens_desktop.domain.prompt import NAMES, one_line
from lens_desktop.settings import Settings

_INDENT = 14


def as_json(value: dict[str, Any]) -> str:
    """Return one line of JSON; ASCII, so that any terminal, pipe and file name can hold it."""
    return json.dumps(value, ensure_ascii=True)


def evidence_object(evidence: Evidence) -> dict[str, Any]:
    """Return the evidence as plain values."""
    return {
        "tags": [{"text": tag.text, "score": round(tag.score, 4)} for tag in evidence.tags],
        "attributes": [{"text": tag.text, "score": round(tag.score, 4)} for tag in evidence.attributes],
        "scored": evidence.scored.value,
        "captions": list(evidence.captions),
        "ocr": [
            {"text": line.text, "confidence": round(line.confidence, 4), "box": list(line.box)} for line in evidence.ocr
        ],
        "failures": [{"module": failure.module.value, "reason": failure.reason} for failure in evidence.failures],
    }


def answer_object(
    path: str, image: Image, question: str, evidence: Evidence, answer: Answer, settings: Settings
) -> dict[str, Any]:
    """Return an answer with all it rests on as plain values; `path` is the file as the user wrote it."""
    choices = [{"text": choice.text, "probability": round(choice.probability, 6)} for choice in answer.choices]
    return {
        "image": path,
        **_note(image),
        "question": question,
        "answer": answer.text,
        **({"choices": choices} if choices else {}),
        "prompt": answer.prompt,
        "evidence": evidence_object(evidence),
        "timings": {**timings(evidence), "answer": round(answer.seconds, 4)},
        "checkpoints": checkpoints_object(settings),
    }


def description_object(path: str, image: Image, evidence: Evidence, settings: Settings) -> dict[str, Any]:
    """Return the evidence of an image, and how it was made, as plain values."""
    return {
        "image": path,
        **_note(image),
        "evidence": evidence_object(evidence),
        "timings": timings(evidence),
        "checkpoints": checkpoints_object(settings),
    }


def timings(evidence: Evidence) -> dict[str, float]:
    """Return the seconds each module took."""
    return {name: round(seconds, 4) for name, seconds in evidence.timings}


def checkpoints_object(settings: Settings) -> dict[str, str]:
    """Return what the models were loaded from."""
    return {
        "set": settings.set_name,
        "clip": settings.clip,
        "captioner": settings.captioner,
        "llm": settings.llm,
    }


def answer_text(answer: Answer, image: Image, evidence: Evidence) -> str:
    """Return an answer and its evidence for a person."""
    lines = [one_line(answer.text) or "(no answer)"]
    if answer.choices:
        lines.append(" · ".join(f"{one_line(choice.text)} {choice.probability:.0%}" for choice in answer.choices))
    if answer.dropped:
        lines.append(f"({answer.dropped} lines of evidence were left out to fit the LLM's longest prompt)")
    return "\n".join([*lines, "", "Evidence", evidence_text(image, evidence)])


def evidence_text(image: Image, evidence: Evidence) -> str:
    """Return the evidence for a person, one section after the other; silent sections say why."""
    sections = [f"  {'Image':<{_INDENT - 2}}{image.note}"] if image.note else []
    for module in Module:
        first, *rest = _section(evidence, module)
        sections += [f"  {NAMES[module]:<{_INDENT - 2}}{first}", *(" " * _INDENT + line for line in rest)]
    return "\n".join(sections)


def _note(image: Image) -> dict[str, str]:
    return {"note": image.note} if image.note else {}


def _section(evidence: Evidence, module: Module) -> list[str]:
    reason = evidence.failure(module)
    if reason is not None:
        return [f"did not run: {reason}"]
    match module:
        case Module.TAGS:
            found = [f"{tag.text} {tag.score:.2f}" for tag in evidence.tags]
        case Module.ATTRIBUTES:
            found = [f"{tag.text} {tag.score:.2f}" for tag in evidence.attributes]
        case Module.CAPTIONS:
            found = list(evidence.captions)
        case Module.OCR:
            found = [f'"{one_line(line.text)}" {line.confidence:.0%}' for line in evidence.ocr]
            if found and evidence.ocr_scale != 1:
                found.append(f"(read at {evidence.ocr_scale:.0%} of the size)")
    return [one_line(line) for line in found] or ["nothing found"]
