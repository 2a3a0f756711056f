"""What an image embedding should be near to: the tags and attributes that are true of each training picture."""

from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch.nn import functional

from training.pixels import GRID
from training.world.frame import in_frame
from training.world.lexicon import NAMES, attributes, true_attributes
from training.world.scene import COLOURS, PATTERNS, Box, Scene

COPIES = 7  # the most in one scene
GROUNDS = (*COLOURS, *PATTERNS)


@dataclass(frozen=True, slots=True)
class Targets:
    """What is true of each picture, one row each; index lists are padded with -1.

    `kinds` counts the kinds of things. `copies` has for every copy its tag and its own two attributes, `middles` the
    copy's middle as fractions of the square. `shown` says of every patch, row by row, whether a thing or text is
    there (1), the background (0) or nothing but padding (-1). `edge` is how far the picture is from the square's left
    and top, as fractions.
    """

    tags: np.ndarray
    attributes: np.ndarray
    kinds: np.ndarray
    copies: np.ndarray
    middles: np.ndarray
    shown: np.ndarray
    edge: np.ndarray

    def of(self, rows: np.ndarray | slice) -> "Targets":
        """Return the targets of some rows."""
        return Targets(*(getattr(self, field.name)[rows] for field in fields(self)))


def targets(scenes: list[Scene]) -> Targets:
    """Return the targets of scenes whose pictures lie in the middle of a padded square."""
    tag_of = {name: index for index, name in enumerate(NAMES)}
    attribute_of = {text: index for index, text in enumerate(attributes())}
    first_ground = attribute_of[f"background which is {GROUNDS[0]}"]
    tags = np.full((len(scenes), 5), -1, np.int16)
    true = np.full((len(scenes), 24), -1, np.int16)
    copies = np.full((len(scenes), COPIES, 3), -1, np.int16)
    middles = np.zeros((len(scenes), COPIES, 2), np.float32)
    shown = np.full((len(scenes), GRID, GRID), -1, np.int8)
    edge = np.zeros((len(scenes), 2), np.float32)
    for row, scene in enumerate(scenes):
        edge[row] = _edge(scene.aspect)
        shown[row][_patches(_centred((0, 0, 1, 1), scene.aspect))] = 0
        present = [tag_of[thing.name] for thing in scene.things]
        tags[row, : len(present)] = present
        descriptors = sorted(attribute_of[text] for text in true_attributes(scene))
        true[row, : len(descriptors)] = descriptors
        placed = [(thing, _centred(box, scene.aspect)) for thing in scene.things for box in thing.boxes][:COPIES]
        for box in (*(box for _, box in placed), *(_centred(line.box, scene.aspect) for line in scene.writing)):
            shown[row][_patches(box)] = 1
        for number, (thing, (x, y, width, height)) in enumerate(placed):
            own = sorted(attribute_of[text] for text in true_attributes(replace(scene, things=(thing,), writing=())))
            own = [one for one in own if one < first_ground or one >= first_ground + len(GROUNDS)]
            copies[row, number, : 1 + len(own)] = [tag_of[thing.name], *own]
            middles[row, number] = x + width / 2, y + height / 2
    kinds = np.asarray([len(scene.things) for scene in scenes])
    return Targets(tags, true, kinds, copies, middles, shown.reshape(len(scenes), -1), edge)


def _edge(aspect: float) -> tuple[float, float]:
    return (1 - min(1.0, aspect)) / 2, (1 - min(1.0, 1 / aspect)) / 2


def _centred(box: Box, aspect: float) -> Box:
    x, y, width, height = in_frame(box, aspect)
    left, top = _edge(aspect)
    return x + left, y + top, width, height


def _patches(box: Box) -> tuple[slice, slice]:
    """Return the rows and columns of the patches that a box touches by more than a little."""
    x, y, width, height = box
    column, row = (max(0, int(at * GRID + 0.2)) for at in (x, y))
    last_column, last_row = (int(np.ceil(at * GRID - 0.2)) for at in (x + width, y + height))
    return slice(row, max(row + 1, last_row)), slice(column, max(column + 1, last_column))


def telling_patches(shown: np.ndarray, count: int) -> torch.Tensor:
    """Return `count` patches per picture, N x count: those that show things first, then background as it comes."""
    return (torch.from_numpy(shown) + 0.6 * torch.rand(shown.shape)).topk(count, dim=1).indices


def multi_hot(rows: np.ndarray, width: int) -> torch.Tensor:
    """Return padded index lists as a 0/1 float matrix, rows x width."""
    index = torch.from_numpy(rows.astype(np.int64))
    hot = torch.zeros(len(rows), width + 1)
    hot.scatter_(1, torch.where(index < 0, width, index), 1.0)
    return hot[:, :width]


def each_loss(logits: torch.Tensor, hot: torch.Tensor) -> torch.Tensor:
    """Return how far each thing that is true is from standing above all that is not; rows with nothing true are 0.

    A soft-max of one true thing against everything false: things that are true together do not compete, and the
    weakest of them weighs most.
    """
    false = logits.masked_fill(hot > 0, -torch.inf).logsumexp(1, keepdim=True)
    return (functional.softplus(false - logits) * hot).sum(1).div(hot.sum(1).clamp_min(1)).mean()
