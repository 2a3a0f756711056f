"""The style sheet of the window: flat surfaces, hairlines, one accent colour, a focus ring on everything."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lens_desktop.ui.theme import Colours, Sizes


def stylesheet(c: "Colours", s: "Sizes") -> str:
    """Return the style sheet for these colours and text sizes."""
    return _surfaces(c, s) + _buttons(c, s) + _fields(c) + _furniture(c)


def _surfaces(c: "Colours", s: "Sizes") -> str:
    return f"""
    QMainWindow, QDialog {{ background: {c.panel}; }}
    QLabel {{ background: transparent; color: {c.text}; }}
    QLabel[tone="muted"] {{ color: {c.muted}; }}
    QLabel[tone="danger"] {{ color: {c.danger}; }}
    QLabel[tone="warning"] {{ color: {c.warning}; }}
    QLabel[tone="good"] {{ color: {c.good}; }}
    QLabel[surface="over"] {{ background: #d8{c.tint[1:]}; color: {c.text}; border: 2px solid {c.accent}; }}
    QLabel[textSize="small"] {{ font-size: {s.small}pt; }}
    QLabel[textSize="title"] {{ font-size: {s.title}pt; font-weight: 600; }}
    QLabel[textSize="display"] {{ font-size: {s.display}pt; font-weight: 600; }}
    QLabel[strong="true"] {{ font-weight: 600; }}
    QFrame[surface="panel"] {{ background: {c.panel}; border: none; }}
    QFrame[surface="stage"] {{ background: {c.stage}; border: none; }}
    QFrame[surface="sheet"] {{ background: {c.sheet}; border: none; }}
    QFrame[surface="header"] {{ background: {c.panel}; border: none; border-bottom: 1px solid {c.line}; }}
    QFrame[surface="status"] {{ background: {c.panel}; border: none; border-top: 1px solid {c.line}; }}
    QFrame[surface="drop"] {{ background: {c.sheet}; border: 1px solid {c.line}; border-radius: 16px; }}
    QFrame[surface="drop"][over="true"] {{ background: {c.tint}; border: 2px solid {c.accent}; }}
    QFrame[surface="card"] {{ background: {c.sheet}; border: 1px solid {c.line}; border-radius: 12px; }}
    QFrame[surface="consent"] {{ background: {c.warning_tint}; border: 1px solid {c.line}; border-radius: 12px; }}
    QFrame[surface="question"] {{ background: {c.raised}; border: none; border-radius: 10px; }}
    QFrame[surface="composer"] {{ background: {c.sheet}; border: 1px solid {c.line}; border-radius: 12px; }}
    QFrame[surface="composer"][focused="true"] {{ border: 1px solid {c.accent}; }}
    QFrame[banner="passing"] {{ background: {c.sheet}; border: 1px solid {c.line}; border-radius: 12px; }}
    QFrame[banner="info"] {{ background: {c.tint}; border: none; border-bottom: 1px solid {c.line}; }}
    QFrame[banner="warning"] {{ background: {c.warning_tint}; border: none; border-bottom: 1px solid {c.line}; }}
    QFrame[banner="danger"] {{ background: {c.danger_tint}; border: none; border-bottom: 1px solid {c.line}; }}
    """


def _buttons(c: "Colours", s: "Sizes") -> str:
    return f"""
    QPushButton, QToolButton {{
        background: transparent; color: {c.text}; border: 1px solid transparent; border-radius: 6px;
        padding: 4px 8px; }}
    QPushButton {{ border-color: {c.line}; background: {c.sheet}; padding: 5px 12px; }}
    QPushButton:hover, QToolButton:hover {{ background: {c.raised}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {c.track}; }}
    QToolButton:checked {{ background: {c.tint}; color: {c.accent}; }}
    QPushButton:focus, QToolButton:focus {{ border: 1px solid {c.accent}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {c.muted}; background: transparent; }}
    QPushButton[kind="primary"] {{
        background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; font-weight: 600; }}
    QPushButton[kind="primary"]:hover, QPushButton[kind="primary"]:pressed {{ background: {c.hover}; }}
    QPushButton[kind="primary"]:focus {{ border: 2px solid {c.text}; padding: 4px 11px; }}
    QPushButton[kind="primary"]:disabled {{ background: {c.track}; color: {c.muted}; border-color: {c.track}; }}
    QPushButton[kind="chip"] {{
        border: 1px solid {c.line}; border-radius: 8px; background: {c.sheet}; text-align: left; padding: 6px 12px; }}
    QPushButton[kind="chip"]:hover {{ background: {c.raised}; }}
    QPushButton[kind="chip"]:focus {{ border: 1px solid {c.accent}; }}
    QPushButton[kind="link"] {{
        border: 1px solid transparent; background: transparent; color: {c.muted}; padding: 2px 6px 2px 2px;
        font-size: {s.small}pt; text-align: left; }}
    QPushButton[kind="link"]:checked {{ color: {c.accent}; }}
    QPushButton[kind="link"]:hover {{ color: {c.accent}; }}
    QPushButton[kind="link"]:focus {{ border: 1px solid {c.accent}; color: {c.text}; }}
    QToolButton[kind="mode"] {{ color: {c.muted}; padding: 2px 4px; font-size: {s.small}pt; }}
    QToolButton[kind="mode"]:hover {{ color: {c.text}; }}
    QToolButton[kind="send"] {{ background: {c.accent}; border-radius: 8px; padding: 5px; }}
    QToolButton[kind="send"]:hover {{ background: {c.hover}; }}
    QToolButton[kind="send"]:focus {{ border: 2px solid {c.text}; padding: 4px; }}
    QToolButton[kind="send"]:disabled {{ background: {c.track}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QToolButton[kind="sample"] {{
        background: {c.sheet}; border: 1px solid {c.line}; border-radius: 10px; padding: 8px; font-size: {s.small}pt; }}
    QToolButton[kind="sample"]:hover {{ background: {c.raised}; }}
    QToolButton[kind="sample"]:focus {{ border: 2px solid {c.accent}; padding: 7px; }}
    QToolButton[kind="tab"] {{ border-radius: 6px; padding: 4px 10px; color: {c.muted}; }}
    QToolButton[kind="tab"]:checked {{ background: {c.raised}; color: {c.text}; }}
    """


def _fields(c: "Colours") -> str:
    return f"""
    QPlainTextEdit, QTextEdit, QLineEdit {{
        background: transparent; color: {c.text}; border: none; padding: 0; placeholder-text-color: {c.muted};
        selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
    QTextEdit[kind="passage"] {{ border: 1px solid transparent; border-radius: 4px; }}
    QTextEdit[kind="passage"]:focus {{ border: 1px solid {c.accent}; }}
    QPlainTextEdit[kind="prompt"] {{
        background: {c.sheet}; border: 1px solid {c.line}; border-radius: 8px; padding: 8px; }}
    QPlainTextEdit[kind="prompt"]:focus {{ border: 1px solid {c.accent}; }}
    QLineEdit[kind="field"] {{
        background: {c.sheet}; border: 1px solid {c.line}; border-radius: 6px; padding: 5px 8px; }}
    QLineEdit[kind="field"]:focus {{ border: 1px solid {c.accent}; }}
    QLineEdit[kind="field"]:disabled {{ background: transparent; color: {c.muted}; }}
    QComboBox {{
        background: {c.sheet}; color: {c.text}; border: 1px solid {c.line}; border-radius: 6px;
        padding: 5px 24px 5px 8px; placeholder-text-color: {c.muted}; }}
    QComboBox:hover {{ background: {c.raised}; }}
    QComboBox:focus {{ border: 1px solid {c.accent}; }}
    QComboBox:disabled {{ background: transparent; color: {c.muted}; }}
    QComboBox:editable, QComboBox:editable:hover {{ background: {c.sheet}; }}
    QComboBox::drop-down {{ border: none; width: 24px; }}
    QComboBox::down-arrow {{ image: none; }}
    QComboBox QAbstractItemView {{
        background: {c.sheet}; color: {c.text}; border: 1px solid {c.line}; padding: 4px;
        selection-background-color: {c.tint}; selection-color: {c.text}; }}
    QCheckBox {{
        background: transparent; color: {c.text}; border: 1px solid transparent; border-radius: 6px; padding: 4px;
        spacing: 8px; }}
    QCheckBox:focus {{ border: 1px solid {c.accent}; }}
    QCheckBox::indicator {{
        width: 16px; height: 16px; border: 1px solid {c.muted}; border-radius: 4px; background: {c.sheet}; }}
    QCheckBox::indicator:checked {{ background: {c.accent}; border-color: {c.accent}; }}
    QLineEdit[kind="choices"] {{ border: none; border-bottom: 1px solid {c.line}; padding: 4px 0; }}
    QLineEdit[kind="choices"]:focus {{ border-bottom: 1px solid {c.accent}; }}
    """


def _furniture(c: "Colours") -> str:
    return f"""
    QListView, QGraphicsView, QScrollArea {{ background: transparent; border: none; outline: none; }}
    QGraphicsView {{ background: {c.stage}; border: 2px solid {c.stage}; }}
    QGraphicsView:focus {{ border: 2px solid {c.accent}; }}
    QSplitter::handle {{ background: {c.line}; }}
    QSplitter::handle:hover {{ background: {c.accent}; }}
    QMenuBar {{ background: {c.panel}; color: {c.text}; border-bottom: 1px solid {c.line}; padding: 2px 8px; }}
    QMenuBar::item {{ background: transparent; padding: 4px 10px; border-radius: 6px; }}
    QMenuBar::item:selected {{ background: {c.raised}; }}
    QMenu {{ background: {c.sheet}; color: {c.text}; border: 1px solid {c.line}; padding: 4px; }}
    QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {c.tint}; color: {c.text}; }}
    QMenu::item:disabled {{ color: {c.muted}; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 8px; }}
    QTabWidget::pane {{ border: none; border-top: 1px solid {c.line}; }}
    QTabWidget::tab-bar {{ left: 4px; }}
    QTabBar::tab {{
        background: transparent; color: {c.muted}; border: none; border-bottom: 2px solid transparent;
        padding: 6px 8px; margin: 0 4px; }}
    QTabBar::tab:hover {{ color: {c.text}; }}
    QTabBar::tab:selected {{ color: {c.text}; border-bottom: 2px solid {c.accent}; }}
    QTabBar::tab:selected:focus {{
        border: 1px solid {c.accent}; border-bottom: 2px solid {c.accent}; border-radius: 4px;
        padding: 5px 7px 6px 7px; }}
    QProgressBar {{ background: {c.track}; border: none; border-radius: 3px; }}
    QProgressBar::chunk {{ background: {c.accent}; border-radius: 3px; }}
    QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 4px 6px; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 2px; }}
    QScrollBar::handle {{ background: {c.line}; border-radius: 3px; min-height: 32px; min-width: 32px; }}
    QScrollBar::handle:hover {{ background: {c.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """
