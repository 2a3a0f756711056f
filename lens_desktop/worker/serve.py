"""Serves requests with a Lens: one at a time, each ending in exactly one final Result or Failed."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn

from lens_desktop.domain.answer import Answer
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence
from lens_desktop.log import log_failure
from lens_desktop.protocol import Ask, Describe, Event, Failed, Result, Status
from lens_desktop.worker.inbox import Inbox

if TYPE_CHECKING:
    from lens_desktop.engine.lens import Lens  # imported for real only while the window already sees a status

_BUSY = 0.5  # seconds until it is looked again whether another process has read a vocabulary

Load = Callable[[Callable[[str], None]], "Lens"]


def serve(load: Load, requests: Inbox, events: Callable[[Event], None]) -> NoReturn:
    """Load the models with `load`, telling `events` how it goes, then answer `requests` until the process ends.

    When loading fails the reason is the status and the end of every request: a worker that ended instead would be
    started again and again.
    """
    lens: Lens | LensError
    try:
        lens = load(lambda text: events(Status(text)))
        events(_ready(lens))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the window must hear of it
        lens = _reason(error, "The models could not be loaded")
        events(Status(lens.message, failed=True))
    while True:
        request = _next(lens, requests, events)
        try:
            _answer(lens, request, requests.stopped, events)
        except BaseException as error:  # noqa: BLE001 - a library that exits or runs out of memory ends one request
            reason = _reason(error, "The answer failed" if isinstance(request, Ask) else "The image was not described")
            events(Failed(request.request, reason.code, reason.message))


def _next(lens: "Lens | LensError", requests: Inbox, events: Callable[[Event], None]) -> Describe | Ask:
    """Wait for a request, and read on in the vocabularies meanwhile."""
    while not isinstance(lens, LensError) and lens.reading:
        if (request := requests.take(wait=0)) is not None:
            return request
        if not lens.read_on():
            time.sleep(_BUSY)
        events(_ready(lens))
    request = requests.take()
    assert request is not None
    return request


def _ready(lens: "Lens") -> Status:
    return Status(lens.reading or "Ready", ready=True, facts=lens.facts, reading=bool(lens.reading))


def _answer(
    lens: "Lens | LensError", request: Describe | Ask, stop: Callable[[], bool], events: Callable[[Event], None]
) -> None:
    if isinstance(lens, LensError):
        raise LensError(lens.code, lens.message)
    value: Evidence | Answer | None = None
    for value in _values(lens, request, stop):
        events(Result(request.request, value, final=False))
    if value is None:
        raise LensError("cancelled", "Stopped.")
    events(Result(request.request, value, final=True))


def _values(lens: "Lens", request: Describe | Ask, stop: Callable[[], bool]) -> Iterator[Evidence | Answer]:
    if isinstance(request, Describe):
        return lens.describe(request.image, known=request.known if request.known.image_id else None, stop=stop)
    return lens.ask(
        request.evidence,
        request.question,
        mode=request.mode,
        turns=request.turns,
        options=request.options,
        stop=stop,
    )


def _reason(error: BaseException, what: str) -> LensError:
    """Return `error` as the user shall read it; what nobody foresaw goes to the log."""
    if isinstance(error, LensError):
        return error
    if isinstance(error, MemoryError):
        return LensError("out-of-memory", f"{what}: the memory is full. Close other programs or choose a smaller set.")
    log_failure("worker", error)
    return LensError("error", f"{what} ({type(error).__name__}): try again; `lens-desktop doctor` looks for the cause.")
