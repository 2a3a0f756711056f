"""Questions about a scene with their true answers, and what an evidence must tell for the answer to follow."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from training.reader import wording
from training.reader.facts import OPPOSITE, Fact
from training.reader.wording import SIDES, mention, naming, question
from training.world import lexicon
from training.world.captions import noun_phrase
from training.world.scene import COLOURS, PATTERNS, Scene, Thing, biggest, place_words, relation

UNKNOWN = "the evidence does not say"
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_PEOPLE = tuple(name for name in lexicon.NAMES if lexicon.category(name) == "a person")
_KINDS = tuple(sorted({lexicon.category(name).split(" ", 1)[1] for name in lexicon.NAMES}))
Needs = tuple[frozenset[Fact], ...]


@dataclass(frozen=True, slots=True)
class QA:
    """A question and its answer. `needs` are alternatives: the answer follows from any one of these sets of facts.

    `otherwise` is a lesser answer for evidence that tells less. `absent` is what must not be told for a "no".
    """

    question: str
    answer: str
    form: str
    needs: Needs = (frozenset(),)
    otherwise: "QA | None" = None
    absent: str = ""


class Shown:
    """The facts an evidence tells, with how many lines tell each."""

    def __init__(self, told: Counter[Fact]) -> None:
        self.told = told
        self.by_key: dict[Fact, int] = defaultdict(int)
        for fact, votes in told.items():
            self.by_key[fact[:-1]] = max(votes, self.by_key[fact[:-1]])

    def agrees(self, facts: Iterable[Fact]) -> bool:
        """Say whether all facts are told, none outvoted by another value of the same key."""
        return all(self.told[fact] and (fact[0] == "is" or self.told[fact] >= self.by_key[fact[:-1]]) for fact in facts)

    def denies(self, facts: Iterable[Fact]) -> bool:
        """Say whether something else is told, or told more often, than one of the facts."""
        return any(fact[:-1] in self.by_key and not self.agrees([fact]) for fact in facts if fact[0] != "is")

    def lacks(self, facts: Iterable[Fact]) -> bool:
        """Say whether of some fact nothing at all is told, true or false."""
        return any(fact[:-1] not in self.by_key for fact in facts)


def answer_from(asked: QA, shown: Shown) -> QA | None:
    """Return the question with the answer that follows from the evidence, or None when the evidence misleads."""
    if asked.absent:
        votes = shown.told[("is", asked.absent)]
        if ("is",) not in shown.by_key:
            return _unknown(asked)
        return asked if votes <= 1 else None
    if any(shown.agrees(facts) for facts in asked.needs):
        return asked
    if asked.otherwise:
        return None if all(shown.denies(facts) for facts in asked.needs) else answer_from(asked.otherwise, shown)
    return _unknown(asked) if all(shown.lacks(facts) for facts in asked.needs) else None


def _unknown(asked: QA) -> QA:
    return QA(asked.question, UNKNOWN, asked.form)


def questions(scene: Scene, rng: random.Random) -> list[QA]:
    """Return questions of every form the scene allows, several per thing, in random order."""
    asked = [*_whole(scene, rng), *_absent(scene, rng), *_writing(scene, rng), *_ground(scene, rng)]
    for thing in scene.things:
        parts = mention(thing, rng)
        asked += [*about(scene, thing, parts, rng), *_named(thing, rng), *_checks(scene, thing, parts, rng)]
    asked += [*_places(scene, rng), *_hues(scene, rng), *_categories(scene, rng)]
    rng.shuffle(asked)
    return asked


def conversation(scene: Scene, rng: random.Random) -> list[QA]:
    """Return questions that follow on each other: a thing is named once, then "it" or "they"."""
    if scene.writing and (not scene.things or rng.random() < 0.2):
        first = next(qa for qa in _writing(scene, rng) if qa.form == "text")
        colour = QA(rng.choice(("What colour is it?", "and what colour is it?", "in which colour?")), "", "text colour")
        hue = next(qa for qa in _writing(scene, rng) if qa.form == "text colour")
        return [first, QA(colour.question, hue.answer, hue.form, hue.needs)]
    if not scene.things:
        return questions(scene, rng)[:3]
    turns: list[QA] = []
    for thing in rng.sample(scene.things, min(2, len(scene.things))):
        openers = [*_named(thing, rng), *about(scene, thing, mention(thing, rng), rng)]
        named = [qa for qa in _at_places(scene, rng) if noun_phrase(thing) == qa.answer]
        turns.append(rng.choice(named) if named and rng.random() < 0.4 else rng.choice(openers))
        follow = about(scene, thing, wording.pronoun(thing, rng), rng)
        if thing.count > 1:
            follow.append(_count(thing, question("count it", rng)))
        turns += rng.sample(follow, min(len(follow), rng.randint(1, 2)))
    return turns


def about(scene: Scene, thing: Thing, parts: dict[str, str], rng: random.Random) -> list[QA]:
    """Return questions about one thing, mentioned as `parts` say."""
    place = place_words(thing.centre)
    asked = [QA(question("where", rng, **parts), place, "where", _one(("place", thing.name, place)))]
    asked.append(_colour(thing, question("colour", rng, **parts)))
    kind = lexicon.category(thing.name)
    asked.append(QA(question("kind", rng, **parts), kind, "kind", _one(("is", thing.name))))
    for how in sorted(OPPOSITE):
        found = sum(relation(one, thing) == how for one in scene.things if one is not thing)
        # One neighbour is what people ask after most; on most sides there is nothing.
        if rng.random() < (0.12 if not found else 1.0 if found == 1 else 0.3):
            asked.append(_beside(scene, thing, parts, how, rng))
    for form, words, before in (("column", ("left", "right"), "on"), ("row", ("top", "bottom"), "at")):
        for word in set(place.split()) & set(words):
            told = _one(("place", thing.name, place))
            asked.append(QA(question(form, rng, **parts), f"{before} the {word}", "where", told))
    if thing.size:
        asked.append(QA(question("size", rng, **parts), thing.size, "size", _one(("size", thing.name, thing.size))))
    if len(scene.things) == 2:
        other = next(one for one in scene.things if one is not thing)
        text = question("relation", rng, **(parts | {"side": rng.choice(SIDES["next to"])}))
        asked.append(QA(text, noun_phrase(other), "relation", (_phrase(other),), _name_only(text, other, "relation")))
    return asked


def _one(*facts: Fact) -> Needs:
    return (frozenset(facts),)


def _phrase(thing: Thing) -> frozenset[Fact]:
    """The facts behind "two red circles"."""
    colour = {("colour", thing.name, thing.colour)} if thing.colour else set()
    return frozenset({("is", thing.name), ("count", thing.name, str(thing.count)), *colour})


def _single(thing: Thing) -> str:
    return noun_phrase(Thing(thing.name, thing.boxes[:1]))


def _name_only(text: str, thing: Thing, form: str, facts: frozenset[Fact] = frozenset()) -> QA:
    """The lesser answer, the bare name, for evidence with no word on count and colour."""
    return QA(text, _single(thing), form, (facts | {("is", thing.name)},))


def _listed(things: Iterable[Thing], phrase: Callable[[Thing], str] = noun_phrase) -> str:
    """Return "a dog, two red circles and a guitar", or "nothing"."""
    parts = [phrase(thing) for thing in things]
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part) or "nothing"


def _whole(scene: Scene, rng: random.Random) -> Iterator[QA]:
    """Questions about the picture as a whole."""
    names = frozenset(("is", thing.name) for thing in scene.things)
    facts = frozenset[Fact]().union(*map(_phrase, scene.things))
    full, ground = _listed(scene.things), f"on a {scene.pattern} {scene.background} background"
    told_ground = frozenset({("ground", scene.background), ("pattern", scene.pattern)})
    if scene.things:
        for _ in range(2):
            text = question("things", rng)
            yield QA(text, full, "things", (facts,), QA(text, _listed(scene.things, _single), "things", (names,)))
        text = question("describe", rng)
        less = QA(text, full, "describe", (facts,), QA(text, _listed(scene.things, _single), "describe", (names,)))
        yield QA(text, f"{full} {ground}", "describe", (facts | told_ground,), less)
        total = sum(thing.count for thing in scene.things)
        counted = frozenset(fact for fact in facts if fact[0] != "colour")
        if total < len(NUMBERS):
            yield QA(question("total", rng), NUMBERS[total], "total", (counted,))
        yield QA(question("kinds", rng), NUMBERS[len(scene.things)], "kinds", (names,))
    else:
        yield QA(
            question("describe", rng), f"a {scene.pattern} {scene.background} background", "describe", (told_ground,)
        )
    largest = biggest(scene)
    if len(scene.things) > 1:
        told = _one(("biggest", largest.name if largest else ""))
        yield QA(question("biggest", rng), f"the {largest.name}" if largest else UNKNOWN, "biggest", told)
    thing = rng.choice(scene.things) if scene.things else Thing(lexicon.NAMES[0], ((0, 0, 1, 1),))
    yield QA(question("outside", rng, **mention(thing, rng)), UNKNOWN, "unanswerable")


def _absent(scene: Scene, rng: random.Random) -> Iterator[QA]:
    """Questions about things that are not there."""
    present = {thing.name for thing in scene.things}
    near = [name for name in lexicon.NAMES if any(lexicon.category(name) == lexicon.category(one) for one in present)]
    for number in range(3):
        name = rng.choice(near if near and number == 0 else lexicon.NAMES)
        if name in present:
            continue
        parts, thing = naming(name, rng), mention(Thing(name, ((0, 0, 1, 1),)), rng)
        yield QA(question("exists", rng, **parts), "no", "exists", absent=name)
        draw = rng.random()
        if draw < 0.4:
            yield QA(question("count", rng, **parts), "none", "count", absent=name)
        elif draw < 0.6:
            yield QA(question("where", rng, **thing), UNKNOWN, "unanswerable", absent=name)
        elif draw < 0.8:
            yield QA(question("colour", rng, **thing), UNKNOWN, "unanswerable", absent=name)
        else:
            side = rng.choice(SIDES[rng.choice(sorted(SIDES))])
            yield QA(question("relation", rng, side=side, **thing), UNKNOWN, "unanswerable", absent=name)


def _named(thing: Thing, rng: random.Random) -> list[QA]:
    """Questions that bring a thing up."""
    parts = naming(thing.name, rng)
    exists = QA(question("exists", rng, **parts), "yes", "exists", _one(("is", thing.name)))
    return [exists, _count(thing, question("count", rng, **parts))]


def _count(thing: Thing, text: str) -> QA:
    return QA(text, NUMBERS[thing.count], "count", _one(("count", thing.name, str(thing.count))))


def _colour(thing: Thing, text: str) -> QA:
    """The colour of a shape, or the one a pictograph mostly has: either must be told."""
    colour = thing.colour or lexicon.entry(thing.name).colour
    told = ("colour", thing.name, colour) if colour else ("is", thing.name)
    return QA(text, colour or UNKNOWN, "colour", _one(told))


def _beside(scene: Scene, thing: Thing, parts: dict[str, str], how: str, rng: random.Random) -> QA:
    """What is left of (right of, above, below) a thing: all that is, or nothing."""
    text = question("relation", rng, **(parts | {"side": rng.choice(SIDES[how])}))
    others = [one for one in scene.things if one is not thing]
    found = [one for one in others if relation(one, thing) == how]
    if not found:
        told = frozenset(("place", one.name, place_words(one.centre)) for one in (scene.things if others else ()))
        return QA(text, "nothing", "relation", (told | {("is", thing.name)},))
    placed = frozenset(fact for one in found for fact in _placed(one, thing, how))
    chained = frozenset(("relation", one.name, thing.name, how) for one in found)
    facts = frozenset[Fact]().union(*map(_phrase, found))
    ways = [way for way in (placed, chained) if way]
    if not placed and len(found) > 1:
        ways = [chained]
    lesser = QA(text, _listed(found, _single), "relation", tuple(way for way in ways))
    return QA(text, _listed(found), "relation", tuple(facts | way for way in ways), lesser)


def _placed(one: Thing, other: Thing, how: str) -> list[Fact]:
    """Return the places that show how two things lie, or nothing when their words are alike in that direction."""
    first, second = place_words(one.centre), place_words(other.centre)
    words = ("left", "right") if how in ("left of", "right of") else ("top", "bottom")
    if [word in first for word in words] == [word in second for word in words]:
        return [("place", one.name, "?")]
    return [("place", one.name, first), ("place", other.name, second)]


def _places(scene: Scene, rng: random.Random) -> Iterator[QA]:
    """What stands at a place, and yes-no about places."""
    yield from _at_places(scene, rng)
    empty = rng.choice(("on the left", "on the right", "in the middle", "at the top", "at the bottom"))
    if scene.things and not any(_within(thing, empty) for thing in scene.things):
        told = frozenset(("place", thing.name, place_words(thing.centre)) for thing in scene.things)
        yield QA(question("at place", rng, place=empty), "nothing", "side", (told,))


def _at_places(scene: Scene, rng: random.Random) -> Iterator[QA]:
    for place in sorted({place_words(thing.centre) for thing in scene.things}):
        found = [thing for thing in scene.things if _within(thing, place)]
        facts = frozenset(("place", thing.name, place_words(thing.centre)) for thing in found)
        text = question("at place", rng, place=place)
        full = facts.union(*map(_phrase, found))
        yield QA(text, _listed(found), "relation", (full,), QA(text, _listed(found, _single), "relation", (facts,)))


def _within(thing: Thing, place: str) -> bool:
    """Say whether a thing's place is this one or part of it: "in the top left" is "on the left"."""
    return set(place.split()[2:]) <= set(place_words(thing.centre).split()[2:])


