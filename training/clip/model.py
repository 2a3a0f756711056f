"""The starter CLIP's shape, in open_clip's own configuration, and how to build it."""

from typing import Any

import open_clip
import torch
from open_clip.model import CLIP

IMAGE_SIZE = 128
EMBEDDING = 512
CONTEXT_LENGTH = 16
MEAN = STD = (0.5, 0.5, 0.5)
TOWER = "test_resnet"  # timm's smallest plain residual net: 700 pictures of 64 pixels a second on one core


def config(vocabulary: int, tower: str = TOWER) -> dict[str, Any]:
    """Return the whole open_clip_config.json; `vocabulary` is the number of tokens."""
    return {
        "model_cfg": {
            "embed_dim": EMBEDDING,
            "vision_cfg": {
                "image_size": IMAGE_SIZE,
                "timm_model_name": tower,
                "timm_model_pretrained": False,
                "timm_pool": "avgmax",  # the maximum sees small things as well as large ones
                "timm_proj": "mlp",
            },
            "text_cfg": {
                "context_length": CONTEXT_LENGTH,
                "vocab_size": vocabulary,
                "hf_tokenizer_name": "starter",
                "width": 256,
                "heads": 4,
                "layers": 2,
                "pool_type": "argmax",  # the end token has the highest number
            },
        },
        "preprocess_cfg": {
            "mean": list(MEAN),
            "std": list(STD),
            "interpolation": "bicubic",
            "resize_mode": "squash",  # nothing is cropped away
        },
    }


def build(vocabulary: int, tower: str = TOWER) -> CLIP:
    """Return an untrained model in fp32, its image tower laid out for fast convolutions."""
    model = CLIP(**config(vocabulary, tower)["model_cfg"])
    model.visual.to(memory_format=torch.channels_last)
    return model


def tokenizer_of(folder: str) -> open_clip.tokenizer.HFTokenizer:
    """Return the tokenizer that lies beside an exported model, as open_clip finds it."""
    return open_clip.get_tokenizer(f"local-dir:{folder}")
