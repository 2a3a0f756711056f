"""The files that put the program into a desktop's menus are valid."""

import shutil
import subprocess
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"


@pytest.mark.parametrize(
    "command",
    [
        ["desktop-file-validate", str(PACKAGING / "lens-desktop.desktop")],
        ["appstreamcli", "validate", "--no-net", *map(str, PACKAGING.glob("*.metainfo.xml"))],
    ],
    ids=["desktop entry", "AppStream metainfo"],
)
def test_the_desktop_file_is_valid(command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_debian_packages_are_names_only() -> None:
    lines = (PACKAGING / "debian-packages.txt").read_text().splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    assert "tesseract-ocr" in names
    assert all(name.replace("-", "").replace(".", "").replace("+", "").isalnum() for name in names)
