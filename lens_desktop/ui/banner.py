"""A strip across the window for what the user must know now: a sentence, and buttons for what can be done."""

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from lens_desktop.ui.controls import IconLabel, button, label, restyle, tool_button

ICONS = {"info": ("info", "accent"), "warning": ("warning", "warning"), "danger": ("warning-circle", "danger")}
Action = tuple[str, Callable[[], object]]


class Banner(QFrame):
    """Hidden until `say`; `kind` is ``info``, ``warning`` or ``danger``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel("info", "accent", 20, "Notice")
        self.text = label(wrap=True)
        self.close_button = tool_button("x", "Dismiss")
        self.close_button.clicked.connect(self.hide)
        self.buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 8, 8, 8)
        self._row.setSpacing(12)
        self._row.addWidget(self.icon)
        self._row.addWidget(self.text, 1)
        self._row.addWidget(self.close_button)
        self.hide()

    def say(self, kind: str, text: str, actions: Sequence[Action] = (), *, lasting: bool = False) -> None:
        """Show a sentence; `lasting` ones cannot be dismissed, because what they say goes on."""
        self.setProperty("banner", kind)
        restyle(self)
        self.icon.set_icon(*ICONS[kind])
        self.text.setText(text)
        for old in self.buttons:
            self._row.removeWidget(old)
            old.deleteLater()
        self.buttons = []
        for words, do in actions:
            made = button(words)
            made.clicked.connect(lambda _checked=False, do=do: do())
            self._row.insertWidget(self._row.count() - 1, made)
            self.buttons.append(made)
        self.close_button.setVisible(not lasting)
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
