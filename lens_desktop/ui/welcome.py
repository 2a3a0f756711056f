"""The empty library: one place to drop images, three samples to try, one sentence on what the program does."""

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from lens_desktop.resources import resource
from lens_desktop.ui.controls import IconLabel, button, label, restyle

SAMPLES = 3
THUMB = QSize(160, 120)


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
        picture = IconLabel("image-square", "accent", 56, "Picture")
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
        name = path.stem.lstrip("0123456789-_ ").replace("-", " ").capitalize()
        made = QToolButton()
        made.setProperty("kind", "sample")
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        made.setIcon(QIcon(_cut(path, made.devicePixelRatioF())))
        made.setIconSize(THUMB)
        made.setText(name)
        made.setAccessibleName(f"Sample image: {name}")
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.clicked.connect(lambda: self.sample_wanted.emit(str(path)))
        return made

    def set_over(self, over: bool) -> None:
        """Show that something is held over the window and may be dropped."""
        self._target.setProperty("over", over)
        restyle(self._target)


def _cut(path: Path, ratio: float) -> QPixmap:
    """Return one of the program's own samples, cut to the size of its button."""
    size = THUMB * ratio
    expanding, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    whole = QPixmap(str(path)).scaled(size, expanding, smooth)
    cut = QRect(QPoint(0, 0), size)
    cut.moveCenter(whole.rect().center())
    pixmap = whole.copy(cut)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
