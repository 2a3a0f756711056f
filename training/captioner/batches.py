"""Batches for training: pictures of the pool in many views, worn a little, with their targets and captions."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.captioner.model import Captions, pack
from training.captioner.targets import Targets, dense_targets
from training.captioner.views import close_up, mirrored, window
from training.captioner.words import Words
from training.pixels import normalised
from training.world.captions import caption, pick_styles
from training.world.scene import Scene


@dataclass(frozen=True, slots=True)
class Batch:
    """`pixels` (images, 3, size, size) normalised; `captions` only when asked for."""

    pixels: Tensor
    scenes: tuple[Scene, ...]
    targets: Targets
    captions: Captions | None


class Pool:
    """The training pictures, in an order of their own, over and over; the first `unseen` ones are never shown."""

    def __init__(self, images: np.ndarray, scenes: Sequence[Scene], seed: int, unseen: int = 0) -> None:
        self._images, self._scenes = images, scenes
        self._words = Words()
        self._rng = random.Random(seed)
        self._unseen = unseen
        self._queue: list[int] = []

    def grow(self, images: np.ndarray, scenes: Sequence[Scene]) -> None:
        """Go on with a pool that has more pictures behind the same first ones."""
        if len(scenes) > len(self._scenes):
            self._queue += range(len(self._scenes), len(scenes))
            self._rng.shuffle(self._queue)
        self._images, self._scenes = images, scenes

    def batch(self, count: int, close: float, with_captions: bool) -> Batch:
        """Return `count` pictures, a share `close` of them as close-ups of one thing."""
        drawn = [self._view(self._next(), close) for _ in range(count)]
        scenes = tuple(scene for _, scene in drawn)
        pixels = _wear(torch.from_numpy(np.stack([view for view, _ in drawn])).permute(0, 3, 1, 2).float())
        captions = None
        if with_captions:
            rows = [
                [self._words.encode(caption(scene, style)) for style in pick_styles(scene, self._rng, 2)]
                for scene in scenes
            ]
            captions = pack(rows, self._words.pad, len(self._words.prompt))
        return Batch(normalised(pixels), scenes, dense_targets(scenes), captions)

    def _next(self) -> int:
        if not self._queue:
            self._queue = list(range(self._unseen, len(self._scenes)))
            self._rng.shuffle(self._queue)
        return self._queue.pop()

    def _view(self, number: int, close: float) -> tuple[np.ndarray, Scene]:
        pixels, scene = np.asarray(self._images[number]), self._scenes[number]
        draw = self._rng.random()
        if draw < close:
            pixels, scene = close_up(pixels, scene, self._rng)
        elif draw > 0.7 + 0.3 * close:
            pixels, scene = window(pixels, scene, self._rng)
        return mirrored(pixels, scene) if self._rng.random() < 0.5 else (pixels, scene)


def _wear(pixels: Tensor) -> Tensor:
    """Change light and contrast a little and add noise to some; blur some."""
    count = len(pixels)
    contrast = torch.empty(count, 1, 1, 1).uniform_(0.88, 1.12)
    light = torch.empty(count, 3, 1, 1).uniform_(-6, 6) + torch.empty(count, 1, 1, 1).uniform_(-12, 12)
    pixels = (pixels - 128) * contrast + 128 + light
    noisy = torch.rand(count) < 0.2
    pixels[noisy] += torch.randn_like(pixels[noisy]) * 8
    blurred = torch.rand(count) < 0.1
    pixels[blurred] = torch.nn.functional.avg_pool2d(pixels[blurred], 3, 1, 1, count_include_pad=False)
    return pixels.clamp(0, 255)
