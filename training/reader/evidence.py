"""Simulated evidence, as imperfect vision modules would write it, and the facts that any evidence tells."""

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from lens_desktop.domain.evidence import Evidence, Module, Tag, TextLine
from lens_desktop.domain.prompt import MEME_CAPTIONS, SECTIONS, Mode, one_line
from training.reader.facts import Fact, described, told
from training.reader.words import invented, misread, stray_line
from training.world import lexicon
from training.world.captions import caption, pick_styles
from training.world.scene import COLOURS, PATTERNS, SHAPES, Scene, Thing, Writing, place_words

TAGS, LONGEST_CAPTION, MOST_CAPTIONS = 8, 29, 10
NOTHING = Scene(())
_BY_CATEGORY: dict[str, list[str]] = {}
for _name in lexicon.NAMES:
    _BY_CATEGORY.setdefault(lexicon.category(_name), []).append(_name)


def shown_facts(evidence: Evidence, mode: Mode, scene: Scene = NOTHING) -> Counter[Fact]:
    """Return the facts that the sections of a mode tell, each with the number of lines that tell it.

    What a caption says of a thing under a wrong name counts for the thing of the scene that it must mean.
    """
    facts: Counter[Fact] = Counter()
    for module in SECTIONS[mode]:
        match module:
            case Module.TAGS:
                facts.update(("is", tag.text) for tag in evidence.tags)
            case Module.ATTRIBUTES:
                for attribute in evidence.attributes:
                    facts.update(described(attribute.text))
            case Module.CAPTIONS:
                for text in evidence.captions[: MEME_CAPTIONS if mode == Mode.MEMES else None]:
                    facts.update(_meant(told(text), scene))
            case Module.OCR if module in evidence.finished:
                text = recognised(evidence)
                facts.update([("text", text), ("any text", "yes")] if text else [("any text", "no")])
    return facts


def _meant(facts: frozenset[Fact], scene: Scene) -> frozenset[Fact]:
    """Return a caption's facts and, for a thing misnamed in it, the same facts of the one thing it can be."""
    present = {thing.name: thing for thing in scene.things}
    named = {fact[1] for fact in facts if fact[0] == "is"}
    wrong, left = named - present.keys(), present.keys() - named
    found = set(facts)
    for name in wrong:
        place = next((fact[2] for fact in facts if fact[:2] == ("place", name)), "")
        colour = next((fact[2] for fact in facts if fact[:2] == ("colour", name)), "")
        meant = [one for one in left if not place or place_words(present[one].centre) == place]
        meant = [one for one in meant if not colour or present[one].colour in ("", colour)]
        if len(meant) == 1 and (place or len(wrong) == 1):
            found |= {tuple(meant[0] if word == name else word for word in fact) for fact in facts if fact[0] != "is"}
    return frozenset(found)


def recognised(evidence: Evidence) -> str:
    """Return the recognised text as one line, without the stray marks at either end."""
    pieces = one_line(evidence.text).replace('"', "'").split()
    while pieces and not any(char.isalnum() for char in pieces[0]):
        del pieces[0]
    while pieces and not any(char.isalnum() for char in pieces[-1]):
        del pieces[-1]
    return " ".join(pieces)


def simulate(scene: Scene, rng: random.Random, most_captions: int = MOST_CAPTIONS) -> Evidence:
    """Return the evidence of modules that err: how much varies from scene to scene."""
    trouble, doubt = (math.exp(rng.uniform(math.log(0.05), math.log(most))) for most in (7, 2.5))
    confused = {thing.name: _like(thing.name, rng) for thing in scene.things}
    tags, attributes = _tags(scene, confused, doubt, rng)
    missing = {module for module in Module if rng.random() < 0.03}
    found: dict[Module, list[str]] = {
        Module.TAGS: tags,
        Module.ATTRIBUTES: attributes,
        Module.CAPTIONS: _captions(scene, confused, trouble, rng.randint(1, most_captions), rng),
        Module.OCR: recognise(scene, doubt, rng),
    }
    kept = {module: () if module in missing else tuple(lines) for module, lines in found.items()}
    return Evidence(
        image_id="",
        tags=tuple(Tag(text, 0.3) for text in kept[Module.TAGS]),
        attributes=tuple(Tag(text, 0.3) for text in kept[Module.ATTRIBUTES]),
        captions=kept[Module.CAPTIONS],
        ocr=tuple(TextLine(text, 0.9, (0, 0, 1, 1)) for text in kept[Module.OCR]),
        finished=tuple(module for module in Module if module not in missing or rng.random() < 0.4),
    )


def _like(name: str, rng: random.Random) -> str:
    """Return a name easily taken for this one: mostly of its category."""
    kind = lexicon.category(name)
    pool = _BY_CATEGORY[kind] if rng.random() < 0.6 else lexicon.NAMES
    return rng.choice([other for other in rng.sample(pool, min(3, len(pool))) if other != name] or ["circle"])


