"""An LLM in 4 bits, loaded by bitsandbytes and answering: the program offers it on CUDA, its loader runs here too."""

from pathlib import Path

import pytest

from lens_desktop.domain.errors import LensError
from lens_desktop.engine.device import FOUR_BIT, Device
from lens_desktop.engine.llm import Llm
from lens_desktop.settings import Settings
from tests.published import write

HERE = Device("cpu", FOUR_BIT)


@pytest.mark.slow
def test_it_loads_smaller_and_answers(tmp_path: Path) -> None:
    write("qwen3-0.6b", tmp_path)
    settings = Settings(answer_tokens=4)
    whole, small = Llm(tmp_path, Device("cpu", "bfloat16"), settings), Llm(tmp_path, HERE, settings)
    layers = {type(layer).__name__ for layer in small._model.modules()}
    assert "Linear4bit" in layers
    assert small._model.get_memory_footprint() < whole._model.get_memory_footprint()
    prompt = small.instruction("What is there?")
    assert list(small.stream(prompt))
    assert sum(small.score(prompt, ("yes", "no"))) == pytest.approx(1)


def test_without_its_packages_it_says_which(tiny_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lens_desktop.engine.checkpoints.importlib.util.find_spec", lambda _name: None)
    with pytest.raises(LensError, match="4-bit numbers need bitsandbytes and accelerate"):
        Llm(tiny_set / "llm", HERE, Settings())
