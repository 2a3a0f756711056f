"""The files that put the program into a desktop's menus are valid."""

import shutil
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import pytest

from lens_desktop import resources

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"


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


def test_a_wheel_carries_every_resource_to_where_an_installed_program_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["data-files"]
    monkeypatch.setattr(resources, "__file__", "/nowhere/lens_desktop/resources.py")
    carried = {
        Path(sysconfig.get_path("data"), folder, file.name)
        for folder, patterns in listed.items()
        for pattern in patterns
        for file in ROOT.glob(pattern)
        if file.is_file()
    }
    wanted = [file.relative_to(ROOT / "resources") for file in (ROOT / "resources").rglob("*") if file.is_file()]
    assert wanted
    assert {resources.resource(*file.parts) for file in wanted} == carried