def _checks(scene: Scene, thing: Thing, parts: dict[str, str], rng: random.Random) -> Iterator[QA]:
    """Yes-no questions about one thing."""
    place = place_words(thing.centre)
    wrong_place = rng.choice(("on the left", "on the right", "at the top", "at the bottom", "in the middle"))
    asked = place if rng.random() < 0.5 else wrong_place
    told = _one(("place", thing.name, place))
    yield QA(question("is place", rng, place=asked, **parts), _yes(_within(thing, asked)), "check", told)
    if thing.colour:
        hue = thing.colour if rng.random() < 0.5 else rng.choice(COLOURS)
        told = _one(("colour", thing.name, thing.colour))
        yield QA(question("is colour", rng, hue=hue, **parts), _yes(hue == thing.colour), "check", told)
    number = rng.choice((thing.count, rng.randint(2, 5)))
    if number > 1:
        text = question("is count", rng, number=NUMBERS[number], **naming(thing.name, rng))
        told = _one(("count", thing.name, str(thing.count)))
        yield QA(text, _yes(number == thing.count), "check", told)
    others = [(other, relation(thing, other)) for other in scene.things if other is not thing]
    yield from _sizes(scene, thing, parts, rng)
    for other, how in [pair for pair in others if pair[1]][:1]:
        side = how if rng.random() < 0.5 else OPPOSITE[how]
        named = {"side": rng.choice(SIDES[side]), "other": mention(other, rng)["it"]}
        told = (frozenset(_placed(thing, other, how)), frozenset({("relation", thing.name, other.name, how)}))
        yield QA(question("is side", rng, **parts, **named), _yes(side == how), "check", told)
        named |= {"side": rng.choice(SIDES[how]).removesuffix(" of"), "opposite": rng.choice(SIDES[OPPOSITE[how]])}
        yield QA(question("side", rng, **parts, **named), how.removesuffix(" of"), "side", told)


