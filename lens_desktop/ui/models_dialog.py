"""The Models dialog: which sets there are, which fit this machine, getting them and choosing one."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from lens_desktop import places
from lens_desktop.domain.errors import LensError
from lens_desktop.settings import Settings
from lens_desktop.store import choice
from lens_desktop.store.catalogue import Catalogue, CheckpointSet, size_text
from lens_desktop.store.installed import is_installed
from lens_desktop.store.preflight import Free, Verdict, free_now, judge
from lens_desktop.ui.controls import button, label, restyle
from lens_desktop.ui.downloads import Download, Downloads, DownloadState

STARTER = CheckpointSet(
    choice.STARTER, "Starter set", "comes with the program; drawings and text, no photographs.", "", "", ""
)


class ModelsDialog(QDialog):
    """Open beside the window; downloads go on when it is closed. `chosen` carries the settings of a set to use."""

    chosen = Signal(object)

    def __init__(
        self,
        catalogue: Catalogue,
        downloads: Downloads,
        measure: Callable[[], Free] = free_now,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self.setMinimumSize(560, 420)
        self.resize(720, 640)
        self._catalogue = catalogue
        self._downloads = downloads
        self._measure = measure
        self.free = label(size="small", tone="muted")
        self.problem = label(tone="danger", wrap=True)
        self.problem.hide()
        self.cards: dict[str, SetCard] = {}
        inside = QFrame()
        inside.setProperty("surface", "panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 8, 16, 16)
        column.setSpacing(8)
        for one in (STARTER, *catalogue.sets.values()):
            card = SetCard(one, catalogue)
            card.get.clicked.connect(lambda _checked=False, name=one.id: downloads.add(name))
            card.pause.clicked.connect(lambda _checked=False, name=one.id: downloads.pause(name))
            card.cancel.clicked.connect(lambda _checked=False, name=one.id: downloads.cancel(name))
            card.use.clicked.connect(lambda _checked=False, name=one.id: self._use(name))
            self.cards[one.id] = card
            column.addWidget(card)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.folder = button("Show the folder", "link")
        self.folder.setToolTip(str(places.models()))
        self.folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(places.models()))))
        self.close_button = button("Close")
        self.close_button.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 16, 12)
        foot.addWidget(self.folder)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        head = QVBoxLayout()
        head.setContentsMargins(16, 12, 16, 8)
        head.setSpacing(4)
        head.addWidget(label("Models", size="title"))
        head.addWidget(
            label(
                "Nothing is fetched or switched unless you say so. Single checkpoints: lens-desktop models list.",
                size="small",
                tone="muted",
                wrap=True,
            )
        )
        head.addWidget(self.free)
        head.addWidget(self.problem)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(scroll, 1)
        whole.addLayout(foot)
        downloads.changed.connect(self._changed)
        downloads.finished.connect(self._changed)
        self.refresh()

    def refresh(self) -> None:
        """Measure what is free, which may start a program, and show every set as it stands."""
        self._free = self._measure()
        self._show()

    def _show(self) -> None:
        free = self._free
        card = f" · {free.card / 1e9:.1f} GB on the graphics card" if free.card else " · no graphics card"
        self.free.setText(f"Free now: {free.memory / 1e9:.1f} GB of memory{card}")
        used = choice.kept() or (choice.STARTER,)
        for name, shown in self.cards.items():
            members = self._catalogue.wanted(name) if name != choice.STARTER else ()
            here = all(is_installed(places.models(), one) for one in members)
            verdict = judge(self._catalogue.sets[name], self._catalogue, free) if members else None
            shown.show_state(self._downloads.items.get(name), here=here, used=name in used, verdict=verdict)

    def _changed(self, name: str) -> None:
        item = self._downloads.items.get(name)
        if item is not None and item.state == DownloadState.GETTING and name in self.cards:
            self.cards[name].show_progress(item)  # many times a second: nothing is measured for it
        else:
            self._show()

    def _use(self, name: str) -> None:
        try:
            settings: Settings = choice.keep([name])
        except LensError as error:
            self.problem.setText(error.message)
            self.problem.show()
            return
        self.problem.hide()
        self._show()
        self.chosen.emit(settings)


class SetCard(QFrame):
    """One set: what it is for, whether it fits, and what can be done with it now."""

    def __init__(self, one: CheckpointSet, catalogue: Catalogue) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self.setAccessibleName(one.title)
        members = [catalogue.checkpoints[member] for member in one.members if member]
        about = [member.title for member in members]
        if members:
            about.append(size_text(sum(member.size for member in members)))
        licences = sorted({member.licence for member in members})
        self.title = label(one.title, strong=True)
        self.mark = label(size="small", tone="good")
        self.verdict = label(size="small", tone="muted", wrap=True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName(f"Progress of {one.title}")
        self.state = label(size="small", tone="muted", wrap=True)
        self.get = button("Get")
        self.use = button("Use", "primary")
        self.pause = button("Pause")
        self.cancel = button("Cancel")
        for part, deed in ((self.get, "Get"), (self.use, "Use"), (self.pause, "Pause"), (self.cancel, "Cancel")):
            part.setAccessibleName(f"{deed} {one.title}")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title)
        top.addWidget(self.mark)
        top.addStretch(1)
        for part in (self.get, self.use, self.pause, self.cancel):
            top.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(label(f"For {one.needs}" if members else f"It {one.needs}", wrap=True))
        if members:
            column.addWidget(label(" · ".join(about), size="small", tone="muted", wrap=True))
            licence = f"Licence{'s' if len(licences) > 1 else ''}: {', '.join(licences)}"
            column.addWidget(label(licence, size="small", tone="muted", wrap=True))
        column.addWidget(self.verdict)
        column.addSpacing(2)
        column.addWidget(self.progress)
        column.addWidget(self.state)

    def show_state(self, item: Download | None, *, here: bool, used: bool, verdict: Verdict | None) -> None:
        """Show the set as it stands; `item` is its download when there is one."""
        getting = item is not None and item.state in (DownloadState.GETTING, DownloadState.WAITING)
        self.mark.setText("✓ In use" if used and here else "✓ Here" if here else "")
        self.use.setVisible(here and not used)
        self.get.setVisible(not here and not getting)
        self.get.setText(
            {DownloadState.PAUSED: "Go on", DownloadState.FAILED: "Try again"}.get(item.state, "Get") if item else "Get"
        )
        self.pause.setVisible(getting)
        self.cancel.setVisible(item is not None)
        self.verdict.setVisible(verdict is not None)
        if verdict is not None:
            self.verdict.setText(f"{'✓' if verdict.fits else '△'} {verdict.words}")
            _tone(self.verdict, "good" if verdict.fits else "warning")
        self.progress.setVisible(item is not None)
        self.state.setVisible(item is not None)
        if item is not None:
            self.show_progress(item)

    def show_progress(self, item: Download) -> None:
        """Show how far a download is."""
        self.progress.setRange(0, 1000)
        self.progress.setValue(min(1000, item.done * 1000 // max(1, item.total)))
        far = f"{size_text(item.done)} of {size_text(item.total)}"
        match item.state:
            case DownloadState.WAITING:
                text = "Waits for the download before it"
            case DownloadState.PAUSED:
                text = f"Paused at {far}"
            case DownloadState.FAILED:
                text = item.reason
            case _:
                left = item.seconds_left
                text = f"{far} · {size_text(int(item.speed))}/s" + (f" · {time_text(left)} left" if left else "")
        self.state.setText(text)
        _tone(self.state, "danger" if item.state == DownloadState.FAILED else "muted")


def time_text(seconds: float) -> str:
    """Return a time for people: "40 s", "12 min", "3 h"."""
    return (
        f"{seconds:.0f} s"
        if seconds < 90
        else f"{seconds / 60:.0f} min"
        if seconds < 5400
        else f"{seconds / 3600:.0f} h"
    )


def _tone(part: QWidget, tone: str) -> None:
    if part.property("tone") != tone:
        part.setProperty("tone", tone)
        restyle(part)
