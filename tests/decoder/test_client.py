"""The client outlives its decode process: crashes, hangs and kills cost one file."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lens_desktop.decoder.client import DecoderClient
from lens_desktop.domain.errors import LensError
from lens_desktop.program import command
from lens_desktop.protocol import Cancel, Decode, Failed, FrameReader, encode
from tests.hostile import picture
from tests.processes import children, gone


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    picture().save(tmp_path / "sound.png")
    return tmp_path / "sound.png"


def decoder_of(process: int) -> int:
    (child,) = children(process, "--decode")
    return child


def test_a_killed_decoder_costs_nothing_when_it_was_idle(sound: Path) -> None:
    with DecoderClient() as client:
        first = client.decode(sound)
        os.kill(decoder_of(os.getpid()), signal.SIGKILL)
        time.sleep(0.1)
        assert client.decode(sound) == first


def test_a_stopped_decoder_is_given_up_after_the_limit_and_replaced(sound: Path) -> None:
    with DecoderClient(time_limit=1.5) as client:
        first = client.decode(sound)
        child = decoder_of(os.getpid())
        os.kill(child, signal.SIGSTOP)
        with pytest.raises(LensError, match=r"sound\.png took longer") as caught:
            client.decode(sound)
        assert caught.value.code == "too-slow"
        assert gone(child, 1)
        assert client.decode(sound) == first


def test_a_decoder_that_dies_over_a_file_fails_that_file_only(sound: Path) -> None:
    with DecoderClient() as client:
        first = client.decode(sound)
        child = decoder_of(os.getpid())
        os.kill(child, signal.SIGSTOP)  # so that it is still at it when it is killed
        killer = threading.Timer(0.3, os.kill, (child, signal.SIGKILL))
        killer.start()
        with pytest.raises(LensError, match=r"Reading sound\.png failed") as caught:
            client.decode(sound)
        killer.join()
        assert caught.value.code == "crashed"
        assert client.decode(sound) == first


def test_the_decoder_starts_at_once_without_the_window_or_the_models(sound: Path) -> None:
    process = subprocess.Popen(command("--decode"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(encode(Decode(1, str(sound))))
    process.stdin.flush()
    (event,) = FrameReader().feed(process.stdout.read1())
    assert event.request == 1
    maps = Path(f"/proc/{process.pid}/maps").read_text()
    assert not any(name in maps for name in ("torch", "PySide6", "transformers"))
    process.stdin.close()
    assert process.wait(timeout=2) == 0
    process.stdout.close()


def test_a_waiting_request_can_be_cancelled(sound: Path) -> None:
    process = subprocess.Popen(command("--decode"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(encode(Cancel(2)) + encode(Decode(1, str(sound))) + encode(Decode(2, str(sound))))
    process.stdin.flush()
    reader, events = FrameReader(), []
    while len(events) < 2:
        events += reader.feed(process.stdout.read1())
    assert events[1] == Failed(2, "cancelled", "Stopped before it was read.")
    process.stdin.close()
    process.wait(timeout=2)
    process.stdout.close()


def test_no_decoder_outlives_a_killed_parent(sound: Path) -> None:
    script = (
        "import sys, time\n"
        "from lens_desktop.decoder.client import DecoderClient\n"
        "client = DecoderClient()\n"
        "client.decode(sys.argv[1])\n"
        "print('read', flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(sound)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"read\n"
    child = decoder_of(parent.pid)
    os.kill(child, signal.SIGSTOP)  # it cannot see the end of its input now
    parent.kill()
    parent.wait()
    assert gone(child, 1)
    parent.stdout.close()


def test_nonsense_on_its_input_ends_it() -> None:
    process = subprocess.run(command("--decode"), input=b"\0\0\0\x04nope", capture_output=True, timeout=10)
    assert process.returncode == 1
    assert process.stdout == b""
