"""``lens-desktop doctor``: what is installed, what is missing, and the command that gets it."""

import ctypes
import importlib
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lens_desktop import __version__, places
from lens_desktop.decoder.client import DecoderClient
from lens_desktop.domain.errors import LensError
from lens_desktop.resources import resource
from lens_desktop.settings import load_set

_PACKAGES = {  # as pip names them, whether the main job needs them
    "torch": True,
    "torchvision": True,
    "open_clip_torch": True,
    "transformers": True,
    "safetensors": True,
    "tokenizers": True,
    "numpy": True,
    "Pillow": True,
    "pillow-heif": False,
    "platformdirs": True,
    "pytesseract": False,
    "PySide6": False,
    "qtawesome": False,
}
_IMPORTS = ("torch", "torchvision", "open_clip", "transformers")
_QT_LIBRARIES = {  # what Qt loads, and the Debian package it is in
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
}
_X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
_PYTHON = (3, 11)
_ROOM = 2 * 1024**3  # bytes the cache may take


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the report. `advice` is empty when all is well; `needed` says that nothing works without it."""

    name: str
    value: str
    advice: str = ""
    needed: bool = False


def doctor() -> int:
    """Print the report; return 0 when questions can be answered and 1 when they cannot."""
    findings = []
    for finding in _examine():
        findings.append(finding)
        mark = "ok" if not finding.advice else "MISSING" if finding.needed else "note"
        print(f"{mark:<8}{finding.name:<17}{finding.value}", flush=True)
        if finding.advice:
            print(f"{'':<25}{finding.advice}", flush=True)
    works = not any(finding.advice and finding.needed for finding in findings)
    print("\nQuestions can be answered." if works else "\nQuestions cannot be answered until what is MISSING is there.")
    return 0 if works else 1


def _examine() -> Iterator[Finding]:
    yield Finding("Lens Desktop", __version__)
    old = sys.version_info < _PYTHON
    yield Finding("Python", platform.python_version(), "Install Python 3.11 or newer." if old else "", needed=True)
    for package, needed in _PACKAGES.items():
        yield _package(package, needed)
    yield from _models()
    yield from _tesseract()
    yield from _starter()
    yield _decoder()
    yield from _folders()
    yield from _screen()


def _package(name: str, needed: bool) -> Finding:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "not installed", f"Run: {sys.executable} -m pip install {name}", needed)
    if name == "PySide6" and version == "6.12.0" and sys.version_info < (3, 12):
        advice = f'It aborts with this Python. Run: {sys.executable} -m pip install "PySide6<6.12"'
        return Finding(name, version, advice)
    return Finding(name, version)


def _models() -> Iterator[Finding]:
    """Import what the engine imports: packages that do not fit each other show only then."""
    try:
        for name in _IMPORTS:
            importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - a wrong pair fails in many ways
        reason = (str(error).splitlines() or [""])[0]
        advice = f"Run: {sys.executable} -m pip install --force-reinstall torch torchvision"
        yield Finding("models", f"cannot be imported ({type(error).__name__}: {reason})", advice, needed=True)
        return
    yield Finding("models", "torch, torchvision, open_clip and transformers fit each other")
    import torch

    if torch.cuda.is_available():
        yield Finding("device", f"cuda: {torch.cuda.get_device_name()}")
    else:
        yield Finding("device", f"cpu, {torch.get_num_threads()} threads")


def _tesseract() -> Iterator[Finding]:
    install = "Images are described without their text. Run: sudo apt-get install tesseract-ocr tesseract-ocr-eng"
    if shutil.which("tesseract") is None:
        yield Finding("Tesseract", "not installed", install)
        return
    try:
        import pytesseract

        version = str(pytesseract.get_tesseract_version())
        languages = sorted(set(pytesseract.get_languages(config="")) - {"osd"})
    except Exception as error:  # noqa: BLE001 - whatever it is, the report goes on
        yield Finding("Tesseract", f"does not run ({type(error).__name__})", install)
        return
    yield Finding("Tesseract", f"{version}, languages: {', '.join(languages) or 'none'}", "" if languages else install)


def _starter() -> Iterator[Finding]:
    advice = "Restore the program's folder resources/starter, or install the program again."
    try:
        settings = load_set(resource("starter"))
    except LensError as error:
        yield Finding("starter set", error.message, advice, needed=True)
        return
    try:
        from lens_desktop.engine.checkpoints import recognise

        for name in ("clip", "captioner", "llm"):
            recognise(Path(getattr(settings, name)))
    except LensError as error:
        yield Finding("starter set", error.message, advice, needed=True)
    except ImportError:
        yield Finding("starter set", "there; not looked into without the packages above")
    else:
        yield Finding("starter set", settings.title)


def _decoder() -> Finding:
    """Read a picture as the program reads every picture: in the decode process."""
    with tempfile.TemporaryDirectory() as folder, DecoderClient() as client:
        try:
            from PIL import Image as Pictures

            path = Path(folder) / "test.png"
            Pictures.new("RGB", (8, 8)).save(path)
            client.decode(path)
        except ImportError:
            return Finding("reading images", "does not work", "Install Pillow, as said above.", needed=True)
        except LensError as error:
            return Finding("reading images", error.message, "Run: lens-desktop --decode </dev/null to see why.", True)
    return Finding("reading images", "works")


def _folders() -> Iterator[Finding]:
    for name, place in (
        ("data", places.data),
        ("cache", places.cache),
        ("models", places.models),
        ("logs", places.logs),
    ):
        try:
            folder = place()
            free = shutil.disk_usage(folder).free
        except LensError as error:
            yield Finding(f"{name} folder", error.message, "Run: lens-desktop models folder PATH", needed=True)
            continue
        except OSError as error:
            yield Finding(f"{name} folder", f"cannot be made ({error.strerror})", "Set LENS_DESKTOP_HOME.", needed=True)
            continue
        advice = ""
        if not os.access(folder, os.W_OK):
            advice = "It cannot be written in: change its permissions, or set LENS_DESKTOP_HOME to another folder."
        elif free < _ROOM:
            advice = f"Only {free // 2**20} MB are free there: make room."
        yield Finding(f"{name} folder", str(folder), advice, needed=not os.access(folder, os.W_OK))


def _screen() -> Iterator[Finding]:
    """Look whether the window could open. The terminal needs none of this."""
    if not sys.platform.startswith("linux"):
        return
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    wanted = dict(_QT_LIBRARIES)
    if os.environ.get("DISPLAY"):
        wanted |= _X11_LIBRARIES
    missing = [package for library, package in wanted.items() if not _loads(library)]
    if missing:
        yield Finding("Qt's libraries", "some are missing", f"Run: sudo apt-get install {' '.join(missing)}")
    else:
        yield Finding("Qt's libraries", "there")
    if display:
        yield Finding("screen", display)
    else:
        yield Finding("screen", "none", "The window needs one; `lens-desktop ask` and `describe` work without.")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
