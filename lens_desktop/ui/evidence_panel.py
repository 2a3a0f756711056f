"""What the vision modules wrote about the image, section by section, and what the LLM was told."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from lens_desktop.domain.answer import Answer
from lens_desktop.domain.evidence import Evidence, Module, Score, Tag
from lens_desktop.ui.controls import button, header, label, tab
from lens_desktop.ui.entry import Entry, Exchange
from lens_desktop.ui.evidence_list import EvidenceList, Line
from lens_desktop.ui.session import Session

TITLES = {Module.TAGS: "Tags", Module.ATTRIBUTES: "Attributes", Module.CAPTIONS: "Captions", Module.OCR: "Text"}
WIDE = 520  # pixels: from here two sections stand side by side
ORDER = tuple(Module)


class EvidencePanel(QFrame):
    """Two pages: the evidence, and the prompt of an answer. `lines_chosen` names chosen lines of recognised text."""

    lines_chosen = Signal(list)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "sheet")
        self._session = session
        self.lists = {module: EvidenceList(TITLES[module]) for module in Module}
        self._seconds = {module: label(size="small", tone="muted") for module in Module}
        self.retry = button("Look again", "link")
        self.retry.hide()
        self.retry.clicked.connect(self._look_again)
        self.prompt = self._prompt_field()
        self._grid = QGridLayout()
        self._blocks = [self._block(module) for module in Module]
        self._nothing = label("There is no evidence: the file could not be read.", tone="muted")
        self._nothing.setContentsMargins(8, 0, 0, 0)
        self._wide: bool | None = None
        self._pages = QStackedWidget()
        self._pages.addWidget(self._evidence_page())
        self._pages.addWidget(self._prompt_page())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._heading())
        layout.addWidget(self._pages)
        self.lists[Module.OCR].selectionModel().selectionChanged.connect(
            lambda: self.lines_chosen.emit(self._chosen_text())
        )
        session.current_changed.connect(self._follow)
        session.entry_changed.connect(self._changed)
        session.exchange_changed.connect(lambda entry, _exchange: self._changed(entry))
        session.busy_changed.connect(self._refresh)
        self._arrange(True)

    # what it is made of

    def _heading(self) -> QFrame:
        self.tabs = QButtonGroup(self)
        tabs = []
        for number, title in enumerate(("Evidence", "What the LLM was told")):
            tabs.append(tab(title))
            self.tabs.addButton(tabs[-1], number)
        tabs[0].setChecked(True)
        self.tabs.idToggled.connect(lambda _page, _on: self._pages.setCurrentIndex(self.tabs.checkedId()))
        return header("", *tabs, None, self.retry)

    def _prompt_field(self) -> QPlainTextEdit:
        field = QPlainTextEdit()
        field.setReadOnly(True)
        field.setProperty("kind", "prompt")
        field.setAccessibleName("What the LLM was told")
        field.setTabChangesFocus(True)
        field.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        field.setStyleSheet(f"font-family: '{fixed.family()}';")
        return field

    def _block(self, module: Module) -> QWidget:
        block = QWidget()
        column = QVBoxLayout(block)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        heading = QHBoxLayout()
        heading.setContentsMargins(8, 0, 8, 0)
        heading.addWidget(label(TITLES[module], size="small", tone="muted", strong=True))
        heading.addStretch(1)
        heading.addWidget(self._seconds[module])
        column.addLayout(heading)
        column.addWidget(self.lists[module])
        column.addStretch(1)
        view = self.lists[module]
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(lambda point: self._menu(view, point))
        return block

    def _evidence_page(self) -> QWidget:
        inside = QFrame()
        inside.setProperty("surface", "sheet")
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 12, 8, 12)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(16)
        column.addLayout(self._grid)
        column.addWidget(self._nothing)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return scroll

    def _prompt_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        self._prompt_note = label(size="small", tone="muted", wrap=True)
        row = QHBoxLayout()
        row.addWidget(self._prompt_note, 1)
        self.copy_prompt = button("Copy", "link", "copy")
        self.copy_prompt.setAccessibleName("Copy what the LLM was told")
        self.copy_prompt.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.prompt.toPlainText()))
        row.addWidget(self.copy_prompt)
        column.addLayout(row)
        column.addWidget(self.prompt)
        return page

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the sections side by side when there is room."""
        super().resizeEvent(event)
        self._arrange(event.size().width() >= WIDE)

    def _arrange(self, wide: bool) -> None:
        if wide == self._wide:
            return
        self._wide = wide
        for number, block in enumerate(self._blocks):
            row, column = divmod(number, 2) if wide else (number, 0)
            self._grid.addWidget(block, row, column)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if wide else 0)

    # what it shows

    def show_prompt(self, exchange: Exchange) -> None:
        """Show what the LLM was told for an answer."""
        if exchange.answer is not None:
            self._fill_prompt(exchange.question, exchange.answer)
            self.tabs.button(1).setChecked(True)

    def _follow(self) -> None:
        self.tabs.button(0).setChecked(True)
        self._fill_prompt("", None)
        self._refresh()

    def _refresh(self) -> None:
        if self._session.current is not None:
            self._changed(self._session.current)

    def _changed(self, entry: Entry) -> None:
        if entry is not self._session.current:
            return
        self._nothing.setVisible(bool(entry.problem))
        for block in self._blocks:
            block.setVisible(not entry.problem)
        waits_for = self._session.waits_for(entry)
        for module, view in self.lists.items():
            view.lines.replace(section(entry, module, waits_for))
            self._seconds[module].setText(cost(entry.evidence, module) if entry.evidence else "")
        self.retry.setVisible(bool(entry.describe_problem or (entry.evidence and entry.evidence.failures)))
        answered = [exchange for exchange in entry.exchanges if exchange.answer and exchange.answer.prompt]
        if answered and answered[-1].answer and self.tabs.checkedId() == 0:
            self._fill_prompt(answered[-1].question, answered[-1].answer)

    def _fill_prompt(self, question: str, answer: Answer | None) -> None:
        text = answer.prompt if answer else ""
        if text != self.prompt.toPlainText():
            self.prompt.setPlainText(text)
        self.prompt.setVisible(bool(text))
        self.copy_prompt.setVisible(bool(text))
        note = "Ask a question: the exact words the LLM gets for it are shown here."
        if answer:
            note = f"The exact words the LLM got for “{question}”. It never sees the picture itself."
            if answer.dropped:
                lines = "line" if answer.dropped == 1 else "lines"
                note += f" {answer.dropped} {lines} of evidence or earlier questions did not fit."
        self._prompt_note.setText(note)

    def _look_again(self) -> None:
        if self._session.current is not None:
            self._session.describe_again(self._session.current)

    def _chosen_text(self) -> list[int]:
        entry = self._session.current
        found = bool(entry and entry.evidence and entry.evidence.ocr)
        return self.lists[Module.OCR].selected_lines() if found else []

    def _menu(self, view: EvidenceList, point: QPoint) -> None:
        menu = QMenu(view)
        chosen = bool(view.selected_lines())
        menu.addAction("Copy line" if chosen else "Copy all lines", view.copy)
        menu.addAction("Copy all evidence", self.copy_all)
        menu.exec(view.viewport().mapToGlobal(point))

    def copy_all(self) -> None:
        """Put every section with its title on the clipboard."""
        sections = (
            TITLES[module] + "\n" + "\n".join(f"  {line.text} {line.figure}".rstrip() for line in view.lines.lines)
            for module, view in self.lists.items()
        )
        QGuiApplication.clipboard().setText("\n".join(sections))


