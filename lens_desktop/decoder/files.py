"""Opens a file from outside and tells what it is by its first bytes, before any picture code sees it."""

import errno
import os
import stat
from io import BufferedReader
from typing import BinaryIO

from lens_desktop.domain.errors import LensError

MAX_BYTES = 512 * 1024 * 1024
KINDS = "JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP"
_HEAD = 4096

_PICTURES = {  # first bytes -> Pillow's names of the readers that may try
    b"\xff\xd8\xff": ("JPEG", "MPO"),
    b"\x89PNG\r\n\x1a\n": ("PNG",),
    b"GIF87a": ("GIF",),
    b"GIF89a": ("GIF",),
    b"BM": ("BMP",),
    b"II*\0": ("TIFF",),
    b"MM\0*": ("TIFF",),
    b"II+\0": ("TIFF",),
    b"MM\0+": ("TIFF",),
}
_OTHERS = {  # first bytes -> what the sentence calls it
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\x1f\x8b": "a compressed archive",
    b"7z\xbc\xaf": "a compressed archive",
    b"Rar!": "a compressed archive",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"OggS": "sound or video",
    b"ID3": "sound",
    b"\x1aE\xdf\xa3": "a video",
    b"8BPS": "a Photoshop picture",
}
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_WRONG_KIND = (
    (stat.S_ISDIR, "is a folder: choose the images in it."),
    (stat.S_ISFIFO, "is a pipe between programs, not a file: choose an image file."),
    (stat.S_ISSOCK, "is a socket, not a file: choose an image file."),
    (stat.S_ISCHR, "is a device, not a file: choose an image file."),
    (stat.S_ISBLK, "is a device, not a file: choose an image file."),
)


def name_of(path: str) -> str:
    """Return what sentences call the file at `path`."""
    return shown(os.path.basename(path) or path)


def shown(text: str) -> str:
    """Return a file name or path fit for a sentence: what cannot be printed becomes a question mark."""
    return "".join(char if char.isprintable() else "?" for char in text)


def open_file(path: str) -> BufferedReader:
    """Open an ordinary file of a sensible size. Raises LensError ``missing``, ``unreadable`` or ``too-large``."""
    name = name_of(path)
    try:
        # looked at before it is opened: opening a pipe or a device can wait or do something
        _check(os.stat(path), name)
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY), "rb")
    except (OSError, ValueError) as error:
        raise _cannot_open(path, name, error) from None
    try:
        _check(os.fstat(file.fileno()), name)
    except LensError:
        file.close()
        raise
    return file


def readers(file: BinaryIO, name: str) -> tuple[str, ...]:
    """Return the names of Pillow's readers for an open file; its place stays at the start.

    Raises LensError ``not-an-image``.
    """
    head = file.read(_HEAD)
    file.seek(0)
    for magic, formats in _PICTURES.items():
        if head.startswith(magic):
            return formats
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ("WEBP",)
    if head[4:8] == b"ftyp":
        size = min(int.from_bytes(head[:4], "big"), len(head))
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, size, 4))}
        if brands & _AVIF_BRANDS:
            return ("AVIF",)
        if brands & _HEIC_BRANDS:
            return ("HEIF",)
    raise LensError("not-an-image", f"{name} is not an image: it holds {_content(head)}. Choose a {KINDS} file.")


def _content(head: bytes) -> str:
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            return what
    if head[4:8] == b"ftyp":
        return "a video"
    if not any(head):
        return "only zeros"
    if b"<svg" in head:
        return "an SVG drawing"
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return "text"
    # text in any encoding of today has no zero byte and hardly a control character
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    return "text" if control == 0 else "data of another kind"


def _check(status: os.stat_result, name: str) -> None:
    for test, sentence in _WRONG_KIND:
        if test(status.st_mode):
            raise LensError("unreadable", f"{name} {sentence}")
    if status.st_size == 0:
        raise LensError("unreadable", f"{name} is empty (0 bytes): copy it again from where it came from.")
    if status.st_size > MAX_BYTES:
        raise LensError(
            "too-large",
            f"{name} is {status.st_size // 2**20:,} MB, more than the {MAX_BYTES // 2**20} MB this program reads: "
            "save a smaller copy.",
        )


def _cannot_open(path: str, name: str, error: OSError | ValueError) -> LensError:
    number = error.errno if isinstance(error, OSError) else None
    match number:
        case errno.ENOENT | errno.ENOTDIR | None:
            return LensError("missing", f"There is no file at {shown(path)}: check the name and the folder.")
        case errno.ELOOP:
            return LensError("unreadable", f"{name} is a link that leads back to itself: choose the image itself.")
        case errno.EACCES | errno.EPERM:
            return LensError("unreadable", f"You are not allowed to read {name}: change its permissions or copy it.")
        case errno.ENAMETOOLONG:
            return LensError("missing", f"There is no file at {shown(path)[:80]}…: the name is too long.")
    return LensError("unreadable", f"{name} cannot be opened ({os.strerror(number)}): try again, or copy it first.")
