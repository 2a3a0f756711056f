"""An LLM behind a server: streamed, stopped, honest about what it cannot tell, and never sent a pixel."""

import json
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lens_desktop.domain.address import is_here
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.prompt import Mode, build_prompt
from lens_desktop.engine.interrupt import Interrupted
from lens_desktop.engine.lens import Lens
from lens_desktop.engine.server_llm import ServerLlm, choice_prompt, option_of
from lens_desktop.keys import VARIABLE
from lens_desktop.settings import Settings
from tests.llm_server import LlmServer

pytestmark = pytest.mark.loopback

QUESTION = "What is there?"


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer() as server:
        yield server


def connect(server: LlmServer, **more: object) -> ServerLlm:
    return ServerLlm(replace(Settings(llm=server.address), **more))


def test_an_answer_streams_and_only_text_is_sent(server: LlmServer, evidence: Evidence) -> None:
    llm = connect(server)
    prompt = llm.prompt(evidence, QUESTION, Mode.GENERAL, ())
    assert prompt.text == build_prompt(evidence, QUESTION)
    assert list(llm.stream(prompt))[-1] == "a dog"
    assert len(set(llm.stream(prompt))) > 1
    (first, _) = server.heard
    assert first["messages"] == [{"role": "user", "content": prompt.text}]
    assert set(first) == {"model", "messages", "temperature", "max_tokens", "stream"}
    assert first["model"] == "talker"
    assert llm.budget == 2048 - Settings().answer_tokens


def test_what_stays_on_this_machine_takes_no_way_over_a_proxy(
    server: LlmServer, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LlmServer(("from the ", "proxy")) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")
        llm = connect(server)
        assert list(llm.stream(llm.prompt(evidence, QUESTION, Mode.GENERAL, ())))[-1] == "a dog"
        assert proxy.heard == []


def test_a_model_can_be_named_behind_the_address(server: LlmServer, evidence: Evidence) -> None:
    llm = ServerLlm(Settings(llm=f"{server.address}#other/talker"))
    list(llm.stream(llm.prompt(evidence, QUESTION, Mode.GENERAL, ())))
    assert (llm.name, server.heard[0]["model"]) == ("other/talker", "other/talker")


def test_what_a_model_thinks_aloud_is_no_answer(server: LlmServer, evidence: Evidence) -> None:
    server.pieces = ["<think>a pet, ", "so</think>", " a ", "dog"]
    llm = connect(server)
    said = list(llm.stream(llm.prompt(evidence, QUESTION, Mode.GENERAL, ())))
    assert said[0] == ""
    assert said[-1] == "a dog"


@pytest.mark.parametrize("wait", [0.0, 0.4])
def test_stopping_takes_less_than_half_a_second(server: LlmServer, evidence: Evidence, wait: float) -> None:
    server.pieces, server.pause = ["x"] * 300, 0.1 if wait else 5.0
    llm = connect(server)
    stopped: list[float] = []

    def stop() -> bool:
        if time.monotonic() - start > wait and not stopped:
            stopped.append(time.monotonic())
        return bool(stopped)

    start = time.monotonic()
    with pytest.raises(Interrupted):
        for _ in llm.stream(llm.prompt(evidence, QUESTION, Mode.GENERAL, ()), stop):
            pass
    assert time.monotonic() - stopped[0] < 0.5
    time.sleep(0.3)
    before = server.sent
    time.sleep(0.5)
    assert server.sent == before  # the server was told, and works no more


@pytest.mark.parametrize("wait", [0.0, 0.4])
def test_a_server_that_is_silent_is_told_to_stop(server: LlmServer, evidence: Evidence, wait: float) -> None:
    """Most of the time it reads the prompt and says nothing; else it would hold up the next answer with this one."""
    server.silent = True
    llm = connect(server)
    prompt = llm.prompt(evidence, QUESTION, Mode.GENERAL, ())
    before = set(threading.enumerate())
    start = time.monotonic()
    with pytest.raises(Interrupted):
        list(llm.stream(prompt, lambda: time.monotonic() - start > wait))
    until = time.monotonic() + 2
    while left := set(threading.enumerate()) - before:  # ours that reads, and the server's, which sees us leave
        assert time.monotonic() < until, left
        time.sleep(0.01)


def test_a_server_that_dies_in_mid_answer_is_one_sentence(server: LlmServer, evidence: Evidence) -> None:
    server.pieces, server.break_after = ["one ", "two ", "three"], 2
    llm = connect(server)
    prompt = llm.prompt(evidence, QUESTION, Mode.GENERAL, ())
    said: list[str] = []
    with pytest.raises(LensError, match="stopped in the middle of the answer: ask again") as caught:
        said.extend(llm.stream(prompt))
    assert caught.value.code == "server"
    assert said[-1] == "one two"
    server.break_after = 0
    assert list(llm.stream(prompt))[-1] == "one two three"  # it is back, and so are we


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with LlmServer() as gone:
        address = gone.address
    with pytest.raises(LensError, match=r"127\.0\.0\.1 does not answer: start it"):
        ServerLlm(Settings(llm=address))
    with pytest.raises(LensError, match="no address of a server"):
        ServerLlm(Settings(llm="http://"))


def test_options_get_the_probabilities_that_the_server_tells(server: LlmServer, evidence: Evidence) -> None:
    server.logprobs = {" B": math.log(0.6), "A": math.log(0.2), "b": math.log(0.1), "The": math.log(0.1)}
    llm = connect(server)
    prompt = llm.prompt(evidence, "Which?", Mode.GENERAL, ())
    assert llm.score(prompt, ["cat", "dog", "cow"]) == pytest.approx((2 / 9, 7 / 9, 0))
    asked = server.heard[-1]["messages"][0]["content"]
    assert asked.endswith("Question: Which?\nA) cat\nB) dog\nC) cow\nAnswer with one letter only.\nShort Answer:")


def test_without_probabilities_none_are_made_up(server: LlmServer, evidence: Evidence, tiny_set: Path) -> None:
    llm = connect(server)
    with pytest.raises(LensError, match="tells no probabilities"):
        llm.score(llm.prompt(evidence, "Which?", Mode.GENERAL, ()), ["cat", "dog"])


@pytest.mark.parametrize(
    ("said", "meant"),
    [("B", "a dog"), ("b)", "a dog"), ("A: a cat", "a cat"), ("A dog.", "a dog"), ("neither", "neither"), ("C", "C")],
)
def test_a_written_choice_is_taken_by_letter_or_words(said: str, meant: str) -> None:
    assert option_of(said, ["a cat", "a dog"]) == meant


def test_a_choice_list_keeps_to_one_line_each() -> None:
    assert choice_prompt("q\nShort Answer:", ["a\nb", "c"]) == (
        "q\nA) a b\nB) c\nAnswer with one letter only.\nShort Answer:"
    )


def test_another_machine_needs_consent_and_no_lock() -> None:
    remote = "http://llm.example.org/v1"
    with pytest.raises(LensError, match="evidence and questions would be sent to it as text, never pixels") as caught:
        ServerLlm(Settings(llm=remote, llm_consent="other.example.org"))
    assert caught.value.code == "consent"
    with pytest.raises(LensError, match="locked offline"):
        ServerLlm(Settings(llm=remote, llm_consent="llm.example.org", offline=True))


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://127.8.9.1/v1", True),
        ("http://localhost:8080/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://192.168.1.5/v1", False),
        ("http://0.0.0.0/v1", False),
        ("http://localhost.example.org/v1", False),
        ("http://127.0.0.1.example.org/v1", False),
        ("http://127.0.0.1@example.org/v1", False),
    ],
)
def test_here_is_this_machine_only(address: str, here: bool) -> None:
    assert is_here(address) is here


