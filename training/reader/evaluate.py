"""How often the reader answers unseen prompts exactly: python -m training.reader.evaluate --state DIR"""

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from training.reader import prompts, tokenizer
from training.reader.model import PAD, answer_logits, new_model
from training.reader.packing import IGNORED, Pack, collate
from training.reader.questions import QA, UNKNOWN
from training.reader.words import english
from training.world import lexicon
from training.world.scene import COLOURS

Tested = tuple[Pack, list[QA]]


def held_out_packs(words: PreTrainedTokenizerFast, count: int, asked: int = 20) -> list[Tested]:
    """Return unseen packs, always the same ones."""
    return [prompts.make_pack(words, random.Random(f"held out {number}"), asked) for number in range(count)]


def accuracy(model: LlamaForCausalLM, tests: Sequence[Tested]) -> dict[str, tuple[int, int]]:
    """Return (right, asked) per question form and for some sorts of answers: right is every token of the greedy answer.

    Greedy decoding gives the true answer if and only if each of its tokens and the end is the likeliest in turn, so
    that one pass over the true answers tells.
    """
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for start in range(0, len(tests), 12):
        part = tests[start : start + 12]
        batch = collate([pack for pack, _ in part], PAD)
        with torch.inference_mode():
            logits, targets = answer_logits(model, batch)
        hits = iter((logits.argmax(-1) == targets).tolist())
        for pack, asked in part:
            for qa, right in zip(asked, _rights(pack, hits, len(asked)), strict=True):
                for form in (qa.form, "all", *_also(qa)):
                    counts[form][0] += right
                    counts[form][1] += 1
    return {form: (right, asked) for form, (right, asked) in sorted(counts.items())}


def _also(qa: QA) -> Iterator[str]:
    """Name the sorts an answer is of: "the evidence does not say", and text with a word that is in no list."""
    if qa.answer == UNKNOWN:
        yield "unknown"
    elif qa.form == "text" and any(word.strip("!?.:,").lower() not in _listed() for word in qa.answer.split()):
        yield "unseen words"


@cache
def _listed() -> frozenset[str]:
    return frozenset((*english(), *lexicon.NAMES, *COLOURS))


def _rights(pack: Pack, hits: Iterator[bool], count: int) -> list[bool]:
    """Return for each answer, a run of targets without a gap, whether all its tokens were hit."""
    rights: list[bool] = []
    before = IGNORED
    for target in pack.targets.tolist():
        if target != IGNORED:
            hit = next(hits)
            if before == IGNORED:
                rights.append(hit)
            else:
                rights[-1] = rights[-1] and hit
        before = target
    if len(rights) != count:
        raise ValueError(f"{len(rights)} answers for {count} questions.")
    return rights


def report(counts: dict[str, tuple[int, int]]) -> str:
    """Return one line: each form with its share right and how many were asked."""
    return "exact: " + ", ".join(f"{form} {right / asked:.2f} ({asked})" for form, (right, asked) in counts.items())


def main() -> None:
    """Report on the running average in a training state."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--prompts", type=int, default=200)
    options = parser.parse_args()
    torch.set_num_threads(1)
    words = tokenizer.load(options.state / "tokenizer")
    model = new_model()
    model.load_state_dict(torch.load(options.state / "checkpoint.pt", weights_only=True)["average"])
    print(report(accuracy(model.eval(), held_out_packs(words, options.prompts))))


if __name__ == "__main__":
    main()
