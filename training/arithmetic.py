"""Which numbers training multiplies: short ones where the processor has them, fp32 elsewhere."""

import torch

# Without these instructions bf16 is imitated, thirty times slower than fp32.
SHORT = torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported() else torch.float32


def autocast() -> torch.autocast:
    """Return a context in which layers run with short numbers if that is faster here."""
    return torch.autocast("cpu", torch.bfloat16, enabled=SHORT is torch.bfloat16)
