"""Backgrounds: six patterns, each in two tones of one colour name."""

import random

import numpy as np

from training.world.shades import RGB, second_tone, shade


def background(
    colour: str, pattern: str, width: int, height: int, rng: random.Random
) -> tuple[np.ndarray, tuple[RGB, RGB]]:
    """Return the pixels, uint8 height x width x 3, and the two tones in them. Raises KeyError for unknown patterns."""
    first = shade(colour, rng, pale=rng.random() < 0.4)
    second = first if pattern in ("plain", "noisy") else second_tone(colour, first, rng)
    if rng.random() < 0.5:
        first, second = second, first
    # A cell is a stripe, a dot's square or a check: a few to a dozen fit across.
    cell = min(width, height) / rng.uniform(4, 13)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    share = _PATTERNS[pattern](x, y, cell, rng)
    tones = np.asarray((first, second), np.float32)
    pixels = tones[0] + share[..., None] * (tones[1] - tones[0])
    if pattern == "noisy":
        noise = np.random.default_rng(rng.getrandbits(32))
        strength = rng.uniform(14, 34)
        fine = noise.standard_normal((height, width, 1 if rng.random() < 0.6 else 3), np.float32)
        pixels = pixels + strength * fine
    return np.clip(pixels, 0, 255).astype(np.uint8), (first, second)


def _plain(x: np.ndarray, _y: np.ndarray, _cell: float, _rng: random.Random) -> np.ndarray:
    return np.zeros_like(x)


def _gradient(x: np.ndarray, y: np.ndarray, _cell: float, rng: random.Random) -> np.ndarray:
    """From one side to the other, or from the middle out."""
    height, width = x.shape
    u, v = x / width, y / height
    if rng.random() < 0.3:
        return np.clip(np.hypot(u - 0.5, v - 0.5) * 1.5, 0, 1)
    along, across = rng.choice(((1, 0), (0, 1), (0.5, 0.5), (0.5, -0.5)))
    share = u * along + v * across
    return share - min(0.0, across)


def _striped(x: np.ndarray, y: np.ndarray, cell: float, rng: random.Random) -> np.ndarray:
    along, across = rng.choice(((1, 0), (0, 1), (0.707, 0.707), (0.707, -0.707)))
    return ((x * along + y * across) % (2 * cell) < cell).astype(np.float32)


def _dotted(x: np.ndarray, y: np.ndarray, cell: float, rng: random.Random) -> np.ndarray:
    shift = cell / 2 * ((y // cell) % 2) if rng.random() < 0.5 else 0.0
    radius = cell * rng.uniform(0.2, 0.36)
    return (np.hypot((x + shift) % cell - cell / 2, y % cell - cell / 2) < radius).astype(np.float32)


def _checked(x: np.ndarray, y: np.ndarray, cell: float, _rng: random.Random) -> np.ndarray:
    return ((x // cell + y // cell) % 2).astype(np.float32)


_PATTERNS = {
    "plain": _plain,
    "gradient": _gradient,
    "striped": _striped,
    "dotted": _dotted,
    "checked": _checked,
    "noisy": _plain,
}
