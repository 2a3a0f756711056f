"""The modules one by one: what is in use, which checkpoints there are, one's own, and where each runs."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from lens_desktop.domain.errors import LensError
from lens_desktop.store import own
from lens_desktop.store.catalogue import Checkpoint, Module, size_text
from lens_desktop.store.installed import is_used
from lens_desktop.store.preflight import judge_one
from lens_desktop.ui.controls import button, field, label, tab
from lens_desktop.ui.model_card import ModelCard, Stock, scrolled
from lens_desktop.ui.module_use import ModuleUse

NAMES = {Module.CLIP: "CLIP", Module.CAPTIONER: "Captioner", Module.LLM: "LLM"}
_FREE = ("MIT", "Apache-2.0", "BSD-3-Clause")  # licences that restrict nothing


class ModulesPage(QWidget):
    """One page per module behind three buttons.

    `wanted` carries a deed (get, pause, cancel, use, remove, reset) and the id of a checkpoint, or for use a choice,
    or for reset a module; `added` says that there is a new one on the list.
    """

    wanted = Signal(str, str)
    added = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.sections = {module: Section(module) for module in NAMES}
        self.tabs = QButtonGroup(self)
        self._pages = QStackedWidget()
        head = QFrame()
        head.setProperty("surface", "header")
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(4)
        for number, (module, section) in enumerate(self.sections.items()):
            made = tab(NAMES[module])
            self.tabs.addButton(made, number)
            row.addWidget(made)
            section.wanted.connect(self.wanted)
            section.added.connect(self.added)
            self._pages.addWidget(section)
        row.addStretch(1)
        self.tabs.button(0).setChecked(True)
        self.tabs.idToggled.connect(lambda _page, _on: self._pages.setCurrentIndex(self.tabs.checkedId()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._pages, 1)

    def show_stock(self, stock: Stock) -> None:
        """Show every checkpoint as it stands."""
        for section in self.sections.values():
            section.show_stock(stock)

    def card(self, name: str) -> ModelCard | None:
        """Return the card of a checkpoint."""
        return next((one.cards[name] for one in self.sections.values() if name in one.cards), None)


class Section(QWidget):
    """One module."""

    wanted = Signal(str, str)
    added = Signal()

    def __init__(self, module: Module) -> None:
        super().__init__()
        self.module = module
        self.cards: dict[str, ModelCard] = {}
        self.use = ModuleUse(module, NAMES[module])
        self.use.wanted.connect(self.wanted)
        self.own = OwnCard(module, NAMES[module])
        self.own.chosen.connect(lambda folder: self.wanted.emit("use", f"{module}={folder}"))
        self.own.added.connect(self.added)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        column = QVBoxLayout()
        column.addWidget(self.use)
        column.addWidget(self.own)
        column.addLayout(self._list)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(column))

    def show_stock(self, stock: Stock) -> None:
        """Show what is in use and every checkpoint as it stands."""
        checkpoints = {one.id: one for one in stock.catalogue.checkpoints.values() if one.module is self.module}
        if set(checkpoints) != set(self.cards):
            self._build(checkpoints)
        settings = stock.settings
        used = {
            one.id: stock.models is not None and settings is not None and is_used(stock.models, one.id, settings)
            for one in stock.catalogue.checkpoints.values()
        }
        self.use.show_stock(stock, next((one.title for one in checkpoints.values() if used[one.id]), ""))
        everything = stock.catalogue.checkpoints.values()
        beside = [one for one in everything if used[one.id] and one.module is not self.module]
        for name, card in self.cards.items():
            here = stock.here(checkpoints[name])
            item = stock.downloads.get(name)
            card.show_state(
                item,
                judge_one(checkpoints[name], beside, stock.free),
                here=here,
                mark="✓ In use" if used[name] else "✓ Here" if here else "",
                usable=here and not used[name],
                removable=not used[name] and item is None and (here or name in stock.own),
            )

    def _build(self, checkpoints: dict[str, Checkpoint]) -> None:
        """Make a card for each checkpoint, the user's own first, keeping those there are."""
        for name in [name for name in self.cards if name not in checkpoints]:
            self.cards.pop(name).deleteLater()
        for at, (name, checkpoint) in enumerate(checkpoints.items()):
            if name not in self.cards:
                card = _card(checkpoint)
                card.wanted.connect(lambda deed, name=name: self._wanted(deed, name))
                self.cards[name] = card
                self._list.insertWidget(at, card)
        previous: QWidget = self.own.add  # a card that came later is reached in its place too
        for name in checkpoints:
            previous = self.cards[name].follow(previous)

    def _wanted(self, deed: str, name: str) -> None:
        self.wanted.emit(deed, f"{self.module}={name}" if deed == "use" else name)


