"""The window's colours, text sizes and spacing, light and dark, from the system's font and colour scheme."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from lens_desktop.ui.stylesheet import stylesheet

GRID = 8  # pixels: every distance is a multiple of this or its half
RADIUS = 8
MOTION = 120  # milliseconds


class Appearance(StrEnum):
    """Which colour scheme the user chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Colours:
    """One colour scheme; every text colour has a contrast of at least 4.5 on the surfaces it is used on."""

    panel: str  # library and conversation
    stage: str  # behind the picture
    sheet: str  # evidence and fields
    raised: str  # hovered rows, chips, the user's questions
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    hover: str  # the accent under the pointer
    tint: str  # selected rows
    bar: str
    track: str
    warning: str
    warning_tint: str
    danger: str
    danger_tint: str
    good: str


LIGHT = Colours(
    panel="#f7f7f8",
    stage="#eeeef0",
    sheet="#ffffff",
    raised="#ececef",
    line="#dfdfe3",
    text="#1b1c1f",
    muted="#5c5f68",
    accent="#3a54d6",
    on_accent="#ffffff",
    hover="#2c43b8",
    tint="#e2e6fb",
    bar="#5b74ec",
    track="#e6e7ec",
    warning="#8a5300",
    warning_tint="#fdf3df",
    danger="#b3261e",
    danger_tint="#fdeceb",
    good="#1d7a43",
)
DARK = Colours(
    panel="#1c1d20",
    stage="#131416",
    sheet="#202125",
    raised="#2b2d32",
    line="#33353b",
    text="#ececef",
    muted="#a6a9b2",
    accent="#93a8ff",
    on_accent="#10131f",
    hover="#aebeff",
    tint="#2d3558",
    bar="#7b92f5",
    track="#33353c",
    warning="#f0b860",
    warning_tint="#352c1c",
    danger="#ff9d94",
    danger_tint="#3a2321",
    good="#6fce93",
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """The four text sizes, in points."""

    small: float
    body: float
    title: float
    display: float


class Theme(QObject):
    """The colours and sizes in use; `changed` is emitted after a switch between light and dark."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.colours = LIGHT
        self.sizes = Sizes(9, 10, 12, 17)
        self.appearance = Appearance.SYSTEM
        self._base = QFont()

    def start(self, app: QApplication, appearance: Appearance) -> None:
        """Take the system's font as the smallest size, apply `appearance` and follow the system from now on."""
        app.setStyle("Fusion")
        self._base = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        base = self._base.pointSizeF() if self._base.pointSizeF() > 0 else 9.0
        self.sizes = Sizes(base, base * 1.12, base * 1.3, base * 1.85)
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self.choose(appearance)

    def choose(self, appearance: Appearance) -> None:
        """Switch to `appearance`."""
        self.appearance = appearance
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        system = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        dark = appearance == Appearance.DARK or (appearance == Appearance.SYSTEM and system)
        self.colours = DARK if dark else LIGHT
        app.setPalette(_palette(self.colours))
        app.setFont(self.font("body"))
        app.setStyleSheet(stylesheet(self.colours, self.sizes))
        self.changed.emit()

    def _follow(self) -> None:
        self.choose(self.appearance)

    @property
    def dark(self) -> bool:
        """Whether the dark colours are in use."""
        return self.colours is DARK

    def colour(self, name: str) -> QColor:
        """Return one of the colours by its name in `Colours`."""
        return QColor(getattr(self.colours, name))

    def font(self, size: str, *, strong: bool = False) -> QFont:
        """Return the system's font in one of the four sizes."""
        font = QFont(self._base)
        font.setPointSizeF(getattr(self.sizes, size))
        if strong:
            font.setWeight(QFont.Weight.DemiBold)
        return font


theme = Theme()


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for name, value in (
        (role.Window, colours.panel),
        (role.Base, colours.sheet),
        (role.AlternateBase, colours.raised),
        (role.Button, colours.sheet),
        (role.ToolTipBase, colours.raised),
        (role.ToolTipText, colours.text),
        (role.WindowText, colours.text),
        (role.Text, colours.text),
        (role.ButtonText, colours.text),
        (role.BrightText, colours.danger),
        (role.Highlight, colours.accent),
        (role.HighlightedText, colours.on_accent),
        (role.Accent, colours.accent),
        (role.Link, colours.accent),
        (role.PlaceholderText, colours.muted),
        (role.Mid, colours.line),
        (role.Light, colours.sheet),
        (role.Dark, colours.line),
    ):
        palette.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(colours.muted))
    return palette
