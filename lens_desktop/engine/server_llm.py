"""An LLM behind an OpenAI-compatible server (llama.cpp, Ollama, LM Studio, vLLM, …): text goes there, never pixels."""

import contextlib
import json
import math
import queue
import socket
import string
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx2

from lens_desktop.domain.address import check_consent, host_of, is_here
from lens_desktop.domain.answer import Turn
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.prompt import Mode, fit_prompt, one_line
from lens_desktop.engine.interrupt import Interrupted, never
from lens_desktop.engine.llm import Prompt
from lens_desktop.keys import key_for
from lens_desktop.settings import Settings

_ROOM = 4096  # tokens, when the server does not say how long a prompt may be
_CHARACTERS = 3.0  # a token has at least about so many in the languages of Europe; a server counts for itself
_LOOK = 0.05  # seconds between looks whether the user wants to stop
_CONNECT, _SILENT = 5.0, 120.0  # seconds: to connect, and without a byte
_LETTERS = string.ascii_uppercase
_DONE = "[DONE]"


class ServerLlm:
    """An LLM that answers over HTTP; it looks to the engine like a loaded one.

    Raises LensError ``consent`` when the server is on another machine and the user did not agree to send text there,
    ``offline`` when the program is locked offline, ``server`` when the server does not answer.
    """

    def __init__(self, settings: Settings) -> None:
        address, _, model = settings.llm.partition("#")
        self._address = address.rstrip("/")
        self.place = settings.llm
        host = host_of(self._address)
        check_consent(self._address, settings.llm_consent)
        if settings.offline and not is_here(self._address):
            raise LensError("offline", f"The program is locked offline and {host} is another machine: unlock it.")
        self._host = host
        self._by_proxy = not is_here(self._address)  # what stays on this machine must not take the way over another
        self._answer_tokens = settings.answer_tokens
        self._headers = _key_header(host)
        found = self._models()
        self.name = model or (str(found[0].get("id", "")) if found else "")
        self.budget = settings.budget or _longest_prompt(found, self.name) - self._answer_tokens

    def prompt(self, evidence: Evidence, question: str, mode: Mode, turns: Sequence[Turn]) -> Prompt:
        """Return the prompt within the token budget; raises LensError ``too-long`` when the question alone is over."""

        def count(text: str) -> int:
            return math.ceil(len(text) / _CHARACTERS)

        plain, dropped = fit_prompt(evidence, question, mode, turns, count, self.budget)
        if count(plain) > self.budget:
            raise LensError("too-long", "The question is longer than the LLM can read: ask it in fewer words.")
        return Prompt(plain, (), dropped)

    def instruction(self, plain: str) -> Prompt:
        """Return the prompt of an instruction that is about no image."""
        return Prompt(plain, (), 0)

    def stream(self, prompt: Prompt, stop: Callable[[], bool] = never) -> Iterator[str]:
        """Yield the greedy answer so far after each piece that comes. Raises Interrupted when `stop` turns true."""
        answer = ""
        body = self._body(prompt.text, max_tokens=self._answer_tokens, stream=True)
        for event in self._events(body, stop):
            choices = event.get("choices") or [{}]
            answer += (choices[0].get("delta") or {}).get("content") or ""
            yield _without_thoughts(answer)

    def score(
        self,
        prompt: Prompt,
        options: Sequence[str],
        *,
        by_length: bool = False,  # noqa: ARG002  # see above
        stop: Callable[[], bool] = never,
    ) -> tuple[float, ...]:
        """Return the probability of each option, as that of its letter after all options are shown as a list.

        A server does not tell the likelihood of a text it did not write, so that `by_length` changes nothing. Raises
        LensError ``no-probabilities`` when it gives no log-probabilities or there are more options than letters.
        """
        letters = _LETTERS[: len(options)]
        if len(options) <= len(_LETTERS):
            body = self._body(choice_prompt(prompt.text, options), max_tokens=1, logprobs=True, top_logprobs=20)
            for event in self._events(body, stop):
                likelihoods = _letter_likelihoods(event, letters)
                if likelihoods:
                    total = sum(likelihoods.values())
                    return tuple(likelihoods.get(letter, 0.0) / total for letter in letters)
        raise LensError("no-probabilities", f"The LLM server at {self._host} tells no probabilities.")

    def _body(self, text: str, **more: Any) -> dict[str, Any]:
        messages = [{"role": "user", "content": text}]
        return ({"model": self.name} if self.name else {}) | {"messages": messages, "temperature": 0} | more

    def _models(self) -> list[dict[str, Any]]:
        """Return what the server says of its models; none when it has no such list."""
        try:
            answer = httpx2.get(
                f"{self._address}/models", headers=self._headers, timeout=_CONNECT, trust_env=self._by_proxy
            )
            found = answer.json().get("data") or [] if answer.status_code == 200 else []
        except (httpx2.HTTPError, ValueError, AttributeError):
            raise self._silent() from None
        return [one for one in found if isinstance(one, dict)]

    def _events(self, body: dict[str, Any], stop: Callable[[], bool]) -> Iterator[dict[str, Any]]:
        """Send a request and yield the JSON objects that come back; a thread reads, so that stopping never waits."""
        inbox: queue.SimpleQueue[dict[str, Any] | Exception | None] = queue.SimpleQueue()
        line = _Line()
        threading.Thread(target=self._read, args=(line, body, inbox), daemon=True).start()
        try:
            while True:
                if stop():
                    raise Interrupted
                try:
                    event = inbox.get(timeout=_LOOK)
                except queue.Empty:
                    continue
                if event is None:
                    return
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            line.cut()  # which also ends the server's work and the thread

    def _read(self, line: "_Line", body: dict[str, Any], inbox: "queue.SimpleQueue[Any]") -> None:
        begun = False
        timeout = httpx2.Timeout(_SILENT, connect=_CONNECT)
        watched = {"trace": line.watch}
        try:
            with (
                httpx2.Client(headers=self._headers, timeout=timeout, trust_env=self._by_proxy) as client,
                client.stream("POST", f"{self._address}/chat/completions", json=body, extensions=watched) as answer,
            ):
                if answer.status_code >= 400:
                    answer.read()
                    raise LensError("server", f"The LLM server at {self._host} refused: {_reason(answer)}")
                if "event-stream" not in answer.headers.get("content-type", ""):
                    answer.read()
                    inbox.put(answer.json())
                else:
                    ended = False
                    for text in answer.iter_lines():
                        data = text.removeprefix("data:").strip() if text.startswith("data:") else ""
                        if data == _DONE:
                            ended = True
                            break
                        if data:
                            begun = True
                            event = json.loads(data)
                            ended = ended or bool((event.get("choices") or [{}])[0].get("finish_reason"))
                            inbox.put(event)
                    if not ended:
                        raise self._broken()
            inbox.put(None)
        except LensError as error:
            inbox.put(error)
        except (httpx2.HTTPError, OSError):
            inbox.put(self._broken() if begun else self._silent())
        except (ValueError, AttributeError, TypeError):
            inbox.put(LensError("server", f"What the server at {self._host} sends is no answer of an LLM."))

    def _silent(self) -> LensError:
        return LensError("server", f"The LLM server at {self._host} does not answer: start it, or choose another LLM.")

    def _broken(self) -> LensError:
        return LensError(
            "server", f"The LLM server at {self._host} stopped in the middle of the answer: ask again when it is back."
        )


class _Line:
    """The connection of one request, which another thread can cut at any time.

    Closing a socket that a thread waits at wakes neither that thread nor the server; shutting it down does both. One
    that is being opened when it is cut is shut down as soon as it is open.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    def watch(self, event: str, about: dict[str, Any]) -> None:
        """Take note of the socket, as the HTTP library tells of what it does; with TLS there is a new one."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._changing:
                self._socket = about["return_value"].get_extra_info("socket")
                if self._is_cut:
                    self._shut_down()

    def cut(self) -> None:
        """End the connection, if it has not ended, now and for both ends."""
        with self._changing:
            self._is_cut = True
            self._shut_down()

    def _shut_down(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it has ended
                self._socket.shutdown(socket.SHUT_RDWR)


def choice_prompt(prompt: str, options: Sequence[str]) -> str:
    """Return a prompt that shows options as a lettered list before ``Short Answer:`` and asks for a letter."""
    start, asked, _ = prompt.rpartition("\nShort Answer:")
    listed = "\n".join(f"{letter}) {one_line(option)}" for letter, option in zip(_LETTERS, options, strict=False))
    return f"{start if asked else prompt}\n{listed}\nAnswer with one letter only.\nShort Answer:"


def option_of(text: str, options: Sequence[str]) -> str:
    """Return the option that a written answer means, by its letter or its words; the answer itself when none."""
    said = one_line(text).strip(" .()")
    if len(said) == 1 and said.upper() in _LETTERS[: len(options)]:
        return options[_LETTERS.index(said.upper())]
    if len(said) > 1 and said[0].upper() in _LETTERS[: len(options)] and said[1] in ").:":
        return options[_LETTERS.index(said[0].upper())]
    same = [option for option in options if one_line(option).casefold() == said.casefold()]
    return same[0] if same else text


def _key_header(host: str) -> dict[str, str]:
    key = key_for(host)
    return {"Authorization": f"Bearer {key}"} if key else {}


def _longest_prompt(models: Sequence[dict[str, Any]], name: str) -> int:
    """Return the longest context the server tells of a model: vLLM and llama.cpp each have a field for it."""
    for model in models:
        if model.get("id") == name:
            meta = model.get("meta") if isinstance(model.get("meta"), dict) else {}
            told = model.get("max_model_len") or (meta or {}).get("n_ctx") or 0
            return int(told) or _ROOM
    return _ROOM


def _letter_likelihoods(event: dict[str, Any], letters: str) -> dict[str, float]:
    """Return the probability of each letter as the first token of an answer, of those that were told."""
    try:
        told = event["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
    except (KeyError, IndexError, TypeError):
        return {}
    found: dict[str, float] = {}
    for one in told:
        letter = str(one.get("token", "")).strip(" ()").upper()
        if letter and letter in letters:
            found[letter] = found.get(letter, 0.0) + math.exp(float(one["logprob"]))
    return found


def _without_thoughts(answer: str) -> str:
    """Return an answer without what a model thinks aloud before it."""
    if answer.lstrip().startswith("<think>"):
        answer = answer.partition("</think>")[2]
    return answer.strip()


def _reason(answer: httpx2.Response) -> str:
    try:
        told = answer.json()
        error = told.get("error") or told["detail"]
        text = error["message"] if isinstance(error, dict) else str(error)
    except (ValueError, KeyError, TypeError, AttributeError):
        text = f"status {answer.status_code}"
    return one_line(str(text))[:200]
