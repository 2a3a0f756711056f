"""The LLM server is a real one, `transformers serve`, which knows nothing of this program.

What tests/llm_server.py plays is what we think such servers do; here stands one that somebody else wrote.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.prompt import Mode
from lens_desktop.engine.device import Device
from lens_desktop.engine.interrupt import Interrupted
from lens_desktop.engine.lens import Lens
from lens_desktop.engine.llm import Llm
from lens_desktop.engine.server_llm import ServerLlm
from lens_desktop.settings import Settings
from tests.published import write

pytestmark = [pytest.mark.slow, pytest.mark.loopback]

QUESTION = "What is there?"
LONG = 3000  # tokens: about half a minute's work, so that nothing here can be over by itself
STARTING = 120.0  # seconds


class RealServer:
    """`transformers serve` with one checkpoint, in a process and with a cache of its own."""

    def __init__(self, checkpoint: Path, folder: Path) -> None:
        self.checkpoint = checkpoint
        self._log = folder / "server.log"
        self._cache = folder / "cache"  # which is not there, as on the day of its installation
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        program = Path(sys.executable).with_name("transformers")
        line = [program, "serve", self.checkpoint, "--host", "127.0.0.1", "--port", str(self.port)]
        line += ["--device", "cpu", "--dtype", "float32"]
        with self._log.open("ab") as log:
            env = {**os.environ, "HF_HOME": str(self._cache), "HF_HUB_OFFLINE": "1"}
            self._process = subprocess.Popen(line, stdout=log, stderr=log, env=env)
        until = time.monotonic() + STARTING
        while not self._answers():
            running = self._process.poll() is None
            if not running or time.monotonic() > until:
                self.kill()
                pytest.fail(f"transformers serve did not start:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def _answers(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            return bool(opener.open(f"http://127.0.0.1:{self.port}/health", timeout=2).status == 200)
        except OSError:
            return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    folder = tmp_path_factory.mktemp("served")
    server = RealServer(write("qwen3-talker", folder / "talker"), folder)
    yield server
    server.kill()


def connect(server: RealServer, tokens: int = 40, model: str | None = None) -> ServerLlm:
    name = str(server.checkpoint) if model is None else model
    return ServerLlm(Settings(llm=f"{server.address}#{name}", answer_tokens=tokens))


def test_it_streams_what_the_same_checkpoint_writes_here(server: RealServer, evidence: Evidence, cpu: Device) -> None:
    llm = connect(server)
    said = list(llm.stream(llm.prompt(evidence, QUESTION, Mode.GENERAL, ())))
    assert llm.name == str(server.checkpoint)
    assert len(set(said)) > 5
    assert all(after.startswith(before) for before, after in pairwise(said))
    here = Llm(server.checkpoint, cpu, Settings(answer_tokens=40))
    assert said[-1] == here.answer(here.prompt(evidence, QUESTION, Mode.GENERAL, ()))


def test_it_needs_no_name_and_refuses_a_wrong_one(server: RealServer, evidence: Evidence) -> None:
    """Its list of models is that of its cache, in which there is nothing; started for one model it needs no name."""
    llm = connect(server, model="")
    assert llm.name == ""
    assert list(llm.stream(llm.prompt(evidence, QUESTION, Mode.GENERAL, ())))[-1]
    llm = connect(server, model="another/model")
    with pytest.raises(LensError, match=r"refused: .*another/model") as caught:
        list(llm.stream(llm.prompt(evidence, QUESTION, Mode.GENERAL, ())))
    assert caught.value.code == "server"


@pytest.mark.parametrize("wait", [0.0, 1.5])
def test_stopping_takes_less_than_half_a_second(server: RealServer, evidence: Evidence, wait: float) -> None:
    """An answer that went on behind our back would hold up the next: the server works on one after the other."""
    llm = connect(server, LONG)
    prompt = llm.prompt(evidence, QUESTION, Mode.GENERAL, ())
    said: list[str] = []
    stopped: list[float] = []

    def stop() -> bool:
        if time.monotonic() - start > wait and not stopped:
            stopped.append(time.monotonic())
        return bool(stopped)

    start = time.monotonic()
    with pytest.raises(Interrupted):
        said.extend(llm.stream(prompt, stop))
    assert time.monotonic() - stopped[0] < 0.5
    assert bool(said) == bool(wait)
    start = time.monotonic()
    assert next(text for text in llm.stream(prompt) if text)
    assert time.monotonic() - start < 5


def test_options_without_probabilities_have_none(
    server: RealServer, evidence: Evidence, settings: Settings, tmp_path: Path
) -> None:
    """It takes a request for log-probabilities and gives none: the engine has it write its choice instead."""
    llm = connect(server)
    with pytest.raises(LensError, match="tells no probabilities") as caught:
        llm.score(llm.prompt(evidence, "Which?", Mode.GENERAL, ()), ["cat", "dog"])
    assert caught.value.code == "no-probabilities"
    chosen = replace(settings, llm=f"{server.address}#{server.checkpoint}")
    lens = Lens.load(chosen, cache=tmp_path)
    *_, answer = lens.ask(evidence, "Which?", options=["cat", "dog"])
    assert answer.finished
    assert answer.text
    assert answer.choices == ()
    assert "A) cat\nB) dog\n" in answer.prompt


def test_a_server_killed_in_mid_answer_is_one_sentence_and_can_come_back(
    server: RealServer, evidence: Evidence
) -> None:
    llm = connect(server, LONG)
    prompt = llm.prompt(evidence, QUESTION, Mode.GENERAL, ())
    answer = llm.stream(prompt)
    before = next(text for text in answer if len(text) > 100)
    server.kill()
    killed = time.monotonic()
    said = [before]
    with pytest.raises(LensError, match="stopped in the middle of the answer: ask again") as caught:
        said.extend(answer)
    assert time.monotonic() - killed < 2
    assert caught.value.code == "server"
    assert "\n" not in caught.value.message
    assert said[-1].startswith(before)  # what came stays
    with pytest.raises(LensError, match=r"127\.0\.0\.1 does not answer: start it"):
        list(llm.stream(prompt))
    server.start()
    again = connect(server)
    assert list(again.stream(prompt))[-1]
