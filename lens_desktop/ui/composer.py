"""The field where questions are written: Enter sends, Shift+Enter makes a line, pasted pictures go to the library."""

from functools import partial

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QFocusEvent, QKeyEvent, QTextOption
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lens_desktop.domain.prompt import Mode
from lens_desktop.ui.controls import button, restyle
from lens_desktop.ui.icons import icon
from lens_desktop.ui.message import MODE_NAMES

LINES = 6  # the field grows to this many
MODE_TIPS = {
    Mode.GENERAL: "all evidence",
    Mode.VISION: "tags and attributes only",
    Mode.VQA: "captions only",
    Mode.MEMES: "text first, one caption",
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


class ModeButton(QToolButton):
    """Chooses which evidence answers may use, from a menu that says what each mode means."""

    def __init__(self) -> None:
        super().__init__()
        self.mode = Mode.GENERAL
        self.setProperty("kind", "mode")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow after the words
        self.setIcon(icon("caret-down", "muted"))
        self.setIconSize(QSize(12, 12))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(self)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        group = QActionGroup(self)
        self._actions = {}
        for mode in Mode:
            action = menu.addAction(f"{MODE_NAMES[mode]}: {MODE_TIPS[mode]}", partial(self.choose, mode))
            action.setCheckable(True)
            group.addAction(action)
            self._actions[mode] = action
        self.setMenu(menu)
        self.choose(Mode.GENERAL)

    def choose(self, mode: Mode) -> None:
        """Use `mode` for the questions to come."""
        self.mode = mode
        self._actions[mode].setChecked(True)
        self.setText(MODE_NAMES[mode])
        self.setAccessibleName(f"Evidence used: {MODE_NAMES[mode]}")
        self.setToolTip(f"Which evidence answers may use: {MODE_TIPS[mode]}")


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
        self.mode = ModeButton()
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
        self.asked.emit(question, self.mode.mode, choices)

    def _focus(self, focused: bool) -> None:
        self.setProperty("focused", focused)
        restyle(self)
