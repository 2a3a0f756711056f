"""Second stage: the image tower, started from the captioner's, learns to meet what the text tower says."""

import copy
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from open_clip.tokenizer import HFTokenizer
from open_clip.transformer import VisionTransformer
from torch import nn
from torch.nn import functional

from training.arithmetic import autocast
from training.clip.model import CONTEXT_LENGTH, PADDING, build, look, said_alone, start_from_captioner
from training.clip.targets import Targets, each_loss, multi_hot, targets, telling_patches
from training.clip.words import vocabulary, write_tokenizer
from training.muon import Muon
from training.pixels import GRID, IMAGE_SIZE, normalised
from training.world.lexicon import NAMES, attributes
from training.world.make_images import load

BATCH = 80
MUON_RATE, ADAM_RATE = 1.5e-3, 2e-3
TOWER_RATE = 0.25  # of the rate: at the full rate the tower forgot in a minute what it knew
WARM_STEPS = 100
KEPT = 56  # patches looked at, of all GRID x GRID
THAWED_FROM = 0.12  # of the time: until then only the pooling learns, on what the captioner's tower sees
WHOLE_FROM = 0.8  # of the time: all patches, as when the model is used
CALIBRATED_FROM = 0.3  # of the time: one threshold should come to serve all words
SHARES = (1.5, 0.5)  # of tags and attributes in the loss: a thing that no tag names cannot be asked about
SAVE_EVERY = 180.0  # seconds
HELD_BACK = 2000  # the last pictures of the pool are never trained on


