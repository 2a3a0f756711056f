"""Runs main.py's own entry with the file on the command line, asks once by keyboard, and tells of it on stdout."""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def drive() -> None:
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from lens_desktop.ui.window import Window

    asked: list[bool] = []
    told: list[bool] = []

    def look() -> None:
        window = next((w for w in QApplication.topLevelWidgets() if isinstance(w, Window)), None)
        entry = window.session.current if window else None
        if window and window.windowHandle().isExposed() and not told:
            told.append(True)
            say(f"shown {time.process_time():.3f}")
        if window is None or entry is None or not entry.described:
            return
        if not asked:
            asked.append(True)
            QTest.keyClicks(window.conversation.composer.field, "What is it?")
            QTest.keyClick(window.conversation.composer.field, Qt.Key.Key_Return)
        elif window.conversation.messages and not window.conversation.messages[0].exchange.open:
            timer.stop()
            say("answered")

    timer = QTimer(interval=50)
    timer.timeout.connect(look)
    timer.start()
    drive.timer = timer


if __name__ == "__main__":
    import lens_desktop.ui.app as app
    from lens_desktop.__main__ import main

    start = app.Program.start

    def start_and_drive(self: app.Program, files: list[str]) -> None:
        start(self, files)
        drive()

    app.Program.start = start_and_drive
    sys.exit(main(sys.argv[1:]))
