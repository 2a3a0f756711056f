"""Before loading: does a set fit the memory that is free now, and if not, what is the nearest that does."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lens_desktop.machine import free_memory
from lens_desktop.store.catalogue import Catalogue, Checkpoint, CheckpointSet, Module

ROOM = 1_500_000_000  # bytes that torch itself, the libraries and the program take beside the models
CPU, CUDA = "cpu", "cuda"
_QUARTER = 0.3  # of what half precision takes, in 4-bit: some layers stay whole
_DTYPES = {CPU: "float32", CUDA: "bfloat16"}


@dataclass(frozen=True, slots=True)
class Free:
    """The bytes that are free now, in the machine's memory and on its graphics card (0: there is none)."""

    memory: int
    card: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something fits, where and in which dtype, the bytes it needs, and a sentence that says so.

    `instead` names checkpoints (old id, new id) with which it would fit, when it does not.
    """

    fits: bool
    device: str
    dtype: str
    needed: int
    words: str
    instead: tuple[tuple[str, str], ...] = ()


def free_now() -> Free:
    """Return what is free now; 0 where the system does not say."""
    return Free(free_memory(), _free_card())


def judge(chosen: CheckpointSet, catalogue: Catalogue, free: Free) -> Verdict:
    """Say whether a set fits: on the graphics card in half precision where there is one, else on the CPU."""
    members = [catalogue.checkpoints[one] for one in chosen.members]
    verdicts = [_on(members, device, free) for device in _devices(free)]
    fitting = next((verdict for verdict in verdicts if verdict.fits), None)
    if fitting:
        return fitting
    least = verdicts[0]
    instead = _instead(members, catalogue, free)
    if instead:
        names = " and ".join(
            f"{catalogue.checkpoints[new].title} instead of {catalogue.checkpoints[old].title}" for old, new in instead
        )
        return Verdict(False, least.device, least.dtype, least.needed, f"{least.words} It would with {names}.", instead)
    return least


def judge_one(one: Checkpoint, beside: Sequence[Checkpoint], free: Free) -> Verdict | None:
    """Say whether a checkpoint fits beside the others of the set in use; None while its size is not known."""
    if not one.parameters:
        return None
    verdicts = [_on([one, *beside], device, free) for device in _devices(free)]
    verdict = next((verdict for verdict in verdicts if verdict.fits), verdicts[0])
    if not verdict.fits and one.module is Module.LLM and free.card:
        quantised = int(one.memory("bfloat16") * _QUARTER) + needed(list(beside), "bfloat16")
        if quantised <= free.card:
            return replace(verdict, words=f"{verdict.words} It would in 4-bit.")
    return verdict


def needed(members: list[Checkpoint], dtype: str) -> int:
    """Return the bytes that running checkpoints together takes."""
    return sum(one.memory(dtype) for one in members) + ROOM


def _devices(free: Free) -> tuple[str, ...]:
    return (CUDA, CPU) if free.card else (CPU,)


def _on(members: list[Checkpoint], device: str, free: Free) -> Verdict:
    dtype = _DTYPES[device]
    there, need = (free.card if device == CUDA else free.memory), needed(members, dtype)
    where = "on the graphics card" if device == CUDA else "in memory"
    fits = need <= there
    words = f"Fits: about {_gb(need)} of the {_gb(there)} free {where}."
    if not fits:
        words = f"Does not fit: needs about {_gb(need)} and {_gb(there)} are free {where}."
    return Verdict(fits, device, dtype, need, words)


def _instead(members: list[Checkpoint], catalogue: Catalogue, free: Free) -> tuple[tuple[str, str], ...]:
    """Return the replacement of one checkpoint, the largest first, with which all fit: its own family's comes first."""
    for old in sorted(members, key=lambda one: -one.parameters):
        siblings = [one for one in catalogue.checkpoints.values() if one.module == old.module]
        for new in sorted(siblings, key=lambda one: (_family(one) != _family(old), -one.parameters)):
            others = [new if one is old else one for one in members]
            if new.parameters < old.parameters and any(_on(others, device, free).fits for device in _devices(free)):
                return ((old.id, new.id),)
    return ()


def _family(checkpoint: Checkpoint) -> str:
    return checkpoint.repository.partition("/")[2].partition("-")[0].lower()


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _free_card() -> int:
    """Return the free bytes of the card with most, as the driver's own program tells: no torch is needed for it."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    asked = [program, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=5, check=True)
        return max(int(line) for line in done.stdout.split()) * 2**20
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0
