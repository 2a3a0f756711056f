"""How this program starts itself again: the same one, from a checkout, an installation or a frozen build."""

import sys
from pathlib import Path


def command(*arguments: str) -> list[str]:
    """Return the command line that runs this program with `arguments`, for example ``--worker``."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "main.py").is_file():
        return [sys.executable, str(checkout / "main.py"), *arguments]
    # -P: the folder the user happens to be in must not offer modules to the child
    return [sys.executable, "-P", "-m", "lens_desktop", *arguments]
