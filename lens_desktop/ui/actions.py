"""The window's menus: every action with its words and its shortcut, in one place."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from lens_desktop.ui.theme import Appearance, theme

if TYPE_CHECKING:
    from lens_desktop.ui.window import Window


class Actions:
    """Makes the menus of a window and keeps the actions that are switched on and off."""

    def __init__(self, window: "Window") -> None:
        self._window = window
        self._file()
        self._edit()
        self._view()
        self._conversation()
        self._help()

    def _add(self, menu: QMenu, text: str, do: Callable[[], object], *keys: str | QKeySequence.StandardKey) -> QAction:
        action = QAction(text, self._window)
        action.triggered.connect(lambda _checked=False: do())
        action.setShortcuts([QKeySequence(key) for key in keys])
        menu.addAction(action)
        return action

    def _file(self) -> None:
        window, menu = self._window, self._window.menuBar().addMenu("&File")
        self.open = self._add(menu, "&Open images…", window.choose_files, "Ctrl+O")
        self.open_folder = self._add(menu, "Open &folder…", window.choose_folder, "Ctrl+Shift+O")
        menu.addSeparator()
        self.reveal = self._add(menu, "&Show in folder", window.image_deeds.reveal, "Ctrl+Shift+R")
        self.remove = self._add(menu, "&Remove from library", window.image_deeds.remove_current, "Del")
        self.remove.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        window.library.addAction(self.remove)
        menu.addSeparator()
        self._add(menu, "&Quit", window.close, "Ctrl+Q")

    def _edit(self) -> None:
        window, menu = self._window, self._window.menuBar().addMenu("&Edit")
        self.undo = window.undo_stack.createUndoAction(window, "&Undo")
        self.undo.setShortcut(QKeySequence("Ctrl+Z"))
        self.redo = window.undo_stack.createRedoAction(window, "Re&do")
        self.redo.setShortcut(QKeySequence("Ctrl+Shift+Z"))
        menu.addActions([self.undo, self.redo])
        menu.addSeparator()
        self.paste = self._add(menu, "&Paste image or path", window.paste, "Ctrl+V")
        menu.addSeparator()
        self.copy_image = self._add(menu, "&Copy image", window.image_deeds.copy_image, "Ctrl+Shift+I")
        self.copy_text = self._add(menu, "Copy recognised &text", window.image_deeds.copy_text, "Ctrl+Shift+T")
        self.copy_path = self._add(menu, "Copy file p&ath", window.image_deeds.copy_path, "Ctrl+Shift+P")
        self.copy_evidence = self._add(menu, "Copy all &evidence", window.evidence.copy_all, "Ctrl+Shift+E")

    def _view(self) -> None:
        window, menu = self._window, self._window.menuBar().addMenu("&View")
        view = window.image.view
        self.fit = self._add(menu, "&Fit to the window", view.fit, "Ctrl+0")
        self.actual = self._add(menu, "&Actual size", view.actual_size, "Ctrl+1")
        self.larger = self._add(menu, "Zoom &in", view.zoom_in, "Ctrl++", "Ctrl+=")
        self.smaller = self._add(menu, "Zoom &out", view.zoom_out, "Ctrl+-")
        self.boxes = self._add(menu, "Text &boxes", lambda: None, "Ctrl+B")
        self.boxes.setCheckable(True)
        menu.addSeparator()
        self.panels = []
        for text, panel, keys in (
            ("&Library", window.library, "F7"),
            ("&Evidence", window.evidence, "F8"),
            ("&Conversation", window.conversation, "F9"),
        ):
            action = self._add(menu, text, lambda: None, keys)
            action.setCheckable(True)
            action.setChecked(True)
            action.toggled.connect(panel.setVisible)
            self.panels.append(action)
        menu.addSeparator()
        self._appearance(menu.addMenu("&Appearance"))

    def _appearance(self, menu: QMenu) -> None:
        group = QActionGroup(self._window)
        for appearance, text in (
            (Appearance.SYSTEM, "As the &system"),
            (Appearance.LIGHT, "&Light"),
            (Appearance.DARK, "&Dark"),
        ):
            action = self._add(menu, text, partial(self._window.choose_appearance, appearance))
            action.setCheckable(True)
            action.setChecked(theme.appearance == appearance)
            group.addAction(action)

    def _conversation(self) -> None:
        window, menu = self._window, self._window.menuBar().addMenu("&Conversation")
        self.question = self._add(menu, "Go to the &question", window.go_to_question, "Ctrl+L")
        self.again = self._add(menu, "&Ask again", window.session.ask_again, "Ctrl+R")
        self.stop = self._add(menu, "&Stop answering", window.session.stop, "Esc")
        self.look_again = self._add(menu, "&Look at the image again", window.image_deeds.look_again, "F5")
        self.compare = self._add(menu, "Co&mpare two choices…", window.comparing.show_dialog, "Ctrl+Shift+M")
        menu.addSeparator()
        self.free = self._add(menu, "&Free the memory of the models", window.session.free_memory, "Ctrl+Shift+F")
        self.lock = self._add(menu, "&Offline lock", lambda: None, "Ctrl+Shift+L")
        self.lock.setCheckable(True)

    def _help(self) -> None:
        window, menu = self._window, self._window.menuBar().addMenu("&Help")
        self.models = self._add(menu, "&Models…", window.models.show_dialog, "Ctrl+M")
        menu.addSeparator()
        self._add(menu, "About the &checkpoints", window.models.show_checkpoints)
        self._add(menu, "What the program &connects to", window.models.show_connections)
        self._add(menu, "Open the &log folder", window.open_logs)
        self._add(menu, "&About Lens Desktop", window.show_about)

    def refresh(self) -> None:
        """Switch actions on and off for what is on screen."""
        entry = self._window.session.current
        image = bool(entry and entry.image)
        text = bool(entry and entry.evidence and entry.evidence.ocr)
        for action in (
            self.fit,
            self.actual,
            self.larger,
            self.smaller,
            self.copy_image,
            self.look_again,
            self.compare,
        ):
            action.setEnabled(image)
        for action in (self.reveal, self.remove, self.copy_path):
            action.setEnabled(entry is not None)
        for action in (self.copy_text, self.boxes):
            action.setEnabled(text)
        self.copy_evidence.setEnabled(bool(entry and entry.evidence))
        self.question.setEnabled(bool(entry and not entry.problem))
        self.stop.setEnabled(self._window.session.answering)
        self.again.setEnabled(bool(entry and entry.exchanges and not entry.exchanges[-1].open))