def _sizes(scene: Scene, thing: Thing, parts: dict[str, str], rng: random.Random) -> Iterator[QA]:
    """Which of two things is the bigger or the smaller one."""
    for other in (one for one in scene.things if one.size and thing.size and one.size != thing.size):
        form = rng.choice(("bigger", "smaller"))
        wanted = thing if (thing.size == "big") == (form == "bigger") else other
        sizes = frozenset(("size", one.name, one.size) for one in (thing, other))
        ways = (sizes, frozenset({("biggest", wanted.name)})) if form == "bigger" else (sizes,)
        text = question(form, rng, other=mention(other, rng)["it"], **parts)
        yield QA(text, f"the {wanted.name}", "biggest", ways)
        return


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _writing(scene: Scene, rng: random.Random) -> Iterator[QA]:
    """Questions about the text; the true words are replaced by the recognised ones where they differ."""
    lines = [line.words for line in scene.writing]
    text = " ".join(lines)
    yield QA(question("any text", rng), _yes(bool(text)), "exists", _one(("any text", _yes(bool(text)))))
    told = _one(("text", text))
    for _ in range(3 if text else 1):
        yield QA(question("text", rng), text or UNKNOWN, "text", told)
    if not text:
        yield QA(question("text colour", rng), UNKNOWN, "unanswerable", _one(("any text", "no")))
        return
    line, words = scene.writing[0], text.split()
    x, y, width, height = line.box
    place = place_words((x + width / 2, y + height / 2))
    hue = _one(("text colour", line.colour))
    for _ in range(2):
        yield QA(question("text colour", rng), line.colour, "text colour", hue)
    yield QA(question("text place", rng), place, "text place", _one(("text place", place)))
    yield QA(question("text and colour", rng), f"{text}, {line.colour}", "text", (told[0] | hue[0],))
    yield QA(question("first word", rng), words[0], "text", told)
    yield QA(question("last word", rng), words[-1], "text", told)
    if len(words) < len(NUMBERS):
        yield QA(question("words", rng), NUMBERS[len(words)], "words", told)
    real = rng.random() < 0.5
    said = rng.choice(words) if real else rng.choice(("stop", "hello", "sale", "open", *lexicon.NAMES[:40]))
    present = said.lower() in text.lower().split()
    said = said.lower() if rng.random() < 0.5 else said
    yield QA(question("says", rng, words=said), _yes(present), "check", told)
    wrong = line.colour if rng.random() < 0.5 else rng.choice(COLOURS)
    yield QA(question("is text colour", rng, hue=wrong), _yes(wrong == line.colour), "check", hue)


