"""What the window remembers from one time to the next: its size, its panels, its colours, what it has told."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings

from lens_desktop import places
from lens_desktop.ui.theme import Appearance

if TYPE_CHECKING:
    from lens_desktop.ui.window import Window


class Memory:
    """A small file among the program's settings."""

    def __init__(self) -> None:
        self._file = QSettings(str(places.config() / "window.ini"), QSettings.Format.IniFormat)

    @property
    def appearance(self) -> Appearance:
        """Light, dark, or what the system says."""
        chosen = str(self._file.value("window/appearance", Appearance.SYSTEM.value))
        return Appearance(chosen) if chosen in list(Appearance) else Appearance.SYSTEM

    @appearance.setter
    def appearance(self, appearance: Appearance) -> None:
        self._file.setValue("window/appearance", appearance.value)

    def first_time(self, what: str) -> bool:
        """Return whether this is asked for the first time ever."""
        first = not self._file.value(what, False, bool)
        self._file.setValue(what, True)
        return first

    def restore(self, window: "Window") -> None:
        """Give a window the size and panels of the last time."""
        window.resize(1280, 800)
        geometry = self._file.value("window/geometry")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
        window.across.setSizes([240, window.width() - 240 - 344, 344])
        window.middle.setSizes([480, 280])
        for name, splitter in (("across", window.across), ("middle", window.middle)):
            state = self._file.value(f"window/{name}")
            if isinstance(state, QByteArray):
                splitter.restoreState(state)
        for number, action in enumerate(window.actions_.panels):
            action.setChecked(bool(self._file.value(f"window/panel{number}", True, bool)))
        window.actions_.boxes.setChecked(bool(self._file.value("window/boxes", True, bool)))

    def keep(self, window: "Window") -> None:
        """Remember a window's size and panels."""
        self._file.setValue("window/geometry", window.saveGeometry())
        self._file.setValue("window/across", window.across.saveState())
        self._file.setValue("window/middle", window.middle.saveState())
        for number, action in enumerate(window.actions_.panels):
            self._file.setValue(f"window/panel{number}", action.isChecked())
        self._file.setValue("window/boxes", window.actions_.boxes.isChecked())
