"""The dialog that runs two choices of one module on the current image and shows both results side by side."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QCloseEvent
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from lens_desktop.domain.errors import LensError
from lens_desktop.protocol import Ask, Describe
from lens_desktop.settings import Settings
from lens_desktop.store import choice
from lens_desktop.store.catalogue import Module
from lens_desktop.ui.candidates import alone, same
from lens_desktop.ui.compare_chooser import SIDES, Chooser
from lens_desktop.ui.compare_column import ROWS, Column, set_look, summary
from lens_desktop.ui.comparison import Comparison, Run, RunState
from lens_desktop.ui.controls import ElidedLabel, button, label
from lens_desktop.ui.entry import Entry
from lens_desktop.ui.session import Session


class CompareDialog(QDialog):
    """Open beside the window; a comparison ends when it is closed. `chosen` carries the settings of a side to use."""

    chosen = Signal(object)

    def __init__(
        self, session: Session, in_use: Callable[[], Settings], command: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare two choices")
        self.setMinimumSize(640, 480)
        self.resize(900, 640)
        self._session = session
        self._in_use = in_use
        self._offered = ""  # the question that was put into the field
        self._problem = ""  # of what was tried last, until something else is chosen
        self.subject = ElidedLabel()  # what the results are about
        self.subject.setProperty("textSize", "small")
        self.subject.setProperty("tone", "muted")
        self.comparison = Comparison(command, self)
        self.chooser = Chooser(in_use)
        self.columns = [Column(side) for side in SIDES]
        self.hint = label(size="small", tone="muted", wrap=True)
        self.summary = label("Choose A and B, then Compare. Their results stand here side by side.", wrap=True)
        self.legend = label("◆ only on this side", size="small", tone="muted")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setRange(0, 2 * len(SIDES))
        self.progress.setAccessibleName("Progress of the comparison")
        self.compare = button("Compare", "primary")
        self.compare.setDefault(True)
        self.cancel = button("Cancel")
        self.cancel.setAccessibleName("Cancel the comparison")
        self.close_button = button("Close")
        self._lay_out()
        self._connect()
        self._image_changed()

    # what it is made of

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 16, 12)
        foot.setSpacing(8)
        foot.addWidget(self.hint, 1)
        for part in (self.compare, self.cancel, self.close_button):
            foot.addWidget(part)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.chooser)
        whole.addWidget(self._results(), 1)
        whole.addWidget(self.progress)
        whole.addLayout(foot)

    def _results(self) -> QScrollArea:
        inside = QFrame()
        inside.setProperty("surface", "sheet")
        grid = QGridLayout(inside)
        grid.setContentsMargins(8, 12, 8, 12)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(12)
        said = QGridLayout()
        said.setContentsMargins(24, 0, 8, 0)
        said.setSpacing(4)
        said.setColumnStretch(0, 1)
        said.addWidget(self.subject, 0, 0)
        said.addWidget(self.legend, 0, 1)
        said.addWidget(self.summary, 1, 0, 1, 2)
        grid.addLayout(said, 0, 0, 1, 2)
        for number, column in enumerate(self.columns):
            grid.setColumnStretch(number, 1)
            grid.addWidget(column.head, 1, number)
            for place, title in enumerate(ROWS):
                grid.addWidget(column.blocks[title], 2 + place, number)
        grid.setRowStretch(2 + len(ROWS), 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for column in self.columns:
            for view in column.lists.values():
                view.selectionModel().currentChanged.connect(
                    lambda now, _before, view=view: _follow(scroll, view, view.visualRect(now))
                )
        return scroll

    def _connect(self) -> None:
        self.chooser.changed.connect(self._chosen_changed)
        self.chooser.failed.connect(self._fail)
        for number, column in enumerate(self.columns):
            column.use.clicked.connect(lambda _checked=False, number=number: self._use(number))
        self.compare.clicked.connect(self._compare)
        self.cancel.clicked.connect(self.comparison.cancel)
        self.close_button.clicked.connect(self.close)
        self.comparison.changed.connect(self._show)
        self.comparison.ended.connect(self._ended)
        self._session.current_changed.connect(self._image_changed)
        self._session.entry_changed.connect(self._show)

    # what the user does

    def refresh(self) -> None:
        """Offer the checkpoints that are here now, and the last question unless another was written."""
        entry, field = self._session.current, self.chooser.question
        if field.text() in ("", self._offered):
            self._offered = entry.exchanges[-1].question if entry and entry.exchanges else ""
            field.setText(self._offered)
        self.chooser.refresh()

    def reject(self) -> None:
        """Stop a comparison that runs; only then let Escape close the dialog."""
        if self.comparison.running:
            self.comparison.cancel()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End what runs: nobody is there to see it."""
        self.comparison.cancel()  # first: Qt closes a dialog through `reject`
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Look again at what is here and in use when the user comes back from elsewhere."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.refresh()

    def _compare(self) -> None:
        entry, chosen = self._session.current, self.chooser.chosen
        if entry is None or self._missing():
            return
        module = self.chooser.module
        question = self.chooser.question.text().strip()
        self.subject.set_whole(f"{entry.name} · “{question}”" if module is Module.LLM else entry.name)
        request = _request(entry, module, question)
        self.comparison.start(*(Run(module, one, request) for one in chosen))
        self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def _use(self, number: int) -> None:
        try:
            settings = choice.keep(self.comparison.runs[number].candidate.choices, self._in_use().llm_consent)
        except LensError as error:
            self._fail(error.message)
            return
        self.chosen.emit(settings)
        self.refresh()
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)  # the button that had it is gone

    # what is shown

    def _image_changed(self) -> None:
        entry = self._session.current
        self.chooser.subject.set_whole(entry.name if entry else "")
        self.chooser.question.clear()
        self.refresh()

    def _chosen_changed(self) -> None:
        self._problem = ""
        self._show()

    def _fail(self, reason: str) -> None:
        self._problem = reason
        self._show()

    def _missing(self) -> str:
        """Say what is still missing for a comparison, "" when nothing is."""
        entry, chosen = self._session.current, self.chooser.chosen
        if entry is None or entry.image is None:
            return "Choose an image that can be read."
        if len(chosen) < len(SIDES):
            return "Choose a second one: a folder, or get more with Models (Ctrl+M) in the window."
        if chosen[0] == chosen[1]:
            return "A and B are the same: choose another for one of them."
        if self.chooser.module is Module.LLM:
            if not entry.described:
                return "The image has no evidence yet: wait until it was looked at."
            if not self.chooser.question.text().strip():
                return "Write a question for both."
        return ""

    def _show(self) -> None:
        running, missing = self.comparison.running, self._missing()
        hint = self._problem or missing or "Nothing is switched unless you say so."
        if running:
            first = self.comparison.runs[0].open
            hint = "A runs now, then B: one of them is in memory at a time." if first else "B runs now."
        self.hint.setText(hint)
        set_look(self.hint, "tone", "danger" if self._problem and not running else "muted")
        self.chooser.setEnabled(not running)
        self.compare.setVisible(not running)
        self.compare.setEnabled(not missing)
        self.cancel.setVisible(running)
        self.progress.setVisible(running)
        self.progress.setValue(self.comparison.steps)
        runs = self.comparison.runs
        for column in self.columns:
            column.head.setVisible(bool(runs))
        self.subject.setVisible(bool(runs))
        self.legend.setVisible(False)
        self.summary.setVisible(bool(not runs or summary(*runs)))
        if runs:
            self._show_runs(*runs)

    def _show_runs(self, a: Run, b: Run) -> None:
        for column, run, other in ((self.columns[0], a, b), (self.columns[1], b, a)):
            used = run.settings is not None and same(run.settings, alone(self._in_use(), run.module))
            column.show_run(run, other, used=used)
        self.summary.setText(summary(a, b))
        set_look(self.summary, "strong", True)
        self.legend.setVisible(any(column.marks for column in self.columns))

    def _ended(self) -> None:
        had_focus = self.cancel.hasFocus() or self.isActiveWindow()
        self._show()
        if had_focus:
            self.compare.setFocus(Qt.FocusReason.OtherFocusReason)
        done = all(run.state is RunState.DONE for run in self.comparison.runs)
        text = self.summary.text() if done else "The comparison ended without both results."
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))


def _follow(scroll: QScrollArea, view: QWidget, row: QRect) -> None:
    """Keep a line in sight that the keyboard went to: its list is as high as all lines."""
    inside = scroll.widget()
    place = view.mapTo(inside, row.center()) if inside else row.center()
    scroll.ensureVisible(place.x(), place.y(), 0, row.height() // 2 + 8)


def _request(entry: Entry, module: Module, question: str) -> Callable[[int], Describe | Ask]:
    """Return what makes the request of both sides: the image, or a question with the evidence as it is now.

    The last question goes as it went in the conversation, with what was asked before it.
    """
    image, evidence = entry.image, entry.evidence
    assert image is not None
    if module is not Module.LLM:
        return lambda number: Describe(number, image)
    assert evidence is not None
    last = entry.exchanges[-1] if entry.exchanges and entry.exchanges[-1].question == question else None
    if last is None:
        return lambda number: Ask(number, image, evidence, question)
    turns = entry.turns_before(last)
    return lambda number: Ask(number, image, evidence, question, last.mode, turns)
