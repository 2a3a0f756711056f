"""One question and its answer in the conversation, as words a person can select and a screen reader can read."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QResizeEvent, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from lens_desktop.domain.answer import Answer
from lens_desktop.ui.controls import button, label, restyle
from lens_desktop.ui.entry import Exchange, Stage
from lens_desktop.ui.evidence_list import EvidenceList, Line

MODE_NAMES = {"general": "General", "vision": "Vision", "vqa": "VQA", "memes": "Memes"}


class Passage(QTextEdit):
    """Plain text that can be selected but not edited, as high as it is, breaking even words that are too long."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "passage")
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(2)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def set_text(self, text: str) -> None:
        """Show `text`, keeping a selection while more of the same text arrives."""
        shown = self.toPlainText()
        if text == shown:
            return
        if shown and text.startswith(shown):
            cursor = self.textCursor()
            at_end = type(cursor)(self.document())
            at_end.movePosition(cursor.MoveOperation.End)
            at_end.insertText(text[len(shown) :])
        else:
            self.setPlainText(text)
        self._fit()

    def natural_width(self) -> int:
        """Return the width the text would have unwrapped."""
        lines = self.toPlainText().split("\n")
        return max(self.fontMetrics().horizontalAdvance(line) for line in lines) + 12

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the wrapped text needs."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.document().setTextWidth(self.viewport().width())
        height = max(int(self.document().size().height()), QFontMetrics(self.font()).height() + 4)
        self.setFixedHeight(height + 2)


class Message(QFrame):
    """A question in its bubble and, under it, the answer with what can be done about it."""

    prompt_wanted = Signal(object)  # Exchange
    again_wanted = Signal(object)

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange
        self.question = Passage("Your question")
        self.question.set_text(exchange.question)
        self.answer = Passage("Answer")
        self.choices = EvidenceList("Choices and their probabilities")
        self.state = label(size="small", tone="muted", wrap=True)
        self.told = button("What the LLM was told", "link")
        self.copy = button("Copy", "link")
        self.copy.setAccessibleName("Copy the answer")
        self.again = button("Ask again", "link")
        self.told.clicked.connect(lambda: self.prompt_wanted.emit(self.exchange))
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.answer.toPlainText()))
        self.again.clicked.connect(lambda: self.again_wanted.emit(self.exchange))
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        bubble = QFrame()
        bubble.setProperty("surface", "question")
        inside = QVBoxLayout(bubble)
        inside.setContentsMargins(10, 6, 10, 6)
        inside.addWidget(self.question)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setContentsMargins(32, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(bubble, 1000)  # as wide as its words, at most as the column
        bubble.setMaximumWidth(self.question.natural_width() + 24)
        column.addLayout(row)
        column.addWidget(self.answer)
        column.addWidget(self.choices)
        self.state.setContentsMargins(3, 0, 0, 0)  # in line with the passages, whose focus ring takes room
        column.addWidget(self.state)
        actions = QWidget()
        links = QHBoxLayout(actions)
        links.setContentsMargins(0, 0, 0, 0)
        links.setSpacing(4)
        for link in (self.told, self.copy, self.again):
            links.addWidget(link)
        links.addStretch(1)
        column.addWidget(actions)

    def refresh(self) -> None:
        """Show where the question stands now."""
        exchange, answer = self.exchange, self.exchange.answer
        text = answer.text if answer else ""
        self.answer.set_text(text)
        self.answer.setVisible(bool(text))
        choices = answer.choices if answer else ()
        self.choices.lines.replace(
            tuple(Line(choice.text, choice.probability, f"{choice.probability * 100:.0f} %") for choice in choices)
        )
        self.choices.setVisible(bool(choices))
        words, tone = state_words(exchange)
        self.state.setText(words)
        self.state.setProperty("tone", tone)
        restyle(self.state)
        self.state.setVisible(bool(words))
        self.told.setVisible(bool(answer and answer.prompt))
        self.copy.setVisible(bool(text) and not exchange.open)
        self.again.setVisible(not exchange.open)


def state_words(exchange: Exchange) -> tuple[str, str]:
    """Return the line under an answer and its tone."""
    answer = exchange.answer
    match exchange.stage:
        case Stage.WAITING:
            return exchange.problem or "Waiting for the evidence…", "warning" if exchange.problem else "muted"
        case Stage.ANSWERING:
            return "Answering…", "muted"
        case Stage.STOPPED:
            return "Stopped.", "muted"
        case Stage.FAILED:
            return exchange.problem, "danger"
        case Stage.DONE:
            return _done_words(exchange, answer), "muted"


def _done_words(exchange: Exchange, answer: Answer | None) -> str:
    if answer is None:
        return ""
    parts = [MODE_NAMES[exchange.mode], f"{answer.seconds:.1f} s"]
    if not answer.text:
        parts.insert(0, "The LLM said nothing")
    if answer.dropped:
        parts.append(f"{answer.dropped} lines of evidence did not fit")
    return " · ".join(parts)