class Anchors(nn.Module):
    """What the text tower says of every tag and every attribute, and how sharply each list is told apart."""

    tags: torch.Tensor
    attributes: torch.Tensor

    def __init__(self, tags: torch.Tensor, described: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("tags", tags)
        self.register_buffer("attributes", described)
        self.scales = nn.Parameter(torch.full((2,), math.log(20.0)))
        self.middles = nn.Parameter(torch.full((2,), 0.25))  # the cosines that part true from false

    def sharpness(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what the cosines with tags and with attributes are multiplied by."""
        tag, attribute = self.scales.exp().clamp(max=60)
        return tag, attribute

    def logits(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return scaled cosines of features, N x tags and N x attributes."""
        tag, attribute = self.sharpness()
        unit = functional.normalize(features.float(), dim=1)
        return tag * unit @ self.tags.T, attribute * unit @ self.attributes.T


def spoken_anchors(state: Path) -> Anchors:
    """Return what the text tower in text.pt says of all tags and attributes."""
    model = build(len(vocabulary()))
    model.load_state_dict(torch.load(state / "text.pt", weights_only=True), strict=False)
    model.eval()
    write_tokenizer(state / "tokenizer")
    tokenizer = HFTokenizer(str(state / "tokenizer"), context_length=CONTEXT_LENGTH)
    with torch.no_grad():
        tags = model.encode_text(tokenizer([f"A photo of {name}" for name in NAMES]), normalize=True)
        described = model.encode_text(tokenizer(list(attributes())), normalize=True)
    return Anchors(tags, described)


def prepared(images: np.ndarray, goal: Targets, rng: np.random.Generator | None) -> torch.Tensor:
    """Return pictures as the tower takes them, N x 3 x size x size: moved to the middle; with an rng relit."""
    middle = np.full_like(images, PADDING)
    for row, edge in enumerate(goal.edge):
        width, height = np.round(IMAGE_SIZE * (1 - 2 * edge)).astype(int)
        left, top = np.floor(edge * IMAGE_SIZE).astype(int)
        middle[row, top : top + height, left : left + width] = images[row, :height, :width]
    pixels = torch.from_numpy(middle).permute(0, 3, 1, 2).float()
    if rng is not None:
        light = torch.from_numpy(rng.uniform(0.88, 1.12, (len(pixels), 1, 1, 1)).astype(np.float32))
        tint = torch.from_numpy(rng.uniform(-6, 6, (len(pixels), 3, 1, 1)).astype(np.float32))
        pixels = (pixels * light + tint).clamp(0, 255)
    return normalised(pixels)


def mirrored(pixels: torch.Tensor, goal: Targets, rng: np.random.Generator) -> torch.Tensor:
    """Return half of the pictures seen in a mirror; what is said of their places changes sides in `goal`."""
    flip = rng.random(len(pixels)) < 0.5
    pixels[torch.from_numpy(flip)] = pixels[torch.from_numpy(flip)].flip(3)
    goal.middles[flip, :, 0] = 1 - goal.middles[flip, :, 0]
    goal.shown[flip] = goal.shown[flip].reshape(-1, GRID, GRID)[:, :, ::-1].reshape(-1, GRID * GRID)
    return pixels


def losses(anchors: Anchors, features: torch.Tensor, goal: Targets, calibrate: float) -> torch.Tensor:
    """Return the loss of a batch. `calibrate`, 0 to 1, adds yes/no targets, so that one threshold serves all."""
    total = torch.zeros(())
    hots = (multi_hot(goal.tags, len(NAMES)), multi_hot(goal.attributes, len(attributes())))
    lists = zip(SHARES, anchors.logits(features), anchors.sharpness(), anchors.middles, hots, strict=True)
    for share, logits, scale, middle, hot in lists:
        total = total + share * each_loss(logits, hot)
        if calibrate:
            yes_no = functional.binary_cross_entropy_with_logits(logits - middle * scale, hot, reduction="sum")
            total = total + share * calibrate * 0.15 * yes_no / len(features)
    return total


def copy_losses(
    anchors: Anchors, visual: VisionTransformer, states: torch.Tensor, patches: torch.Tensor, goal: Targets
) -> torch.Tensor:
    """Return the loss of single copies: what the tower says at a copy's middle should be near to the copy's words.

    `states` is N x kept x width, of the `patches` N x kept. Whole pictures alone teach far slower, because a
    picture does not say which of its things is which.
    """
    cells = np.clip((goal.middles * GRID).astype(np.int64), 0, GRID - 1)
    patch = torch.from_numpy(cells[..., 1] * GRID + cells[..., 0])
    places = torch.full((len(states), GRID * GRID), -1).scatter(
        1, patches, torch.arange(patches.shape[1]).expand_as(patches)
    )
    place = places.gather(1, patch)
    wanted = (torch.from_numpy(goal.copies[:, :, 0]) >= 0) & (place >= 0)
    picture, number = wanted.nonzero(as_tuple=True)
    if not len(picture):
        return torch.zeros(())
    tags, described = anchors.logits(said_alone(visual, states[picture, place[picture, number]]))
    words = goal.copies[picture.numpy(), number.numpy()]
    hots = multi_hot(words[:, :1], len(NAMES)), multi_hot(words[:, 1:], len(attributes()))
    return SHARES[0] * each_loss(tags, hots[0]) + SHARES[1] * each_loss(described, hots[1])


class Pool:
    """A folder of pictures with their targets."""

    def __init__(self, folder: Path, held_back: int) -> None:
        self._held_back = held_back
        self.images, scenes = load(folder, IMAGE_SIZE)
        self.goal = targets(scenes)

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Return the rows of a batch, none of them held back; most pictures of one kind are passed over."""
        rows = rng.choice(len(self.images) - self._held_back, 4 * BATCH)
        wanted = (self.goal.kinds[rows] > 1) | (rng.random(len(rows)) < 0.35)
        return np.sort(rows[wanted][:BATCH])


class Trainer:
    """The tower with its running mean, and its two optimisers: Muon for matrices, AdamW for the rest."""

    def __init__(self, anchors: Anchors, captioner: Path, saved: Path) -> None:
        visual = build(8).visual
        if not isinstance(visual, VisionTransformer):
            raise TypeError(f"the image tower is a {type(visual).__name__}")
        self.visual, self.anchors, self._saved = visual, anchors, saved
        start_from_captioner(visual, captioner)
        pooling = [value for name, value in visual.named_parameters() if "attn_pool.attn" in name and value.ndim == 2]
        inner = [value for name, value in visual.named_parameters() if "resblocks" in name and value.ndim == 2]
        told = {id(value) for value in (*pooling, *inner)}
        ends = [visual.proj, *visual.ln_post.parameters(), *anchors.parameters()]
        told |= {id(value) for value in ends}
        rest = [value for value in visual.parameters() if id(value) not in told]
        self.weights = list(visual.parameters())
        self._muon = Muon(pooling, lr=MUON_RATE)
        self._muon.add_param_group({"params": inner})
        self._adam = torch.optim.AdamW(ends, lr=ADAM_RATE, betas=(0.9, 0.98), weight_decay=0.0)
        self._adam.add_param_group({"params": rest})
        self.mean = {name: value.detach().clone() for name, value in visual.named_parameters()}
        self.steps, self.seen, self.spent = 0, 0, 0.0
        if saved.exists():
            self._resume(torch.load(saved, weights_only=True))

    def _resume(self, kept: dict[str, Any]) -> None:
        self.visual.load_state_dict(kept["visual"])
        self.anchors.scales.data.copy_(kept["scales"])
        self.anchors.middles.data.copy_(kept["middles"])
        self._muon.load_state_dict(kept["muon"])
        self._adam.load_state_dict(kept["adam"])
        self.mean = kept["mean"]
        self.steps, self.seen, self.spent = kept["progress"]

    def keep(self) -> None:
        """Write the state beside the old one, then put it in its place."""
        parts = {"visual": self.visual, "muon": self._muon, "adam": self._adam}
        state: dict[str, Any] = {name: part.state_dict() for name, part in parts.items()}
        state |= {"scales": self.anchors.scales.detach(), "middles": self.anchors.middles.detach(), "mean": self.mean}
        unfinished = self._saved.with_suffix(".part")
        torch.save({**state, "progress": (self.steps, self.seen, self.spent)}, unfinished)
        unfinished.replace(self._saved)

    def step(self, batch: torch.Tensor, goal: Targets, progress: float) -> float:
        """Take one step on a batch and return its loss. Rates fall with the progress, 0 to 1."""
        fall = min(1.0, (self.steps + 1) / WARM_STEPS) * (1 - progress) + 1e-3
        for optimiser, rate in ((self._muon, MUON_RATE), (self._adam, ADAM_RATE)):
            for group, share in zip(optimiser.param_groups, (1.0, TOWER_RATE), strict=True):
                group["lr"] = rate * fall * share
        patches = telling_patches(goal.shown, GRID * GRID if progress > WHOLE_FROM else KEPT)
        with autocast():
            features, states = look(self.visual, batch, patches, frozen=progress < THAWED_FROM)
        calibrate = min(1.0, max(0.0, (progress - CALIBRATED_FROM) / 0.3))
        copies = copy_losses(self.anchors, self.visual, states, patches, goal)
        loss = losses(self.anchors, features, goal, calibrate) + 0.5 * copies
        loss.backward()
        nn.utils.clip_grad_norm_(self.weights, 2.0)
        for optimiser in (self._muon, self._adam):
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        keep = min(0.99, (self.steps + 1) / (self.steps + 10))
        with torch.no_grad():
            for name, value in self.visual.named_parameters():
                self.mean[name].lerp_(value, 1 - keep)
        self.steps, self.seen = self.steps + 1, self.seen + len(batch)
        return float(loss.detach())


def train_image_tower(pool: Path, state: Path, captioner: Path, minutes: float) -> None:
    """Train for some minutes of wall time, counted over restarts; the state folder keeps image.pt.

    text.pt must be there. Rates and curriculum follow the share of the minutes that has passed.
    """
    trainer = Trainer(spoken_anchors(state), captioner, state / "image.pt")
    full = Pool(pool, HELD_BACK)
    rng = np.random.default_rng(trainer.seen)
    started, saved = time.monotonic() - trainer.spent, time.monotonic()
    said, mean = trainer.seen, 0.0
    while (progress := (time.monotonic() - started) / (minutes * 60)) < 1:
        rows = full.draw(rng)
        goal = full.goal.of(rows)
        batch = mirrored(prepared(full.images[rows], goal, rng), goal, rng)
        loss = trainer.step(batch, goal, progress)
        mean = 0.98 * mean + 0.02 * loss if mean else loss
        trainer.spent = time.monotonic() - started
        if trainer.seen - said >= 40 * BATCH:
            said = trainer.seen
            print(f"{trainer.spent / 60:.1f} min, {said} pictures, loss {mean:.3f}", flush=True)
        if time.monotonic() - saved > SAVE_EVERY:
            saved = time.monotonic()
            trainer.keep()
            print(figures(trainer, full), flush=True)
    trainer.keep()
    print(figures(trainer, full), flush=True)


def figures(trainer: Trainer, pool: Pool, count: int = 400) -> str:
    """Return the measures on the last pictures of a pool, in words."""
    count = min(count, len(pool.images))
    goal = pool.goal.of(slice(-count, None))
    visual = copy.deepcopy(trainer.visual).eval()
    visual.load_state_dict(trainer.mean)
    with torch.inference_mode(), autocast():
        parts = [slice(at, at + 100) for at in range(0, count, 100)]
        batches = [prepared(pool.images[-count:][part], goal.of(part), None) for part in parts]
        features = torch.cat([visual(batch) for batch in batches]).float()
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