def section(entry: Entry, module: Module, waits_for: str) -> tuple[Line, ...]:
    """Return the lines of a section: what was found, or the state it is in; `waits_for` is said before any has run."""
    evidence = entry.evidence
    if entry.describe_problem:
        return (Line(f"Did not run: {entry.describe_problem}", tone="warning"),)
    if evidence is None:
        return (Line(waits_for, tone="muted"),)
    reason = evidence.failure(module)
    if reason is not None:
        return (Line(f"Did not run: {reason}", tone="warning"),)
    if entry.wants_the_rest and module not in evidence.finished:
        return (Line(waits_for, tone="muted"),)
    if module not in evidence.finished:
        return (Line(_waiting(evidence, module), tone="muted"),)
    return _found(evidence, module) or (Line("Nothing found", tone="muted"),)


def _waiting(evidence: Evidence, module: Module) -> str:
    """Say what a section waits for: itself when it is the next to run."""
    done = {*evidence.finished, *(failure.module for failure in evidence.failures)}
    running = next(other for other in ORDER if other not in done)
    return "Looking…" if module == running else f"Waiting for {TITLES[running].lower()}"


def _found(evidence: Evidence, module: Module) -> tuple[Line, ...]:
    match module:
        case Module.TAGS | Module.ATTRIBUTES:
            tags = evidence.tags if module == Module.TAGS else evidence.attributes
            best = max([tag.score for tag in tags if tag.score > 0], default=1.0)  # bars compare lines of a section
            return tuple(_tag_line(tag, best, evidence.scored) for tag in tags)
        case Module.CAPTIONS:
            return tuple(Line(caption) for caption in evidence.captions)
        case Module.OCR:
            return tuple(
                Line(
                    line.text,
                    line.confidence,
                    f"{line.confidence * 100:.0f} %",
                    spoken=f"{line.text}, {line.confidence * 100:.0f} percent sure",
                )
                for line in evidence.ocr
            )


def _tag_line(tag: Tag, best: float, scored: Score) -> Line:
    if scored is Score.PROBABILITY:
        percent = f"{tag.score * 100:.0f} %" if tag.score >= 0.01 else "< 1 %"
        return Line(tag.text, tag.score / best, percent, spoken=f"{tag.text}, probability {percent}")
    return Line(tag.text, tag.score / best, _signed(tag.score), spoken=f"{tag.text}, similarity {tag.score:.2f}")


def _signed(score: float) -> str:
    return f"{score:.2f}".replace("-", "−")


def cost(evidence: Evidence, module: Module) -> str:
    """Return what a section says of its making: what its scores are, how long it took, at which size text was read."""
    seconds = dict(evidence.timings).get(module, 0.0)
    parts = [f"{seconds:.1f} s"] if seconds >= 0.05 else []
    if module in (Module.TAGS, Module.ATTRIBUTES) and module in evidence.finished:
        parts.insert(0, evidence.scored.value)
    if module == Module.OCR and evidence.ocr_scale < 0.995:
        parts.insert(0, f"read at {evidence.ocr_scale * 100:.0f} % size")
    return " · ".join(parts)
