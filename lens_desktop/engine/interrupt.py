"""Stops a model in the middle of its work, between any two of its layers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


class Interrupted(Exception):  # noqa: N818  # the user's wish, not an error
    """The user asked to stop."""


def never() -> bool:
    """Return False: nobody asks to stop."""
    return False


@contextmanager
def interruptible(model: nn.Module, stop: Callable[[], bool]) -> Iterator[None]:
    """While inside, make every layer of `model` ask `stop` before it runs and raise Interrupted when it says yes.

    transformers looks for a wish to stop only between tokens; the first token of a long prompt can take seconds.
    """

    def ask(_module: nn.Module, _inputs: Any) -> None:
        if stop():
            raise Interrupted

    layers = [
        layer for stack in model.modules() if isinstance(stack, (nn.ModuleList, nn.Sequential)) for layer in stack
    ]
    hooks = [layer.register_forward_pre_hook(ask) for layer in (model, *layers)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
