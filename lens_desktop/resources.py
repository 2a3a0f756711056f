"""Where the program's own files are, in a checkout, an installed wheel or a frozen build."""

import sys
from pathlib import Path


def resource(*parts: str) -> Path:
    """Return the path of a file under ``resources/``."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    return root.joinpath("resources", *parts)
