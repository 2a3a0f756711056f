"""With the offline lock on, a whole question connects to nothing outside: watched at the system's own calls."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lens_desktop.resources import resource
from tests.cli.terminal import ROOT

pytestmark = pytest.mark.slow

INTERNET = re.compile(r"sa_family=AF_INET6?\b")
CONTROL = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect_ex(('192.0.2.1', 9))"


def traced(log: Path, *command: str, **env: str) -> list[str]:
    """Run a command with all its children and return the calls that named a socket's other end."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    calls = "trace=connect,sendto,sendmsg,sendmmsg"
    done = subprocess.run(
        [strace, "-f", "-qq", "-e", calls, "-o", str(log), *command],
        env={**os.environ, **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if "not permitted" in done.stderr:
        pytest.skip("this place does not let programs be traced")
    assert done.returncode == 0, done.stderr
    return [line for line in log.read_text(errors="replace").splitlines() if INTERNET.search(line)]


def test_a_connection_would_be_seen(tmp_path: Path) -> None:
    assert any("192.0.2.1" in line for line in traced(tmp_path / "log", sys.executable, "-c", CONTROL))


def test_window_worker_and_decoder_connect_to_nothing(tiny_set: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "offline").touch()
    log = tmp_path / "log"
    program = [sys.executable, "-c", DRIVE, str(resource("samples", "1-party.png"))]
    found = traced(
        log,
        *program,
        LENS_DESKTOP_HOME=str(home),
        LENS_DESKTOP_SET=str(tiny_set),
        HF_HUB_OFFLINE="0",
        PYTHONPATH=str(ROOT),
    )
    assert (home / "answered").read_text()
    assert found == []


DRIVE = """
import os, runpy, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
import tests.e2e.driven as driven

def say(line):
    if line == "answered":
        (Path(os.environ["LENS_DESKTOP_HOME"]) / "answered").write_text("yes")
        QApplication.instance().quit()

driven.say = say
import lens_desktop.ui.app as app
from lens_desktop.__main__ import main
start = app.Program.start

def start_and_drive(self, files):
    start(self, files)
    driven.drive()

app.Program.start = start_and_drive
sys.exit(main(sys.argv[1:]))
"""
