"""First stage: the image tower against one free vector per tag and per attribute, from single things to full scenes."""

import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from training.clip.model import EMBEDDING, IMAGE_SIZE, build
from training.clip.muon import Muon
from training.clip.targets import Targets, multi_hot, soft_loss, targets
from training.world.lexicon import NAMES, attributes
from training.world.make_images import load

BATCH = 64
MUON_RATE, ADAM_RATE = 3e-3, 3e-3
MIDDLE = 0.25  # the cosine that parts true from false, for tags and attributes alike
SIMPLE_SHARE = 0.2  # of the time: single large things
SAVE_EVERY = 180.0  # seconds
HELD_BACK = 2000  # the last pictures of the pool are never trained on


class Anchors(nn.Module):
    """One free unit vector per tag and per attribute, and how sharply each list is told apart."""

    def __init__(self) -> None:
        super().__init__()
        self.tags = nn.Parameter(torch.randn(len(NAMES), EMBEDDING))
        self.attributes = nn.Parameter(torch.randn(len(attributes()), EMBEDDING))
        self.scales = nn.Parameter(torch.full((2,), math.log(20.0)))

    def sharpness(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what the cosines with tags and with attributes are multiplied by."""
        tag, attribute = self.scales.exp().clamp(max=60)
        return tag, attribute

    def logits(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return scaled cosines of unit features, N x tags and N x attributes."""
        tag, attribute = self.sharpness()
        return (
            tag * features @ functional.normalize(self.tags, dim=1).T,
            attribute * features @ functional.normalize(self.attributes, dim=1).T,
        )


def prepared(images: np.ndarray, size: int, rng: np.random.Generator | None) -> torch.Tensor:
    """Return pictures as the tower takes them, -1 to 1, N x 3 x size x size; with an rng relit at random."""
    pixels = torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    if size != pixels.shape[-1]:
        pixels = functional.interpolate(pixels, size=(size, size), mode="area")
    if rng is not None:
        light = torch.from_numpy(rng.uniform(0.85, 1.15, (len(pixels), 1, 1, 1)).astype(np.float32))
        pixels = pixels * light
    return pixels.contiguous(memory_format=torch.channels_last)


def mirrored(images: np.ndarray, goal: Targets, rng: np.random.Generator) -> tuple[np.ndarray, Targets]:
    """Return half of the pictures seen in a mirror, their copies on the other side."""
    flip = rng.random(len(images)) < 0.5
    images[flip] = images[flip, :, ::-1]
    goal.middles[flip, :, 0] = 1 - goal.middles[flip, :, 0]
    return images, goal


def losses(anchors: Anchors, features: torch.Tensor, goal: Targets, calibrate: float) -> torch.Tensor:
    """Return the loss of a batch. `calibrate`, 0 to 1, adds yes/no targets, so that one threshold serves all."""
    total = torch.zeros(())
    hots = (multi_hot(goal.tags, len(NAMES)), multi_hot(goal.attributes, len(attributes())))
    for logits, scale, hot in zip(anchors.logits(features), anchors.sharpness(), hots, strict=True):
        total = total + soft_loss(logits, hot)
        if calibrate:
            yes_no = functional.binary_cross_entropy_with_logits(logits - MIDDLE * scale, hot, reduction="sum")
            total = total + calibrate * 0.15 * yes_no / len(features)
    return total


def copy_losses(anchors: Anchors, visual: nn.Module, seen: torch.Tensor, goal: Targets) -> torch.Tensor:
    """Return the loss of single copies: what the tower sees at a copy's middle should be near to the copy's words.

    `seen` is the last feature map, N x channels x height x width. Whole pictures alone teach far slower, because a
    picture does not say which of its things is which.
    """
    picture, number = np.nonzero(goal.copies[:, :, 0] >= 0)
    if not len(picture):
        return torch.zeros(())
    middles = np.clip(goal.middles[picture, number], 0, 0.999)
    column = (middles[:, 0] * seen.shape[3]).astype(np.int64)
    row = (middles[:, 1] * seen.shape[2]).astype(np.int64)
    cells = seen.permute(0, 2, 3, 1)[torch.from_numpy(picture), torch.from_numpy(row), torch.from_numpy(column)]
    head = visual.get_submodule("head")
    tags, described = anchors.logits(functional.normalize(head(cells).float(), dim=1))
    words = goal.copies[picture, number]
    return soft_loss(tags, multi_hot(words[:, :1], len(NAMES))) + soft_loss(
        described, multi_hot(words[:, 1:], len(attributes()))
    )


def picture_size(progress: float) -> int:
    """Return the pixels a side trained on: small pictures first, which cost a quarter of the time."""
    return 64 if progress < SIMPLE_SHARE else 96 if progress < 0.3 else IMAGE_SIZE


class Pool:
    """A folder of pictures with their targets; grows while it is being drawn."""

    def __init__(self, folder: Path, size: int, held_back: int) -> None:
        self._folder, self._size, self._held_back = folder, size, held_back
        self.images, scenes = load(folder, size)
        self.goal = targets(scenes)

    def grow(self) -> None:
        """Take in what has been drawn since."""
        images, scenes = load(self._folder, self._size)
        if len(images) > len(self.images):
            self.images, self.goal = images, targets(scenes)

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Return the rows of a batch, none of them held back; half of the pictures of one kind are passed over."""
        rows = rng.choice(len(self.images) - self._held_back, 4 * BATCH)
        wanted = (self.goal.kinds[rows] > 1) | (rng.random(len(rows)) < 0.5)
        return np.sort(rows[wanted][:BATCH])


class Trainer:
    """The tower, the anchors and their two optimisers: Muon for convolutions, AdamW for the rest."""

    def __init__(self, tower: str, saved: Path) -> None:
        self.visual, self.anchors, self._saved = build(8, tower).visual, Anchors(), saved
        self.weights = [*self.visual.parameters(), *self.anchors.parameters()]
        self._muon = Muon([one for one in self.weights if one.ndim == 4], lr=MUON_RATE)
        rest = [one for one in self.weights if one.ndim != 4]
        self._adam = torch.optim.AdamW(rest, lr=ADAM_RATE, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
        self.seen, self.spent = 0, 0.0
        if saved.exists():
            self._resume(torch.load(saved, weights_only=True))

    def _resume(self, kept: dict[str, Any]) -> None:
        self.visual.load_state_dict(kept["visual"])
        self.anchors.load_state_dict(kept["anchors"], strict=False)
        self._muon.load_state_dict(kept["muon"])
        self._adam.load_state_dict(kept["adam"])
        self.seen, self.spent = kept["seen"], kept["spent"]

    def keep(self) -> None:
        """Write the state beside the old one, then put it in its place."""
        parts = {"visual": self.visual, "anchors": self.anchors, "muon": self._muon, "adam": self._adam}
        state: dict[str, Any] = {name: part.state_dict() for name, part in parts.items()}
        unfinished = self._saved.with_suffix(".part")
        torch.save({**state, "seen": self.seen, "spent": self.spent}, unfinished)
        unfinished.replace(self._saved)

    def step(self, batch: torch.Tensor, goal: Targets, progress: float) -> float:
        """Take one step on a batch and return its loss. Rates fall with the progress, 0 to 1."""
        fall = min(1.0, self.seen / 3000) * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-3
        for optimiser, rate in ((self._muon, MUON_RATE), (self._adam, ADAM_RATE)):
            optimiser.param_groups[0]["lr"] = rate * fall
        with torch.autocast("cpu", torch.bfloat16):
            seen = self.visual.trunk.forward_features(batch)
            features = self.visual.head(self.visual.trunk.forward_head(seen))
            copies = copy_losses(self.anchors, self.visual, seen, goal)
        calibrate = max(0.0, (progress - 0.65) / 0.35)
        loss = losses(self.anchors, functional.normalize(features.float(), dim=1), goal, calibrate) + 0.5 * copies
        loss.backward()
        nn.utils.clip_grad_norm_(self.weights, 2.0)
        for optimiser in (self._muon, self._adam):
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.seen += len(batch)
        return float(loss.detach())


def train_image_tower(pool: Path, simple: Path, state: Path, minutes: float, tower: str) -> None:
    """Train for some minutes of wall time, counted over restarts; the state folder keeps image.pt.

    Rates, curriculum and picture size follow the share of the minutes that has passed. `simple` holds pictures of
    single large things, 64 pixels a side.
    """
    trainer = Trainer(tower, state / "image.pt")
    easy, full = Pool(simple, 64, 0), Pool(pool, IMAGE_SIZE, HELD_BACK)
    rng = np.random.default_rng(trainer.seen)
    started, saved = time.monotonic() - trainer.spent, time.monotonic()
    said, mean = trainer.seen, 0.0
    while (progress := (time.monotonic() - started) / (minutes * 60)) < 1:
        source = easy if progress < SIMPLE_SHARE else full
        rows = source.draw(rng)
        images, goal = mirrored(source.images[rows], source.goal.of(rows), rng)
        loss = trainer.step(prepared(images, picture_size(progress), rng), goal, progress)
        mean = 0.98 * mean + 0.02 * loss if mean else loss
        trainer.spent = time.monotonic() - started
        if trainer.seen - said >= 100 * BATCH:
            said = trainer.seen
            print(f"{trainer.spent / 60:.1f} min, {said} pictures, loss {mean:.3f}", flush=True)
        if time.monotonic() - saved > SAVE_EVERY:
            saved = time.monotonic()
            trainer.keep()
            full.grow()
            print(figures(trainer, easy if progress < SIMPLE_SHARE else full), flush=True)
    trainer.keep()
    print(figures(trainer, full), flush=True)


def figures(trainer: Trainer, pool: Pool, count: int = 600) -> str:
    """Return the measures on the last pictures of a pool, in words."""
    size = min(IMAGE_SIZE, pool.images.shape[1])
    goal = pool.goal.of(slice(-count, None))
    trainer.visual.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        batches = [prepared(pool.images[-count:][at : at + 100], size, None) for at in range(0, count, 100)]
        features = functional.normalize(torch.cat([trainer.visual(batch) for batch in batches]).float(), dim=1)
    trainer.visual.train()
    with torch.inference_mode():
        tags, true = trainer.anchors.logits(features)
    few = (goal.kinds >= 1) & (goal.kinds <= 3)
    top = tags.topk(8, dim=1).indices.numpy()
    named = [set(row[row >= 0]) <= set(best) for row, best in zip(goal.tags, top, strict=True)]
    best = true.topk(5, dim=1).indices.numpy()
    right = [np.isin(found, row[row >= 0]).mean() for row, found in zip(goal.attributes, best, strict=True)]
    first = (tags.argmax(1).numpy() == goal.tags[:, 0])[goal.kinds == 1].mean()
    measures = {
        "all among top 8": np.mean(np.asarray(named)[few]),
        "first of one": first,
        "top 5 attributes true": np.mean(right),
    }
    return "  " + ", ".join(f"{name}: {value:.3f}" for name, value in measures.items())
