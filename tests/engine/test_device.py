"""The dtype is measured once per machine; settings that ask for one are obeyed; running out of memory has a name."""

import gc
import json
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lens_desktop.domain.errors import LensError
from lens_desktop.engine import device as device_module
from lens_desktop.engine.device import Device, choose_device, is_out_of_memory, share_work, within_memory
from lens_desktop.settings import Settings

AUTO = Settings(device="cpu")


def test_the_dtype_is_measured_once_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    first = choose_device(AUTO, tmp_path, said.append)
    assert first.name == "cpu"
    assert first.dtype in ("float32", "bfloat16")
    assert len(said) == 1
    monkeypatch.setattr(device_module, "_measure", lambda _name: pytest.fail("measured again"))
    assert choose_device(AUTO, tmp_path, said.append) == first
    assert list(json.loads((tmp_path / "dtype.json").read_text()).values()) == [first.dtype]


@pytest.mark.parametrize(
    ("slow", "fast", "chosen"), [(2.0, 1.0, "bfloat16"), (1.05, 1.0, "float32"), (1.0, 9.0, "float32")]
)
def test_a_shorter_dtype_must_be_worth_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: float, fast: float, chosen: str
) -> None:
    seconds = {torch.float32: slow, torch.bfloat16: fast}
    monkeypatch.setattr(device_module, "_seconds", lambda _name, dtype: seconds[dtype])
    assert choose_device(AUTO, tmp_path, print).dtype == chosen


def test_another_machine_measures_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "_measure", lambda _name: "bfloat16")
    monkeypatch.setattr(device_module, "_machine", lambda _name: "one")
    choose_device(AUTO, tmp_path, print)
    monkeypatch.setattr(device_module, "_measure", lambda _name: "float32")
    monkeypatch.setattr(device_module, "_machine", lambda _name: "two")
    assert choose_device(AUTO, tmp_path, print).dtype == "float32"
    assert json.loads((tmp_path / "dtype.json").read_text()) == {"one": "bfloat16", "two": "float32"}


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"x": "float64"}'])
def test_a_damaged_memory_is_measured_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "dtype.json").write_text(content)
    assert choose_device(AUTO, tmp_path, print).dtype in ("float32", "bfloat16")


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_settings_that_name_a_dtype_are_obeyed_unmeasured(tmp_path: Path, dtype: str) -> None:
    said: list[str] = []
    assert choose_device(replace(AUTO, dtype=dtype), tmp_path, said.append) == Device("cpu", dtype)
    assert said == []
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", [{"device": "abacus"}, {"dtype": "float8"}])
def test_unknown_devices_and_dtypes_are_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(LensError, match=next(iter(wrong.values()))) as caught:
        choose_device(replace(AUTO, **wrong), tmp_path, print)
    assert caught.value.code == "bad-setting"


def test_small_models_use_one_thread_and_big_ones_those_there_are() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        share_work(5_000_000_000)
        assert torch.get_num_threads() == 2
        share_work(30_000_000)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_a_real_allocation_that_fails_is_told_apart() -> None:
    with pytest.raises(LensError, match="memory is not enough") as caught:
        within_memory(lambda: torch.empty(1 << 50, dtype=torch.uint8), Device("cpu", "float32"))
    assert caught.value.code == "out-of-memory"
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("shapes do not fit"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_other_errors_pass_unchanged() -> None:
    def wrong() -> None:
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes do not fit"):
        within_memory(wrong, Device("cpu", "float32"))


def test_what_filled_the_memory_is_let_go() -> None:
    kept: list[weakref.ref[torch.Tensor]] = []

    def fill() -> None:
        large = torch.zeros(1000)
        kept.append(weakref.ref(large))
        raise MemoryError

    with pytest.raises(LensError) as caught:
        within_memory(fill, Device("cpu", "float32"))
    gc.collect()
    assert caught.value.code == "out-of-memory"
    assert kept[0]() is None
