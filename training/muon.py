"""Muon for convolutions and matrices: steps whose directions all weigh the same, which shortens the first plateau."""

from collections.abc import Iterable

import torch
from torch import nn

from training.arithmetic import SHORT


class Muon(torch.optim.Optimizer):
    """Momentum, made orthogonal by a few Newton-Schulz steps. Convolutions count as matrices: outputs x the rest."""

    def __init__(self, weights: Iterable[nn.Parameter], lr: float, momentum: float = 0.95, decay: float = 0.03) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        """Take one step; a step is as large as Adam's at the same rate."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                kept = self.state[weight]
                if "momentum" not in kept:
                    kept["momentum"] = torch.zeros_like(weight.grad)
                kept["momentum"].lerp_(weight.grad, 1 - group["momentum"])
                ahead = weight.grad.lerp(kept["momentum"], group["momentum"])
                matrix = ahead.reshape(len(ahead), -1)
                step = orthogonal(matrix) * (0.2 * max(matrix.shape) ** 0.5)
                weight.mul_(1 - group["lr"] * group["decay"])
                weight.add_(step.view_as(weight), alpha=-group["lr"])


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """Return the nearest matrix whose singular values are about one, by five steps of a quintic iteration."""
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    kind = matrix.dtype
    wide = (wide / (wide.norm() + 1e-7)).to(SHORT)  # the iteration forgives coarse numbers
    for _ in range(5):
        square = wide @ wide.T
        wide = 3.4445 * wide + (-4.7750 * square + 2.0315 * square @ square) @ wide
    return (wide.T if matrix.shape[0] > matrix.shape[1] else wide).to(kind)
