"""Opens the decode process's pixel files in the window, without numpy and without decoding anything."""

import ast
import mmap
import struct
from pathlib import Path

from PySide6.QtGui import QImage

from lens_desktop.domain.errors import LensError

_MAGIC = b"\x93NUMPY"


def open_pixels(path: str) -> QImage:
    """Return the picture in an ``.npy`` file of uint8, height x width x 3, mapped from the disk rather than read.

    Raises LensError ``missing`` when the file is gone or ``damaged`` when it holds something else.
    """
    try:
        with Path(path).open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        raise LensError("missing", "The picture's pixels are no longer in the cache: add the file again.") from None
    try:
        width, height, start = _header(mapped)
    except (ValueError, KeyError, SyntaxError, struct.error):
        raise LensError("damaged", "The picture's pixels in the cache are damaged: add the file again.") from None
    # the image keeps the view, and the view the mapping, for as long as it is shown
    return QImage(memoryview(mapped)[start:], width, height, width * 3, QImage.Format.Format_RGB888)


def _header(data: mmap.mmap) -> tuple[int, int, int]:
    """Return width, height and where the pixels start."""
    if data[:6] != _MAGIC:
        raise ValueError("not an npy file")
    wide = data[6] > 1
    (length,) = struct.unpack_from("<I" if wide else "<H", data, 8)
    start = (12 if wide else 10) + length
    header = ast.literal_eval(data[start - length : start].decode("latin-1"))
    height, width, channels = header["shape"]
    if header["descr"] != "|u1" or header["fortran_order"] or channels != 3 or len(data) < start + width * height * 3:
        raise ValueError("not a picture")
    return width, height, start
