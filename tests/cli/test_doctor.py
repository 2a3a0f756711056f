"""The doctor says what is there, what is missing and what to do."""

from pathlib import Path

import pytest

from lens_desktop.cli import doctor
from tests.cli.terminal import run


@pytest.mark.slow
def test_the_report_names_what_is_there_and_how_to_get_the_rest(home: Path) -> None:
    done = run("doctor", PATH="/none", DISPLAY="", WAYLAND_DISPLAY="")
    report = done.stdout.decode()
    lines = {line[8:25].strip(): line for line in report.splitlines() if line[:1].strip()}
    assert done.stderr == b""
    for name in ("Python", "torch", "torchvision", "transformers", "models", "reading images", "cache folder"):
        assert lines[name].startswith("ok"), lines[name]
    assert lines["device"].split()[2].rstrip(",:") in ("cpu", "cuda")
    assert str(home) in lines["data folder"]
    assert lines["Tesseract"].startswith("note")
    assert "sudo apt-get install tesseract-ocr tesseract-ocr-eng" in report
    assert lines["screen"].startswith("note")
    assert done.returncode == (1 if "\nMISSING" in report else 0)
    assert ("Questions can be answered." in report) == (done.returncode == 0)


def test_a_missing_package_comes_with_its_command() -> None:
    finding = doctor._package("lens-desktop-has-no-such-package", needed=True)
    assert finding.value == "not installed"
    assert finding.advice.endswith("-m pip install lens-desktop-has-no-such-package")
    assert finding.needed


def test_a_missing_starter_set_is_what_keeps_it_from_answering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "resource", lambda *parts: tmp_path.joinpath(*parts))
    monkeypatch.setattr(doctor, "_examine", doctor._starter)
    assert doctor.doctor() == 1
    assert "MISSING starter set" in capsys.readouterr().out


def test_missing_libraries_of_the_window_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(doctor._QT_LIBRARIES, "libnone.so.9", "libnone9")
    findings = {finding.name: finding for finding in doctor._screen()}
    assert findings["Qt's libraries"].advice == "Run: sudo apt-get install libnone9"
    assert not findings["Qt's libraries"].needed


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LENS_DESKTOP_HOME", str(tmp_path / "file"))
    assert all(finding.needed and "cannot be made" in finding.value for finding in doctor._folders())
