"""Pixels as both image towers take them: the mean and spread that CLIP's and BLIP's published settings name."""

import torch
from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

_MEAN = torch.tensor(OPENAI_CLIP_MEAN).view(3, 1, 1) * 255
_STD = torch.tensor(OPENAI_CLIP_STD).view(3, 1, 1) * 255


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    """Return pixels of 0 to 255, (images, 3, size, size), as an image processor hands them to a model."""
    return (pixels - _MEAN) / _STD
