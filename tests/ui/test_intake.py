"""What drops and pastes bring, in the order a hand expects."""

import tempfile
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QMimeData, QUrl
from PySide6.QtGui import QColor, QImage

from lens_desktop.ui.intake import from_clipboard, from_drop, may_drop


@pytest.fixture
def bitmap(qapp: object) -> QImage:
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    return image


def test_local_files_win_over_bytes_and_addresses(bitmap: QImage, picture: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(picture))])
    mime.setImageData(bitmap)
    assert from_drop(mime).paths == (str(picture),)


def test_bytes_win_over_the_address_they_came_from(picture: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/boat.png")])
    mime.setData("image/png", QByteArray(picture.read_bytes()))
    (path,) = from_drop(mime).paths
    assert Path(path).read_bytes() == picture.read_bytes()


def test_temporary_file_of_a_browser_is_copied_at_once(picture: Path, tmp_path: Path, own_home: Path) -> None:
    with tempfile.NamedTemporaryFile(suffix=".bmp") as file:
        file.write(picture.read_bytes())
        file.flush()
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(file.name)])
        mime.setData("text/x-moz-url", QByteArray(b"h"))
        (path,) = from_drop(mime).paths
    assert Path(path).is_relative_to(own_home / "data" / "pasted")
    assert Path(path).read_bytes() == picture.read_bytes()


def test_two_bitmaps_in_one_second_are_two_files(bitmap: QImage) -> None:
    mime = QMimeData()
    mime.setImageData(bitmap)
    paths = {from_clipboard(mime).paths[0] for _ in range(3)}
    assert len(paths) == 3
    for path in paths:
        assert QImage(path).size() == bitmap.size()


@pytest.mark.parametrize("form", ["{}", "'{}'", "  {}\n", "file://{}"])
def test_path_as_text_is_a_file(form: str, picture: Path) -> None:
    mime = QMimeData()
    mime.setText(form.format(picture))
    assert from_clipboard(mime).paths == (str(picture),)


def test_address_as_text_is_explained(qapp: object) -> None:
    mime = QMimeData()
    mime.setText("https://example.org/cat.jpg")
    assert "example.org" in from_clipboard(mime).explanation
    assert from_clipboard(mime).paths == ()


def test_text_alone_is_not_taken_by_the_window(qapp: object) -> None:
    mime = QMimeData()
    mime.setText("words")
    assert not may_drop(mime)
    assert "no image" in from_clipboard(mime).explanation