def _ground(scene: Scene, rng: random.Random) -> Iterator[QA]:
    """Questions about the background."""
    hue, pattern = _one(("ground", scene.background)), _one(("pattern", scene.pattern))
    yield QA(question("ground", rng), scene.background, "background", hue)
    yield QA(
        question("pattern", rng, pattern=rng.choice((scene.pattern, *PATTERNS))), scene.pattern, "pattern", pattern
    )
    text = question("background", rng)
    less = QA(text, scene.background, "background", hue, QA(text, scene.pattern, "background", pattern))
    yield QA(text, f"{scene.pattern} {scene.background}", "background", (hue[0] | pattern[0],), less)
    asked = scene.background if rng.random() < 0.5 else rng.choice((*COLOURS, *PATTERNS))
    told = pattern if asked in PATTERNS else hue
    answer = _yes(asked in (scene.background, scene.pattern))
    yield QA(question("is ground", rng, hue=asked), answer, "check", told)


def _hues(scene: Scene, rng: random.Random) -> Iterator[QA]:
    """Which shape has a colour."""
    for hue in sorted({thing.colour for thing in scene.things if thing.colour}):
        found = [thing for thing in scene.things if thing.colour == hue]
        told = frozenset(("colour", thing.name, hue) for thing in found)
        yield QA(question("shape", rng, hue=hue), _listed(found, lambda thing: thing.name), "shape", (told,))


def _categories(scene: Scene, rng: random.Random) -> Iterator[QA]:
    """Which thing is of a kind: "which animal is in the picture", and who is there."""
    present = {lexicon.category(thing.name).split(" ", 1)[1] for thing in scene.things}
    asked = [*sorted(present), rng.choice(_KINDS)]
    for kind in dict.fromkeys(asked):
        found = [thing for thing in scene.things if lexicon.category(thing.name).split(" ", 1)[1] == kind]
        told = frozenset(("is", thing.name) for thing in found)
        every = frozenset(("is", thing.name) for thing in scene.things)
        answer = _listed(found, lambda thing: thing.name) if found else "none"
        yield QA(question("which", rng, kind=kind), answer, "which", (told or every,))
    people = [thing for thing in scene.things if thing.name in _PEOPLE]
    if people:
        told = frozenset(("is", thing.name) for thing in people)
        yield QA(question("who", rng), _listed(people, _single), "which", (told,))
