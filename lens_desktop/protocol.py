"""The worker's and decoder's messages, and how they travel: frames of JSON on two pipes.

A frame is a 4-byte big-endian length and that many bytes of UTF-8 JSON. Every request ends in exactly one final Result
or one Failed. A Result carries the whole value so far: readers replace, never merge.
"""

import dataclasses
import json
import struct
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lens_desktop.domain.answer import Answer, Turn
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.image import Image
from lens_desktop.domain.prompt import Mode

_NOTHING = Evidence("")
MAX_FRAME = 16 * 1024 * 1024
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Decode:
    """Read a file (decoder only). Answered by a Result with an Image."""

    request: int
    path: str


@dataclass(frozen=True, slots=True)
class Describe:
    """Write the evidence of an image: all of it, or what is missing in `known`."""

    request: int
    image: Image
    known: Evidence = _NOTHING


@dataclass(frozen=True, slots=True)
class Ask:
    """Answer a question from evidence. With `options` the answer is one of them, scored by likelihood."""

    request: int
    image: Image
    evidence: Evidence
    question: str
    mode: Mode = Mode.GENERAL
    turns: tuple[Turn, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop a request; it still ends in one final Result or Failed."""

    request: int


@dataclass(frozen=True, slots=True)
class Status:
    """What the worker is doing. `ready` turns True when it takes requests; `facts` are (name, value) lines.

    `reading` says that it still reads a vocabulary between requests: tags or attributes have to wait for that. `failed`
    says that the models could not be loaded, for the reason in `text`: it will never be ready.
    """

    text: str
    ready: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    failed: bool = False
    reading: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The value so far of a request."""

    request: int
    value: Image | Evidence | Answer
    final: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A request that came to nothing: a short code and a sentence for the user."""

    request: int
    code: str
    message: str


type_names = {kind.__name__: kind for kind in (Decode, Describe, Ask, Cancel, Status, Result, Failed)}
_VALUES = {kind.__name__: kind for kind in (Image, Evidence, Answer)}

Request = Decode | Describe | Ask | Cancel
Event = Status | Result | Failed


def encode(message: Request | Event) -> bytes:
    """Return the frame of a message."""
    body = dataclasses.asdict(message)
    body["type"] = type(message).__name__
    if isinstance(message, Result):
        body["kind"] = type(message.value).__name__
    data = json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode()
    if len(data) > MAX_FRAME:
        raise LensError("too-large", "A message between the program's parts is too large: ask about less at once.")
    return _LENGTH.pack(len(data)) + data


class FrameReader:
    """Cuts a byte stream into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Request | Event]:
        """Take bytes as they come and yield the messages they complete. Raises LensError ``protocol`` on nonsense."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > MAX_FRAME:
                raise LensError("protocol", "The other process sent something that is not a message.")
            if len(self._buffer) < _LENGTH.size + length:
                return
            frame = bytes(self._buffer[_LENGTH.size : _LENGTH.size + length])
            del self._buffer[: _LENGTH.size + length]
            yield decode(frame)


def decode(frame: bytes) -> Request | Event:
    """Return the message in a frame's body. Raises LensError ``protocol`` when it is not one."""
    try:
        body = json.loads(frame)
        kind = type_names[body.pop("type")]
        if kind is Result:
            value = _build(_VALUES[body["kind"]], body["value"])
            return Result(_build(int, body["request"]), value, _build(bool, body["final"]))
        return typing.cast(Request | Event, _build(kind, body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LensError("protocol", f"The other process sent something that is not a message ({error}).") from None


def _build(kind: Any, value: Any) -> Any:
    """Return `value`, plain JSON, as the annotated type `kind`: dataclasses, enums, tuples and plain values."""
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: _build(hints[name], item) for name, item in value.items()})  # type: ignore[operator]
    origin = typing.get_origin(kind)
    if origin is tuple:
        inner = typing.get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_build(inner[0], item) for item in value)
        return tuple(_build(one, item) for one, item in zip(inner, value, strict=True))
    if origin in (typing.Union, types.UnionType):
        raise TypeError("a union needs its kind named")
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is not a {kind.__name__}")
    return value
