"""Where checkpoints are kept, and moving them all to another folder."""

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from lens_desktop.store import folder
from lens_desktop.store.catalogue import size_text
from lens_desktop.ui.background import Work
from lens_desktop.ui.controls import ElidedLabel, button, label
from lens_desktop.ui.model_card import set_tone


class FolderRow(QWidget):
    """`moved` says that checkpoints are kept elsewhere now; `moving` whether they are on their way."""

    moved = Signal()
    moving = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._work: Work | None = None
        self._folder: Path | None = None
        self.path = ElidedLabel()
        self.path.setProperty("textSize", "small")
        self.path.setProperty("tone", "muted")
        self.show_folder = button("Show the folder", "link")
        self.show_folder.clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))) if self._folder else None
        )
        self.change = button("Change the folder…", "link")
        self.change.clicked.connect(self._choose)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName("Progress of moving the folder")
        self.cancel = button("Cancel")
        self.cancel.setAccessibleName("Cancel moving the folder")
        self.cancel.clicked.connect(self._cancel)
        self.state = label(size="small", tone="muted", wrap=True)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.path, 1)
        for part in (self.show_folder, self.change, self.cancel):
            top.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.progress)
        column.addWidget(self.state)
        self._show()

    def show_place(self, place: Path | None) -> None:
        """Show where checkpoints are kept; None when that folder has vanished."""
        self._folder = place
        self.path.set_whole(f"Kept in {place}" if place else "The folder of checkpoints is not there")
        self._show()

    def move_to(self, target: str) -> None:
        """Move everything to another folder."""
        self._work = Work(lambda work: folder.move(Path(target), work.tell, lambda: work.stopped), self)
        self._work.told.connect(self._told)
        self._work.done.connect(lambda _place: self._ended("✓ Everything is in the new folder.", "good"))
        self._work.failed.connect(lambda message: self._ended(f"△ {message}", "danger"))
        self._say("Moving…", "muted")
        self.progress.setValue(0)
        self._show()
        self.cancel.setFocus()
        self.moving.emit(True)
        self._work.start()

    def stop(self) -> None:
        """Stop moving: the program ends, and everything stays where it was."""
        if self._work is not None:
            self._work.end()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Choose a folder for checkpoints")
        if chosen:
            self.move_to(chosen)

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.stopped = True

    def _told(self, done: int, total: int) -> None:
        self.progress.setValue(done * 1000 // max(1, total))
        self._say(f"Moving: {size_text(done)} of {size_text(total)}", "muted")

    def _ended(self, words: str, tone: str) -> None:
        self._work = None
        self._say(words, tone)
        self._show()
        self.change.setFocus()
        self.moving.emit(False)
        self.moved.emit()

    def _say(self, words: str, tone: str) -> None:
        self.state.setText(words)
        set_tone(self.state, tone)

    def _show(self) -> None:
        moving = self._work is not None
        self.show_folder.setVisible(not moving)
        self.show_folder.setEnabled(self._folder is not None)
        self.change.setVisible(not moving)
        self.cancel.setVisible(moving)
        self.progress.setVisible(moving)
        self.state.setVisible(bool(self.state.text()))
