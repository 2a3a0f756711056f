"""Connected components of a binary image, in numpy alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Components:
    """The connected parts of a mask: boxes (parts, 4) as left, top, right, bottom (exclusive), and areas in pixels.

    `rows`, `starts`, `ends` and `parts` describe the mask's horizontal runs and the part each belongs to.
    """

    boxes: Ints
    areas: Ints
    rows: Ints
    starts: Ints
    ends: Ints
    parts: Ints

    def paint(self, chosen: Ints, box: tuple[int, int, int, int]) -> Mask:
        """Return a mask of the chosen parts, cut to `box` (left, top, right, bottom)."""
        left, top, right, bottom = box
        wanted = np.isin(self.parts, chosen) & (self.rows >= top) & (self.rows < bottom)
        edges = np.zeros((bottom - top, right - left + 1), np.int8)
        rows = self.rows[wanted] - top
        np.add.at(edges, (rows, (self.starts[wanted] - left).clip(0, right - left)), 1)
        np.add.at(edges, (rows, (self.ends[wanted] - left).clip(0, right - left)), -1)
        return np.cumsum(edges, axis=1)[:, :-1] > 0


def find_components(mask: Mask) -> Components:
    """Return the 8-connected parts of `mask` (height, width)."""
    height, width = mask.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    # runs lie sorted, so the runs of the next row that touch one are neighbours in this order
    stride = width + 2
    first = np.searchsorted(rows * stride + ends, (rows + 1) * stride + starts, side="left")
    last = np.searchsorted(rows * stride + starts, (rows + 1) * stride + ends, side="right")
    touching = (last - first).clip(0)
    above = np.repeat(np.arange(len(rows)), touching)
    below = np.arange(touching.sum()) - np.repeat(np.cumsum(touching) - touching, touching) + np.repeat(first, touching)
    parts = join(len(rows), above, below)
    count = int(parts.max()) + 1 if len(parts) else 0
    boxes = np.tile(np.array([width, height, 0, 0], np.intp), (count, 1))
    np.minimum.at(boxes[:, 0], parts, starts)
    np.minimum.at(boxes[:, 1], parts, rows)
    np.maximum.at(boxes[:, 2], parts, ends)
    np.maximum.at(boxes[:, 3], parts, rows + 1)
    areas = np.bincount(parts, weights=ends - starts, minlength=count).astype(np.intp)
    return Components(boxes, areas, rows, starts, ends, parts)


def join(count: int, one: Ints, other: Ints) -> Ints:
    """Return the group (0, 1, …) of each of `count` things when every pair (one, other) belongs together."""
    root = np.arange(count)
    while True:
        low = np.minimum(root[one], root[other])
        if np.array_equal(root[one], root[other]):
            break
        np.minimum.at(root, root[one], low)
        np.minimum.at(root, root[other], low)
        while not np.array_equal(root, root[root]):
            root = root[root]
    return np.unique(root, return_inverse=True)[1].reshape(-1)
