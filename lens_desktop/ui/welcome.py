"""The empty library: one place to drop images, three samples to try, one sentence on what the program does."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from lens_desktop.resources import resource
from lens_desktop.ui.controls import button, label, restyle
from lens_desktop.ui.icons import icon

SAMPLES = 3


class Welcome(QFrame):
    """Shown while the library is empty."""

    open_wanted = Signal()
    sample_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "stage")
        self._target = QFrame()
        self._target.setProperty("surface", "drop")
        self._target.setFixedSize(640, 280)
        self.open = button("Open images…", "primary")
        self.open.clicked.connect(self.open_wanted)
        picture = QLabel()
        picture.setPixmap(icon("image-square", "accent").pixmap(56, 56))
        target = QVBoxLayout(self._target)
        target.setContentsMargins(32, 32, 32, 32)
        target.setSpacing(8)
        target.addStretch(1)
        says = label(
            "Lens Desktop writes down what it sees in an image and answers your questions from that, "
            "on this computer alone.",
            tone="muted",
            wrap=True,
        )
        says.setFixedWidth(440)
        for widget in (picture, label("Drop an image here", size="display"), says):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            target.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        target.addSpacing(8)
        target.addWidget(self.open, 0, Qt.AlignmentFlag.AlignHCenter)
        target.addStretch(1)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addWidget(self._target, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(24)
        self.samples = self._samples()
        column.addWidget(self.samples, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def _samples(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setSpacing(8)
        paths = sorted(resource("samples").glob("*.png"))[:SAMPLES]
        words = label("Or try one of these", size="small", tone="muted")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(words)
        row = QHBoxLayout()
        row.setSpacing(16)
        for path in paths:
            row.addWidget(self._sample(path))
        column.addLayout(row)
        made.setVisible(bool(paths))
        return made

    def _sample(self, path: Path) -> QToolButton:
        name = path.stem.replace("_", " ").replace("-", " ").capitalize()
        made = QToolButton()
        made.setProperty("kind", "sample")
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        made.setIcon(QIcon(str(path)))
        made.setIconSize(QSize(160, 120))
        made.setText(name)
        made.setAccessibleName(f"Sample image: {name}")
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.clicked.connect(lambda: self.sample_wanted.emit(str(path)))
        return made

    def set_over(self, over: bool) -> None:
        """Show that something is held over the window and may be dropped."""
        self._target.setProperty("over", over)
        restyle(self._target)