def test_a_key_is_sent_and_a_wrong_one_is_told(
    server: LlmServer, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.key = "secret"
    monkeypatch.setenv(VARIABLE, "wrong")
    llm = connect(server)
    prompt = llm.prompt(evidence, QUESTION, Mode.GENERAL, ())
    with pytest.raises(LensError, match="refused: wrong key"):
        list(llm.stream(prompt))
    monkeypatch.setenv(VARIABLE, "secret")
    llm = connect(server)
    assert list(llm.stream(prompt))[-1] == "a dog"


def test_the_engine_answers_through_a_server(
    server: LlmServer, evidence: Evidence, settings: Settings, tmp_path: Path
) -> None:
    lens = Lens.load(replace(settings, llm=server.address), cache=tmp_path)
    assert ("llm", f"talker at {server.address}") in lens.facts
    *_, answer = lens.ask(evidence, QUESTION)
    assert (answer.text, answer.finished) == ("a dog", True)
    server.pieces = ["B"]
    *_, answer = lens.ask(evidence, "Which?", options=["cat", "dog"])
    assert (answer.text, answer.choices, answer.finished) == ("dog", (), True)
    assert "B) dog" in answer.prompt
    server.logprobs = {"A": -0.1, "B": -2.5}
    *_, answer = lens.ask(evidence, "Which?", options=["cat", "dog"])
    assert [choice.text for choice in answer.choices] == ["cat", "dog"]
    sent = json.dumps(server.heard)
    assert len(sent) < 20_000  # words, no pixels
