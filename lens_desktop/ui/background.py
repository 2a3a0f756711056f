"""Something slow, away from the window's thread: a look at the network, the keyring or the disk."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, Signal

from lens_desktop.domain.errors import LensError
from lens_desktop.log import log_failure

_EVERY = 0.1  # seconds between two words on progress
_PATIENCE = 5000  # milliseconds it has to stop when the program ends


class Work(QThread):
    """Runs `deed(work)` once it is started, then is gone. All it says is said on the window's thread.

    `done` carries what the deed returned, `failed` a sentence. The deed may tell how far it is with `tell`, which
    comes out of `told`, and should stop when `stopped` is true.
    """

    told = Signal(object, object)
    done = Signal(object)
    failed = Signal(str)
    _ended = Signal(object, str)

    def __init__(self, deed: "Callable[[Work], object]", parent: QObject) -> None:
        super().__init__(parent)
        self.stopped = False
        self._deed = deed
        self._said = 0.0
        self._ended.connect(self._hand_over)
        self.finished.connect(self.deleteLater)

    def tell(self, done: int, total: int) -> None:
        """Say how far it is, unless that was said just now."""
        if time.monotonic() - self._said > _EVERY:
            self._said = time.monotonic()
            self.told.emit(done, total)

    def run(self) -> None:
        """Do it, and say how it went."""
        result, problem = None, ""
        try:
            result = self._deed(self)
        except LensError as error:
            problem = error.message
        except Exception as error:  # noqa: BLE001  # whatever it is, the window goes on and the user is told
            log_failure("window", error)
            problem = f"It stopped by an error ({type(error).__name__}): try again."
        self._ended.emit(result, problem)

    def end(self) -> None:
        """Stop it and wait: the program ends."""
        self.stopped = True
        if not self.wait(_PATIENCE):
            self.terminate()  # held by a dead connection
            self.wait()

    def _hand_over(self, result: object, problem: str) -> None:
        self.wait()  # it has nothing left to do
        if problem:
            self.failed.emit(problem)
        else:
            self.done.emit(result)
