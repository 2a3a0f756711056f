"""Ctrl+C and closed pipes end the terminal quietly."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from lens_desktop.program import command
from tests.cli.terminal import ROOT
from tests.processes import children, gone


def start(*words: str | Path) -> subprocess.Popen[bytes]:
    line = command(*map(os.fspath, words))
    pipe = subprocess.PIPE
    return subprocess.Popen(
        line, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT, process_group=0, preexec_fn=listen_to_ctrl_c
    )


def listen_to_ctrl_c() -> None:
    """Take Ctrl+C as in a terminal, also when the tests run in the background, where it is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def finish(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    _, printed = process.communicate(timeout=30)
    return process.returncode, printed


def test_ctrl_c_while_it_waits_for_lines(tiny_set: Path) -> None:
    process = start("ask", "--jsonl", "-", "--checkpoints", tiny_set)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"nonsense\n")
    process.stdin.flush()
    assert process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    assert finish(process) == (130, b"")


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.3, 1.5])
def test_ctrl_c_while_the_models_load_leaves_nothing_behind(tiny_set: Path, delay: float) -> None:
    process = start("ask", "resources/samples/1-party.png", "what is it?", "--checkpoints", tiny_set)
    deadline = time.monotonic() + 30
    while not (decoders := children(process.pid, "--decode")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGINT)
    code, printed = finish(process)
    assert code == 130
    assert b"Traceback" not in printed
    assert gone(decoders[0], 2)


def test_a_closed_pipe_is_quiet(tiny_set: Path) -> None:
    process = start("ask", "--jsonl", "-", "--checkpoints", tiny_set)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"nonsense\n")
    process.stdin.flush()
    assert "error" in json.loads(process.stdout.readline())
    process.stdout.close()
    process.stdin.write(b"nonsense\n" * 10)
    process.stdin.close()
    assert process.stderr
    assert process.stderr.read() == b""
    assert process.wait(timeout=10) == 141
    process.stderr.close()
