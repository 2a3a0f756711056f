"""How a scene is put into a caption: a handful of styles, each telling another part of the truth.

Lower case, words and commas separated by spaces, so that a word is a token. The beam-search caption follows the style
seen most (`pick_style`); sampled captions visit the others. Every style names every kind of thing.
"""

import random

from training.world.lexicon import plural
from training.world.scene import COUNTS, Scene, Thing, biggest, place_words, relation

STYLES = ("places", "list", "relations", "sizes", "background")


def pick_style(scene: Scene, rng: random.Random) -> str:
    """Return a style for a training caption. Scenes of at most three kinds tell places most often, fuller ones list."""
    if not scene.things:
        return "background"
    main = "places" if len(scene.things) <= 3 else "list"
    rest = [style for style in STYLES if style != main]
    return main if rng.random() < 0.4 else rng.choice(rest)


def caption(scene: Scene, style: str) -> str:
    """Return the caption of a scene in a style, without the "a picture of" it is prompted with."""
    things = [noun_phrase(thing) for thing in scene.things]
    ground = f"a {scene.pattern} {scene.background} background"
    if not scene.things:
        return _with_writing(ground, scene)
    match style:
        case "places":
            parts = [f"{noun_phrase(thing)} {place_words(thing.centre)}" for thing in scene.things]
            return " , ".join(parts)
        case "list":
            return _with_writing(join(things), scene)
        case "relations":
            return _relations(scene)
        case "sizes":
            return _sizes(scene)
        case "background":
            return f"{join(things)} on {ground}"
    raise ValueError(style)


def noun_phrase(thing: Thing, size: str = "") -> str:
    """Return "a dog", "an owl", "two red circles", "a big red circle"."""
    words = [size, thing.colour, plural(thing.name) if thing.count > 1 else thing.name]
    phrase = " ".join(word for word in words if word)
    if thing.count > 1:
        return f"{COUNTS[thing.count]} {phrase}"
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def join(parts: list[str]) -> str:
    """Return "a", "a and b", "a , b and c"."""
    return parts[0] if len(parts) == 1 else f"{' , '.join(parts[:-1])} and {parts[-1]}"


def _with_writing(text: str, scene: Scene) -> str:
    """Add the colour and place of the first line of text, or that there is none."""
    if not scene.writing:
        return f"{text} without text"
    x, y, width, height = scene.writing[0].box
    return f"{text} with {scene.writing[0].colour} text {place_words((x + width / 2, y + height / 2))}"


def _relations(scene: Scene) -> str:
    """Chain the things by how each lies to the one before it."""
    parts = [noun_phrase(scene.things[0])]
    for before, thing in zip(scene.things, scene.things[1:], strict=False):
        how = relation(before, thing)
        parts.append(f"{how} {noun_phrase(thing)}" if how else f"near {noun_phrase(thing)}")
    return " ".join(parts) if len(parts) > 1 else f"only {parts[0]}"


def _sizes(scene: Scene) -> str:
    """Give sizes, and the biggest thing when one clearly is."""
    parts = [noun_phrase(thing, thing.size) for thing in scene.things]
    largest = biggest(scene)
    if largest is None:
        return join(parts)
    return f"{join(parts)} , the biggest is the {largest.name}"
