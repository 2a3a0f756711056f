"""The requests that wait, and the wish to stop the one that runs: filled by one thread, emptied by another."""

import threading
from collections.abc import Callable

from lens_desktop.protocol import Ask, Cancel, Decode, Describe, Event, Failed, Request


class Inbox:
    """Hands out one request at a time, questions before descriptions, each kind in the order it came."""

    def __init__(self, send: Callable[[Event], None]) -> None:
        self._send = send
        self._waiting: list[Describe | Ask] = []
        self._running: int | None = None
        self._stop = False
        self._changed = threading.Condition()

    def put(self, request: Request) -> None:
        """Take a request. A Cancel ends a waiting request at once and makes `stopped` true for the running one."""
        match request:
            case Cancel():
                if self._withdraw(request.request):
                    self._send(Failed(request.request, "cancelled", "Stopped before it began."))
            case Decode():
                self._send(Failed(request.request, "protocol", "The worker reads no files: ask the decoder."))
            case _:
                with self._changed:
                    self._waiting.append(request)
                    self._changed.notify()

    def take(self, wait: float | None = None) -> Describe | Ask | None:
        """Return the next request, the running one from now on; None when there is none for `wait` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting, wait):
                return None
            request = next((one for one in self._waiting if isinstance(one, Ask)), self._waiting[0])
            self._waiting.remove(request)
            self._running = request.request
            self._stop = False
            return request

    def stopped(self) -> bool:
        """Return whether the running request shall stop. Cheap: it is asked between any two layers of a model."""
        return self._stop

    def _withdraw(self, number: int) -> bool:
        """Take back a request and return whether it was still waiting; one that is unknown or over is no matter."""
        with self._changed:
            if number == self._running:
                self._stop = True
                return False
            before = len(self._waiting)
            self._waiting = [one for one in self._waiting if one.request != number]
            return len(self._waiting) < before
