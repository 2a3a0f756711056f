"""The conversation about the current image: its messages, first questions to try, and the field to ask in."""

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from lens_desktop.domain.evidence import Evidence
from lens_desktop.ui.composer import Composer
from lens_desktop.ui.controls import button, header, label
from lens_desktop.ui.entry import Entry, Exchange
from lens_desktop.ui.message import Message
from lens_desktop.ui.session import Session

HINT = "Answers come from the evidence under the picture. The LLM never sees the picture itself."


class ConversationPanel(QFrame):
    """Shows the current image's conversation; switching images switches conversations."""

    prompt_wanted = Signal(object)  # Exchange

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self._session = session
        self.composer = Composer()
        self.messages: list[Message] = []
        self.suggestions = QWidget()
        self._suggested = QVBoxLayout(self.suggestions)
        self._suggested.setContentsMargins(0, 0, 0, 0)
        self._suggested.setSpacing(8)
        self._suggested.addWidget(label("Try a first question", size="small", tone="muted"))
        self.chips: list[QPushButton] = []
        self._column = QVBoxLayout()
        self._column.setContentsMargins(16, 16, 16, 16)
        self._column.setSpacing(20)
        self.hint = label(HINT, size="small", tone="muted", wrap=True)
        self.area = self._scroll()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(header("Conversation", None))
        layout.addWidget(self.area, 1)
        below = QVBoxLayout()
        below.setContentsMargins(16, 4, 16, 16)
        below.setSpacing(12)
        below.addWidget(self.suggestions)
        below.addWidget(self.composer)
        layout.addLayout(below)
        self.composer.asked.connect(session.ask)
        self.composer.stopped.connect(session.stop)
        session.current_changed.connect(self._follow)
        session.entry_changed.connect(self._entry_changed)
        session.exchange_added.connect(self._added)
        session.exchange_changed.connect(self._changed)
        session.answered.connect(self._announce)
        session.busy_changed.connect(lambda: self.composer.set_answering(session.answering))

    def _scroll(self) -> QScrollArea:
        inside = QFrame()
        inside.setProperty("surface", "panel")
        inside.setLayout(self._column)
        self._column.addWidget(self.hint)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setAccessibleName("Conversation")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        scroll.verticalScrollBar().rangeChanged.connect(self._grown)
        self._at_end = True
        scroll.verticalScrollBar().valueChanged.connect(self._scrolled)
        return scroll

    def _scrolled(self, value: int) -> None:
        self._at_end = value >= self.area.verticalScrollBar().maximum() - 24

    def _grown(self, _low: int, high: int) -> None:
        """Follow a streaming answer, unless the user has scrolled up to read."""
        if self._at_end:
            self.area.verticalScrollBar().setValue(high)

    def _follow(self) -> None:
        for message in self.messages:
            self._column.removeWidget(message)
            message.deleteLater()
        self.messages = []
        self._at_end = True
        entry = self._session.current
        for exchange in entry.exchanges if entry else ():
            self._append(exchange)
        self.composer.set_answering(self._session.answering)
        if entry is not None:
            self._entry_changed(entry)

    def _append(self, exchange: Exchange) -> None:
        message = Message(exchange)
        message.prompt_wanted.connect(self.prompt_wanted)
        message.again_wanted.connect(self._session.ask_again)
        self.messages.append(message)
        message.setAccessibleName(f"Question {len(self.messages)} and its answer")
        self._column.insertWidget(self._column.count() - 1, message)

    def _entry_changed(self, entry: Entry) -> None:
        if entry is not self._session.current:
            return
        self.composer.setEnabled(not entry.problem)
        self.composer.field.setPlaceholderText(
            "This file cannot be asked about" if entry.problem else "Ask about this image…"
        )
        self._suggest(entry)

    def _suggest(self, entry: Entry) -> None:
        questions = suggestions(entry.evidence) if not entry.exchanges and not entry.problem else ()
        self.hint.setVisible(not entry.exchanges and not entry.problem)
        self.suggestions.setVisible(bool(questions))
        if tuple(chip.text() for chip in self.chips) == questions:
            return
        for chip in self.chips:
            self._suggested.removeWidget(chip)
            chip.deleteLater()
        self.chips = [button(question, "chip") for question in questions]
        for chip in self.chips:
            chip.clicked.connect(partial(self._ask_suggested, chip))
            self._suggested.addWidget(chip)

    def _ask_suggested(self, chip: QPushButton) -> None:
        self._session.ask(chip.text())

    def _added(self, entry: Entry, exchange: Exchange) -> None:
        if entry is self._session.current:
            self._at_end = True
            self._append(exchange)
            self._suggest(entry)
            QTimer.singleShot(0, self, lambda: self._grown(0, self.area.verticalScrollBar().maximum()))

    def _changed(self, _entry: Entry, exchange: Exchange) -> None:
        for message in self.messages:
            if message.exchange is exchange:
                message.refresh()
        self.composer.set_answering(self._session.answering)

    def _announce(self, _exchange: Exchange) -> None:
        event = QAccessibleAnnouncementEvent(self, "Answer ready")
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
        QAccessible.updateAccessibility(event)


def suggestions(evidence: Evidence | None) -> tuple[str, ...]:
    """Return first questions worth asking, from what was found so far."""
    questions = ["What is in the picture?"]
    if evidence and evidence.tags:
        questions.append(f"Where is the {evidence.tags[0].text}?")
    if evidence and evidence.ocr:
        questions.append("What does the text say?")
    questions.append("Describe the picture.")
    return tuple(questions)
