"""The prompts of the LENS paper (arXiv 2306.16410): evidence in, one string out."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum

from lens_desktop.domain.answer import Turn
from lens_desktop.domain.evidence import Evidence, Module

MAX_TEXT = 600  # characters of recognised text that reach the LLM: it is data from outside


class Mode(StrEnum):
    """Which evidence a question is answered from."""

    GENERAL = "general"
    VISION = "vision"
    VQA = "vqa"
    MEMES = "memes"


SECTIONS: dict[Mode, tuple[Module, ...]] = {
    Mode.GENERAL: (Module.TAGS, Module.ATTRIBUTES, Module.CAPTIONS, Module.OCR),
    Mode.VISION: (Module.TAGS, Module.ATTRIBUTES),
    Mode.VQA: (Module.CAPTIONS,),
    Mode.MEMES: (Module.OCR, Module.TAGS, Module.ATTRIBUTES, Module.CAPTIONS),
}
NAMES = {Module.TAGS: "Tags", Module.ATTRIBUTES: "Attributes", Module.CAPTIONS: "Captions", Module.OCR: "OCR"}
MEME_CAPTIONS = 1  # the paper gives the memes prompt one caption


def build_prompt(evidence: Evidence, question: str, mode: Mode = Mode.GENERAL, turns: Sequence[Turn] = ()) -> str:
    """Return what the LLM is told: the sections of `mode`, earlier turns, the question, and ``Short Answer:``.

    A section whose module ran and found nothing says so; one whose module did not run is not mentioned as empty.
    """
    lines = [f"{NAMES[module]}: {_section(evidence, module, mode)}" for module in SECTIONS[mode]]
    for turn in turns:
        lines += [f"Question: {one_line(turn.question)}", f"Short Answer: {one_line(turn.answer)}"]
    lines += [f"Question: {one_line(question)}", "Short Answer:"]
    return "\n".join(lines)


def fit_prompt(
    evidence: Evidence,
    question: str,
    mode: Mode,
    turns: Sequence[Turn],
    count_tokens: Callable[[str], int],
    budget: int,
) -> tuple[str, int]:
    """Return a prompt of at most `budget` tokens and how many evidence lines and turns were left out to get there.

    The oldest turns go first, then the lowest-ranked lines of the longest section; the question is never cut.
    """
    dropped = 0
    kept = tuple(turns)
    prompt = build_prompt(evidence, question, mode, kept)
    while count_tokens(prompt) > budget:
        if kept:
            kept = kept[1:]
        else:
            shorter = _drop_last(evidence, mode)
            if shorter is None:
                break
            evidence = shorter
        dropped += 1
        prompt = build_prompt(evidence, question, mode, kept)
    return prompt, dropped


def one_line(text: str) -> str:
    """Return `text` without control characters and with runs of white space as one space."""
    clean = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)
    return " ".join(clean.split())


def _section(evidence: Evidence, module: Module, mode: Mode) -> str:
    if module not in evidence.finished:
        return "did not run"
    match module:
        case Module.TAGS:
            found = ", ".join(tag.text for tag in evidence.tags)
        case Module.ATTRIBUTES:
            found = ", ".join(tag.text for tag in evidence.attributes)
        case Module.CAPTIONS:
            captions = evidence.captions[:MEME_CAPTIONS] if mode == Mode.MEMES else evidence.captions
            found = ". ".join(captions)
        case Module.OCR:
            text = one_line(evidence.text).replace('"', "'")[:MAX_TEXT]
            found = f'this is an image with written "{text}" on it' if text else ""
    return found or "nothing found"


def _drop_last(evidence: Evidence, mode: Mode) -> Evidence | None:
    """Return `evidence` without the last line of the mode's longest section, or None when all are empty."""
    captions = evidence.captions[:MEME_CAPTIONS] if mode == Mode.MEMES else evidence.captions
    sizes = {
        Module.TAGS: sum(len(tag.text) for tag in evidence.tags),
        Module.ATTRIBUTES: sum(len(tag.text) for tag in evidence.attributes),
        Module.CAPTIONS: sum(map(len, captions)),
        Module.OCR: sum(len(line.text) for line in evidence.ocr),
    }
    longest = max(SECTIONS[mode], key=lambda module: sizes[module])
    if not sizes[longest]:
        return None
    match longest:
        case Module.TAGS:
            return replace(evidence, tags=evidence.tags[:-1])
        case Module.ATTRIBUTES:
            return replace(evidence, attributes=evidence.attributes[:-1])
        case Module.CAPTIONS:
            return replace(evidence, captions=captions[:-1])
        case Module.OCR:
            return replace(evidence, ocr=evidence.ocr[:-1])
