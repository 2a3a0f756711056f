"""How a scene is put into a caption: a handful of styles, each telling another part of the truth.

Lower case, words and commas separated by spaces, so that a word is a token. The beam-search caption follows the style
trained most; sampled captions visit the others. Every style names every kind of thing. With the prompt
"a picture of" before it and the end token after it, a caption fits the captioner's 10 to 30 tokens.
"""

import random
import re

from training.world.lexicon import plural
from training.world.scene import COUNTS, Scene, Thing, biggest, place_words, relation

# How often each style is told: places answer the most questions, sizes alone tell the biggest.
SHARES = {"places": 0.5, "list": 0.1, "relations": 0.1, "sizes": 0.2, "background": 0.1}
STYLES = tuple(SHARES)
FEWEST_WORDS, MOST_WORDS = 6, 25


def pick_styles(scene: Scene, rng: random.Random, count: int = 1) -> list[str]:
    """Return up to `count` different styles for captions of a scene, drawn by their shares."""
    if not scene.things:
        return ["background"]
    return sorted(STYLES, key=lambda style: rng.random() ** (1 / SHARES[style]))[-count:]


def caption(scene: Scene, style: str) -> str:
    """Return the caption of a scene in a style, 6 to 25 words, without the "a picture of" it is prompted with."""
    if not scene.things:
        return f"{_ground(scene)} {_text(scene)}"
    versions = _versions(scene, style)
    text = next((text for text in versions if len(text.split()) <= MOST_WORDS), versions[-1])
    if len(text.split()) < FEWEST_WORDS:
        text = f"{text} and no other things"
    return text if len(text.split()) >= FEWEST_WORDS else f"only {text}"


def _versions(scene: Scene, style: str) -> list[str]:
    """Return the ways to say one style, the fullest first."""
    things = join([noun_phrase(thing) for thing in scene.things])
    match style:
        case "places":
            places = [(noun_phrase(thing), place_words(thing.centre)) for thing in scene.things]
            full = " , ".join(f"{thing} {place}" for thing, place in places)
            brief = " , ".join(f"{thing} {re.sub('^(in|on|at) the ', '', place)}" for thing, place in places)
            return [full, brief, things]
        case "list":
            return [f"{things} {_text(scene)}", things]
        case "relations":
            return [_relations(scene), things]
        case "sizes":
            sized = join([noun_phrase(thing, thing.size) for thing in scene.things])
            return [f"{sized}{_biggest(scene)}", sized, things]
        case "background":
            return [f"{things} on {_ground(scene)}", things]
    raise ValueError(style)


def noun_phrase(thing: Thing, size: str = "") -> str:
    """Return "a dog", "an owl", "jeans", "two red circles", "a big red circle"."""
    words = [size, thing.colour, plural(thing.name) if thing.count > 1 else thing.name]
    phrase = " ".join(word for word in words if word)
    if thing.count > 1:
        return f"{COUNTS[thing.count]} {phrase}"
    if thing.name.endswith("s") and plural(thing.name) == thing.name:
        return phrase  # grapes, jeans, scissors: one of them is still a plural
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def join(parts: list[str]) -> str:
    """Return "a", "a and b", "a , b and c"."""
    return parts[0] if len(parts) == 1 else f"{' , '.join(parts[:-1])} and {parts[-1]}"


def _ground(scene: Scene) -> str:
    return f"a {scene.pattern} {scene.background} background"


def _text(scene: Scene) -> str:
    """Return the colour and place of the first line of text, or that there is none."""
    if not scene.writing:
        return "without text"
    x, y, width, height = scene.writing[0].box
    return f"with {scene.writing[0].colour} text {place_words((x + width / 2, y + height / 2))}"


def _relations(scene: Scene) -> str:
    """Chain the things by how each lies to the one before it."""
    parts = [noun_phrase(scene.things[0])]
    for before, thing in zip(scene.things, scene.things[1:], strict=False):
        parts.append(f"{relation(before, thing) or 'near'} {noun_phrase(thing)}")
    return " ".join(parts) if len(parts) > 1 else f"only {parts[0]}"


def _biggest(scene: Scene) -> str:
    """Return which of several things is the biggest, or that none clearly is."""
    largest = biggest(scene)
    if largest is not None:
        return f" , the biggest is the {largest.name}"
    return " with no clear biggest" if len(scene.things) > 1 else ""
