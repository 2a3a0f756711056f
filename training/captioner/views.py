"""Other views of a drawn picture: mirrored, or a window of it around some of its things, with the scene that fits."""

import random
from dataclasses import replace

import numpy as np
from PIL import Image

from training.world.draw_scenes import with_sizes
from training.world.frame import content, framed
from training.world.scene import Box, Scene, Thing

TRIES = 8


def close_up(pixels: np.ndarray, scene: Scene, rng: random.Random) -> tuple[np.ndarray, Scene]:
    """Return a window filled by one copy of one thing, or the whole picture when none can be cut out cleanly."""
    boxes = [box for thing in scene.things for box in thing.boxes if min(box[2:]) > 0.12]
    for _ in range(TRIES if boxes else 0):
        x, y, width, height = rng.choice(boxes)
        side = min(1.0, max(width, height) / rng.uniform(0.45, 0.95))
        left = _between(x + width - side, x, rng)
        top = _between(y + height - side, y, rng)
        inside = _seen(scene, (left, top, side, side))
        if inside is not None and inside.things:
            return _cut(pixels, scene.aspect, (left, top, side, side)), inside
    return pixels, scene


def window(pixels: np.ndarray, scene: Scene, rng: random.Random) -> tuple[np.ndarray, Scene]:
    """Return a window of 60 to 95 % of each side that cuts nothing in two, or the whole picture."""
    for _ in range(TRIES):
        width, height = rng.uniform(0.6, 0.95), rng.uniform(0.6, 0.95)
        frame = (rng.uniform(0, 1 - width), rng.uniform(0, 1 - height), width, height)
        inside = _seen(scene, frame)
        if inside is not None and inside.things:
            return _cut(pixels, scene.aspect, frame), inside
    return pixels, scene


def mirrored(pixels: np.ndarray, scene: Scene) -> tuple[np.ndarray, Scene]:
    """Return the picture seen in a mirror."""
    things = tuple(replace(thing, boxes=tuple(_flip(box) for box in thing.boxes)) for thing in scene.things)
    writing = tuple(replace(line, box=_flip(line.box)) for line in scene.writing)
    width, height = content(scene.aspect, len(pixels))
    turned = pixels.copy()
    turned[:height, :width] = pixels[:height, :width][:, ::-1]
    return turned, replace(scene, things=_in_order(things), writing=writing)


def _flip(box: Box) -> Box:
    x, y, width, height = box
    return 1 - x - width, y, width, height


def _in_order(things: tuple[Thing, ...]) -> tuple[Thing, ...]:
    return tuple(sorted(things, key=lambda thing: thing.centre[0]))


def _between(low: float, high: float, rng: random.Random) -> float:
    """Return a random corner such that the window stays on the canvas."""
    low, high = max(0.0, low), max(0.0, high)
    return rng.uniform(min(low, high), high)


def _seen(scene: Scene, frame: Box) -> Scene | None:
    """Return what is inside the frame, or None when the frame cuts something in two."""
    things = []
    for thing in scene.things:
        boxes = [_inside(box, frame) for box in thing.boxes]
        if None in boxes:
            return None
        kept = tuple(box for box in boxes if box)
        if kept:
            things.append(replace(thing, boxes=kept, size=""))
    lines = [(line, _inside(line.box, frame)) for line in scene.writing]
    if any(box is None for _, box in lines):
        return None
    writing = tuple(replace(line, box=box) for line, box in lines if box)
    aspect = scene.aspect * frame[2] / frame[3]
    return replace(scene, things=with_sizes(_in_order(tuple(things))), writing=writing, aspect=aspect)


def _inside(box: Box, frame: Box) -> Box | tuple[()] | None:
    """Return the box in the frame's own fractions, an empty one when it is outside, None when it is cut in two."""
    x, y = (box[0] - frame[0]) / frame[2], (box[1] - frame[1]) / frame[3]
    width, height = box[2] / frame[2], box[3] / frame[3]
    across = max(0.0, min(1.0, x + width) - max(0.0, x)) / width
    down = max(0.0, min(1.0, y + height) - max(0.0, y)) / height
    if across * down > 0.95:
        return x, y, width, height
    return () if across * down < 0.02 else None


def _cut(pixels: np.ndarray, aspect: float, frame: Box) -> np.ndarray:
    size = len(pixels)
    across, down = content(aspect, size)
    x, y, width, height = frame
    part = (max(0.0, x * across), max(0.0, y * down), min(1.0, x + width) * across, min(1.0, y + height) * down)
    return framed(Image.fromarray(pixels), size, Image.Resampling.BILINEAR, part)
