"""Small widgets with names: every control made here can be found and read by a screen reader."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QToolButton,
    QWidget,
)

from lens_desktop.ui.icons import icon, paint_icon
from lens_desktop.ui.theme import theme

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


class IconLabel(QLabel):
    """An icon that follows the theme."""

    def __init__(self, name: str, tone: str, size: int, spoken: str) -> None:
        super().__init__()
        self.setAccessibleName(spoken)
        self._size = size
        self._shown = (name, tone)
        theme.changed.connect(self._draw)
        self._draw()

    def set_icon(self, name: str, tone: str) -> None:
        """Show another icon."""
        self._shown = (name, tone)
        self._draw()

    def _draw(self) -> None:
        size = QSize(self._size, self._size)
        self.setPixmap(icon(*self._shown).pixmap(size, self.devicePixelRatioF()))


class ElidedLabel(QLabel):
    """A text of one line that is shortened in the middle, or left out, where there is no room for it."""

    def __init__(self, *, all_or_nothing: bool = False) -> None:
        super().__init__()
        self._all_or_nothing = all_or_nothing
        if all_or_nothing:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._whole = ""

    def set_whole(self, text: str) -> None:
        """Show `text`, all of it where it fits."""
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._fit()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the room the whole text would like."""
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 4, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return little: the text may be shortened."""
        return QSize(24, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._all_or_nothing:
            self.setText(self._whole if self.fontMetrics().horizontalAdvance(self._whole) <= self.width() else "")
        else:
            self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, self.width()))


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


def tab(text: str) -> QToolButton:
    """Return a button that shows a page; a QButtonGroup lets one be down at a time."""
    made = QToolButton()
    made.setText(text)
    made.setCheckable(True)
    made.setProperty("kind", "tab")
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def field(example: str, name: str) -> QLineEdit:
    """Return a field for a line of text; `name` is what a screen reader says."""
    made = QLineEdit()
    made.setProperty("kind", "field")
    made.setPlaceholderText(example)
    made.setAccessibleName(name)
    return made


class Choice(QComboBox):
    """A list to choose from that never changes in passing: not under the wheel, and by keys only once it is open."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the arrow in the colours of the moment."""
        super().paintEvent(event)
        rect = QRect(self.width() - 22, (self.height() - 12) // 2, 12, 12)
        paint_icon(QPainter(self), "caret-down", rect, "muted")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open at the keys that would choose at once."""
        if event.text().strip() or event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End):
            self.showPopup()
        else:
            super().keyPressEvent(event)


class CheckBox(QCheckBox):
    """A box to tick whose edge and tick are seen in the light and in the dark."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the tick in the colours of the moment."""
        super().paintEvent(event)
        if self.isChecked():
            option = QStyleOptionButton()
            self.initStyleOption(option)
            rect = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
            paint_icon(QPainter(self), "check-bold", rect.adjusted(3, 3, -3, -3), "on_accent")


def header(title: str, *items: QWidget | None) -> QFrame:
    """Return a panel's heading; None among `items` is the gap that pushes the rest to the right."""
    frame = QFrame()
    frame.setProperty("surface", "header")
    frame.setFixedHeight(HEADER)
    row = QHBoxLayout(frame)
    row.setContentsMargins(16 if title or not isinstance(items[0], QToolButton) else 8, 0, 8, 0)
    row.setSpacing(4)
    if title:
        row.addWidget(label(title, strong=True))
        row.addSpacing(4)
    for item in items:
        if item is None:
            row.addStretch(1)
        else:
            row.addWidget(item, 1 if item.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored else 0)
    return frame


def restyle(widget: QWidget) -> None:
    """Have the style sheet look at a widget's properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
