"""Renders the window with a real answer, light, dark, 1x and 2x: ``python -m lens_desktop.ui.screenshots OUTDIR``."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SCENES = ("welcome", "answer", "small")
LIMIT = 180  # seconds for one scene


def main() -> int:
    """Render every scene, each scale in a process of its own: Qt reads the scale once, at its start."""
    parser = argparse.ArgumentParser(prog="python -m lens_desktop.ui.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the PNG files go")
    parser.add_argument("--image", type=Path, default=None, help="the image to ask about (a sample by default)")
    parser.add_argument("--question", default="What is in the picture?")
    parser.add_argument("--scale", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    if chosen.scale is not None:
        return _render(chosen.folder, chosen.image, chosen.question, chosen.scale)
    for scale in (1, 2):
        environment = {**os.environ, "QT_SCALE_FACTOR": str(scale)}
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        words = [sys.executable, "-m", "lens_desktop.ui.screenshots", *sys.argv[1:], "--scale", str(scale)]
        if subprocess.run(words, env=environment, check=False).returncode:
            return 1
    return 0


def _render(folder: Path, image: Path | None, question: str, scale: int) -> int:
    from PySide6.QtTest import QTest

    from lens_desktop.resources import resource
    from lens_desktop.ui.app import Program, choose_settings, make_application
    from lens_desktop.ui.entry import Stage
    from lens_desktop.ui.theme import Appearance, theme

    def wait(what: str, done: Callable[[], bool]) -> None:
        until = time.monotonic() + LIMIT
        while not done():
            QTest.qWait(20)
            if time.monotonic() > until:
                raise SystemExit(f"The window was not ready for its picture: no {what} after {LIMIT} s.")

    images = [image] if image else sorted(resource("samples").glob("*.png"))
    with tempfile.TemporaryDirectory() as home:
        os.environ["LENS_DESKTOP_HOME"] = home
        make_application()
        worker = os.environ.get("LENS_DESKTOP_WORKER", "").split() or None
        program = Program(choose_settings(), worker_command=worker)
        window, session = program.window, program.session
        window.resize(1280, 800)

        def take(name: str) -> None:
            for appearance in (Appearance.LIGHT, Appearance.DARK):
                theme.choose(appearance)
                QTest.qWait(150)
                window.grab().save(str(folder / f"{name}-{appearance}-{scale}x.png"))

        try:
            program.start()
            take("welcome")
            window.note_banner.hide()
            window.add_paths([str(path) for path in images])
            wait("evidence", lambda: bool(session.current and session.current.described))
            session.ask(question)
            entry = session.current
            assert entry is not None
            wait("answer", lambda: not entry.exchanges[-1].open)
            wait("library", lambda: not session.undescribed)
            take("answer")
            window.evidence.show_prompt(entry.exchanges[-1])
            take("prompt")
            window.evidence.tabs.button(0).setChecked(True)
            window.resize(900, 600)
            take("small")
            window.resize(1600, 1000)
            take("large")
            return 0 if entry.exchanges[-1].stage == Stage.DONE else 1
        finally:
            window.close()
            program.close()


if __name__ == "__main__":
    sys.exit(main())
