"""Opens the comparison of two choices, and ends its processes with the window."""

from typing import TYPE_CHECKING

from lens_desktop.program import command
from lens_desktop.ui.compare_dialog import CompareDialog

if TYPE_CHECKING:
    from lens_desktop.ui.window import Window


class CompareDeeds:
    """Keeps the dialog once it was opened."""

    def __init__(self, window: "Window") -> None:
        self._window = window
        self.dialog: CompareDialog | None = None

    def show_dialog(self) -> None:
        """Open the dialog, or bring it to the front."""
        window = self._window
        if self.dialog is None:
            self.dialog = CompareDialog(
                window.session, lambda: window.models.settings, command("--worker"), parent=window
            )
            self.dialog.chosen.connect(window.models.use)
        self.dialog.refresh()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def stop(self) -> None:
        """End what runs."""
        if self.dialog is not None:
            self.dialog.close()
