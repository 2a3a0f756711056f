"""The logs of what should not have happened: where in our code, and nothing of the user's."""

import contextlib
import os
import time
import traceback
from pathlib import Path

from lens_desktop import places

_OURS = Path(__file__).resolve().parent
_MAX_BYTES = 1 << 20


def log_failure(program: str, error: BaseException) -> None:
    """Write the kind of `error` and the lines of our code it passed through to the log of `program`.

    Never its message, nor lines of libraries: those may hold paths, questions or recognised text.
    """
    lines = [f"{time.strftime('%Y-%m-%d %H:%M:%S')} {type(error).__module__}.{type(error).__qualname__}"]
    for frame in traceback.extract_tb(error.__traceback__):
        file = _OURS.parent / frame.filename  # a frozen build names its files from the package on
        if file.is_relative_to(_OURS):
            lines.append(f"  {file.relative_to(_OURS.parent)}:{frame.lineno} in {frame.name}")
    with contextlib.suppress(OSError):  # a full disk must not turn one failure into two
        place = places.logs() / f"{program}.log"
        if place.exists() and place.stat().st_size > _MAX_BYTES:
            place.replace(place.with_suffix(".log.1"))
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as log:
            log.write("\n".join(lines) + "\n")
