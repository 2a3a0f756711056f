"""Finds the images in folders by their names alone; whether they are sound is for the decoder to say."""

import os
import re
from collections.abc import Iterable, Iterator

from lens_desktop.domain.errors import LensError

EXTENSIONS = frozenset(
    ".jpg .jpeg .jpe .jfif .png .apng .webp .avif .heic .heif .hif .tif .tiff .gif .bmp .dib".split()  # noqa: SIM905
)


def find_images(paths: Iterable[str | os.PathLike[str]]) -> tuple[str, ...]:
    """Return the files among `paths` as they are, and for each folder the images in it and below, each path once.

    Folders are walked in natural order (``page 2`` before ``page 10``), files before folders; hidden entries are left
    out and links are followed, but no folder is walked twice. Raises LensError ``no-images`` for a folder without
    images and ``unreadable`` for one that cannot be listed.
    """
    found: dict[str, None] = {}
    for given in paths:
        path = os.fspath(given)
        if os.path.isdir(path):
            inside = list(_walk(path))
            if not inside:
                name = _shown(os.path.basename(os.path.abspath(path)) or path)
                raise LensError("no-images", f"There are no images in {name}: choose another folder.")
            found.update(dict.fromkeys(inside))
        else:
            found[path] = None
    return tuple(found)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts names as people do: numbers by value, letters whatever their case."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part) for part in parts if part)


def _walk(top: str) -> Iterator[str]:
    seen: set[tuple[int, int]] = set()
    waiting = [top]  # a list of our own: folders can be nested deeper than Python calls
    while waiting:
        folder = waiting.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as listing:
                entries = [entry for entry in listing if not entry.name.startswith(".")]
        except OSError as error:
            if folder != top:
                continue  # one closed folder does not spoil the rest
            reason = error.strerror or type(error).__name__
            raise LensError("unreadable", f"The folder {_shown(top)} cannot be listed ({reason}).") from None
        entries.sort(key=lambda entry: (natural(entry.name), entry.name))
        folders = []
        for entry in entries:
            if _is_folder(entry):
                folders.append(entry.path)
            elif os.path.splitext(entry.name)[1].lower() in EXTENSIONS:
                yield entry.path
        waiting += reversed(folders)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a loop
        return False


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
