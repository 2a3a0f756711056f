"""Writes files that are not what they seem, for every test of how the program reads files."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

from PIL import Image as Pictures


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def write_bomb(path: Path, side: int = 30_000) -> Path:
    """Write a PNG of side x side black pixels, sound in every byte and some hundred kilobytes small."""
    squeeze = zlib.compressobj(9)
    row = bytes(1 + side // 8 + (side % 8 > 0))
    data = b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))
    return path


def picture(width: int = 64, height: int = 48) -> Pictures.Image:
    """Return a picture with a different colour in each quarter, so that turning it shows."""
    made = Pictures.new("RGB", (width, height), (250, 250, 250))
    made.paste((220, 30, 30), (0, 0, width // 2, height // 2))
    made.paste((30, 160, 60), (width // 2, 0, width, height // 2))
    made.paste((40, 70, 220), (0, height // 2, width // 2, height))
    return made


def encoded(made: Pictures.Image, kind: str, **options: object) -> bytes:
    """Return the bytes of a picture in a file format."""
    file = BytesIO()
    made.save(file, format=kind, **options)
    return file.getvalue()
