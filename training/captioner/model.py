"""The captioner's sizes, its throw-away heads and one pass over a batch of images with several captions each."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BlipConfig, BlipForConditionalGeneration

from training.captioner.targets import CLASSES, Targets
from training.captioner.words import POSITIONS, Words
from training.pixels import GRID, IMAGE_SIZE, PATCH, normalised


@dataclass(frozen=True, slots=True)
class Sizes:
    """Widths and depths. `vision` and `text` are the widths of the two towers."""

    vision: int = 192
    vision_layers: int = 6
    text: int = 192
    text_layers: int = 4
    heads: int = 4


def build(sizes: Sizes) -> BlipForConditionalGeneration:
    """Return a captioner with fresh weights, fp32."""
    words = Words()
    text = {
        "vocab_size": len(words.tokens),
        "hidden_size": sizes.text,
        "encoder_hidden_size": sizes.vision,
        "num_hidden_layers": sizes.text_layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": 2 * sizes.text,
        "max_position_embeddings": POSITIONS,
        "bos_token_id": words.start,
        "eos_token_id": words.end,
        "sep_token_id": words.end,
        "pad_token_id": words.pad,
    }
    vision = {
        "hidden_size": sizes.vision,
        "num_hidden_layers": sizes.vision_layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": 4 * sizes.vision,
        "image_size": IMAGE_SIZE,
        "patch_size": PATCH,
        "initializer_range": 0.02,
    }
    return BlipForConditionalGeneration(BlipConfig(text_config=text, vision_config=vision))


def image_states(model: BlipForConditionalGeneration, pixels: Tensor, patches: Tensor | None = None) -> Tensor:
    """Return what the vision tower makes of images: (images, 1 + patches, width), the first for the whole image.

    `patches` (images, kept) are the only ones looked at: half the patches cost half the time.
    """
    tower = model.vision_model
    if patches is None:
        return tower(pixels).last_hidden_state
    states = tower.embeddings(pixels)
    kept = torch.cat((torch.zeros_like(patches[:, :1]), 1 + patches), 1)
    states = states.gather(1, kept[..., None].expand(-1, -1, states.shape[-1]))
    return tower.post_layernorm(tower.encoder(inputs_embeds=states).last_hidden_state)


def regridded(positions: Tensor) -> Tensor:
    """Return position embeddings (1, 1 + patches, width) of another number of patches for the grid of this model."""
    whole, patches = positions[:, :1], positions[:, 1:]
    side = round(patches.shape[1] ** 0.5)
    grid = patches.reshape(1, side, side, -1).permute(0, 3, 1, 2)
    grid = functional.interpolate(grid, size=(GRID, GRID), mode="bicubic", align_corners=False)
    return torch.cat((whole, grid.permute(0, 2, 3, 1).flatten(1, 2)), 1)


def start_from_patches(model: BlipForConditionalGeneration, pictures: np.ndarray) -> None:
    """Let the patch embedding start as the main components of real patches, and positions as waves across the grid.

    Nothing has to be unlearned there, so the layers above see the whole picture from the first step.
    `pictures` is uint8 (images, size, size, 3).
    """
    embeddings = model.vision_model.embeddings
    patch, width = embeddings.patch_size, embeddings.embed_dim
    pixels = normalised(torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float())
    patches = pixels.unfold(2, patch, patch).unfold(3, patch, patch).permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(0, 2)
    centred = patches - patches.mean(0)
    values, vectors = torch.linalg.eigh(centred.T @ centred / len(centred))
    top = vectors[:, -width:] / values[-width:].clamp(min=1e-2).sqrt()
    half = torch.arange(width // 4) / (width // 4)
    waves = torch.linspace(0, 1, GRID)[:, None] * torch.pi * 10**half
    line = torch.cat((waves.sin(), waves.cos()), 1)
    grid = torch.cat((line[:, None].expand(GRID, GRID, -1), line[None].expand(GRID, GRID, -1)), 2)
    with torch.no_grad():
        embeddings.patch_embedding.weight.copy_(0.5 * top.T.reshape(width, 3, patch, patch))
        embeddings.patch_embedding.bias.copy_(-embeddings.patch_embedding.weight.flatten(1) @ patches.mean(0))
        embeddings.position_embedding[0, 1:] = 0.3 * grid.flatten(0, 1)


class Heads(nn.Module):
    """Linear heads that read the dense targets off the vision tower; they are not part of the checkpoint."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({name: nn.Linear(width, count) for name, count in CLASSES.items()})

    def losses(self, states: Tensor, targets: Targets) -> dict[str, Tensor]:
        """Return a soft cross-entropy per head. `states` is (images, 1 + patches, width), the first the whole image.

        Rows of a target sum to at most 1; what is missing is not asked for. "right" is no loss: the share of patches
        shown by one thing that are given its kind.
        """
        result = {}
        for name, head in self.heads.items():
            target = getattr(targets, name)
            rows = states[:, 0] if target.dim() == 2 else states[:, 1:]
            logs = functional.log_softmax(head(rows).float(), -1)
            result[name] = -(target * logs).sum() / target.sum().clamp(min=1)
            if name == "kind":
                most, kind = target[..., 1:].max(-1)
                right = (logs[..., 1:].argmax(-1) == kind)[most > 0.7].float().mean()
        return {**result, "right": right.detach()}


@dataclass(frozen=True, slots=True)
class Captions:
    """Several captions per image in one row: (images, tokens); `mask` (images, 1, tokens, tokens) is added."""

    tokens: Tensor
    positions: Tensor
    labels: Tensor
    mask: Tensor


def pack(rows: list[list[list[int]]], pad: int, prompt: int) -> Captions:
    """Lay the captions of each image behind one another so that the image is attended to once.

    `rows` holds token ids per image and caption; the first `prompt` tokens of a caption are given, not learned.
    """
    length = max(sum(len(caption) - 1 for caption in row) for row in rows)
    tokens = torch.full((len(rows), length), pad)
    labels = torch.full((len(rows), length), -100)
    positions = torch.zeros((len(rows), length), dtype=torch.long)
    owner = torch.full((len(rows), length), -1)
    for number, row in enumerate(rows):
        at = 0
        for index, caption in enumerate(row):
            span = slice(at, at + len(caption) - 1)
            tokens[number, span] = torch.tensor(caption[:-1])
            labels[number, span] = torch.tensor([-100] * (prompt - 1) + caption[prompt:])
            positions[number, span] = torch.arange(len(caption) - 1)
            owner[number, span] = index
            at = span.stop
    same = owner[:, :, None] == owner[:, None, :]
    seen = same & torch.ones(length, length).tril().bool()
    return Captions(tokens, positions, labels, torch.zeros(seen.shape).masked_fill(~seen, -1e4)[:, None])


def caption_loss(model: BlipForConditionalGeneration, states: Tensor, captions: Captions) -> Tensor:
    """Return the mean cross-entropy of the captions' words given the image's `states` (images, tokens, width)."""
    hidden = model.text_decoder.bert(
        captions.tokens,
        position_ids=captions.positions,
        attention_mask=captions.mask,
        encoder_hidden_states=states,
        is_decoder=False,  # the mask is causal already
        use_cache=False,
    ).last_hidden_state
    learned = captions.labels >= 0
    scores = model.text_decoder.cls(hidden[learned])
    return functional.cross_entropy(scores.float(), captions.labels[learned])
