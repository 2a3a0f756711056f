"""Which device and dtype the models run with, and what to do when memory runs out."""

import gc
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch

from lens_desktop.domain.errors import LensError
from lens_desktop.settings import Settings

T = TypeVar("T")

FOUR_BIT = "4-bit"
# weights of 4 bits are computed with in bfloat16
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16, FOUR_BIT: torch.bfloat16}
_AUTO = "auto"
_GAIN = 1.2  # a shorter dtype is less exact: it must be this many times faster to be worth it
_SMALL = 100_000_000  # bytes
_ADVICE = "The memory is not enough for this: close other programs, or choose smaller checkpoints."
_ADVICE_CUDA = (
    "The graphics card's memory is not enough for this: in Models, give the LLM 4-bit numbers, put one module on the "
    "CPU, or choose smaller checkpoints."
)


@dataclass(frozen=True, slots=True)
class Device:
    """Where a model runs (``cpu``, ``cuda``) and its dtype (``float32``, ``bfloat16``, ``float16``, ``4-bit``)."""

    name: str
    dtype: str

    @property
    def torch_dtype(self) -> torch.dtype:
        """The dtype as torch knows it."""
        return _DTYPES[self.dtype]


def choose_device(settings: Settings, cache: Path, status: Callable[[str], None], module: str = "") -> Device:
    """Return the device and dtype that `settings` ask for, for all or one module (``clip``, ``captioner``, ``llm``).

    ``auto`` means what is there and what is fastest. The dtype is measured once per machine and remembered in `cache`.
    Raises LensError ``bad-setting`` when the settings name a device that is not there or a dtype that is not known.
    """
    name = (module and getattr(settings, f"{module}_device")) or settings.device
    dtype = (module and getattr(settings, f"{module}_dtype")) or settings.dtype
    if name == _AUTO:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name not in ("cpu", "cuda") or (name == "cuda" and not torch.cuda.is_available()):
        raise LensError("bad-setting", f"There is no device {name!r} here: choose auto or cpu.")
    if dtype != _AUTO and dtype not in _DTYPES:
        raise LensError("bad-setting", f"There is no dtype {dtype!r}: choose auto or {', '.join(_DTYPES)}.")
    if dtype == FOUR_BIT and (module != "llm" or name != "cuda"):
        raise LensError("bad-setting", "4-bit numbers are for an LLM on a CUDA graphics card: choose another dtype.")
    return Device(name, dtype if dtype != _AUTO else _fastest_dtype(name, cache, status))


def share_work(weights: int) -> None:
    """Let models of `weights` bytes in all use as many threads as pay.

    The steps of small models are so short that threads mostly wait for each other: on a busy machine of two cores
    one thread captioned an image in 0.5 s, two in 3 to 6 s.
    """
    if weights < _SMALL:
        torch.set_num_threads(1)


def within_memory(work: Callable[[], T], device: Device) -> T:
    """Return what `work` returns; when memory runs out, free what can be and raise LensError ``out-of-memory``."""
    try:
        return work()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    # only here is the exception gone, and with it the frames that kept the tensors alive
    gc.collect()
    if device.name == "cuda":
        torch.cuda.empty_cache()
    raise LensError("out-of-memory", _ADVICE_CUDA if device.name == "cuda" else _ADVICE)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether `error` means that memory ran out, on the CPU or on a graphics card."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and ("DefaultCPUAllocator" in text or "out of memory" in text)


def _fastest_dtype(name: str, cache: Path, status: Callable[[str], None]) -> str:
    """Return the fastest dtype of this machine, from `cache` when it was measured before."""
    key = _machine(name)
    file = cache / "dtype.json"
    known = _read(file)
    dtype = known.get(key)
    if dtype not in _DTYPES or dtype == FOUR_BIT:
        status("Measuring which number format is fastest here")
        dtype = _measure(name)
        _write(file, {**known, key: dtype})
    return dtype


def _measure(name: str) -> str:
    """Return the dtype in which layers like the models' run fastest."""
    # a graphics card always gains by half the bytes; a CPU only with the instructions for it
    candidates = ("bfloat16", "float16") if name == "cuda" else ("float32", "bfloat16")
    first, second = (_seconds(name, _DTYPES[dtype]) for dtype in candidates)
    return candidates[1] if second * _GAIN < first else candidates[0]


def _seconds(name: str, dtype: torch.dtype) -> float:
    """Return the least time of three for the layers of one encoder pass and ten decoder steps."""
    torch_device = torch.device(name)
    with torch.inference_mode():
        up = torch.ones(768, 3072, device=torch_device, dtype=dtype)
        down = torch.ones(3072, 768, device=torch_device, dtype=dtype)
        patches = torch.full((577, 768), 1e-3, device=torch_device, dtype=dtype)
        times = []
        for _ in range(4):  # the first one warms up
            start = time.perf_counter()
            for rows in (patches, *[patches[:4]] * 10):
                _ = torch.relu(rows @ up) @ down
            if name == "cuda":
                torch.cuda.synchronize()
            times.append(time.perf_counter() - start)
    return min(times[1:])


def _machine(name: str) -> str:
    """Return what the measurement depends on: the processor, the threads and torch itself."""
    if name == "cuda":
        return f"{torch.cuda.get_device_name()} torch {torch.__version__}"
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), processor)
    except OSError:
        pass  # not Linux: the platform's own name will do
    return f"{processor} {torch.get_num_threads()} threads torch {torch.__version__}"


def _read(file: Path) -> dict[str, str]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(file: Path, known: dict[str, str]) -> None:
    """Write whole or not at all; a cache that cannot be written costs a measurement, nothing more."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=file.parent, prefix="dtype-", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(known, stream, indent=1)
        Path(part).replace(file)
    except OSError:
        return
