"""Runs the program in a terminal of its own, for tests."""

import os
import subprocess
from pathlib import Path

from lens_desktop.program import command

ROOT = Path(__file__).resolve().parent.parent.parent


def run(*words: str | Path, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run ``lens-desktop WORDS`` to its end."""
    line = command(*map(os.fspath, words))
    return subprocess.run(line, input=stdin, capture_output=True, timeout=240, env={**os.environ, **env}, cwd=ROOT)


def sentence(done: subprocess.CompletedProcess[bytes], code: int = 2) -> str:
    """Return the one sentence a failed run printed, having checked that there is nothing else."""
    assert (done.returncode, done.stdout) == (code, b""), done
    (line,) = done.stderr.decode().splitlines()
    return line
