"""The many ways to put a question: the wordings of wording.txt, and the small slips people make when they type."""

import random
from pathlib import Path

from training.world.lexicon import plural, synonyms
from training.world.scene import Thing

PICTURES = ("picture", "picture", "image", "photo", "drawing", "scene")


def _read() -> dict[str, list[str]]:
    """Return the wordings of each form: in the file, a form's name stands at the margin, its wordings are indented."""
    wordings: dict[str, list[str]] = {}
    form = ""
    for line in (Path(__file__).parent / "wording.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            wordings[form].append(line.strip())
        elif not line.startswith("#"):
            form = line
            wordings[form] = []
    return wordings


TEMPLATES = _read()
SIDES = {
    "left of": ("left of", "to the left of", "on the left of", "on the left side of"),
    "right of": ("right of", "to the right of", "on the right of", "on the right side of"),
    "above": ("above", "over", "above", "higher than", "on top of"),
    "below": ("below", "under", "below", "beneath", "underneath", "lower than"),
    "next to": ("next to", "beside", "near", "by", "close to"),
}  # fmt: skip


def question(form: str, rng: random.Random, **parts: str) -> str:
    """Return a question of a form in one of its wordings, typed in one of the ways people type."""
    template = rng.choice(TEMPLATES[form])
    text = template.format(picture=rng.choice(PICTURES), **parts)
    if rng.random() < 0.15:
        text = text.replace("colour", "color").replace("grey", "gray")
    if rng.random() < 0.06:
        text = f"{rng.choice(('and', 'so', 'please', 'now', 'ok', 'please tell me:', 'tell me', 'hey'))} {text}"
    draw = rng.random()
    text = text[0].upper() + text[1:] if draw < 0.6 else text.upper() if draw > 0.995 else text
    return text + ("?" if rng.random() < 0.75 else "" if rng.random() < 0.8 else " ?" if rng.random() < 0.5 else ".")


def mention(thing: Thing, rng: random.Random) -> dict[str, str]:
    """Return the parts of a question that name a thing, by its name or an everyday word for it."""
    one, many = word_for(thing.name, rng)
    several = always_plural(thing.name) or (thing.count > 1 and rng.random() < 0.8)
    colour = f"{thing.colour} " if thing.colour and rng.random() < 0.1 else ""
    return {
        "it": f"{'the' if several or rng.random() < 0.95 else 'a'} {colour}{many if several else one}",
        "be": "are" if several else "is",
        "has": "have" if several else "has",
    }


def pronoun(thing: Thing, rng: random.Random) -> dict[str, str]:
    """Return the parts of a follow-up question that name a thing already spoken of."""
    if thing.count > 1 or always_plural(thing.name):
        return {"it": rng.choice(("they", "those")), "be": "are", "has": "have"}
    return {"it": rng.choice(("it", "it", "it", "that")), "be": "is", "has": "has"}


def naming(name: str, rng: random.Random) -> dict[str, str]:
    """Return "dog", "dogs" and "a dog" for a name or an everyday word for it."""
    one, many = word_for(name, rng)
    article = "any " if always_plural(name) else "an " if one[0] in "aeiou" else "a "
    return {"one": one, "many": many, "a": f"{article}{one}"}


def always_plural(name: str) -> bool:
    """Say whether even one of them is a plural: jeans, grapes, scissors."""
    return name.endswith("s") and plural(name) == name


def word_for(name: str, rng: random.Random) -> tuple[str, str]:
    """Return a singular and plural: the name's own, or now and then a synonym's."""
    others = synonyms(name)
    if others and rng.random() < 0.3:
        other = rng.choice(others)
        return other, other if other.endswith("s") else f"{other}s"
    return name, plural(name)
