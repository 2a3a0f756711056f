"""What is compared: the module, two choices of it, and for LLMs the question."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lens_desktop.domain.errors import LensError
from lens_desktop.settings import Settings
from lens_desktop.store.catalogue import Module
from lens_desktop.ui.candidates import MODULES, Candidate, candidates, folder_candidate, known_checkpoints
from lens_desktop.ui.controls import Choice, ElidedLabel, label, tab, tool_button

NAMES = {Module.CLIP: "CLIP", Module.CAPTIONER: "Captioner", Module.LLM: "LLM"}
ABOUT = {
    Module.CLIP: "Two CLIPs write tags and attributes of this image.",
    Module.CAPTIONER: "Two captioners write captions of this image.",
    Module.LLM: "Two LLMs answer a question from the evidence on screen.",
}
SIDES = ("A", "B")


class Chooser(QWidget):
    """The head of the dialog. `changed` comes with every other choice, `failed` says why a folder was not taken."""

    changed = Signal()
    failed = Signal(str)

    def __init__(self, in_use: Callable[[], Settings]) -> None:
        super().__init__()
        self._in_use = in_use
        self._folders: dict[Module, list[Candidate]] = {module: [] for module in MODULES}
        self._places: dict[Module, list[str]] = {module: [] for module in MODULES}
        self._offered: list[Candidate] = []
        self.tabs = QButtonGroup(self)
        for number, module in enumerate(MODULES):
            made = tab(NAMES[module])
            self.tabs.addButton(made, number)
        self.tabs.button(0).setChecked(True)
        self.subject = ElidedLabel()
        self.about = label(size="small", tone="muted", wrap=True)
        self.question = QLineEdit()
        self.question.setProperty("kind", "choices")
        self.question.setAccessibleName("Question for both LLMs")
        self.question.setPlaceholderText("Ask about this image…")
        self.pickers = [Choice(f"Choice {side}") for side in SIDES]
        self.folders = [tool_button("folder-open", f"A folder for {side}…") for side in SIDES]
        for picker in self.pickers:
            picker.setPlaceholderText("Choose one, or a folder")
            picker.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._lay_out()
        self.tabs.idToggled.connect(lambda _number, on: self.refresh() if on else None)
        self.question.textChanged.connect(self.changed)
        for number, picker in enumerate(self.pickers):
            picker.currentIndexChanged.connect(self._picked)
            self.folders[number].clicked.connect(lambda _checked=False, number=number: self._choose_folder(number))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        for one in self.tabs.buttons():
            top.addWidget(one)
        top.addSpacing(16)
        top.addStretch(1)
        top.addWidget(self.subject)
        choices = QGridLayout()
        choices.setHorizontalSpacing(24)
        for number, side in enumerate(SIDES):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(label(side, strong=True))
            row.addWidget(self.pickers[number], 1)
            row.addWidget(self.folders[number])
            choices.addLayout(row, 0, number)
            choices.setColumnStretch(number, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.about)
        column.addWidget(self.question)
        column.addLayout(choices)

    @property
    def module(self) -> Module:
        """The module whose choices are compared."""
        return MODULES[self.tabs.checkedId()]

    @property
    def chosen(self) -> list[Candidate]:
        """What was chosen for A and B; fewer than two when one is still to be chosen."""
        places = [picker.currentIndex() for picker in self.pickers]
        return [self._offered[place] for place in places if 0 <= place < len(self._offered)]

    def refresh(self) -> None:
        """Offer what is here now; what was chosen stays chosen, also when another module was looked at meanwhile."""
        module = self.module
        offered = candidates(module, known_checkpoints(), self._in_use())
        known = {one.place for one in offered}
        offered += [one for one in self._folders[module] if one.place not in known]
        wanted = self._places[module] or [one.place for one in offered[: len(SIDES)]]
        self._offered = offered
        places = [one.place for one in offered]
        for number, picker in enumerate(self.pickers):
            picker.blockSignals(True)
            picker.clear()
            picker.addItems([one.title for one in offered])
            there = number < len(wanted) and wanted[number] in places
            picker.setCurrentIndex(places.index(wanted[number]) if there else -1)
            picker.blockSignals(False)
        self.about.setText(ABOUT[module])
        self.question.setVisible(module is Module.LLM)
        self.changed.emit()

    def _picked(self) -> None:
        offered, places = self._offered, [picker.currentIndex() for picker in self.pickers]
        self._places[self.module] = [offered[place].place if place >= 0 else "" for place in places]
        self.changed.emit()

    def _choose_folder(self, number: int) -> None:
        side, module = SIDES[number], self.module
        folder = QFileDialog.getExistingDirectory(self, f"The folder of the {NAMES[module]} for {side}")
        if not folder:
            return
        try:
            made = folder_candidate(module, folder, self._in_use())
        except LensError as error:
            self.failed.emit(error.message)
            return
        self._folders[module] = [one for one in self._folders[module] if one.place != made.place] + [made]
        self.refresh()
        self.pickers[number].setCurrentIndex([one.place for one in self._offered].index(made.place))
