"""What every patch of an image shows: dense targets teach a vision tower faster than captions do."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from training.pixels import GRID
from training.world.frame import in_frame
from training.world.lexicon import ENTRIES, NAMES
from training.world.scene import COLOURS, PATTERNS, SHAPES, SIZES, Box, Scene, Thing

BINS = 10  # steps of a centre across the canvas

KINDS = ("", *(entry.name for entry in ENTRIES), *(f"{colour} {shape}" for shape in SHAPES for colour in COLOURS))
_KIND = {kind: number for number, kind in enumerate(KINDS)}
_NAME = {name: number for number, name in enumerate(NAMES)}
_COLOUR = {colour: number for number, colour in enumerate(COLOURS)}

CLASSES = {
    "kind": len(KINDS),
    "count": 5,
    "column": BINS,
    "row": BINS,
    "rank": 5,
    "size": 1 + len(SIZES),
    "text": 1 + len(COLOURS),
    "present": len(NAMES),
    "ground": len(COLOURS),
    "pattern": len(PATTERNS),
}


@dataclass(frozen=True, slots=True)
class Targets:
    """Soft targets, one row per patch (images, patches, classes) or, from `present` on, per image (images, classes).

    `kind` says which thing covers the patch (class 0: none); `count`, `column`, `row` (of the middle of its copies),
    `rank` (from the left) and `size` describe that thing; `text` is the colour of the writing (class 0: none).
    """

    kind: Tensor
    count: Tensor
    column: Tensor
    row: Tensor
    rank: Tensor
    size: Tensor
    text: Tensor
    present: Tensor
    ground: Tensor
    pattern: Tensor


def dense_targets(scenes: Sequence[Scene]) -> Targets:
    """Return the targets of a batch, float32."""
    arrays = {name: np.zeros(_shape(name, len(scenes)), np.float32) for name in CLASSES}
    for number, scene in enumerate(scenes):
        _fill({name: array[number] for name, array in arrays.items()}, scene)
    return Targets(**{field.name: torch.from_numpy(arrays[field.name]) for field in fields(Targets)})


def telling_patches(targets: Targets, count: int) -> Tensor:
    """Return `count` patches per image, (images, count): those that show things first, background as it comes."""
    shown = 1 - targets.kind[..., 0] + 0.5 * (1 - targets.text[..., 0])
    return (shown.clamp(max=1) + 0.6 * torch.rand(shown.shape)).topk(count, dim=1).indices


def only(targets: Targets, patches: Tensor) -> Targets:
    """Return the targets of some patches only."""
    whole = ("present", "ground", "pattern")
    rows = {field.name: getattr(targets, field.name) for field in fields(Targets)}
    for name in rows.keys() - set(whole):
        rows[name] = rows[name].gather(1, patches[..., None].expand(-1, -1, CLASSES[name]))
    return Targets(**rows)


def _shape(name: str, images: int) -> tuple[int, ...]:
    whole = name in ("present", "ground", "pattern")
    return (images, CLASSES[name]) if whole else (images, GRID * GRID, CLASSES[name])


def _fill(rows: dict[str, np.ndarray], scene: Scene) -> None:
    rows["ground"][_COLOUR[scene.background]] = 1
    rows["pattern"][PATTERNS.index(scene.pattern)] = 1
    for thing in scene.things:
        rows["present"][_NAME[thing.name]] = 1 / len(scene.things)
    covers = [
        sum((_cover(in_frame(box, scene.aspect)) for box in thing.boxes), np.zeros(GRID * GRID, np.float32))
        for thing in scene.things
    ]
    total = np.maximum(sum(covers, np.zeros(GRID * GRID, np.float32)), 1)
    for rank, (thing, cover) in enumerate(zip(scene.things, covers, strict=True)):
        for name, value in _facts(thing, rank).items():
            rows[name][:, value] += cover / total
    rows["kind"][:, 0] = 1 - rows["kind"].sum(1)
    for line in scene.writing:
        column = rows["text"][:, 1 + _COLOUR[line.colour]]
        np.maximum(column, _cover(in_frame(line.box, scene.aspect)), out=column)
    rows["text"][:, 0] = np.maximum(0, 1 - rows["text"].sum(1))


def _facts(thing: Thing, rank: int) -> dict[str, int]:
    x, y = (min(BINS - 1, max(0, int(at * BINS))) for at in thing.centre)
    size = 1 + SIZES.index(thing.size) if thing.size else 0
    kind = _KIND[f"{thing.colour} {thing.name}" if thing.colour else thing.name]
    return {"kind": kind, "count": min(thing.count, 5) - 1, "column": x, "row": y, "rank": min(rank, 4), "size": size}


def _cover(box: Box) -> np.ndarray:
    """Return how much of each patch a box covers, 0 to 1, row by row."""
    x, y, width, height = box
    edges = np.arange(GRID + 1, dtype=np.float32) / GRID
    across = np.clip(np.minimum(edges[1:], x + width) - np.maximum(edges[:-1], x), 0, None) * GRID
    down = np.clip(np.minimum(edges[1:], y + height) - np.maximum(edges[:-1], y), 0, None) * GRID
    return np.outer(down, across).ravel()
