"""The field where questions are written: Enter sends, Shift+Enter makes a line, pasted pictures go to the library."""

from PySide6.QtCore import QEvent, QMimeData, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QTextOption
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lens_desktop.domain.prompt import Mode
from lens_desktop.ui.controls import button, restyle
from lens_desktop.ui.icons import icon, paint_icon
from lens_desktop.ui.message import MODE_NAMES

LINES = 6  # the field grows to this many
MODE_TIPS = {
    Mode.GENERAL: "All evidence: tags, attributes, captions and text",
    Mode.VISION: "Tags and attributes only",
    Mode.VQA: "Captions only",
    Mode.MEMES: "Text first, one caption",
}


class QuestionField(QPlainTextEdit):
    """A text field that grows with its text. `sent` on Enter; `pasted` when the clipboard holds a picture."""

    sent = Signal()
    pasted = Signal(QMimeData)
    focused = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Question")
        self.setAccessibleDescription("Ask about this image. Enter sends, Shift+Enter starts a new line.")
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.textChanged.connect(self._fit)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send on Enter without Shift."""
        plain = not event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.sent.emit()
            return
        super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Take text here and pictures for the library."""
        return source.hasText() or source.hasImage() or source.hasUrls()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Insert text; hand pictures and files on."""
        if source.hasUrls() or not source.hasText():
            self.pasted.emit(source)
        else:
            super().insertPlainText(source.text())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell, so that the frame can show the focus."""
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell, so that the frame can hide the focus."""
        super().focusOutEvent(event)
        self.focused.emit(False)

    def changeEvent(self, event: QEvent) -> None:
        """Measure again when fonts change."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        # a plain text document measures itself in lines
        lines = min(max(int(self.document().size().height()), 1), LINES)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 4)


class ModeBox(QComboBox):
    """Chooses which evidence answers may use; draws its arrow from the program's icons."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Which evidence the answer may use")
        for mode in Mode:
            self.addItem(MODE_NAMES[mode], mode)
            self.setItemData(self.count() - 1, MODE_TIPS[mode], Qt.ItemDataRole.ToolTipRole)
        self.currentIndexChanged.connect(self._explain)
        self._explain()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box and its arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        paint_icon(painter, "caret-down", QRect(self.width() - 18, (self.height() - 12) // 2, 12, 12))
        painter.end()

    def _explain(self) -> None:
        self.setToolTip(f"Which evidence the answer may use: {MODE_TIPS[self.currentData()].lower()}")


class Composer(QFrame):
    """The field, the mode, the optional choices, and the button that sends or stops."""

    asked = Signal(str, object, list)  # question, Mode, choices
    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "composer")
        self.field = QuestionField()
        self.field.setPlaceholderText("Ask about this image…")
        self.choices = QLineEdit()
        self.choices.setProperty("kind", "choices")
        self.choices.setPlaceholderText("cat, dog, neither")
        self.choices.setAccessibleName("Choices, separated by commas")
        self.choices.hide()
        self.mode = ModeBox()
        self.offer = button("Choices…", "link")
        self.offer.setCheckable(True)
        self.offer.setToolTip("Let the answer be one of several choices, each with its probability")
        self.send = QToolButton()
        self.send.setProperty("kind", "send")
        self.send.setIconSize(QSize(16, 16))
        self.send.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._answering = False
        self._lay_out()
        self.field.sent.connect(self._send)
        self.field.focused.connect(self._focus)
        self.field.textChanged.connect(self._update)
        self.choices.returnPressed.connect(self._send)
        self.offer.toggled.connect(self._offer)
        self.send.clicked.connect(self._clicked)
        self._update()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.choices)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.mode)
        line.addWidget(self.offer)
        line.addStretch(1)
        line.addWidget(self.send)
        column.addWidget(row)

    def set_answering(self, answering: bool) -> None:
        """Make the button stop instead of send."""
        self._answering = answering
        self._update()

    def _update(self) -> None:
        stop = self._answering and not self.field.toPlainText().strip()
        self.send.setIcon(icon("stop-fill" if stop else "arrow-up", "on_accent"))
        self.send.setAccessibleName("Stop answering" if stop else "Send the question")
        self.send.setToolTip("Stop answering (Esc)" if stop else "Send the question (Enter)")
        self.send.setEnabled(stop or bool(self.field.toPlainText().strip()))

    def _offer(self, on: bool) -> None:
        self.choices.setVisible(on)
        if on:
            self.choices.setFocus()
        else:
            self.choices.clear()

    def _clicked(self) -> None:
        if self.field.toPlainText().strip():
            self._send()
        elif self._answering:
            self.stopped.emit()

    def _send(self) -> None:
        question = self.field.toPlainText().strip()
        if not question or not self.isEnabled():
            return
        choices = [part.strip() for part in self.choices.text().split(",") if part.strip()]
        self.field.clear()
        self.asked.emit(question, self.mode.currentData(), choices)

    def _focus(self, focused: bool) -> None:
        self.setProperty("focused", focused)
        restyle(self)
