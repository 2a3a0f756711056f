"""A strip across the window for what the user must know now: a sentence, and buttons for what can be done."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QHBoxLayout, QPushButton, QWidget

from lens_desktop.ui.controls import IconLabel, button, label, restyle, tool_button

ICONS = {
    "info": ("info", "accent"),
    "passing": ("info", "accent"),
    "warning": ("warning", "warning"),
    "danger": ("warning-circle", "danger"),
}
Action = tuple[str, Callable[[], object]]


class Banner(QFrame):
    """Hidden until `say`; `kind` is ``info``, ``warning``, ``danger`` or, for one that floats, ``passing``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel("info", "accent", 20, "Notice")
        self.text = label(wrap=True)
        self.close_button = tool_button("x", "Dismiss")
        self.close_button.clicked.connect(self.hide)
        self.buttons: list[QPushButton] = []
        self._above: QWidget | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 8, 8, 8)
        self._row.setSpacing(12)
        self._row.addWidget(self.icon)
        self._row.addWidget(self.text, 1)
        self._row.addWidget(self.close_button)
        self.hide()

    def float_over(self, parent: QWidget, *, above: QWidget) -> None:
        """Lie over the foot of `parent` instead of taking room in it, so that what passes moves nothing."""
        self.setParent(parent)
        self._above = above
        self._row.setContentsMargins(16, 4, 4, 4)
        self.setGraphicsEffect(_shadow(self))
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place when the window changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self.parentWidget()
        if self._above is not None and parent is not None:
            width = min(parent.width() - 64, 720, self.sizeHint().width())
            height = max(self.sizeHint().height(), self.heightForWidth(width))
            self.setGeometry((parent.width() - width) // 2, self._above.y() - height - 16, width, height)
            self.raise_()

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
        self._place()
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))


def _shadow(parent: QWidget) -> QGraphicsDropShadowEffect:
    shadow = QGraphicsDropShadowEffect(parent)
    shadow.setBlurRadius(24)
    shadow.setOffset(0, 4)
    shadow.setColor(QColor(0, 0, 0, 60))
    return shadow
