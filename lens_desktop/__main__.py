"""Which program to be: the window, the terminal, the worker or the decoder. Each imports only what it needs."""

import sys
from collections.abc import Sequence

COMMANDS = ("ask", "describe", "models", "vocabulary", "doctor")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    first = words[0] if words else ""
    if first == "--decode":
        from lens_desktop.decoder.serve import main as decoder

        return decoder()
    if first == "--worker":
        from lens_desktop.worker.process import main as worker

        return worker()
    try:
        if first in COMMANDS or (first.startswith("-") and first != "--"):
            from lens_desktop.cli import main as terminal

            return terminal(words)
        from lens_desktop.ui.app import main as window

        return window(words[1:] if first == "--" else words)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"A Python package is missing. Run: {sys.executable} -m pip install {error.name}\n")
    except ImportError as error:
        sys.stderr.write(f"The window cannot open ({error}). Run `lens-desktop doctor` to see what is missing.\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
