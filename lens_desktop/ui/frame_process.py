"""A child process of this program, spoken to in protocol frames on its standard streams."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from lens_desktop.domain.errors import LensError
from lens_desktop.protocol import Event, FrameReader, Request, encode

LONGEST_LOG = 1024 * 1024  # bytes kept from earlier runs
POLITE = 300  # milliseconds a child has to leave after its standard input was closed


class FrameProcess(QObject):
    """Starts a command and turns its standard output into messages; one process at a time, start again after `ended`.

    `received` carries each message. `ended` carries a clause saying how it ended ("was killed", "stopped with
    code 1", "could not be started (…)") and comes once for every `start`, also one that failed, not after `stop`.
    """

    received = Signal(object)
    ended = Signal(str)

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str], parent: QObject) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._log = log
        self.environment = dict(environment)  # of the next start
        self._process: QProcess | None = None
        self._reader = FrameReader()

    @property
    def pid(self) -> int:
        """The process's number, 0 when none runs."""
        return int(self._process.processId()) if self._process else 0

    def start(self) -> None:
        """Start the process. Must be called on the main thread: the child dies with the thread that started it."""
        self._reader = FrameReader()
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        for name, value in self.environment.items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.setProgram(self._command[0])
        process.setArguments(self._command[1:])
        if self._log.exists() and self._log.stat().st_size > LONGEST_LOG:
            self._log.unlink()
        process.setStandardErrorFile(str(self._log), QProcess.OpenModeFlag.Append)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._error)
        self._process = process
        process.start()

    def send(self, message: Request) -> None:
        """Send a message; without a process it is dropped, as `ended` has told."""
        if self._process is not None:
            self._process.write(encode(message))

    def kill(self) -> None:
        """End the process at once; `ended` follows."""
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        """End the process politely, then by force, and wait until it is gone. `ended` is not emitted."""
        process = self._release()
        if process is None or process.state() == QProcess.ProcessState.NotRunning:
            return
        process.closeWriteChannel()
        if not process.waitForFinished(POLITE):
            process.kill()
            process.waitForFinished(2000)

    def _release(self) -> QProcess | None:
        process, self._process = self._process, None
        if process is not None:
            process.readyReadStandardOutput.disconnect(self._read)
            process.finished.disconnect(self._finished)
            process.errorOccurred.disconnect(self._error)
            process.deleteLater()
        return process

    def _read(self) -> None:
        if self._process is None:
            return
        data = bytes(self._process.readAllStandardOutput().data())
        try:
            for message in self._reader.feed(data):
                self._deliver(message)
        except LensError:
            self.kill()  # what follows cannot be understood either

    def _deliver(self, message: Event | Request) -> None:
        self.received.emit(message)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._release()
        crashed = status == QProcess.ExitStatus.CrashExit
        self.ended.emit("was ended by the system" if crashed else f"stopped with code {code}")

    def _error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            reason = self._process.errorString()
            self._release()
            self.ended.emit(f"could not be started ({reason})")
