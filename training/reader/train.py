"""Trains the reader on random evidence prompts, resumable.

Run: python -m training.reader.train --state DIR [--resume | --start CHECKPOINT]

State: DIR/tokenizer, DIR/checkpoint.pt (every few minutes), DIR/log.txt. Training lasts `--minutes` in all, counted
over restarts; the rate falls to nothing over the last two fifths.
"""

import argparse
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch.nn.utils import clip_grad_norm_
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from lens_desktop.domain.prompt import Mode
from training.arithmetic import autocast
from training.muon import Muon
from training.reader import prompts, tokenizer
from training.reader.drill import drill
from training.reader.evaluate import accuracy, held_out_packs, report
from training.reader.evidence import MOST_CAPTIONS, simulate
from training.reader.model import END, PAD, VOCABULARY, answer_loss, new_model
from training.reader.packing import Pack, collate
from training.reader.questions import questions
from training.reader.real import real_pack
from training.reader.wiring import wire

BATCH_TOKENS = 3000
POOL = 64  # packs made at a time and sorted by length
MATRIX_RATE, OTHER_RATE, AVERAGE = 1.0e-3, 1.0e-3, 0.99
FALLS_FROM = 0.6  # of the minutes
SAVE_SECONDS, CHECK_SECONDS = 300, 420


