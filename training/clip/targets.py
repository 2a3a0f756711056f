"""What an image embedding should be near to: the tags and attributes that are true of each training picture."""

from dataclasses import dataclass

import numpy as np
import torch

from training.world.lexicon import NAMES, attributes, true_attributes
from training.world.scene import Scene


@dataclass(frozen=True, slots=True)
class Targets:
    """Padded index lists, one row per picture; -1 where a row is shorter. `kinds` counts each picture's kinds."""

    tags: np.ndarray
    attributes: np.ndarray
    kinds: np.ndarray


def targets(scenes: list[Scene]) -> Targets:
    """Return the targets of scenes: int16 N x 5 tags, N x 24 attributes, N kinds."""
    tag_of = {name: index for index, name in enumerate(NAMES)}
    attribute_of = {text: index for index, text in enumerate(attributes())}
    tags = np.full((len(scenes), 5), -1, np.int16)
    true = np.full((len(scenes), 24), -1, np.int16)
    for row, scene in enumerate(scenes):
        present = [tag_of[thing.name] for thing in scene.things]
        tags[row, : len(present)] = present
        descriptors = sorted(attribute_of[text] for text in true_attributes(scene))
        true[row, : len(descriptors)] = descriptors
    return Targets(tags, true, np.asarray([len(scene.things) for scene in scenes]))


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
