"""The window as a person uses it: drops, keys, menus, bad files, and what it says."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lens_desktop.domain.prompt import Mode
from lens_desktop.ui.app import Program
from lens_desktop.ui.entry import Stage
from lens_desktop.ui.theme import Appearance, theme
from lens_desktop.ui.window import Window
from tests.ui.conftest import Start, draw


def drop(window: Window, mime: QMimeData) -> None:
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(200, 200), action, mime, button, key)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(200, 200), action, mime, button, key))


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def described(qtbot: QtBot, program: Program) -> None:
    qtbot.waitUntil(lambda: bool(program.session.current and program.session.current.described), timeout=20_000)


def answered(qtbot: QtBot, program: Program) -> None:
    entry = program.session.current
    assert entry is not None
    qtbot.waitUntil(lambda: bool(entry.exchanges) and not entry.exchanges[-1].open, timeout=20_000)


def test_dropped_file_is_shown_described_and_answered(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    window = program.window
    drop(window, files(picture))
    described(qtbot, program)
    assert window.image.view.image is not None
    assert window.image.view.image.width() == 320
    tags = window.evidence.lists[next(iter(window.evidence.lists))]
    assert tags.lines.lines[0].text == "lighthouse"
    field = window.conversation.composer.field
    field.setFocus()
    QTest.keyClicks(field, "What is left of the sailboat?")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.toPlainText() == ""
    answered(qtbot, program)
    assert window.conversation.messages[0].answer.toPlainText() == "The lighthouse is left of the sailboat."
    window.conversation.messages[0].told.click()
    assert "Question: What is left of the sailboat?" in window.evidence.prompt.toPlainText()
    window.evidence.copy_prompt.click()
    assert QGuiApplication.clipboard().text() == window.evidence.prompt.toPlainText()


def test_shift_enter_makes_a_line_and_tab_leaves_the_field(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    field = program.window.conversation.composer.field
    field.setFocus()
    QTest.keyClicks(field, "one")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field, "two")
    assert field.toPlainText() == "one\ntwo"
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is not field
    assert field.toPlainText() == "one\ntwo"


def test_bad_files_are_rows_that_say_why(qtbot: QtBot, start: Start, tmp_path: Path, picture: Path) -> None:
    text = tmp_path / "letter.jpg"
    text.write_text("Dear reader")
    empty = tmp_path / "empty.png"
    empty.touch()
    cut = tmp_path / "cut.png"
    cut.write_bytes(picture.read_bytes()[:200])
    program = start()
    drop(program.window, files(text, empty, cut, tmp_path / "gone.png", picture))
    library = program.session.library
    qtbot.waitUntil(lambda: len(library) == 5 and not any(entry.reading for entry in library), timeout=20_000)
    for entry in list(library)[:4]:
        assert entry.problem.startswith(entry.name) or entry.name in entry.problem
        index = library.index(library.row(entry))
        assert entry.problem in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert library[4].image is not None
    assert program.window.image.problem.text() == library[0].problem
    assert not program.window.conversation.composer.isEnabled()


def test_folder_is_read_in_order_and_one_without_images_is_explained(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "album"
    (folder / "deep").mkdir(parents=True)
    for name, colour in (("b10.png", "red"), ("b2.png", "blue"), ("deep/c.png", "green")):
        draw(folder / name, colour)
    empty = tmp_path / "nothing"
    empty.mkdir()
    program = start()
    drop(program.window, files(folder))
    qtbot.waitUntil(lambda: len(program.session.library) == 3, timeout=5000)
    assert [entry.name for entry in program.session.library] == ["b2.png", "b10.png", "c.png"]
    drop(program.window, files(empty))
    qtbot.waitUntil(lambda: "no images" in program.window.notice_banner.text.text(), timeout=5000)


def test_web_address_is_explained_and_nothing_is_fetched(start: Start) -> None:
    program = start()
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cat.jpg")])
    drop(program.window, mime)
    assert "example.org" in program.window.notice_banner.text.text()
    assert len(program.session.library) == 0


def test_pasted_bitmap_becomes_a_file_and_text_stays_text(qtbot: QtBot, start: Start, own_home: Path) -> None:
    program = start()
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(program.window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(program.session.library) == 1 and not program.session.library[0].reading, timeout=9000)
    entry = program.session.library[0]
    assert entry.image is not None
    assert (entry.image.width, entry.image.height) == (64, 48)
    assert Path(entry.path).parent == own_home / "data" / "pasted"
    field = program.window.conversation.composer.field
    QGuiApplication.clipboard().setText("plain words")
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.toPlainText() == "plain words"
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(program.session.library) == 2
    assert field.toPlainText() == "plain words"


def test_path_on_the_clipboard_is_opened(start: Start, picture: Path) -> None:
    program = start()
    QGuiApplication.clipboard().setText(str(picture))
    program.window.paste()
    assert [entry.path for entry in program.session.library] == [str(picture)]
    QGuiApplication.clipboard().setText("no such file")
    program.window.paste()
    assert "no image on the clipboard" in program.window.notice_banner.text.text()


def test_delete_removes_and_undo_brings_back_the_conversation(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    described(qtbot, program)
    program.session.ask("What is it?")
    answered(qtbot, program)
    rows = program.window.library.list
    rows.setFocus()
    QTest.keyClick(rows, Qt.Key.Key_Delete)
    assert len(program.session.library) == 0
    assert picture.exists()
    QTest.keyClick(program.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(program.session.library) == 1
    assert len(program.window.conversation.messages) == 1
    assert program.session.library[0].evidence is not None


def test_same_picture_twice_is_one_row(qtbot: QtBot, start: Start, tmp_path: Path, picture: Path) -> None:
    twin = tmp_path / "twin.bmp"
    QImage(str(picture)).save(str(twin))
    program = start()
    program.window.add_paths([str(picture)])
    described(qtbot, program)
    program.window.add_paths([str(twin)])
    qtbot.waitUntil(lambda: "same picture" in program.window.notice_banner.text.text(), timeout=9000)
    assert [entry.name for entry in program.session.library] == ["boat.png"]
    assert program.session.current is program.session.library[0]


def test_keyboard_alone_reaches_everything(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    program = start()
    window = program.window
    paths = [draw(tmp_path / f"{colour}.png", colour) for colour in ("red", "green", "blue")]
    window.add_paths([str(path) for path in paths])
    qtbot.waitUntil(lambda: not any(entry.wants_description or entry.reading for entry in program.session.library))
    control = Qt.KeyboardModifier.ControlModifier
    window.library.list.setFocus()
    QTest.keyClick(window.library.list, Qt.Key.Key_End)
    assert program.session.current is program.session.library[2]
    QTest.keyClick(window.library.list, Qt.Key.Key_Up)
    assert program.session.current is program.session.library[1]
    QTest.keyClick(window, Qt.Key.Key_L, control)
    assert QApplication.focusWidget() is window.conversation.composer.field
    before = window.image.view.zoom
    QTest.keyClick(window, Qt.Key.Key_Plus, control)
    assert window.image.view.zoom > before
    QTest.keyClick(window, Qt.Key.Key_0, control)
    assert window.image.view.zoom == pytest.approx(before)
    QTest.keyClicks(QApplication.focusWidget(), "What is it?")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    answered(qtbot, program)
    QTest.keyClick(window, Qt.Key.Key_R, control)
    assert len(window.conversation.messages) == 2
    answered(qtbot, program)
    reached = set()
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    for widget in (window.library.list, window.image.view, *window.evidence.lists.values(), window.library.add):
        assert widget in reached


def test_escape_stops_and_keeps_what_was_said(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    described(qtbot, program)
    program.session.ask("go slow")
    message = program.window.conversation.messages[0]
    qtbot.waitUntil(lambda: len(message.answer.toPlainText()) > 6, timeout=5000)
    QTest.keyClick(program.window, Qt.Key.Key_Escape)
    answered(qtbot, program)
    assert message.exchange.stage == Stage.STOPPED
    assert message.answer.toPlainText().startswith("on on")
    assert not message.again.isHidden()


def test_choices_are_shown_with_their_probabilities(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    described(qtbot, program)
    composer = program.window.conversation.composer
    composer.offer.click()
    QTest.keyClicks(composer.choices, "cat, dog")
    QTest.keyClicks(composer.field, "Which one?")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    answered(qtbot, program)
    shown = program.window.conversation.messages[0].choices.lines.lines
    assert [(line.text, line.figure) for line in shown] == [("cat", "50 %"), ("dog", "50 %")]


def test_mode_travels_with_the_question(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    described(qtbot, program)
    composer = program.window.conversation.composer
    composer.mode.menu().actions()[list(Mode).index(Mode.VISION)].trigger()
    QTest.keyClicks(composer.field, "What is it?")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    answered(qtbot, program)
    answer = program.window.conversation.messages[0].exchange.answer
    assert answer is not None
    assert "Captions:" not in answer.prompt


def test_failed_module_and_empty_section_are_states_of_their_own(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start("--no-ocr")
    program.window.add_paths([str(picture)])
    described(qtbot, program)
    line = program.window.evidence.lists["ocr"].lines.lines[0]
    assert line.text == "Did not run: Tesseract is not installed: install tesseract-ocr."
    assert line.tone == "warning"
    assert not program.window.evidence.retry.isHidden()


def test_note_about_the_checkpoints_is_told_once(start: Start) -> None:
    first = start()
    assert first.window.note_banner.isVisible()
    first.window.close()
    assert not start().window.note_banner.isVisible()


def test_panels_are_remembered(start: Start) -> None:
    first = start()
    first.window.actions_.panels[1].trigger()
    first.window.resize(760, 560)
    first.window.close()
    second = start()
    assert second.window.evidence.isHidden()
    assert (second.window.width(), second.window.height()) == (760, 560)


def test_light_and_dark_both_paint(qtbot: QtBot, start: Start, picture: Path) -> None:
    program = start()
    program.window.add_paths([str(picture)])
    described(qtbot, program)
    brightness = {}
    for appearance in (Appearance.LIGHT, Appearance.DARK):
        program.window.choose_appearance(appearance)
        corner = program.window.grab().toImage().pixelColor(4, program.window.height() - 4)
        brightness[appearance] = corner.lightness()
    theme.choose(Appearance.SYSTEM)
    assert brightness[Appearance.LIGHT] > 200 > 60 > brightness[Appearance.DARK]


def test_drop_over_any_panel_reaches_the_library(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    program = start()
    window = program.window
    window.add_paths([str(draw(tmp_path / "first.png", "red"))])
    described(qtbot, program)
    over = (window.image.view.viewport(), window.conversation.composer.field.viewport(), window.library.list.viewport())
    for number, widget in enumerate(over):
        mime = files(draw(tmp_path / f"{number}.png", "blue", (100 + number, 90)))
        action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPoint(20, 20), action, mime, button, key)
        QApplication.sendEvent(widget, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(widget, QDropEvent(QPointF(20, 20), action, mime, button, key))
        assert len(program.session.library) == number + 2


def test_file_whose_name_is_no_text_is_read(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    draw(tmp_path / "plain.png", "red").rename(path)
    program = start()
    program.window.add_paths([path])
    described(qtbot, program)
    assert program.session.library[0].name == "caf?.png"
    program.window.image_deeds.copy_path()
    assert QGuiApplication.clipboard().text().endswith("caf?.png")


def test_lines_of_evidence_are_copied_and_text_lines_light_their_boxes(
    qtbot: QtBot, start: Start, picture: Path
) -> None:
    program = start()
    window = program.window
    window.add_paths([str(picture)])
    described(qtbot, program)
    tags, text = window.evidence.lists["tags"], window.evidence.lists["ocr"]
    tags.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(tags, Qt.Key.Key_Down)
    QTest.keyClick(tags, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "sailboat"
    plain = window.image.view.grab().toImage()
    text.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.wait(20)
    assert window.image.view.grab().toImage() != plain
    window.evidence.copy_all()
    assert "Captions\n  a picture of a lighthouse left of a sailboat" in QGuiApplication.clipboard().text()
