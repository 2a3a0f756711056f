"""Pixels as both image towers take them: a square of patches, with the mean and spread that CLIP and BLIP publish."""

import torch
from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

IMAGE_SIZE, PATCH = 192, 16
GRID = IMAGE_SIZE // PATCH  # patches per side
_MEAN = torch.tensor(OPENAI_CLIP_MEAN).view(3, 1, 1) * 255
_STD = torch.tensor(OPENAI_CLIP_STD).view(3, 1, 1) * 255


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    """Return pixels of 0 to 255, (images, 3, size, size), as an image processor hands them to a model."""
    return (pixels - _MEAN) / _STD
