"""What the user does about the models: choose them, get them, lock the program offline, and ask what is in use."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

from lens_desktop.domain.errors import LensError
from lens_desktop.resources import resource
from lens_desktop.settings import Settings
from lens_desktop.store.catalogue import Catalogue, read_catalogue
from lens_desktop.store.folder import settle
from lens_desktop.store.lock import connections, is_locked, leaves_this_machine, set_locked
from lens_desktop.ui.downloads import Downloads
from lens_desktop.ui.models_dialog import ModelsDialog
from lens_desktop.ui.worker_client import WorkerState

if TYPE_CHECKING:
    from lens_desktop.ui.window import Window


class ModelDeeds:
    """Keeps the settings in use, the downloads, and the Models dialog once it was opened."""

    def __init__(self, window: "Window", settings: Settings) -> None:
        self._window = window
        self.settings = settings
        settle()
        self.downloads = Downloads(_catalogue(), parent=window)
        self.dialog: ModelsDialog | None = None
        window.worker.changed.connect(self._worker_changed)

    def show_dialog(self) -> None:
        """Open the Models dialog, or bring it to the front."""
        if self.dialog is None:
            self.dialog = ModelsDialog(self.downloads.catalogue, self.downloads, parent=self._window)
            self.dialog.chosen.connect(self.use)
        self.dialog.refresh()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def use(self, settings: Settings) -> None:
        """Go on with other checkpoints; images are looked at again, conversations stay."""
        self.settings = settings
        self._window.status.show_settings(settings)
        self._window.worker.use(settings)
        self._window.session.describe_all_again()
        self._window.say_note()

    def set_locked(self, locked: bool) -> None:
        """Turn the offline lock on or off; an LLM on another machine is cut off at once, in mid-answer too."""
        set_locked(locked)
        self._window.status.show_locked(locked)
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.refresh()
        if leaves_this_machine(self.settings):
            self.settings = replace(self.settings, offline=locked)
            self._window.worker.use(self.settings)
        self._window.notify(
            "Locked offline: no other machine is connected to, until you unlock it."
            if locked
            else "No longer locked offline. Still nothing is connected to unless you ask for it."
        )

    def stop(self) -> None:
        """Stop downloads and all else that goes on: the program ends."""
        self.downloads.stop()
        if self.dialog is not None:
            self.dialog.stop()

    def _worker_changed(self) -> None:
        """Say in the dialog too why what was chosen there cannot be used: it may hide the window's banner."""
        worker = self._window.worker
        if self.dialog is not None and self.dialog.isVisible() and worker.state == WorkerState.FAILED:
            self.dialog.say(worker.text)

    def show_connections(self) -> None:
        """Say what the program could ever connect to, and why."""
        lines = [f"{address}\n{why[:1].upper()}{why[1:]}." for address, why in connections(self.settings)]
        state = "The offline lock is on: nothing of this is connected to." if is_locked() else ""
        text = "\n\n".join(["Nothing is connected to by itself. On your wish:", *lines, *([state] if state else [])])
        QMessageBox.information(self._window, "What the program connects to", text)

    def show_checkpoints(self) -> None:
        """Say which checkpoints are in use and what they know."""
        facts = "\n".join(f"{name}: {value}" for name, value in self._window.worker.facts)
        text = "\n\n".join(part for part in (self.settings.title, self.settings.note, facts) if part)
        QMessageBox.information(self._window, "Checkpoints", text or "The worker has not said yet.")


def _catalogue() -> Catalogue:
    """Return the catalogue, without the user's own checkpoints when their file is damaged: the window says so."""
    try:
        return read_catalogue()
    except LensError:
        return read_catalogue(resource("checkpoints.toml"))
