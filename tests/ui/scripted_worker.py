"""A worker without models for tests and for looking at the window: real frames, made-up words, deaths on demand.

Words in a question steer it: ``die`` kills it before the answer, ``slow`` streams until stopped, ``fail`` fails.
Arguments: ``--never-ready`` leaves before it is ready, ``--cannot-load`` says that it cannot load,
``--dies-describing`` dies on every Describe, ``--no-ocr`` has no Tesseract.
"""

import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lens_desktop.domain.answer import Answer, Choice
from lens_desktop.domain.evidence import Evidence, Failure, Module, Tag, TextLine
from lens_desktop.domain.prompt import build_prompt
from lens_desktop.protocol import Ask, Cancel, Describe, Failed, FrameReader, Result, Status, encode

cancelled: set[int] = set()
requests: queue.Queue = queue.Queue()


def send(event) -> None:
    sys.stdout.buffer.write(encode(event))
    sys.stdout.buffer.flush()


def listen() -> None:
    reader = FrameReader()
    while data := os.read(0, 65536):
        for message in reader.feed(data):
            if isinstance(message, Cancel):
                cancelled.add(message.request)
            else:
                requests.put(message)
    os._exit(0)


def describe(message: Describe) -> None:
    if "--dies-describing" in sys.argv:
        os.kill(os.getpid(), signal.SIGKILL)
    image = message.image
    evidence = Evidence(
        image.id,
        tags=(
            Tag("lighthouse", 0.34),
            Tag("sailboat", 0.31),
            Tag("red star", 0.27),
            Tag("sun", 0.22),
            Tag("cloud", 0.19),
        ),
        finished=(Module.TAGS,),
        timings=(("tags", 0.12),),
    )
    send(Result(message.request, evidence, False))
    time.sleep(0.05)
    if message.request in cancelled:
        send(Failed(message.request, "cancelled", "Stopped."))
        return
    evidence = Evidence(
        image.id,
        tags=evidence.tags,
        attributes=(
            Tag("lighthouse which has red and white stripes", 0.29),
            Tag("sailboat which has a white sail", 0.26),
            Tag("star which is red", 0.25),
        ),
        captions=("a picture of a lighthouse left of a sailboat", "a lighthouse and a red star above a boat"),
        ocr=(TextLine("SUMMER SALE", 0.96, (40, 30, 220, 44)), TextLine("every weekend", 0.81, (60, 90, 150, 26))),
        finished=(Module.TAGS, Module.ATTRIBUTES, Module.CAPTIONS)
        + ((Module.OCR,) if "--no-ocr" not in sys.argv else ()),
        failures=(Failure(Module.OCR, "Tesseract is not installed: install tesseract-ocr."),)
        if "--no-ocr" in sys.argv
        else (),
        timings=(("tags", 0.12), ("attributes", 0.01), ("captions", 0.82), ("ocr", 0.4)),
    )
    if "--no-ocr" in sys.argv:
        evidence = Evidence(
            evidence.image_id,
            evidence.tags,
            evidence.attributes,
            evidence.captions,
            (),
            evidence.finished,
            evidence.failures,
            evidence.timings,
        )
    send(Result(message.request, evidence, True))


def ask(message: Ask) -> None:
    if "die" in message.question:
        os.kill(os.getpid(), signal.SIGKILL)
    if "fail" in message.question:
        send(
            Failed(message.request, "out-of-memory", "There was not enough memory: close other programs and ask again.")
        )
        return
    prompt = build_prompt(message.evidence, message.question, message.mode, message.turns)
    if message.options:
        share = 1 / len(message.options)
        choices = tuple(Choice(option, share) for option in message.options)
        send(Result(message.request, Answer(message.options[0], prompt, True, choices, 0.3), True))
        return
    text = ""
    words = (
        ["on "] * 10_000
        if "slow" in message.question
        else ["The", "lighthouse", "is", "left", "of", "the", "sailboat."]
    )
    for word in words:
        if message.request in cancelled:
            send(Result(message.request, Answer(text, prompt), True))
            return
        text = f"{text} {word}".strip()
        send(Result(message.request, Answer(text, prompt), False))
        time.sleep(0.02)
    send(Result(message.request, Answer(text, prompt, True, (), 0.4), True))


if "--never-ready" in sys.argv:
    send(Status("Loading the captioner"))
    sys.exit(3)
threading.Thread(target=listen, daemon=True).start()
send(Status("Loading the captioner"))
if "--cannot-load" in sys.argv:
    send(Status("The captioner is not a BLIP model: choose another.", failed=True))
    time.sleep(600)
time.sleep(0.1)
send(Status("Ready", True, (("device", "cpu"), ("dtype", "float32"))))
while True:
    message = requests.get()
    describe(message) if isinstance(message, Describe) else ask(message)
