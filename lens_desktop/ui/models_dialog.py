"""The Models dialog: sets, single modules and LLM servers; which fit this machine, getting them and choosing."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QMessageBox, QTabWidget, QVBoxLayout, QWidget

from lens_desktop import places
from lens_desktop.domain.address import is_address
from lens_desktop.domain.errors import LensError
from lens_desktop.settings import Settings
from lens_desktop.store import choice, installed, own
from lens_desktop.store.catalogue import Catalogue, Checkpoint, read_catalogue, size_text
from lens_desktop.store.preflight import Free, free_now
from lens_desktop.ui.controls import button, label
from lens_desktop.ui.downloads import Downloads, DownloadState
from lens_desktop.ui.folder_row import FolderRow
from lens_desktop.ui.model_card import Stock
from lens_desktop.ui.modules_page import ModulesPage
from lens_desktop.ui.server_page import ServerPage
from lens_desktop.ui.sets_page import SetsPage


class ModelsDialog(QDialog):
    """Open beside the window; downloads go on when it is closed. `chosen` carries the settings to go on with."""

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
        self.sets = SetsPage(catalogue)
        self.modules = ModulesPage()
        self.server = ServerPage()
        self.folder = FolderRow()
        self.close_button = button("Close")
        self._lay_out()
        for page in (self.sets, self.modules):
            page.wanted.connect(self._do)
        self.modules.added.connect(self._added)
        self.server.chosen.connect(self._use_server)
        self.folder.moving.connect(lambda moving: self.pages.setEnabled(not moving))
        self.folder.moved.connect(self._moved)
        self.close_button.clicked.connect(self.close)
        downloads.changed.connect(self._changed)
        downloads.finished.connect(self._changed)
        self.refresh()

    def _lay_out(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(16, 12, 16, 8)
        head.setSpacing(4)
        words = "Nothing is fetched or switched unless you say so."
        head.addWidget(label("Models", size="title"))
        head.addWidget(label(words, size="small", tone="muted", wrap=True))
        head.addWidget(self.free)
        head.addWidget(self.problem)
        self.pages = QTabWidget()
        self.pages.tabBar().setAccessibleName("Pages")
        self.pages.tabBar().setDrawBase(False)
        for page, title in ((self.sets, "Sets"), (self.modules, "Modules"), (self.server, "LLM server")):
            self.pages.addTab(page, title)
        below = QFrame()
        below.setProperty("surface", "status")
        foot = QHBoxLayout(below)
        foot.setContentsMargins(16, 8, 16, 12)
        foot.setSpacing(8)
        foot.addWidget(self.folder, 1)
        foot.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(self.pages, 1)
        whole.addWidget(below)

    def refresh(self) -> None:
        """Measure what is free, which may start a program, and show everything as it stands."""
        self._free = self._measure()
        card = f" · {self._free.card / 1e9:.1f} GB on the graphics card" if self._free.card else " · no graphics card"
        self.free.setText(f"Free now: {self._free.memory / 1e9:.1f} GB of memory{card}")
        self.say("")
        self._show()

    def say(self, problem: str) -> None:
        """Say what is wrong, "" for nothing."""
        self.problem.setText(f"△ {problem}" if problem else "")
        self.problem.setVisible(bool(problem))

    def stop(self) -> None:
        """Stop what goes on besides downloads: the program ends."""
        self.server.stop()
        self.folder.stop()

    def _show(self) -> None:
        stock = self._stock()
        self._used = stock.settings
        for page in (self.sets, self.modules, self.server):
            page.show_stock(stock)
        self.folder.show_place(stock.models)

    def _stock(self) -> Stock:
        models: Path | None = None
        settings: Settings | None = None
        mine: tuple[Checkpoint, ...] = ()
        try:
            mine = own.own()
            models = places.models()
            settings = choice.chosen()
        except LensError as error:
            self.say(error.message)
        return Stock(
            self._catalogue,
            frozenset(one.id for one in mine),
            models,
            choice.kept() or (choice.STARTER,),
            settings,
            self._free,
            self._downloads.items,
        )

    def _changed(self, name: str) -> None:
        item = self._downloads.items.get(name)
        if item is not None and item.state == DownloadState.GETTING:
            card = self.sets.cards.get(name) or self.modules.card(name)
            if card is not None and card.progress.isVisible():
                card.show_progress(item)  # many times a second: nothing is measured for it
                return
        self._show()

    # what the user does

    def _do(self, deed: str, name: str) -> None:
        match deed:
            case "get":
                self._downloads.add(name)
            case "pause":
                self._downloads.pause(name)
            case "cancel":
                self._downloads.cancel(name)
            case "remove":
                self._remove(name)
            case "reset":
                mine = (f"{name}=", f"{name}.")
                self._keep([one for one in choice.kept() if not one.startswith(mine)] or [choice.STARTER])
            case _:
                self._keep(choice.with_choice(choice.kept() or (choice.STARTER,), name))

    def _use_server(self, wanted: str, host: str) -> None:
        self._keep(choice.with_choice(choice.kept() or (choice.STARTER,), wanted), host)

    def _keep(self, choices: Sequence[str], host: str | None = None) -> None:
        """Use these choices from now on; what was agreed about the LLM's host stays agreed while it is the LLM."""
        try:
            if host is None:
                settings = choice.chosen(choices)
                host = settings.llm_consent if is_address(settings.llm) else ""
            settings = choice.keep(choices, host)
        except LensError as error:
            self.say(error.message)
            return
        self.say("")
        self._show()
        self.chosen.emit(settings)

    def _remove(self, name: str) -> None:
        checkpoint = self._catalogue.checkpoints[name]
        try:
            models = places.models()
        except LensError as error:
            self.say(error.message)
            return
        if installed.is_installed(models, checkpoint) and not self._is_sure(checkpoint.title, checkpoint.size):
            return
        installed.remove(models, name)
        if any(one.id == name for one in own.own()):
            own.forget(name)
            self._added()
        self._show()

    def _is_sure(self, title: str, size: int) -> bool:
        box = QMessageBox(self)
        box.setWindowTitle("Remove")
        box.setText(f"Remove {title} from this computer?")
        of = f" {size_text(size)}" if size else ""
        box.setInformativeText(f"It can be got again: that fetches{of} once more." if of else "It can be got again.")
        remove = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.exec()
        return box.clickedButton() is remove

    def _added(self) -> None:
        self._catalogue = self._downloads.catalogue = read_catalogue()
        self._show()

    def _moved(self) -> None:
        """Go on with the same checkpoints at their new place."""
        before = self._used
        self.say("")
        self._show()
        if self._used is not None and self._used != before:
            self.chosen.emit(self._used)
