"""Training sequences: a random scene, simulated evidence in a random mode, and questions whose answers follow."""

import random
from collections.abc import Sequence
from dataclasses import replace

from transformers import PreTrainedTokenizerFast

from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.prompt import Mode, build_prompt, one_line
from training.reader import words
from training.reader.evidence import MOST_CAPTIONS, recognised, shown_facts, simulate
from training.reader.model import END
from training.reader.packing import Pack, pack_conversation, pack_questions
from training.reader.questions import QA, UNKNOWN, Shown, answer_from, conversation, questions
from training.world import lexicon
from training.world.draw_scenes import random_scene
from training.world.scene import COLOURS, Scene, Writing

MODES = {Mode.GENERAL: 60, Mode.VQA: 13, Mode.VISION: 10, Mode.MEMES: 17}
# How often a form is asked, against 1 for the others.
WEIGHTS = {
    "relation": 4.0, "side": 3.0, "biggest": 3.0, "text": 6.0, "where": 2.5, "things": 3.0, "count": 2.0, "check": 2.0,
    "colour": 1.5, "exists": 1.5, "which": 1.5, "describe": 0.5, "size": 0.5, "total": 0.5, "kinds": 0.4, "words": 0.3,
}  # fmt: skip
MOST_UNKNOWN = 0.2


def make_pack(
    tokenizer: PreTrainedTokenizerFast, rng: random.Random, asked: int = 24, most_captions: int = MOST_CAPTIONS
) -> tuple[Pack, list[QA]]:
    """Return a pack of a random scene and its questions in order."""
    scene = random_scene_with_text(rng)
    return pack_for(tokenizer, scene, simulate(scene, rng, most_captions), rng, asked)


def pack_for(
    tokenizer: PreTrainedTokenizerFast, scene: Scene, evidence: Evidence, rng: random.Random, asked: int = 24
) -> tuple[Pack, list[QA]]:
    """Return a pack of an evidence in a random mode and its questions: one pack in ten is a conversation."""
    mode = rng.choices(list(MODES), list(MODES.values()))[0]
    read = as_read(scene, evidence)
    shown = Shown(shown_facts(evidence, mode, scene))
    talk = rng.random() < 0.1
    chosen = _turns(read, shown, rng) if talk else pick(read, shown, asked, rng)
    start = encode(tokenizer, [evidence_text(evidence, mode)])[0]
    pairs = question_tokens(tokenizer, chosen)
    return (pack_conversation if talk else pack_questions)(start, pairs, END), chosen


def random_scene_with_text(rng: random.Random) -> Scene:
    """Return a training scene, half of them with text of every sort."""
    scene = random_scene(rng)
    if not scene.writing and rng.random() < 0.3:
        line = Writing("", rng.choice(COLOURS), (0.2, rng.choice((0.02, 0.45, 0.85)), 0.6, 0.1))
        scene = replace(scene, writing=(line,))
    return with_text(scene, rng)


def with_text(scene: Scene, rng: random.Random) -> Scene:
    """Return the scene, most of its text replaced by words of every sort."""
    lines = [line if line.words and rng.random() < 0.2 else replace(line, words=_line(rng)) for line in scene.writing]
    return replace(scene, writing=tuple(lines))


def _line(rng: random.Random) -> str:
    return one_line(words.line(rng, lexicon.NAMES)).replace('"', "'")


def as_read(scene: Scene, evidence: Evidence) -> Scene:
    """Return the scene with its text as it was recognised: what the reader can know."""
    text = recognised(evidence)
    if not text or not scene.writing:
        return scene
    return replace(scene, writing=(replace(scene.writing[0], words=text),))


def pick(scene: Scene, shown: Shown, count: int, rng: random.Random) -> list[QA]:
    """Return up to `count` questions that the evidence answers or is silent on, forms in balance."""
    answered = [qa for asked in questions(scene, rng) if (qa := answer_from(asked, shown))]
    shares = {
        form: WEIGHTS.get(form, 1.0) / sum(qa.form == form for qa in answered) ** 0.6 for form in _forms(answered)
    }
    ranked = sorted(answered, key=lambda qa: rng.random() ** (1 / shares[qa.form]), reverse=True)
    chosen: list[QA] = []
    unknown = 0
    for qa in ranked:
        unknown += qa.answer == UNKNOWN
        if qa.answer != UNKNOWN or unknown <= max(1, MOST_UNKNOWN * count):
            chosen.append(qa)
    return chosen[:count]


def _forms(asked: Sequence[QA]) -> set[str]:
    return {qa.form for qa in asked}


def _turns(scene: Scene, shown: Shown, rng: random.Random) -> list[QA]:
    """Return the turns of a conversation up to the first the evidence misleads on; at least one question."""
    turns: list[QA] = []
    for asked in conversation(scene, rng):
        answered = answer_from(asked, shown)
        if answered is None:
            break
        turns.append(answered)
    return turns or pick(scene, shown, 3, rng)


def evidence_text(evidence: Evidence, mode: Mode) -> str:
    """Return the part of a prompt that stands before the first question."""
    return build_prompt(evidence, "", mode).partition("\nQuestion:")[0]


def question_tokens(tokenizer: PreTrainedTokenizerFast, asked: Sequence[QA]) -> list[tuple[list[int], list[int]]]:
    """Return the tokens of each question, up to "Short Answer:", and of its answer."""
    texts = [f"\nQuestion: {one_line(qa.question)}\nShort Answer:" for qa in asked]
    encoded = encode(tokenizer, [*texts, *(f" {qa.answer}" for qa in asked)])
    return list(zip(encoded[: len(asked)], encoded[len(asked) :], strict=True))


def encode(tokenizer: PreTrainedTokenizerFast, texts: Sequence[str]) -> list[list[int]]:
    """Return the token ids of each text."""
    return [found.ids for found in tokenizer.backend_tokenizer.encode_batch(list(texts), add_special_tokens=False)]
