"""One set or checkpoint in the Models dialog: what it is, whether it fits, and what can be done with it now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from lens_desktop.settings import Settings
from lens_desktop.store.catalogue import Catalogue, Checkpoint, size_text
from lens_desktop.store.installed import is_installed
from lens_desktop.store.preflight import Free, Verdict
from lens_desktop.ui.controls import button, label, restyle
from lens_desktop.ui.downloads import Download, DownloadState


@dataclass(frozen=True, slots=True)
class Stock:
    """What the pages show: what there is, what is here, what is in use, what is being got.

    `models` is None when the folder of checkpoints has vanished, `settings` when what was chosen cannot be used.
    """

    catalogue: Catalogue
    own: frozenset[str]
    models: Path | None
    choices: tuple[str, ...]
    settings: Settings | None
    free: Free
    downloads: Mapping[str, Download]

    def here(self, checkpoint: Checkpoint) -> bool:
        """Say whether a checkpoint was got."""
        return self.models is not None and is_installed(self.models, checkpoint)


class ModelCard(QFrame):
    """`wanted` carries what the user wants done with it: get, pause, cancel, use or remove."""

    wanted = Signal(str)

    def __init__(self, title: str, lines: Sequence[QWidget]) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self.setAccessibleName(title)
        self.title = label(title, strong=True, wrap=True)
        self.mark = label(size="small", tone="good")
        self.verdict = label(size="small", tone="muted", wrap=True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName(f"Progress of {title}")
        self.state = label(size="small", tone="muted", wrap=True)
        self.get = button("Get")
        self.use = button("Use", "primary")
        self.pause = button("Pause")
        self.cancel = button("Cancel")
        self.remove = button("Remove")
        self._title = title
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title, 1)
        top.addWidget(self.mark)
        for deed, part in self._buttons.items():
            part.setAccessibleName(f"{part.text()} {title}")
            part.clicked.connect(lambda _checked=False, deed=deed: self.wanted.emit(deed))
            top.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        self.remove.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(4)
        column.addLayout(top)
        for line in (*lines, self.verdict):
            column.addWidget(line)
        column.addSpacing(2)
        column.addWidget(self.progress)
        column.addWidget(self.state)

    @property
    def _buttons(self) -> dict[str, QPushButton]:
        return {
            "get": self.get,
            "use": self.use,
            "pause": self.pause,
            "cancel": self.cancel,
            "remove": self.remove,
        }

    def show_state(
        self,
        item: Download | None,
        verdict: Verdict | None,
        *,
        here: bool,
        mark: str,
        usable: bool,
        removable: bool = False,
    ) -> None:
        """Show it as it stands; `item` is its download when there is one."""
        pressed = next((deed for deed, part in self._buttons.items() if part.hasFocus()), None)
        getting = item is not None and item.state in (DownloadState.GETTING, DownloadState.WAITING)
        self.mark.setText(mark)
        self.mark.setVisible(bool(mark))
        words = {DownloadState.PAUSED: "Go on", DownloadState.FAILED: "Try again"}.get(item.state) if item else None
        self.get.setText(words or "Get")
        self.get.setAccessibleName(f"{words or 'Get'} {self._title}")
        shown = {
            "get": not here and not getting,
            "use": usable,
            "pause": getting,
            "cancel": item is not None,
            "remove": removable,
        }
        for deed, part in self._buttons.items():
            part.setVisible(shown[deed])
        if pressed and not shown[pressed]:  # it is gone: the next deed is under the same hand, and that is not Cancel
            first = next((part for deed, part in self._buttons.items() if shown[deed]), None)
            if first is not None:
                first.setFocus()
        self.verdict.setVisible(verdict is not None)
        if verdict is not None:
            self.verdict.setText(f"{'✓' if verdict.fits else '△'} {verdict.words}")
            set_tone(self.verdict, "good" if verdict.fits else "warning")
        self.progress.setVisible(item is not None)
        self.state.setVisible(item is not None)
        if item is not None:
            self.show_progress(item)

    def follow(self, previous: QWidget) -> QWidget:
        """Be reached by the Tab key after `previous`; return what comes last here."""
        for part in self._buttons.values():
            QWidget.setTabOrder(previous, part)
            previous = part
        return previous

    def show_progress(self, item: Download) -> None:
        """Show how far a download is."""
        self.progress.setValue(min(1000, item.done * 1000 // max(1, item.total)))
        far = f"{size_text(item.done) if item.done else '0 MB'} of {size_text(item.total)}"
        match item.state:
            case DownloadState.WAITING:
                text = "Waits for the download before it"
            case DownloadState.PAUSED:
                text = f"Paused at {far}"
            case DownloadState.FAILED:
                text = f"△ {item.reason}"
            case _:
                left = item.seconds_left
                text = f"{far} · {size_text(int(item.speed))}/s" if item.speed else far
                text += f" · {time_text(left)} left" if left else ""
        self.state.setText(text)
        set_tone(self.state, "danger" if item.state == DownloadState.FAILED else "muted")


def scrolled(column: QVBoxLayout) -> QScrollArea:
    """Return a page that scrolls where there is no room for `column`."""
    inside = QFrame()
    inside.setProperty("surface", "panel")
    column.setContentsMargins(16, 12, 16, 16)
    column.setSpacing(8)
    inside.setLayout(column)
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setWidget(inside)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return scroll


def set_tone(part: QWidget, tone: str) -> None:
    """Give a label another colour."""
    if part.property("tone") != tone:
        part.setProperty("tone", tone)
        restyle(part)


def set_kind(part: QPushButton, kind: str) -> None:
    """Make a button ``plain`` or ``primary``."""
    if part.property("kind") != kind:
        part.setProperty("kind", kind)
        restyle(part)


def time_text(seconds: float) -> str:
    """Return a time for people: "40 s", "12 min", "3 h"."""
    return (
        f"{seconds:.0f} s"
        if seconds < 90
        else f"{seconds / 60:.0f} min"
        if seconds < 5400
        else f"{seconds / 3600:.0f} h"
    )
