"""Whether a set fits is judged from what is free now, with the nearest fix."""

import dataclasses
import os
from pathlib import Path

import pytest

from lens_desktop.store import preflight
from lens_desktop.store.catalogue import read_catalogue
from lens_desktop.store.preflight import Free, free_now, judge, judge_one

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("name", "free", "fits", "device", "dtype"),
    [
        ("small", Free(8 * GB), True, "cpu", "float32"),
        ("small", Free(3 * GB), False, "cpu", "float32"),
        ("medium", Free(8 * GB, 8 * GB), True, "cuda", "bfloat16"),
        ("large", Free(16 * GB, 16 * GB), True, "cuda", "bfloat16"),
        ("large", Free(8 * GB, 8 * GB), False, "cuda", "bfloat16"),
        ("large", Free(64 * GB, 2 * GB), True, "cpu", "float32"),
        ("paper", Free(22 * GB, 40 * GB), True, "cuda", "bfloat16"),
        ("paper", Free(22 * GB), False, "cpu", "float32"),
    ],
)
def test_a_set_is_put_where_it_fits(name: str, free: Free, fits: bool, device: str, dtype: str) -> None:
    catalogue = read_catalogue()
    verdict = judge(catalogue.sets[name], catalogue, free)
    assert (verdict.fits, verdict.device, verdict.dtype) == (fits, device, dtype)
    assert verdict.words.startswith("Fits: about" if fits else "Does not fit: needs about")


def test_what_does_not_fit_is_told_with_the_nearest_that_does() -> None:
    catalogue = read_catalogue()
    verdict = judge(catalogue.sets["paper"], catalogue, Free(22 * GB))
    ((old, new),) = verdict.instead
    assert old == "flan-t5-xxl"
    assert catalogue.checkpoints[new].title in verdict.words
    nothing = judge(catalogue.sets["paper"], catalogue, Free(GB))
    assert nothing.instead == ()
    assert "It would" not in nothing.words


def test_a_checkpoint_is_judged_beside_those_in_use() -> None:
    found = read_catalogue().checkpoints
    beside = [found["clip-vit-l-14"], found["blip-large"]]
    alone = judge_one(found["flan-t5-base"], [], Free(3 * GB))
    assert alone is not None
    assert alone.fits
    crowded = judge_one(found["flan-t5-base"], beside, Free(6 * GB))
    assert crowded is not None
    assert not crowded.fits
    quantised = judge_one(found["qwen3-8b"], beside, Free(20 * GB, 12 * GB))
    assert quantised is not None
    assert (quantised.fits, quantised.words.endswith("are free on the graphics card. It would in 4-bit.")) == (
        False,
        True,
    )
    assert judge_one(dataclasses.replace(found["qwen3-8b"], parameters=0), beside, Free(GB)) is None


def test_what_is_free_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 10**8 < free_now().memory < 10**14
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 1024\necho 2048\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert free_now().card == 2048 * 2**20
    tool.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed'\nexit 9\n")
    assert preflight.free_now().card == 0
