"""Descriptors of a class by an LLM: the recipe of arXiv 2210.07183, whose answers the LENS paper uses as attributes."""

import re

QUESTION = "What are useful visual features for distinguishing a {} in a photo?"
_FORM = "Answer with a list of short features, one a line, each beginning with a hyphen."
_ITEM = re.compile(r"\s*(?:[-*•–]|\d+[.)])\s+(.+)")
_VERBS = re.compile(r"(?:it |they |which |that )*(has|have|is|are|can be)\s+(.+)", re.IGNORECASE)
_LONGEST = 80  # characters: what is longer is an explanation, no feature
_MOST = 10


def descriptor_question(name: str) -> str:
    """Return what the LLM is asked about a class."""
    return f"{QUESTION.format(name)}\n{_FORM}"


def read_descriptors(name: str, answer: str) -> tuple[str, ...]:
    """Return "{class} which has/is {feature}" for each item of the list in an LLM's answer, each once."""
    found: list[str] = []
    for line in answer.splitlines():
        item = _ITEM.fullmatch(line)
        feature = item[1].replace("**", "").strip(" .;:,\"'") if item else ""
        if not feature or len(feature) > _LONGEST:
            continue
        said = _VERBS.fullmatch(feature)
        verb = "is" if said and said[1].lower() in ("is", "are", "can be") else "has"
        found.append(f"{name} which {verb} {(said[2] if said else feature[:1].lower() + feature[1:])}")
    return tuple(dict.fromkeys(found))[:_MOST]
