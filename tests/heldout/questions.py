"""The questions of the held-out set: only what a person could answer at a glance, with every answer to accept."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.heldout.wordings import WORDINGS
from training.scoring import UNANSWERABLE
from training.world import lexicon
from training.world.captions import join, noun_phrase
from training.world.scene import COLOURS, COUNTS, PATTERNS, SHAPES, Scene, Thing, biggest, place_words, relation

# How many questions of each form the set has: 640 in all, 15 in 100 of them yes or no.
TARGETS = {
    "things": 66,
    "things in full": 28,
    "colour": 48,
    "count": 66,
    "exists": 70,
    "check": 26,
    "where": 64,
    "relation": 58,
    "side": 16,
    "biggest": 40,
    "text": 44,
    "text colour": 22,
    "background": 34,
    "pattern": 26,
    "kind": 24,
    "which": 24,
    "shape": 24,
    "unanswerable": 40,
}
OPPOSITES = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
# Categories whose word a person would use, and which others make "which animal is it?" ambiguous.
CLEAR = {
    "an animal": "living",
    "a bird": "living",
    "an insect": "living",
    "a sea animal": "living",
    "a plant": "growing",
    "a fruit": "eaten",
    "a vegetable": "eaten",
    "a food": "eaten",
    "a sweet": "eaten",
    "a drink": "eaten",
    "a vehicle": "vehicle",
    "a building": "building",
    "an instrument": "instrument",
}
# Broader words that are right as well.
BROADER = {
    "a bird": ("an animal",),
    "an insect": ("an animal", "a bug"),
    "a sea animal": ("an animal",),
    "a fruit": ("a food",),
    "a vegetable": ("a food",),
    "a sweet": ("a food", "a dessert"),
    "an instrument": ("a musical instrument",),
    "a shape": (),
}
ALSO = {"headphones": ("a device",), "rose": ("a flower",), "sunflower": ("a flower",)}
PATTERN_WORDS = {
    "plain": ("plain", "none", "no pattern", "it is plain"),
    "gradient": ("gradient", "a gradient"),
    "striped": ("striped", "stripes"),
    "dotted": ("dotted", "dots", "polka dots"),
    "checked": ("checked", "checks", "checkered", "a checkerboard"),
    "noisy": ("noisy", "noise", "grainy"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question about scene number `scene`. `about` names what is asked after."""

    scene: int
    form: str
    text: str
    answers: tuple[str, ...]
    about: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The answer under which questions of a form are balanced."""
        return self.answers[0]


def choose_questions(scenes: list[Scene], seed: int) -> list[Question]:
    """Return the questions of the set: as many of each form as TARGETS says, rare answers and pictures first."""
    rng = random.Random(seed)
    pool: dict[str, list[Question]] = {form: [] for form in TARGETS}
    names = sorted({thing.name for scene in scenes for thing in scene.things})
    for number, scene in enumerate(scenes):
        for question in candidates(number, scene, names, rng):
            pool[question.form].append(question)
    chosen: list[Question] = []
    per_scene: Counter[int] = Counter()
    for form in sorted(TARGETS, key=lambda form: len(pool[form]) / TARGETS[form]):
        answers: Counter[str] = Counter()
        asked: set[int] = set()
        left = pool[form]
        rng.shuffle(left)
        for _ in range(min(TARGETS[form], len(left))):
            best = min(left, key=lambda one: (one.scene in asked, answers[one.key], per_scene[one.scene]))
            left.remove(best)
            chosen.append(best)
            answers[best.key] += 1
            asked.add(best.scene)
            per_scene[best.scene] += 1
    return sorted(chosen, key=lambda one: one.scene)


def candidates(number: int, scene: Scene, names: list[str], rng: random.Random) -> Iterator[Question]:
    """Yield every question that can be asked of a scene, each in one wording."""
    things = scene.things

    def ask(form: str, wording: str, answers: tuple[str, ...], about: tuple[str, ...] = (), **fill: str) -> Question:
        return Question(number, form, rng.choice(WORDINGS[wording]).format(**fill), answers, about)

    if things:
        listed = join([noun_phrase(thing) for thing in things]).replace(" ,", ",")
        yield ask("things", "things", (listed,), tuple(thing.name for thing in things))
        yield ask("things in full", "things in full", (listed,), tuple(thing.name for thing in things))
        yield ask("exists", "exists", ("no",), (absent := _absent(scene, names, rng),), a_thing=_a(absent))
        unknown = rng.choice(WORDINGS["unknown"])
        single = [thing.name for thing in things if thing.count == 1]
        if single or "{thing}" not in unknown:
            text = unknown.format(thing=rng.choice(single or [""]))
            yield Question(number, "unanswerable", text, (UNANSWERABLE,))
        no_shape = rng.choice([shape for shape in SHAPES if shape not in {thing.name for thing in things}])
        nowhere = (UNANSWERABLE, f"there is no {no_shape}", "there is none")
        yield ask("unanswerable", "absent colour", nowhere, thing=no_shape)
        yield ask("unanswerable", "absent where", (UNANSWERABLE, f"there is no {absent}", "nowhere"), thing=absent)
    yield ask("background", "background", (scene.background,))
    yield ask("pattern", "pattern", PATTERN_WORDS[scene.pattern])
    if rng.random() < 0.12 and things:
        many = lexicon.plural(absent)
        yield ask("count", "count", ("none", "zero", f"no {many}", f"there are no {many}"), (absent,), many=many)
    if scene.writing:
        yield ask("text", "text", (" ".join(line.words for line in scene.writing),))
        yield ask("text colour", "text colour", (scene.writing[0].colour,))
    for thing in things:
        yield from _about_one(number, scene, thing, rng)
    yield from _about_several(number, scene, rng)


def _about_one(number: int, scene: Scene, thing: Thing, rng: random.Random) -> Iterator[Question]:
    """Yield the questions about one kind of thing."""
    word, about = _word(thing, rng), (thing.name,)
    verb = "are" if thing.count > 1 or _pair(thing.name) else "is"
    fill = {"thing": word, "is": verb, "Is": verb.capitalize(), "do": "do" if verb == "are" else "does"}

    def ask(form: str, wording: str, answers: tuple[str, ...], **more: str) -> Question:
        return Question(number, form, rng.choice(WORDINGS[wording]).format(**{**fill, **more}), answers, about)

    yield ask("exists", "exists", ("yes",), a_thing=_a(_one_word(thing.name, rng)))
    if not _pair(thing.name):
        count = COUNTS[thing.count]
        many = f"{count} {lexicon.plural(thing.name) if thing.count > 1 else thing.name}"
        yield ask("count", "count", (count, many), many=lexicon.plural(thing.name))
    if clear_place(thing):
        yield ask("where", "where", (place_words(thing.centre),))
    if thing.colour:
        yield ask("colour", "colour", (thing.colour, f"{thing.colour} {thing.name}"))
        yield ask("check", "check", ("yes",), colour=thing.colour)
        other = rng.choice([one for one in COLOURS if one != thing.colour])
        yield ask("check", "check", ("no",), colour=other)
        yield ask("shape", "shape", (noun_phrase(thing), f"the {thing.name}"), colour=thing.colour)
        return
    category = lexicon.category(thing.name)
    if category in CLEAR:
        yield ask("kind", "kind", (category, *BROADER.get(category, ()), *ALSO.get(thing.name, ())))
        rivals = [one for one in scene.things if CLEAR.get(lexicon.category(one.name)) == CLEAR[category]]
        if rivals == [thing]:
            yield ask("which", "which", (noun_phrase(thing),), category=category.split(" ", 1)[1])
    if (
        category == "a person"
        and sum(
            lexicon.category(one.name) in ("a person", "a fantasy creature", "a face")
            for one in scene.things
            if not one.colour
        )
        == 1
    ):
        yield ask("which", "who", (noun_phrase(thing),))


def _about_several(number: int, scene: Scene, rng: random.Random) -> Iterator[Question]:
    """Yield the questions about how things stand to one another."""
    for target in scene.things:
        for how in OPPOSITES:
            found = [one for one in scene.things if one is not target and relation(one, target) == how]
            if len(found) == 1 and all(
                clearly_not(one, target, how) for one in scene.things if one not in (*found, target)
            ):
                text = rng.choice(WORDINGS[how]).format(thing=_word(target, rng))
                yield Question(number, "relation", text, (noun_phrase(found[0]),), (found[0].name, target.name))
                wording = "side across" if how in ("left of", "right of") else "side down"
                verb = "are" if found[0].count > 1 or _pair(found[0].name) else "is"
                text = rng.choice(WORDINGS[wording]).format(
                    thing=_word(found[0], rng), other=_word(target, rng), Is=verb.capitalize(), **{"is": verb}
                )
                yield Question(number, "side", text, (how,), (found[0].name, target.name))
    largest = biggest(scene)
    if largest is not None:
        answers = (noun_phrase(largest), f"the {largest.name}")
        yield Question(number, "biggest", rng.choice(WORDINGS["biggest"]), answers, (largest.name,))
        if len(scene.things) == 2:
            pair = rng.sample(scene.things, 2)
            text = rng.choice(WORDINGS["bigger"]).format(thing=pair[0].name, other=pair[1].name)
            if all(thing.count == 1 for thing in pair):
                yield Question(number, "biggest", text, answers, tuple(thing.name for thing in pair))


def clear_place(thing: Thing) -> bool:
    """Say whether a thing is well inside one of the nine places, not near the line between two."""
    return all(abs(value - line) > 0.035 for value in thing.centre for line in (0.38, 0.62))


def clearly_not(one: Thing, target: Thing, how: str) -> bool:
    """Say whether nobody would say that `one` is (say) left of `target`."""
    dx, dy = (a - b for a, b in zip(one.centre, target.centre, strict=True))
    toward = {"left of": -dx, "right of": dx, "above": -dy, "below": dy}[how]
    return toward < 0.08 or relation(one, target) not in ("", how)


def _absent(scene: Scene, names: list[str], rng: random.Random) -> str:
    """Return a name of a kind of which nothing is in the scene."""
    kinds = {CLEAR.get(lexicon.category(thing.name), lexicon.category(thing.name)) for thing in scene.things}
    words = {word for thing in scene.things for word in thing.name.split()}
    fitting = [
        name
        for name in names
        if CLEAR.get(lexicon.category(name), lexicon.category(name)) not in kinds
        and not words & set(name.split())
        and not _pair(name)
    ]
    return rng.choice(fitting)


def _word(thing: Thing, rng: random.Random) -> str:
    """Return what a person calls a thing, plural when there are several, now and then by a synonym."""
    return lexicon.plural(thing.name) if thing.count > 1 else _one_word(thing.name, rng)


def _one_word(name: str, rng: random.Random) -> str:
    return rng.choice(lexicon.synonyms(name)) if lexicon.synonyms(name) and rng.random() < 0.25 else name


def _pair(name: str) -> bool:
    """Say whether a name is spoken of in the plural even when drawn once ("the glasses are")."""
    return lexicon.plural(name) == name and name.endswith("s")


def _a(word: str) -> str:
    if _pair(lexicon.singular_of(word)) and word.endswith("s"):
        return word
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


assert set(PATTERN_WORDS) == set(PATTERNS)
