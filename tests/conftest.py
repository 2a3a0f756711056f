"""What every test shares: a home of its own, no network, one thread, and a set of tiny checkpoints."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

for _name, _value in {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_SAFETENSORS_CONVERSION": "1",
    "QT_QPA_PLATFORM": "offscreen",
}.items():
    os.environ.setdefault(_name, _value)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep data, cache and logs of the whole run in a temporary folder, in this process and those it starts."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LENS_DESKTOP_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def tiny_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a checkpoint set with random weights (see tests/tiny_checkpoints.py)."""
    folder = tmp_path_factory.mktemp("tiny") / "set"
    subprocess.run([sys.executable, "-m", "tests.tiny_checkpoints", str(folder)], check=True, cwd=ROOT)
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs this machine's own network where it is off, as in an empty network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        if probe.connect_ex(("127.0.0.1", 9)) == 0:
            return
    for item in items:
        if item.get_closest_marker("loopback"):
            item.add_marker(pytest.mark.skip(reason="the loopback network is off"))
