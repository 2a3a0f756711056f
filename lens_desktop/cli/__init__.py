"""The terminal: the same engine without a window."""

import os
import signal
import sys
from collections.abc import Sequence

from lens_desktop.cli.arguments import parse
from lens_desktop.domain.errors import LensError
from lens_desktop.log import log_failure

_INTERRUPTED = 130
_NOBODY_READS = 141


def main(words: Sequence[str]) -> int:
    """Run a subcommand and return the exit code: 0 answered, 1 something is missing or failed, 2 bad usage or input."""
    try:
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a file name can be any bytes
        arguments = parse(words)
        match arguments.command:
            case "ask":
                from lens_desktop.cli.ask import ask

                return ask(arguments)
            case "describe":
                from lens_desktop.cli.describe import describe

                return describe(arguments)
            case "models":
                from lens_desktop.cli.models import models

                return models(arguments)
            case "vocabulary":
                from lens_desktop.cli.vocabulary import vocabulary

                return vocabulary(arguments)
            case _:
                from lens_desktop.cli.doctor import doctor

                return doctor()
    except LensError as error:
        print(error.message, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl+C would only print where we are
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more at its end
        return _NOBODY_READS
    except Exception as error:  # noqa: BLE001 - a person gets a sentence, the log gets the place
        log_failure("terminal", error)
        print(f"Something unforeseen went wrong ({type(error).__name__}): run `lens-desktop doctor`.", file=sys.stderr)
        return 1
