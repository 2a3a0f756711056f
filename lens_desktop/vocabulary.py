"""Vocabulary files: the lists a zero-shot classifier chooses from."""

from pathlib import Path

from lens_desktop.domain.errors import LensError


def read_vocabulary(file: Path) -> tuple[str, ...]:
    """Return the entries of a vocabulary: one a line, without empty lines, comments (#) and repetitions.

    Raises LensError ``missing`` or ``bad-vocabulary``.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise LensError("missing", f"There is no vocabulary at {file}: restore it or choose another.") from None
    except UnicodeDecodeError:
        raise LensError("bad-vocabulary", f"The vocabulary {file} is not UTF-8 text: save it as that.") from None
    entries = tuple(dict.fromkeys(line.strip() for line in lines if line.strip() and not line.startswith("#")))
    if not entries:
        raise LensError("bad-vocabulary", f"The vocabulary {file} is empty: add entries, one a line.")
    return entries
