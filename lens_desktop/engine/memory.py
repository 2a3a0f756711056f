"""Before a checkpoint is loaded: is there memory for it now, and if not, what is the nearest way that has."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import torch

from lens_desktop import machine
from lens_desktop.domain.errors import LensError
from lens_desktop.engine.device import FOUR_BIT, Device

# bits a weight takes; 4-bit blocks carry scales of their own
_BITS = {"float32": 32.0, "bfloat16": 16.0, "float16": 16.0, FOUR_BIT: 4.5}
_SLACK = 1.1  # buffers and the first activations beside the weights
_SHORTER = {"float32": ("bfloat16",), "bfloat16": (), "float16": (), FOUR_BIT: ()}


def check_room(folder: Path, device: Device, name: str) -> None:
    """Raise LensError ``does-not-fit`` when the free memory of `device` cannot hold the checkpoint in `folder`.

    `name` says what it is to the user. A system that does not tell what is free, or a checkpoint that cannot be read,
    raises nothing: loading finds out.
    """
    weights = count_weights(folder)
    free = free_memory(device.name)
    needed = _needed(weights, device.dtype)
    if not weights or not free or needed <= free:
        return
    where = "on the graphics card" if device.name == "cuda" else "in memory"
    ways = [f"{dtype} needs {_gb(need)}" for dtype, need in _ways(weights, device, name == "LLM") if need <= free]
    if device.name == "cuda" and _needed(weights, "bfloat16") <= free_memory("cpu"):
        ways.append("the CPU has room for it")
    advice = f"{'; '.join(ways)}: choose that in Models." if ways else "Choose a smaller one, or close other programs."
    raise LensError(
        "does-not-fit",
        f"The {name} does not fit: it needs {_gb(needed)} in {device.dtype} and {_gb(free)} are free {where}. "
        f"{advice[:1].upper()}{advice[1:]}",
    )


def count_weights(folder: Path) -> int:
    """Return how many numbers the safetensors files in `folder` hold, by their headers; 0 when they cannot be read."""
    try:
        return sum(sum(_shapes(file)) for file in folder.glob("*.safetensors"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return 0


def free_memory(name: str) -> int:
    """Return the free bytes of the device `name`, 0 when the system does not say."""
    if name == "cuda":
        return int(torch.cuda.mem_get_info()[0]) if torch.cuda.is_available() else 0
    return machine.free_memory()


def _needed(weights: int, dtype: str) -> int:
    return int(weights * _BITS[dtype] / 8 * _SLACK)


def _ways(weights: int, device: Device, is_llm: bool) -> Iterator[tuple[str, int]]:
    """Yield the shorter dtypes for a device, the most exact first, and the bytes each takes."""
    shorter = _SHORTER[device.dtype]
    if is_llm and device.name == "cuda" and device.dtype != FOUR_BIT:
        shorter = (*shorter, FOUR_BIT)
    for dtype in shorter:
        yield dtype, _needed(weights, dtype)


def _shapes(file: Path) -> Iterator[int]:
    """Yield the size of every tensor that the header of a safetensors file tells."""
    with file.open("rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
    for name, tensor in header.items():
        if name != "__metadata__":
            yield math.prod(tensor["shape"])


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
