"""What was dropped or pasted, as files: paths as they are, picture bytes saved as they came, web links explained."""

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from lens_desktop import places

RAW = ("image/png", "image/jpeg", "image/webp", "image/avif", "image/gif", "image/tiff", "image/bmp")
QUALITY = 80  # for PNG this chooses speed over size


@dataclass(frozen=True, slots=True)
class Intake:
    """Files to add, or the sentence that says why there are none."""

    paths: tuple[str, ...] = ()
    explanation: str = ""


def from_drop(mime: QMimeData) -> Intake:
    """Return what a drop brings: local files first, then the bytes of a picture, then an explanation for an address."""
    local = tuple(url.toLocalFile() for url in mime.urls() if url.isLocalFile())
    if local:
        from_browser = mime.hasFormat("text/x-moz-url") or any(url.scheme().startswith("http") for url in mime.urls())
        return Intake(tuple(_kept(path) for path in local) if from_browser else local)
    saved = _save_picture(mime)
    if saved:
        return Intake((saved,))
    address = next((url for url in _addresses(mime) if url.scheme() in ("http", "https")), None)
    if address is not None:
        return Intake(
            explanation=f"This program fetches nothing from the network. Save the picture from {address.host()} "
            "to a file, then drop the file here."
        )
    return Intake(explanation="There is no image in what was dropped. Drop image files or folders.")


def from_clipboard(mime: QMimeData) -> Intake:
    """Return what Ctrl+V brings: copied files, a picture, or the path of a file as text."""
    if mime.hasUrls() or mime.hasImage():
        return from_drop(mime)
    text = mime.text().strip().strip("\"'")
    if text and "\n" not in text and len(text) < 4096:
        path = QUrl(text).toLocalFile() if text.startswith("file:") else os.path.expanduser(text)
        if path and os.path.exists(path):
            return Intake((os.path.abspath(path),))
        return from_drop(mime) if text.startswith(("http:", "https:")) else _nothing_to_paste()
    return _nothing_to_paste()


def may_drop(mime: QMimeData) -> bool:
    """Return whether `from_drop` has something to say about it."""
    return mime.hasUrls() or mime.hasImage() or any(mime.hasFormat(kind) for kind in RAW)


def _nothing_to_paste() -> Intake:
    return Intake(explanation="There is no image on the clipboard. Copy a picture, image files or the path of one.")


def _addresses(mime: QMimeData) -> list[QUrl]:
    return mime.urls() or [QUrl(mime.text().strip())]


def _save_picture(mime: QMimeData) -> str:
    """Save a picture's bytes untouched when they came as a file's, else the bitmap as PNG; "" when there is none."""
    for kind in RAW:
        if mime.hasFormat(kind):
            data = mime.data(kind).data()
            if data:
                path = _new_place(kind.removeprefix("image/"))
                path.write_bytes(data)
                return str(path)
    image = mime.imageData() if mime.hasImage() else None
    if isinstance(image, QImage) and not image.isNull():
        path = _new_place("png")
        return str(path) if image.save(str(path), "PNG", QUALITY) else ""  # type: ignore[call-overload]
    return ""


def _kept(path: str) -> str:
    """Return a copy of a browser's temporary file, which is gone as soon as the drag ends, or the path itself."""
    if not Path(path).resolve().is_relative_to(Path(tempfile.gettempdir()).resolve()):
        return path
    copy = _new_place(Path(path).suffix.lstrip(".") or "bmp")
    try:
        copy.write_bytes(Path(path).read_bytes())
    except OSError:
        return path
    return str(copy)


def _new_place(kind: str) -> Path:
    folder = places.data() / "pasted"
    folder.mkdir(exist_ok=True)
    stem = f"Pasted {datetime.now():%Y-%m-%d %H.%M.%S}"
    path = folder / f"{stem}.{kind}"
    number = 2
    while path.exists():
        path = folder / f"{stem} ({number}).{kind}"
        number += 1
    return path
