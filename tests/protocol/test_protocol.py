"""Messages arrive as they were sent, however the bytes are cut, and nonsense is told from them."""

import json
import os
import struct

import pytest

from lens_desktop.domain.answer import Answer, Choice, Turn
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence, Failure, Module, Tag, TextLine
from lens_desktop.domain.image import Image
from lens_desktop.domain.prompt import Mode
from lens_desktop.protocol import (
    MAX_FRAME,
    Ask,
    Cancel,
    Decode,
    Describe,
    Event,
    Failed,
    FrameReader,
    Request,
    Result,
    Status,
    encode,
)

IMAGE = Image("0" * 64, "/pictures/café 写真.png", "1" * 64, 640, 480, "/cache/a.npy", "/cache/a.png", "first frame")
EVIDENCE = Evidence(
    image_id=IMAGE.id,
    tags=(Tag("red apple", 0.31), Tag("boat", 0.0)),
    attributes=(Tag("apple which has a stalk", -0.01),),
    captions=("an apple", "a boat"),
    ocr=(TextLine("HELLO\nWORLD", 0.93, (1, 2, 3, 4)),),
    finished=(Module.TAGS, Module.OCR),
    failures=(Failure(Module.CAPTIONS, "No captioner."),),
    timings=(("clip", 0.2), ("ocr", 1.0)),
    ocr_scale=0.5,
)
ANSWER = Answer("a boat", "Tags: …", True, (Choice("yes", 0.75), Choice("no", 0.25)), 1.5, 2)
MESSAGES: tuple[Request | Event, ...] = (
    Decode(1, "/pictures/a.png"),
    Describe(2, IMAGE),
    Ask(3, IMAGE, EVIDENCE, "what is it?", Mode.MEMES, (Turn("who?", "nobody"),), ("yes", "no")),
    Ask(4, IMAGE, EVIDENCE, ""),
    Cancel(5),
    Status("Loading the captioner"),
    Status("Ready", True, (("device", "cpu"), ("clip", "RN50"))),
    Result(6, IMAGE, True),
    Result(7, EVIDENCE, False),
    Result(8, ANSWER, True),
    Failed(9, "out-of-memory", "Choose a smaller LLM."),
)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_arrives_as_it_was_sent(message: Request | Event) -> None:
    (arrived,) = FrameReader().feed(encode(message))
    assert arrived == message


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_messages_survive_any_cut(size: int) -> None:
    stream = b"".join(map(encode, MESSAGES))
    reader, arrived = FrameReader(), []
    for start in range(0, len(stream), size):
        arrived += reader.feed(stream[start : start + size])
    assert tuple(arrived) == MESSAGES


def test_whole_numbers_come_back_as_the_floats_they_were() -> None:
    (arrived,) = FrameReader().feed(encode(Result(1, Evidence("x", tags=(Tag("a", 1.0),), ocr_scale=1.0), True)))
    assert isinstance(arrived, Result)
    assert isinstance(arrived.value, Evidence)
    assert isinstance(arrived.value.tags[0].score, float)


def test_a_name_that_is_not_text_survives() -> None:
    name = os.fsdecode(b"/pictures/caf\xe9 \xff.jpg")
    (arrived,) = FrameReader().feed(encode(Decode(1, name)))
    assert isinstance(arrived, Decode)
    assert os.fsencode(arrived.path) == b"/pictures/caf\xe9 \xff.jpg"


def frame(body: object) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return struct.pack(">I", len(data)) + data


@pytest.mark.parametrize(
    "data",
    [
        b"Loading weights: 100%\n",
        struct.pack(">I", MAX_FRAME + 1),
        frame(b"not json"),
        frame(b"\xff\xfe"),
        frame([1, 2]),
        frame("text"),
        frame({}),
        frame({"type": "Quit"}),
        frame({"type": "Cancel"}),
        frame({"type": "Cancel", "request": "1"}),
        frame({"type": "Cancel", "request": 1, "more": 2}),
        frame({"type": "Result", "request": 1, "final": True, "kind": "Image", "value": {}}),
        frame({"type": "Result", "request": 1, "final": True, "kind": "Tag", "value": {"text": "a", "score": 1}}),
        frame({"type": "Result", "request": "1", "final": True, "kind": "Evidence", "value": {"image_id": "x"}}),
        frame({"type": "Describe", "request": 1, "image": None}),
        frame(b'{"type":"Cancel","request":' + b"[" * 100_000),
    ],
)
def test_nonsense_is_told_from_messages(data: bytes) -> None:
    with pytest.raises(LensError) as caught:
        list(FrameReader().feed(data))
    assert caught.value.code == "protocol"


def test_a_message_too_large_is_refused_before_it_is_sent() -> None:
    with pytest.raises(LensError) as caught:
        encode(Failed(1, "x", "y" * MAX_FRAME))
    assert caught.value.code == "too-large"
