"""Third stage: the image head learns to meet the texts as the text tower says them; the trunk and the texts stay."""

import math
import time
from pathlib import Path

import numpy as np
import torch
from open_clip.tokenizer import HFTokenizer
from torch import nn
from torch.nn import functional

from training.clip.image_stage import HELD_BACK, Anchors, Pool, losses, prepared
from training.clip.model import CONTEXT_LENGTH, IMAGE_SIZE, build
from training.clip.words import vocabulary
from training.world.lexicon import NAMES, attributes

BATCH = 192
RATE = 2e-3


def settle(pool_folder: Path, state: Path, minutes: float) -> float:
    """Train the head on image.pt and text.pt for some minutes; write settled.pt. Return the mean loss at the end."""
    model = build(len(vocabulary()))
    kept = torch.load(state / "image.pt", weights_only=True)
    model.visual.load_state_dict(kept["visual"])
    model.load_state_dict(torch.load(state / "text.pt", weights_only=True), strict=False)
    model.eval()
    tokenizer = HFTokenizer(str(state / "tokenizer"), context_length=CONTEXT_LENGTH)
    anchors = Anchors()
    with torch.inference_mode():
        tags = model.encode_text(tokenizer([f"A photo of {name}" for name in NAMES]), normalize=True)
        described = model.encode_text(tokenizer(list(attributes())), normalize=True)
    anchors.tags = nn.Parameter(tags.clone(), requires_grad=False)
    anchors.attributes = nn.Parameter(described.clone(), requires_grad=False)
    head = model.visual.head
    optimiser = torch.optim.AdamW([*head.parameters(), anchors.scales], lr=RATE, weight_decay=0.0, fused=True)
    pool, rng = Pool(pool_folder, IMAGE_SIZE, HELD_BACK), np.random.default_rng(1)
    started, step, mean = time.monotonic(), 0, 0.0
    while (progress := (time.monotonic() - started) / (minutes * 60)) < 1:
        optimiser.param_groups[0]["lr"] = RATE * min(1, (step + 1) / 20) * (0.5 + 0.5 * math.cos(math.pi * progress))
        rows = np.sort(rng.choice(len(pool.images) - HELD_BACK, BATCH, replace=False))
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            seen = model.visual.trunk(prepared(pool.images[rows], IMAGE_SIZE, rng))
        features = functional.normalize(head(seen.float()), dim=1)
        loss = losses(anchors, features, pool.goal.of(rows), progress)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        mean = 0.95 * mean + 0.05 * loss.item() if step else loss.item()
        step += 1
        if step % 40 == 0:
            print(f"{progress * minutes:.1f} min, {step * BATCH} pictures, loss {mean:.3f}", flush=True)
    torch.save({"head": head.state_dict(), "scale": float(anchors.scales[0].detach())}, state / "settled.pt")
    return mean
