"""Trains the captioner: dense targets on close-ups first, then whole scenes, then captions as well. Resumable.

Run: python -m training.captioner.train --images DIR --state DIR [--minutes 100] [--resume | --start CHECKPOINT]
"""

import argparse
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from transformers import BlipForConditionalGeneration

from training.arithmetic import autocast
from training.captioner.batches import Batch, Pool
from training.captioner.export import SHARPNESS, sharpen
from training.captioner.model import Heads, Sizes, build, caption_loss, image_states, regridded, start_from_patches
from training.captioner.targets import only, telling_patches
from training.muon import Muon
from training.pixels import GRID
from training.world.make_images import load

POSITIONS = "vision_model.embeddings.position_embedding"
UNSEEN = 1000  # the pool's first pictures are kept for evaluation
WEIGHTS = {
    "kind": 3.0,
    "caption": 2.0,
    "count": 2.0,
    "size": 1.0,
    "present": 1.0,
    "column": 0.3,
    "row": 0.3,
    "rank": 0.3,
}
CHECKPOINT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How training goes on over time; `minutes` is the whole of it, parts are shares of it."""

    minutes: float
    captions_from: float = 0.27
    decay_from: float = 0.57
    often_from: float = 0.75
    whole_from: float = 0.92
    rate: float = 2e-3
    warm_steps: int = 150
    heads_alone: int = 50  # steps, beside a trained model
    keep: float = 0.99  # of the running mean of the weights, per step
    words_only: bool = False  # the vision tower stays as it is

    def close(self, progress: float) -> float:
        """Return the share of close-ups: 0.9 at first, falling to 0.1 when captions begin."""
        return max(0.1, 0.9 - 0.8 * progress / self.captions_from)

    def captions(self, progress: float, step: int) -> bool:
        """Say whether a step learns captions: every other one, later two of three, at last all."""
        if progress < self.captions_from:
            return False
        return step % 2 == 1 if progress < self.often_from else step % 3 > 0 or progress >= self.whole_from

    def patches(self, progress: float, with_captions: bool) -> int:
        """Return how many of the 144 patches are looked at: few at first, all of them at the end."""
        return GRID * GRID if progress >= self.whole_from else 64 if with_captions else 48

    def scale(self, progress: float, step: int) -> float:
        """Return the factor on every learning rate."""
        warm = min(1.0, (step + 1) / self.warm_steps)
        return warm * min(1.0, max(0.01, (1 - progress) / (1 - self.decay_from)))


class Trainer:
    """The model with its heads, optimisers and running mean, and how far they are."""

    def __init__(self, plan: Plan, sizes: Sizes) -> None:
        self.plan = plan
        self.model: BlipForConditionalGeneration = build(sizes)
        self.heads = Heads(sizes.vision)
        self.mean = {name: value.detach().clone() for name, value in self.model.named_parameters()}
        self.optimisers = _optimisers(self.model, self.heads, plan.rate)
        self._rates = [[group["lr"] for group in one.param_groups] for one in self.optimisers]
        self.step = self.images = 0
        self.seconds = 0.0
        self._fresh_heads = False  # beside a trained model: they learn alone at first

    @property
    def progress(self) -> float:
        """How much of the planned time is used."""
        return self.seconds / (60 * self.plan.minutes)

    def learn(self, batch: Batch) -> dict[str, float]:
        """Do one step and return the losses."""
        factor = self.plan.scale(self.progress, self.step)
        for optimiser, rates in zip(self.optimisers, self._rates, strict=True):
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * factor
        with autocast():
            losses = self._words(batch) if self.plan.words_only else self._sight_and_words(batch)
            total = torch.stack(
                [WEIGHTS.get(name, 0.5) * loss for name, loss in losses.items() if name != "right"]
            ).sum()
        total.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad()
        keep = min(self.plan.keep, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for name, value in self.model.named_parameters():
                self.mean[name].lerp_(value, 1 - keep)
        self.step += 1
        self.images += len(batch.pixels)
        return {name: loss.item() for name, loss in losses.items()}

    def _sight_and_words(self, batch: Batch) -> dict[str, torch.Tensor]:
        patches = telling_patches(batch.targets, self.plan.patches(self.progress, batch.captions is not None))
        states = image_states(self.model, batch.pixels, patches)
        alone = self._fresh_heads and self.step < self.plan.heads_alone
        losses = self.heads.losses(states.detach() if alone else states, only(batch.targets, patches))
        if batch.captions is not None:
            losses["caption"] = caption_loss(self.model, states, batch.captions)
        return losses

    def _words(self, batch: Batch) -> dict[str, torch.Tensor]:
        if batch.captions is None:
            raise ValueError("a batch without captions has no words")
        with torch.no_grad():
            states = image_states(self.model, batch.pixels)
        return {"caption": caption_loss(self.model, states, batch.captions)}

    def save(self, file: Path) -> None:
        """Write everything that is needed to go on, replacing the file in one step."""
        unfinished = file.with_suffix(".part")
        torch.save(
            {
                "model": self.model.state_dict(),
                "heads": self.heads.state_dict(),
                "mean": self.mean,
                "optimisers": [one.state_dict() for one in self.optimisers],
                "step": self.step,
                "images": self.images,
                "seconds": self.seconds,
            },
            unfinished,
        )
        os.replace(unfinished, file)

    def restore(self, file: Path) -> None:
        """Go on from a file that `save` wrote."""
        saved = torch.load(file, weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.heads.load_state_dict(saved["heads"])
        self.mean = saved["mean"]
        for optimiser, state in zip(self.optimisers, saved["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        self.step, self.images, self.seconds = saved["step"], saved["images"], saved["seconds"]

    def start(self, checkpoint: Path) -> None:
        """Go on from an exported captioner, where the rates begin to fall; heads and optimisers are new."""
        kept = BlipForConditionalGeneration.from_pretrained(checkpoint).float().state_dict()
        kept[POSITIONS] = regridded(kept[POSITIONS])
        self.model.load_state_dict(kept)
        sharpen(self.model, 1 / SHARPNESS)
        self.mean = {name: value.detach().clone() for name, value in self.model.named_parameters()}
        self._fresh_heads = True
        self.seconds = 60 * self.plan.minutes * self.plan.decay_from


def _optimisers(model: nn.Module, heads: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices inside the towers and AdamW for embeddings, norms and heads."""
    inner = {name for name, value in model.named_parameters() if value.ndim == 2 and ".layer" in name}
    matrices = [value for name, value in model.named_parameters() if name in inner]
    rest = [value for name, value in model.named_parameters() if name not in inner]
    muon = Muon(matrices, lr=rate, decay=0.05)
    adam = torch.optim.AdamW([*rest, *heads.parameters()], lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    return [muon, adam]


def train(images: Path, state: Path, plan: Plan, resume: bool, start: Path | None = None) -> None:
    """Train until the planned minutes are used or a termination signal comes, which saves first.

    A checkpoint is written every five minutes, a line of losses every minute.
    """
    state.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(plan, Sizes())
    pictures, scenes = load(images)
    if resume:
        trainer.restore(state / "state.pt")
    elif start:
        trainer.start(start)
    else:
        start_from_patches(trainer.model, pictures[UNSEEN : UNSEEN + 500])
    pool = Pool(pictures, scenes, seed=trainer.step, unseen=UNSEEN)
    logged = saved = last = time.monotonic()
    means: dict[str, float] = {}
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    while trainer.progress < 1 and not stopped:
        progress = trainer.progress
        with_captions = plan.words_only or plan.captions(progress, trainer.step)
        batch = pool.batch(80 if with_captions else 96, plan.close(progress), with_captions)
        for name, loss in trainer.learn(batch).items():
            means[name] = 0.97 * means.get(name, loss) + 0.03 * loss
        now = time.monotonic()
        trainer.seconds += now - last
        last = now
        if now - logged > 60:
            logged = now
            _log(state / "log.txt", trainer, means)
        if now - saved > CHECKPOINT_SECONDS:
            saved = now
            trainer.save(state / "state.pt")
            pool.grow(*load(images))
    trainer.save(state / "state.pt")
    _log(state / "log.txt", trainer, means)


def _log(file: Path, trainer: Trainer, means: dict[str, float]) -> None:
    """Add a line of how far training is and what it loses."""
    losses = " ".join(f"{name} {loss:.3f}" for name, loss in means.items())
    at = f"minute {trainer.seconds / 60:.1f} step {trainer.step} images {trainer.images}"
    line = f"{time.strftime('%H:%M:%S')} {at} {losses}"
    with file.open("a", encoding="utf-8") as log:
        print(line, file=log)
    print(line, flush=True)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=100)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--start", type=Path, help="an exported captioner whose rates fall from here on")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--words-only", action="store_true", help="leave the vision tower as it is")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(int(time.time()) if args.resume else 0)
    warm = {"warm_steps": 20} if args.words_only else {}
    plan = Plan(args.minutes, rate=args.rate, words_only=args.words_only, **warm)
    train(args.images, args.state, plan, args.resume, args.start)


if __name__ == "__main__":
    main()