def _tags(scene: Scene, confused: dict[str, str], trouble: float, rng: random.Random) -> tuple[list[str], list[str]]:
    """Return tags and attributes by rank: true ones mostly first, then things that look alike."""
    names = [thing.name for thing in scene.things]
    scores = {name: rng.gauss(3, 0.6 + 0.6 * trouble) - 0.2 * len(names) for name in names}
    for name in (*confused.values(), *(_like(rng.choice(names or ["circle"]), rng) for _ in range(7))):
        scores.setdefault(name, rng.gauss(0.8, 0.8))
    for name in rng.sample(lexicon.NAMES, 4):
        scores.setdefault(name, rng.gauss(0.3, 0.6))
    ranked = sorted(scores, key=lambda name: -scores[name])[:TAGS]
    if rng.random() < 0.4:
        limit = rng.uniform(0.3, 1.8)
        ranked = [name for name in ranked if scores[name] > limit]
    marks = {one: rng.gauss(2.5, 0.5 + 0.7 * trouble) for one in sorted(lexicon.true_attributes(scene))}
    for one in ranked[:4]:
        kind, hue = lexicon.category(one), lexicon.entry(one).colour if one not in SHAPES else rng.choice(COLOURS)
        for feature in (kind, hue):
            if feature and not (one in SHAPES and feature == kind):
                marks.setdefault(f"{one} which is {feature}", rng.gauss(1.2, 0.8))
    for subject, words in (("background", (*COLOURS, *PATTERNS)), ("text", COLOURS)):
        for _ in range(2):
            marks.setdefault(f"{subject} which is {rng.choice(words)}", rng.gauss(0.7, 0.8))
    return ranked, sorted(marks, key=lambda one: -marks[one])[: rng.choice((3, 5, 5, 5, 5, 8))]


def _captions(scene: Scene, confused: dict[str, str], trouble: float, count: int, rng: random.Random) -> list[str]:
    """Return different captions, the beam-search one first."""
    captions: dict[str, None] = {}
    worse = rng.uniform(1.5, 6)
    for number in range(count):
        unsure = min(12.0, trouble * (1 if number == 0 else worse))
        seen = perceive(scene, confused, unsure, rng)
        words = caption(seen, pick_styles(seen, rng)[0]).split()[:LONGEST_CAPTION]
        captions.setdefault(" ".join(_garbled(words, min(0.1, 0.004 * unsure), rng)).replace(" ,", ","))
    return list(captions)


def _garbled(words: list[str], rate: float, rng: random.Random) -> Iterator[str]:
    """Yield words, a few without their plural s, with one too many, left out, or of something else."""
    for word in words:
        if rng.random() >= rate or word == ",":
            yield word
        elif rng.random() < 0.5:
            yield word.removesuffix("s") if word.endswith("s") else f"{word}s"
        elif rng.random() < 0.7:
            yield rng.choice(rng.choice(lexicon.NAMES).split())


def perceive(scene: Scene, confused: dict[str, str], trouble: float, rng: random.Random) -> Scene:
    """Return the scene as a captioner takes it: things missed, misnamed, miscounted, recoloured, moved."""
    things: list[Thing] = []
    for thing in scene.things:
        if len(scene.things) > 1 and rng.random() < min(0.3, 0.04 * trouble):
            continue
        name, colour, boxes, size = thing.name, thing.colour, thing.boxes, thing.size
        if rng.random() < min(0.8, 0.06 * trouble):
            name = confused[name] if rng.random() < 0.5 else _like(name, rng)
            colour = (colour or rng.choice(COLOURS)) if name in SHAPES else ""
        if colour and rng.random() < min(0.5, 0.05 * trouble):
            colour = rng.choice(COLOURS)
        if rng.random() < min(0.6, (0.05 if len(boxes) == 1 else 0.14) * trouble):
            boxes = boxes + boxes[-1:] if len(boxes) == 1 or (len(boxes) < 5 and rng.random() < 0.5) else boxes[:-1]
        shift = 0.015 * trouble if rng.random() > 0.05 * trouble else 0.25
        dx, dy = rng.gauss(0, shift), rng.gauss(0, shift)
        boxes = tuple((x + dx, y + dy, width, height) for x, y, width, height in boxes)
        if rng.random() < 0.08 * trouble:
            size = rng.choice(("", "small", "big"))
        if all(other.name != name for other in things):
            things.append(Thing(name, boxes, colour, size))
    things.sort(key=lambda thing: thing.centre[0])
    seen = replace(scene, things=tuple(things), writing=_perceived_text(scene, trouble, rng))
    if rng.random() < 0.04 * trouble:
        seen = replace(seen, background=rng.choice(COLOURS))
    return replace(seen, pattern=rng.choice(PATTERNS)) if rng.random() < 0.06 * trouble else seen


def _perceived_text(scene: Scene, trouble: float, rng: random.Random) -> tuple[Writing, ...]:
    if rng.random() < 0.04 * trouble:
        return () if scene.writing else (Writing("", rng.choice(COLOURS), (0.3, rng.random(), 0.4, 0.1)),)
    if scene.writing and rng.random() < 0.08 * trouble:
        first = replace(scene.writing[0], colour=rng.choice(COLOURS))
        return (first, *scene.writing[1:])
    return scene.writing


def recognise(scene: Scene, trouble: float, rng: random.Random) -> list[str]:
    """Return recognised lines: often some are overlooked, now and then one is made up."""
    if rng.random() < 0.12:
        return []
    lines = [line for one in scene.writing if (line := misread(one.words, 0.03 * trouble, rng)) and rng.random() < 0.94]
    if rng.random() < 0.06:
        lines.insert(rng.choice((0, len(lines))), stray_line(rng))
    return lines or ([invented(rng)] if rng.random() < 0.05 else [])
