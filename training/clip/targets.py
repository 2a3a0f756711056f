"""What an image embedding should be near to: the tags and attributes that are true of each training picture."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from training.world.lexicon import NAMES, attributes, true_attributes
from training.world.scene import COLOURS, PATTERNS, Scene

COPIES = 7  # the most in one scene
GROUNDS = (*COLOURS, *PATTERNS)


@dataclass(frozen=True, slots=True)
class Targets:
    """What is true of each picture, one row each; index lists are padded with -1.

    `kinds` counts the kinds of things. `copies` has for every copy its tag and its own two attributes, `middles` the
    copy's middle as fractions of the picture.
    """

    tags: np.ndarray
    attributes: np.ndarray
    kinds: np.ndarray
    copies: np.ndarray
    middles: np.ndarray

    def of(self, rows: np.ndarray | slice) -> "Targets":
        """Return the targets of some rows."""
        return Targets(self.tags[rows], self.attributes[rows], self.kinds[rows], self.copies[rows], self.middles[rows])


def targets(scenes: list[Scene]) -> Targets:
    """Return the targets of scenes: N x 5 tags, N x 24 attributes, N kinds, N x 7 x 3 copies, N x 7 x 2 middles."""
    tag_of = {name: index for index, name in enumerate(NAMES)}
    attribute_of = {text: index for index, text in enumerate(attributes())}
    first_ground = attribute_of[f"background which is {GROUNDS[0]}"]
    tags = np.full((len(scenes), 5), -1, np.int16)
    true = np.full((len(scenes), 24), -1, np.int16)
    copies = np.full((len(scenes), COPIES, 3), -1, np.int16)
    middles = np.zeros((len(scenes), COPIES, 2), np.float32)
    for row, scene in enumerate(scenes):
        present = [tag_of[thing.name] for thing in scene.things]
        tags[row, : len(present)] = present
        descriptors = sorted(attribute_of[text] for text in true_attributes(scene))
        true[row, : len(descriptors)] = descriptors
        placed = [(thing, box) for thing in scene.things for box in thing.boxes][:COPIES]
        for number, (thing, (x, y, width, height)) in enumerate(placed):
            own = sorted(attribute_of[text] for text in true_attributes(replace(scene, things=(thing,), writing=())))
            own = [one for one in own if one < first_ground or one >= first_ground + len(GROUNDS)]
            copies[row, number, : 1 + len(own)] = [tag_of[thing.name], *own]
            middles[row, number] = x + width / 2, y + height / 2
    return Targets(tags, true, np.asarray([len(scene.things) for scene in scenes]), copies, middles)


def multi_hot(rows: np.ndarray, width: int) -> torch.Tensor:
    """Return padded index lists as a 0/1 float matrix, rows x width."""
    index = torch.from_numpy(rows.astype(np.int64))
    hot = torch.zeros(len(rows), width + 1)
    hot.scatter_(1, torch.where(index < 0, width, index), 1.0)
    return hot[:, :width]


def soft_loss(logits: torch.Tensor, hot: torch.Tensor) -> torch.Tensor:
    """Return the soft-max loss against all that is present, in equal shares; rows with nothing present do not count."""
    share = hot / hot.sum(1, keepdim=True).clamp_min(1)
    return -(share * logits.log_softmax(1)).sum(1).mean()
