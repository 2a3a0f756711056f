"""The line at the window's foot: what the worker does, with which checkpoints, where, and how much memory it takes."""

import os
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from lens_desktop.settings import Settings
from lens_desktop.ui.controls import button, label, restyle, tool_button
from lens_desktop.ui.icons import icon
from lens_desktop.ui.session import Session
from lens_desktop.ui.worker_client import WorkerClient, WorkerState

TONES = {
    WorkerState.READY: "good",
    WorkerState.STARTING: "muted",
    WorkerState.RESTARTING: "warning",
    WorkerState.RESTING: "muted",
    WorkerState.FAILED: "danger",
}
EVERY = 2000  # milliseconds between looks at the worker's memory


class StatusBar(QFrame):
    """Shows the worker's state in words and shape, and what is still to do."""

    def __init__(
        self, worker: WorkerClient, session: Session, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("surface", "status")
        self.setFixedHeight(32)
        self._worker = worker
        self._session = session
        self._settings = settings
        self.dot = label("●", size="small")
        self.state = label(size="small")
        self.facts = label(size="small", tone="muted")
        self.busy = label(size="small", tone="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(6)
        self.free = button("Free the memory", "link")
        self.free.setToolTip("End the worker and give back its memory. It comes back with your next question.")
        self.free.clicked.connect(session.free_memory)
        self.lock = tool_button("lock-simple-open", "Offline lock", checkable=True)
        for part in (self.dot, self.state, self.facts, self.free):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.busy)
        row.addWidget(self.lock)
        timer = QTimer(self, interval=EVERY)
        timer.timeout.connect(self._refresh)
        timer.start()
        worker.changed.connect(self._refresh)
        session.busy_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        state = self._worker.state
        words = self._worker.text
        if state == WorkerState.READY and not self._worker.reading:
            words = "Ready"
        if state == WorkerState.FAILED:
            words = "The worker is not running"
        self.state.setText(words)
        self._tone(self.dot, TONES[state])
        self.dot.setText("●" if state == WorkerState.READY else "○")
        parts = [self._settings.title or self._settings.set_name]
        facts = dict(self._worker.facts)
        parts += [facts["device"].upper()] if facts.get("device") else []
        memory = resident(self._worker.pid)
        parts += [f"{memory / 1e9:.1f} GB" if memory >= 1e9 else f"{memory / 1e6:.0f} MB"] if memory else []
        self.facts.setText("".join(f"·  {part}  " for part in parts if part))
        self.facts.setToolTip("\n".join(f"{name}: {value}" for name, value in self._worker.facts))
        self.free.setVisible(state in (WorkerState.READY, WorkerState.STARTING))
        self.free.setText("Free the GPU" if facts.get("device") == "cuda" else "Free the memory")
        left = self._session.undescribed
        images = "image" if left == 1 else "images"
        self.busy.setText(f"{left:,} {images} to look at" if left and state == WorkerState.READY else "")

    def show_settings(self, settings: Settings) -> None:
        """Show which checkpoints are in use."""
        self._settings = settings
        self._refresh()

    def show_locked(self, locked: bool) -> None:
        """Show whether the program is locked offline."""
        self.lock.setChecked(locked)
        self.lock.setIcon(icon("lock-simple" if locked else "lock-simple-open", "accent" if locked else "muted"))
        self.lock.setToolTip(
            "Locked offline: no other machine is connected to. Click to unlock."
            if locked
            else "Offline lock: click, and no other machine is ever connected to."
        )

    def _tone(self, part: QWidget, tone: str) -> None:
        if part.property("tone") != tone:
            part.setProperty("tone", tone)
            restyle(part)


def resident(pid: int) -> int:
    """Return the memory a process holds in bytes, 0 when the system does not say."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) if pid else 0
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
