"""First stage: the text tower learns to say each tag's and attribute's direction from its words."""

import math
import time
from pathlib import Path

import numpy as np
import torch
from open_clip.model import CLIP
from open_clip.tokenizer import HFTokenizer
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

from training.arithmetic import autocast
from training.clip.model import CONTEXT_LENGTH, EMBEDDING, build
from training.clip.words import attribute_texts, tag_texts, vocabulary, write_tokenizer
from training.muon import Muon
from training.world.lexicon import NAMES, attributes

BATCH = 192
SHARPNESS = 20.0
MUON_RATE, ADAM_RATE = 5e-3, 3e-3


def directions() -> torch.Tensor:
    """Return a unit vector for every tag, then for every attribute: always the same ones, nearly at right angles.

    In 512 dimensions random directions are as far apart as trained ones were: no two have a cosine over 0.3.
    """
    drawn = torch.randn(len(NAMES) + len(attributes()), EMBEDDING, generator=torch.Generator().manual_seed(0))
    return functional.normalize(drawn, dim=1)


def keep_text_tower(clip: Path, state: Path) -> None:
    """Take the text tower of an exported CLIP instead of training one."""
    weights = load_file(clip / "open_clip_model.safetensors")
    text = {name: value.float() for name, value in weights.items() if not name.startswith("visual.")}
    torch.save(text, state / "text.pt")


def learn_tokens(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the tokens of all texts, N x context length, and the number of the anchor each stands for."""
    write_tokenizer(folder)
    tokenizer = HFTokenizer(str(folder), context_length=CONTEXT_LENGTH)
    tags, described = tag_texts(), attribute_texts()
    tokens = tokenizer([text for text, _ in (*tags, *described)])
    numbers = [number for _, number in tags] + [len(NAMES) + number for _, number in described]
    return tokens, torch.tensor(numbers)


def weights_of_texts(numbers: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each text is drawn when it is the tags' turn and the attributes': every anchor equally."""
    share = (1.0 / torch.bincount(numbers).double())[numbers].numpy()
    tags = np.where(numbers.numpy() < len(NAMES), share, 0.0)
    described = share - tags
    return tags / tags.sum(), described / described.sum()


def spoken(model: CLIP, tokens: torch.Tensor) -> torch.Tensor:
    """Return what encode_text returns, normalised, without the padding all rows share."""
    length = int(tokens.argmax(1).max()) + 1
    states = model.token_embedding(tokens[:, :length]) + model.positional_embedding[:length]
    states = model.ln_final(model.transformer(states, attn_mask=model.attn_mask[:length, :length]))
    ends = states[torch.arange(len(tokens)), tokens.argmax(1)]
    return functional.normalize((ends @ model.text_projection).float(), dim=1)


def train_text_tower(state: Path, minutes: float) -> float:
    """Train on the directions; write text.pt. Return the mean cosine between text and direction."""
    anchors = directions()
    model = build(len(vocabulary()))
    saved = state / "text.pt"
    if saved.exists():
        model.load_state_dict(torch.load(saved, weights_only=True), strict=False)
    tokens, numbers = learn_tokens(state / "tokenizer")
    shares = weights_of_texts(numbers)
    weights = text_weights(model)
    inner = [value for name, value in model.transformer.named_parameters() if value.ndim == 2]
    rest = [value for value in weights if not any(value is one for one in inner)]
    muon = Muon(inner, lr=MUON_RATE)
    adam = torch.optim.AdamW(rest, lr=ADAM_RATE, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    rng = np.random.default_rng(0)
    started = time.monotonic()
    step, nearness = 0, 0.0
    while (progress := (time.monotonic() - started) / (minutes * 60)) < 1:
        fall = min(1.0, (step + 1) / 40) * (0.5 + 0.5 * math.cos(math.pi * progress))
        muon.param_groups[0]["lr"], adam.param_groups[0]["lr"] = MUON_RATE * fall, ADAM_RATE * fall
        # Tags and attributes take turns: tags are shorter, and a batch costs as much as its longest text.
        turn = shares[step % 2]
        rows = torch.from_numpy(rng.choice(len(tokens), BATCH, p=turn))
        with autocast():
            said = spoken(model, tokens[rows])
        right = anchors[numbers[rows]]
        nearness = float((said * right).sum(1).mean().detach())
        loss = (
            functional.cross_entropy(SHARPNESS * said @ anchors.T, numbers[rows])
            + 4 * (1 - (said * right).sum(1)).mean()
        )
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        for optimiser in (muon, adam):
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        step += 1
        if step % 50 == 0:
            print(
                f"{progress * minutes:.1f} min, step {step}, loss {loss.item():.3f}, cosine {nearness:.3f}", flush=True
            )
    torch.save({name: value for name, value in model.state_dict().items() if not name.startswith("visual.")}, saved)
    return nearness


def text_weights(model: CLIP) -> list[nn.Parameter]:
    """Return the parameters of the text side only."""
    return [value for name, value in model.named_parameters() if not name.startswith(("visual.", "logit_"))]
