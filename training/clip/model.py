"""The starter CLIP's shape, in open_clip's own configuration, and how to build it."""

from pathlib import Path
from typing import Any

import torch
from open_clip.model import CLIP
from open_clip.transformer import VisionTransformer
from torch.nn import functional
from transformers import BlipForConditionalGeneration
from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

from training.pixels import IMAGE_SIZE, PATCH

EMBEDDING = 512
CONTEXT_LENGTH = 16
QUERIES = 9  # each may look at another thing of the picture, so that three things do not have to share one state
PADDING = 116  # grey: nearly what normalisation makes zero


def config(vocabulary: int) -> dict[str, Any]:
    """Return the whole open_clip_config.json; `vocabulary` is the number of tokens."""
    return {
        "model_cfg": {
            "embed_dim": EMBEDDING,
            "vision_cfg": {
                "image_size": IMAGE_SIZE,
                "patch_size": PATCH,
                "width": 192,
                "layers": 6,
                "head_width": 48,
                "no_ln_pre": True,
                "attentional_pool": True,
                "attn_pooler_queries": QUERIES,
                "pool_type": "avg",  # of all queries but the first
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
            "mean": list(OPENAI_CLIP_MEAN),
            "std": list(OPENAI_CLIP_STD),
            "interpolation": "bicubic",
            "resize_mode": "longest",  # nothing is cropped away, and a circle stays a circle
            "fill_color": PADDING,
        },
    }


def build(vocabulary: int) -> CLIP:
    """Return an untrained model in fp32."""
    return CLIP(**config(vocabulary)["model_cfg"])


def start_from_captioner(visual: VisionTransformer, captioner: Path) -> None:
    """Give the image tower the weights of an exported captioner's, which is the same transformer under other names.

    What every patch shows was learned there, from dense targets; only how patches are pooled is new.
    """
    tower = BlipForConditionalGeneration.from_pretrained(captioner).float().vision_model
    embeddings = tower.embeddings
    with torch.no_grad():
        visual.conv1.weight.copy_(embeddings.patch_embedding.weight)
        visual.class_embedding.copy_(embeddings.class_embedding[0, 0])
        visual.positional_embedding.copy_(embeddings.position_embedding[0])
        visual.positional_embedding[1:] += embeddings.patch_embedding.bias  # this tower's patches have none
        assert visual.attn_pool is not None
        visual.attn_pool.ln_k.load_state_dict(tower.post_layernorm.state_dict())
        for block, layer in zip(visual.transformer.resblocks, tower.encoder.layers, strict=True):
            block.ln_1.load_state_dict(layer.layer_norm1.state_dict())
            block.ln_2.load_state_dict(layer.layer_norm2.state_dict())
            block.attn.in_proj_weight.copy_(layer.self_attn.qkv.weight)
            block.attn.in_proj_bias.copy_(layer.self_attn.qkv.bias)
            block.attn.out_proj.load_state_dict(layer.self_attn.projection.state_dict())
            block.mlp.c_fc.load_state_dict(layer.mlp.fc1.state_dict())
            block.mlp.c_proj.load_state_dict(layer.mlp.fc2.state_dict())


def look(
    visual: VisionTransformer, pixels: torch.Tensor, patches: torch.Tensor, frozen: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what the tower says of pictures, N x dimension, and the states of some of their patches, N x kept x width.

    `patches` (N x kept) are the only ones looked at; a third of them costs a third of the time. `frozen`: nothing but
    the pooling is trained.
    """
    with torch.set_grad_enabled(not frozen and torch.is_grad_enabled()):
        states = visual._embeds(pixels)
        kept = torch.cat((torch.zeros_like(patches[:, :1]), 1 + patches), 1)
        states = states.gather(1, kept[..., None].expand(-1, -1, states.shape[-1]))
        states = visual.transformer(states)
    return visual._pool(states)[0] @ visual.proj, states[:, 1:]


def said_alone(visual: VisionTransformer, states: torch.Tensor) -> torch.Tensor:
    """Return what the tower would say if its pooling looked at one patch only: N x width in, N x dimension out."""
    pool = visual.attn_pool
    assert pool is not None
    value = pool.attn.in_proj_bias.chunk(3)[2]
    values = functional.linear(pool.ln_k(states), pool.attn.v_proj_weight, value)
    return visual.ln_post(pool.attn.out_proj(values)) @ visual.proj
