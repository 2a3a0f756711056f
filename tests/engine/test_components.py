"""Connected components equal a slow flood fill."""

from collections import deque

import numpy as np
import pytest

from lens_desktop.engine.components import Mask, find_components, join


def flood(mask: Mask) -> list[tuple[int, ...]]:
    """Return the box and area of every 8-connected part."""
    left = {(int(row), int(column)) for row, column in np.argwhere(mask)}
    parts = []
    while left:
        queue = deque([left.pop()])
        points = []
        while queue:
            row, column = queue.popleft()
            points.append((row, column))
            around = {(row + y, column + x) for y in (-1, 0, 1) for x in (-1, 0, 1)} & left
            left -= around
            queue.extend(around)
        rows, columns = zip(*points, strict=True)
        parts.append((min(columns), min(rows), max(columns) + 1, max(rows) + 1, len(points)))
    return sorted(parts)


@pytest.mark.parametrize("seed", range(12))
def test_parts_equal_a_flood_fill(seed: int) -> None:
    chance = np.random.default_rng(seed)
    mask = chance.random((23, 31)) < chance.uniform(0.05, 0.7)
    found = find_components(mask)
    parts = sorted((*box, area) for box, area in zip(found.boxes.tolist(), found.areas.tolist(), strict=True))
    assert parts == flood(mask)
    everything = np.arange(len(found.areas))
    assert np.array_equal(found.paint(everything, (0, 0, 31, 23)), mask)
    assert np.array_equal(found.paint(everything, (5, 3, 20, 19)), mask[3:19, 5:20])


def test_empty_and_full_masks() -> None:
    assert find_components(np.zeros((4, 5), bool)).areas.tolist() == []
    assert find_components(np.ones((4, 5), bool)).boxes.tolist() == [[0, 0, 5, 4]]


def test_groups_of_pairs() -> None:
    groups = join(6, np.array([0, 4, 1]), np.array([4, 1, 1]))
    assert groups[0] == groups[4] == groups[1]
    assert len(set(groups.tolist())) == 4
