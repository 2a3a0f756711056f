"""Starts the window with its two child processes, and ends them with it."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from lens_desktop.domain.errors import LensError
from lens_desktop.program import command
from lens_desktop.resources import resource
from lens_desktop.settings import Settings, load_set
from lens_desktop.store.choice import chosen
from lens_desktop.ui.decoder_client import DecoderClient
from lens_desktop.ui.memory import Memory
from lens_desktop.ui.session import Session
from lens_desktop.ui.theme import theme
from lens_desktop.ui.window import Window
from lens_desktop.ui.worker_client import WorkerClient


class Program:
    """The window and what stands behind it; `close` ends the child processes.

    `problem` says why there are no checkpoints to work with: the window opens all the same and tells.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        worker_command: Sequence[str] | None = None,
        problem: str = "",
    ) -> None:
        self.worker = WorkerClient(worker_command or command("--worker"), settings)
        self.decoder = DecoderClient(command("--decode"))
        self.session = Session(self.worker, self.decoder)
        self._problem = problem
        self.window = Window(self.session, self.worker, settings, Memory())

    def start(self, files: Sequence[str] = ()) -> None:
        """Show the window, start the worker beside it, and add files."""
        self.window.show()
        if self._problem:
            self.worker.refuse(self._problem)
        else:
            self.worker.start()
        if files:
            self.window.add_paths([os.path.abspath(file) for file in files])

    def close(self) -> None:
        """End both child processes; returns when they are gone."""
        self.worker.stop()
        self.decoder.stop()


def has_screen() -> bool:
    """Return whether a window can be opened; without this Qt would end the program with a core dump."""
    told = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return told or not sys.platform.startswith("linux")


def choose_settings() -> Settings:
    """Return the checkpoints to use: the set in the folder that LENS_DESKTOP_SET names, or what the user chose."""
    folder = os.environ.get("LENS_DESKTOP_SET")
    return load_set(Path(folder)) if folder else chosen()


def make_program() -> Program:
    """Return the program on the chosen checkpoint set, or one that says why there is none."""
    try:
        return Program(choose_settings())
    except LensError as error:
        return Program(Settings(), problem=error.message)


def make_application() -> QApplication:
    """Return the application with its name, icon and colours."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("lens-desktop")
    app.setApplicationDisplayName("Lens Desktop")
    app.setDesktopFileName("lens-desktop")
    app.setWindowIcon(QIcon(str(resource("icons", "lens-desktop.svg"))))
    theme.start(app, Memory().appearance)
    return app


def main(files: Sequence[str] = ()) -> int:
    """Open the window with `files` and return the exit code when it is closed."""
    if not has_screen():
        sys.stderr.write("There is no screen to open a window on: use `lens-desktop ask IMAGE QUESTION` instead.\n")
        return 2
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal ends the program, and that its children
    app = make_application()
    program = make_program()
    program.start(files)
    try:
        return int(app.exec())
    finally:
        program.close()
