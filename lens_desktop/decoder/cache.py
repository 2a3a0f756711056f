"""The private folder of decoded pixels and thumbnails: written whole or not at all, and never over its size."""

import contextlib
import errno
import hashlib
import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image as Pictures

from lens_desktop.domain.errors import LensError

MAX_BYTES = 2_000_000_000
THUMBNAIL = 320
_STRIP = 1 << 22  # bytes copied at a time: a second whole copy of a large picture would double the memory
_STALE = 3600.0  # seconds after which an unfinished file is taken for an abandoned one


class Cache:
    """Decoded images in a folder of their own, readable by the user alone."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self._pixels = folder / "pixels"
        self._thumbnails = folder / "thumbnails"
        self._max_bytes = max_bytes
        for place in (folder, self._pixels, self._thumbnails):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.chmod(0o700)
        self._sweep()

    def keep(self, picture: Pictures.Image) -> tuple[str, Path, Path]:
        """Write an RGB picture; return its id, its pixels' file and its thumbnail's. Raises LensError ``disk``."""
        try:
            digest = hashlib.sha256(f"{picture.width}x{picture.height}".encode())
            unfinished = self._pixels / f".part-{os.getpid()}"
            with _removed_on_failure(unfinished):
                with unfinished.open("wb") as file:
                    file.write(_npy_header(picture.height, picture.width))
                    for strip in _strips(picture):
                        digest.update(strip)
                        file.write(strip)
                pixels = self._pixels / f"{digest.hexdigest()}.npy"
                unfinished.replace(pixels)
            thumbnail = self._thumbnails / f"{digest.hexdigest()}.png"
            if not thumbnail.exists():
                self._write_thumbnail(picture, thumbnail)
            self._trim(pixels)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise LensError("disk", f"There is no room left in {self._pixels.parent}: free some space.") from None
            reason = error.strerror or type(error).__name__
            raise LensError("disk", f"Nothing can be written in {self._pixels.parent} ({reason}).") from None
        return digest.hexdigest(), pixels, thumbnail

    def _write_thumbnail(self, picture: Pictures.Image, place: Path) -> None:
        scale = min(1.0, THUMBNAIL / max(picture.size))
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        small = picture.resize(size, Pictures.Resampling.LANCZOS, reducing_gap=2.0)
        unfinished = place.with_name(f".part-{os.getpid()}")
        with _removed_on_failure(unfinished):
            with unfinished.open("wb") as file:
                small.save(file, format="PNG")
            unfinished.replace(place)

    def _trim(self, newest: Path) -> None:
        """Remove the pixels not used for longest until the rest fits; the newest always stays."""
        found = []
        for entry in os.scandir(self._pixels):
            with contextlib.suppress(OSError):
                status = entry.stat()
                found.append((status.st_mtime_ns, status.st_size, entry.path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self._max_bytes:
                return
            if path.endswith(".npy") and path != str(newest):
                Path(path).unlink(missing_ok=True)
                total -= size

    def _sweep(self) -> None:
        """Remove what a killed decoder left unfinished."""
        for place in (self._pixels, self._thumbnails):
            for unfinished in place.glob(".part-*"):
                with contextlib.suppress(OSError):
                    if time.time() - unfinished.stat().st_mtime > _STALE:
                        unfinished.unlink()


def _strips(picture: Pictures.Image) -> Iterator[bytes]:
    rows = max(1, _STRIP // (3 * picture.width))
    for top in range(0, picture.height, rows):
        yield picture.crop((0, top, picture.width, min(top + rows, picture.height))).tobytes()


def _npy_header(height: int, width: int) -> bytes:
    """Return the header of a uint8 array (height, width, 3); numpy itself would double the decoder's start."""
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({height}, {width}, 3), }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@contextlib.contextmanager
def _removed_on_failure(place: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        place.unlink(missing_ok=True)
        raise
