"""Where the program's own files are, in a checkout, an installed wheel or a frozen build."""

import sys
import sysconfig
from pathlib import Path


def resource(*parts: str) -> Path:
    """Return the path of a file under ``resources/``."""
    return _root().joinpath("resources", *parts)


def _root() -> Path:
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen)
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "resources").is_dir():
        return checkout
    return Path(sysconfig.get_path("data")) / "share" / "lens-desktop"  # where a wheel puts its data files
