"""Small widgets with names: every control made here can be found and read by a screen reader."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from lens_desktop.ui.icons import icon

HEADER = 44  # pixels: the height of a panel's heading


def label(
    text: str = "", *, size: str = "body", tone: str = "text", strong: bool = False, wrap: bool = False
) -> QLabel:
    """Return a text in one of the four sizes."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("textSize", size)
    made.setProperty("tone", tone)
    made.setProperty("strong", strong)
    made.setWordWrap(wrap)
    return made


def tool_button(
    icon_name: str, name: str, tip: str = "", *, tone: str = "text", checkable: bool = False
) -> QToolButton:
    """Return a button that shows an icon alone; `name` is what a screen reader says."""
    made = QToolButton()
    made.setIcon(icon(icon_name, tone))
    made.setIconSize(QSize(18, 18))
    made.setAccessibleName(name)
    made.setToolTip(tip or name)
    made.setCheckable(checkable)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def button(text: str, kind: str = "plain", icon_name: str = "") -> QPushButton:
    """Return a button with words on it: ``plain``, ``primary``, ``chip`` or ``link``."""
    made = QPushButton(text)
    made.setProperty("kind", kind)
    made.setAutoDefault(False)
    if icon_name:
        made.setIcon(icon(icon_name, "on_accent" if kind == "primary" else "muted"))
        made.setIconSize(QSize(16, 16))
    return made


def header(title: str, *items: QWidget | None) -> QFrame:
    """Return a panel's heading; None among `items` is the gap that pushes the rest to the right."""
    frame = QFrame()
    frame.setProperty("surface", "header")
    frame.setFixedHeight(HEADER)
    row = QHBoxLayout(frame)
    row.setContentsMargins(16, 0, 8, 0)
    row.setSpacing(4)
    if title:
        row.addWidget(label(title, strong=True))
        row.addSpacing(4)
    for item in items:
        if item is None:
            row.addStretch(1)
        else:
            row.addWidget(item)
    return frame


def spacer() -> QWidget:
    """Return an empty widget that takes what room is left."""
    made = QWidget()
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return made


def restyle(widget: QWidget) -> None:
    """Have the style sheet look at a widget's properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