class OwnCard(QFrame):
    """A checkpoint of the user's own: `chosen` carries a folder, `added` says that a repository is on the list now."""

    chosen = Signal(str)
    added = Signal()

    def __init__(self, module: Module, name: str) -> None:
        super().__init__()
        self._module = module
        self.setProperty("surface", "card")
        self.folder = button("Choose a folder…")
        self.folder.setAccessibleName(f"Choose a folder for the {name}")
        self.folder.clicked.connect(self._choose)
        self.repository = field("owner/name", f"Repository of the {name} on the hub")
        self.revision = field("the newest", f"Revision of the {name} on the hub")
        self.add = button("Add to the list")
        self.add.setAccessibleName(f"Add the {name} to the list")
        self.add.clicked.connect(self._add)
        for part in (self.repository, self.revision):
            part.returnPressed.connect(self._add)
            part.textChanged.connect(self._typed)
        self.problem = label(size="small", tone="danger", wrap=True)
        top = QHBoxLayout()
        top.addWidget(label("My own", strong=True), 1)
        top.addWidget(self.folder)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (title, part) in enumerate((("Repository", self.repository), ("Revision", self.revision))):
            named = label(title)
            named.setBuddy(part)
            grid.addWidget(named, row, 0)
            grid.addWidget(part, row, 1, 1, 2 - row)
        grid.addWidget(self.add, 1, 2)
        words = "A folder with a checkpoint in safetensors, or a repository on the hub. Adding one fetches nothing yet."
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(16, 12, 12, 12)
        column_.setSpacing(8)
        column_.addLayout(top)
        column_.addWidget(label(words, size="small", tone="muted", wrap=True))
        column_.addLayout(grid)
        column_.addWidget(self.problem)
        self._typed()

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Choose the folder of a checkpoint")
        if folder:
            try:
                own.check_folder(Path(folder), self._module)
            except LensError as error:
                self._say(error.message)
            else:
                self._say("")
                self.chosen.emit(folder)

    def _add(self) -> None:
        try:
            own.add(self.repository.text(), self._module, self.revision.text())
        except (LensError, OSError) as error:
            self._say(error.message if isinstance(error, LensError) else f"It cannot be kept: {error.strerror}.")
            return
        self.repository.clear()
        self.revision.clear()
        self.added.emit()

    def _typed(self) -> None:
        self.add.setEnabled(bool(self.repository.text().strip()))
        self._say("")

    def _say(self, problem: str) -> None:
        self.problem.setText(f"△ {problem}")
        self.problem.setVisible(bool(problem))


def _card(one: Checkpoint) -> ModelCard:
    facts = [size_text(one.size)] if one.size else ["Size not known yet"]
    if one.parameters:
        billions = one.parameters / 1e9
        facts.append(
            f"{billions:.1f} billion parameters" if billions >= 1 else f"{billions * 1000:.0f} million parameters"
        )
    facts.append(f"Licence: {one.licence}")
    lines = [label(one.about, wrap=True), label(" · ".join(facts), size="small", tone="muted", wrap=True)]
    if one.licence_note:
        bound = one.licence not in _FREE
        tone = "warning" if bound else "muted"
        lines.append(label(f"{'△ ' if bound else ''}{one.licence_note}", size="small", tone=tone, wrap=True))
    return ModelCard(one.title, lines)
