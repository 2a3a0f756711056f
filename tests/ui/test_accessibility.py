"""Who cannot see or use a mouse: every control has a name, every action a menu and a shortcut of its own."""

import sys
from pathlib import Path

from PySide6.QtGui import QAccessible, QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lens_desktop.domain.prompt import Mode
from tests.ui.conftest import Start
from tests.ui.test_window import answered, described


def test_every_action_is_in_a_menu_and_shortcuts_are_unique(start: Start) -> None:
    window = start().window
    in_menus = {action for menu in window.menuBar().actions() for action in _leaves(menu)}
    keys = [key.toString() for action in in_menus for key in action.shortcuts()]
    assert len(keys) == len(set(keys))
    for wanted in ("Ctrl+O", "Ctrl+V", "Ctrl+L", "Esc", "Ctrl+R", "Del", "Ctrl+Z", "Ctrl+0", "Ctrl++", "Ctrl+-"):
        assert wanted in keys
    with_keys = {action for action in window.findChildren(QAction) if action.shortcuts()}
    own = {action for action in with_keys if not isinstance(action.parent(), QWidget) or action.parent() is window}
    assert own <= in_menus


def _leaves(action: QAction) -> set[QAction]:
    menu = action.menu()
    if menu is None:
        return set() if action.isSeparator() else {action}
    return {leaf for inner in menu.actions() for leaf in _leaves(inner)}


def test_everything_that_takes_the_keyboard_has_a_name(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    assert nameless(program.window) == []
    program.window.add_paths([str(picture)])
    described(qtbot, program)
    program.session.ask("What is it?", Mode.GENERAL, ["a", "b"])
    answered(qtbot, program)
    program.window.crash_banner.say("danger", "The worker is gone.", [("Try again", lambda: None)])
    qtbot.wait(50)
    assert nameless(program.window) == []


def nameless(window: QWidget) -> list[str]:
    """Return what a screen reader could reach but not name."""
    roles = QAccessible.Role
    controls = {roles.Button, roles.PushButton, roles.CheckBox, roles.RadioButton, roles.ComboBox, roles.EditableText}
    controls |= {roles.List, roles.ListItem, roles.MenuItem, roles.Slider, roles.Link, roles.PageTab, roles.Graphic}
    found, waiting, seen = [], [QAccessible.queryAccessibleInterface(window)], 0
    while waiting:
        interface = waiting.pop()
        state = interface.state()
        if state.invisible:
            continue
        seen += 1
        name = interface.text(QAccessible.Text.Name)
        if (state.focusable or interface.role() in controls) and not name and interface.role() != roles.Client:
            found.append(f"{interface.role()} {interface.object()}")
        waiting += [interface.child(number) for number in range(interface.childCount())]
    assert seen > 20
    return found


def test_void_calls_leave_none_alone(start: Start) -> None:
    window = start().window
    before = sys.getrefcount(None)
    for _ in range(1000):
        window.update()
    assert abs(sys.getrefcount(None) - before) <= 50
