"""Renders the window with a real answer, light, dark, 1x and 2x: ``python -m lens_desktop.ui.screenshots OUTDIR``."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from lens_desktop.resources import resource
from lens_desktop.store.preflight import Free
from lens_desktop.ui.app import Program, choose_settings, make_application
from lens_desktop.ui.downloads import Download, DownloadState
from lens_desktop.ui.entry import Exchange, Stage
from lens_desktop.ui.models_dialog import ModelsDialog
from lens_desktop.ui.theme import Appearance, theme

LIMIT = 180  # seconds for one step


def main() -> int:
    """Render each scale in a process of its own: Qt reads the scale once, at its start."""
    parser = argparse.ArgumentParser(prog="python -m lens_desktop.ui.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the PNG files go")
    parser.add_argument("--image", type=Path, action="append", help="an image to open (the samples by default)")
    parser.add_argument("--question", default="What is in the picture?", help="what to ask about the first image")
    parser.add_argument("--scale", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.scale is not None:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        images = chosen.image or sorted(resource("samples").glob("*.png"))
        with tempfile.TemporaryDirectory() as home:
            os.environ["LENS_DESKTOP_HOME"] = home
            return Studio(chosen.folder, chosen.scale).work(images, chosen.question)
    for scale in (1, 2):
        environment = {**os.environ, "QT_SCALE_FACTOR": str(scale)}
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        words = [sys.executable, "-m", "lens_desktop.ui.screenshots", *sys.argv[1:], "--scale", str(scale)]
        if subprocess.run(words, env=environment, check=False).returncode:
            return 1
    return 0


class Studio:
    """A window on the chosen checkpoint set, and a camera."""

    def __init__(self, folder: Path, scale: int) -> None:
        self._folder = folder
        self._scale = scale
        make_application()
        self._program = Program(choose_settings())
        self._window = self._program.window
        self._window.resize(1280, 800)

    def work(self, images: list[Path], question: str) -> int:
        """Take every picture and return the exit code: 0 when there is a real answer in them."""
        try:
            self._program.start()
            if self._scale == 1:
                self._take("welcome")
            self._window.note_banner.hide()
            exchange = self._ask(images, question)
            self._take("answer")
            if self._scale == 1:  # one scene is enough to see that everything is sharp at 2x
                self._window.evidence.show_prompt(exchange)
                self._take("prompt")
                self._window.evidence.tabs.button(0).setChecked(True)
                self._window.resize(900, 600)
                self._take("small")
                self._take_models()
            if exchange.stage != Stage.DONE:
                sys.stderr.write(f"There was no answer: {exchange.problem}\n")
                return 1
            return 0
        finally:
            self._window.close()
            self._program.close()

    def _ask(self, images: list[Path], question: str) -> Exchange:
        session = self._program.session
        self._window.add_paths([str(path) for path in images])
        session.ask(question)
        entry = session.current
        assert entry is not None
        self._wait("answer", lambda: not entry.exchanges[0].open)
        self._wait("library", lambda: not any(each.reading or each.wants_description for each in session.library))
        return entry.exchanges[0]

    def _wait(self, what: str, done: Callable[[], bool]) -> None:
        until = time.monotonic() + LIMIT
        while not done():
            QTest.qWait(20)
            if time.monotonic() > until:
                raise SystemExit(f"The window was not ready for its picture: no {what} after {LIMIT} s.")

    def _take(self, name: str) -> None:
        self._grab(self._window, f"{name}-{{}}-{self._scale}x.png")

    def _take_models(self) -> None:
        """Show the Models dialog as it is on a computer without a graphics card; its downloads are only staged."""
        downloads = self._window.models.downloads
        for name, state, part, reason in (
            ("small", DownloadState.GETTING, 0.37, ""),
            ("medium", DownloadState.FAILED, 0.12, "The hub does not answer: try again later, it goes on from here."),
        ):
            wanted = downloads.catalogue.wanted(name)
            total = sum(one.size for one in wanted)
            downloads.items[name] = Download(name, wanted, state, int(part * total), total, 11e6, reason)
        dialog = ModelsDialog(downloads.catalogue, downloads, lambda: Free(13_400_000_000))
        dialog.folder.path.set_whole("Kept in ~/.local/share/lens-desktop/models")
        dialog.resize(720, 760)
        dialog.show()
        self._grab(dialog, "models-{}.png")
        dialog.pages.setCurrentIndex(1)
        dialog.modules.tabs.button(2).setChecked(True)
        self._grab(dialog, "models-modules-{}.png")
        dialog.pages.setCurrentIndex(2)
        dialog.server.address.setText("https://llm.example.org/v1")
        self._grab(dialog, "models-server-{}.png")
        downloads.items.clear()
        dialog.stop()
        dialog.close()

    def _grab(self, window: QWidget, name: str) -> None:
        for appearance in (Appearance.LIGHT, Appearance.DARK):
            theme.choose(appearance)
            QTest.qWait(150)
            window.grab().save(str(self._folder / name.format(appearance)))


if __name__ == "__main__":
    sys.exit(main())