class Training:
    """Everything that training changes: the model, its running average, the optimisers, and how far it is."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.model = new_model()
        wire(self.model)
        self.average = {name: value.clone() for name, value in self.model.state_dict().items()}
        named = list(self.model.named_parameters())
        matrices = [value for name, value in named if value.ndim == 2 and "embed" not in name]
        others = [value for name, value in named if value.ndim != 2 or "embed" in name]
        self.optimisers: list[torch.optim.Optimizer] = [
            Muon(matrices, lr=MATRIX_RATE, decay=0.02),
            torch.optim.AdamW(others, lr=OTHER_RATE, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
        ]
        self.steps, self.seconds, self.tokens = 0, 0.0, 0

    def save(self, file: Path) -> None:
        """Write the state, whole or not at all."""
        unfinished = file.with_suffix(".part")
        torch.save(
            {
                "model": self.model.state_dict(),
                "average": self.average,
                "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
                "progress": (self.steps, self.seconds, self.tokens),
            },
            unfinished,
        )
        os.replace(unfinished, file)

    def load(self, file: Path) -> None:
        """Go on from a saved state."""
        state = torch.load(file, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average = state["average"]
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.steps, self.seconds, self.tokens = state["progress"]

    def start(self, checkpoint: Path, minutes: float) -> None:
        """Go on from an exported reader, where the rate begins to fall; the optimisers are new."""
        self.model.load_state_dict(LlamaForCausalLM.from_pretrained(checkpoint).float().state_dict())
        self.average = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.seconds = 60 * minutes * FALLS_FROM

    def step(self, packs: list[Pack], rate: float) -> float:
        """Learn from packs at `rate` of the full rate and return the loss."""
        batch = collate(packs, PAD)
        for optimiser, full in zip(self.optimisers, (MATRIX_RATE, OTHER_RATE), strict=True):
            for group in optimiser.param_groups:
                group["lr"] = full * rate
        with autocast():
            loss = answer_loss(self.model, batch)
        loss.backward()
        clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad()
        self.steps += 1
        self.tokens += batch.ids.numel()
        kept = min(AVERAGE, (self.steps + 1) / (self.steps + 10))
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                self.average[name].lerp_(value, 1 - kept)
        return loss.item()

    def averaged(self) -> LlamaForCausalLM:
        """Return a model with the running average of the weights."""
        model = new_model()
        model.load_state_dict(self.average)
        return model.eval()


def packs(
    words: PreTrainedTokenizerFast, training: Training, minutes: float, real: Path | None
) -> Iterator[list[Pack]]:
    """Yield batches of about BATCH_TOKENS tokens for as far as training is: drills, then fuller and fuller prompts."""
    while True:
        done = training.seconds / (minutes * 60)
        rng = random.Random(f"train {training.steps}")
        most = 2 if done < 0.12 else 4 if done < 0.3 else MOST_CAPTIONS
        drills = 0.8 if done < 0.02 else 0.1 if done < 0.12 else 0.05
        pool = []
        for _ in range(POOL):
            if rng.random() < drills:
                pool.append(drill(rng, VOCABULARY, END))
            elif real and done > 0.55 and rng.random() < 0.6 and (pack := real_pack(words, real, rng)):
                pool.append(pack)
            else:
                pool.append(prompts.make_pack(words, rng, most_captions=most)[0])
        pool.sort(key=lambda pack: len(pack.ids))
        batches: list[list[Pack]] = [[]]
        for pack in pool:
            if (len(batches[-1]) + 1) * len(pack.ids) > BATCH_TOKENS:
                batches.append([])
            batches[-1].append(pack)
        rng.shuffle(batches)
        yield from (batch for batch in batches if len(batch) > 2)


def rate_at(training: Training, minutes: float) -> float:
    """Return the share of the full rate: up over 40 steps, then full, then down to nothing."""
    left = 1 - training.seconds / (minutes * 60)
    return min(1.0, (training.steps + 1) / 40, max(left / (1 - FALLS_FROM), 0.0))


def train(state: Path, minutes: float, resume: bool, real: Path | None = None, start: Path | None = None) -> None:
    """Train until `minutes` have been spent; write checkpoints and a log into `state`."""
    state.mkdir(parents=True, exist_ok=True)
    training = Training()
    if resume and (state / "checkpoint.pt").exists():
        training.load(state / "checkpoint.pt")
        words = tokenizer.load(state / "tokenizer")
    elif start:
        training.start(start, minutes)
        words = tokenizer.load(start)
        words.save_pretrained(state / "tokenizer")
    else:
        words = tokenizer.build(list(tokenizer_texts(600)))
        words.save_pretrained(state / "tokenizer")
    tests = held_out_packs(words, 96)
    saved = checked = clock = time.monotonic()
    losses: list[float] = []
    for batch in packs(words, training, minutes, real):
        losses.append(training.step(batch, rate_at(training, minutes)))
        now = time.monotonic()
        training.seconds, clock = training.seconds + now - clock, now
        if training.steps % 20 == 0:
            speed = f"{training.tokens} tokens in {training.seconds:.0f} s"
            _log(state, f"step {training.steps} loss {sum(losses[-20:]) / len(losses[-20:]):.3f} {speed}")
        over = training.seconds > minutes * 60
        if now - checked > CHECK_SECONDS or over:
            checked = now
            _log(state, report(accuracy(training.averaged(), tests)))
        if now - saved > SAVE_SECONDS or over:
            saved = now
            training.save(state / "checkpoint.pt")
        if over:
            return


def tokenizer_texts(count: int) -> Iterator[str]:
    """Yield prompts with questions, for the tokenizer to count words in."""
    rng = random.Random("words")
    for _ in range(count):
        scene = prompts.random_scene_with_text(rng)
        shown = prompts.evidence_text(simulate(scene, rng), rng.choice(list(Mode)))
        yield shown + "".join(f"\nQuestion: {qa.question}\nShort Answer: {qa.answer}" for qa in questions(scene, rng))


def _log(state: Path, text: str) -> None:
    line = f"{time.strftime('%H:%M:%S')} {text}"
    print(line, flush=True)
    with (state / "log.txt").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--real", type=Path, help="folder of evidence that real modules wrote for training scenes")
    parser.add_argument("--start", type=Path, help="an exported reader whose rate falls from here on")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    train(options.state, options.minutes, options.resume, options.real, options.start)


if __name__ == "__main__":
    main()
