"""Where data, cache, models and logs lie: what platformdirs says, or under LENS_DESKTOP_HOME when that is set."""

import json
import os
from pathlib import Path
from typing import Any

from platformdirs import PlatformDirs

from lens_desktop.domain.errors import LensError

_DIRS = PlatformDirs("lens-desktop", appauthor=False)


def _place(system: str, name: str) -> Path:
    home = os.environ.get("LENS_DESKTOP_HOME")
    place = Path(home) / name if home else Path(system)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def data() -> Path:
    """Return the folder of what the user made."""
    return _place(_DIRS.user_data_dir, "data")


def cache() -> Path:
    """Return the folder of what can be made again: decoded pixels, thumbnails, text embeddings."""
    return _place(_DIRS.user_cache_dir, "cache")


def models() -> Path:
    """Return the folder of downloaded checkpoints: the user's choice, else one among the data.

    Raises LensError ``missing`` when the chosen one has vanished: another would silently fill another disk.
    """
    chosen = str(models_choice().get("folder", ""))
    if not chosen:
        place = data() / "models"
        place.mkdir(exist_ok=True)
        return place
    if not Path(chosen).is_dir():
        raise LensError(
            "missing", f"The folder of checkpoints, {chosen}, is not there: connect its disk, or choose another folder."
        )
    return Path(chosen)


def models_choice() -> dict[str, Any]:
    """Return what was kept about the folder of checkpoints; store/folder.py writes it."""
    try:
        values = json.loads(models_file().read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def models_file() -> Path:
    """Return the file that names the folder of checkpoints, when one was chosen."""
    return config() / "models.json"


def logs() -> Path:
    """Return the folder of log files."""
    return _place(_DIRS.user_log_dir, "logs")


def config() -> Path:
    """Return the folder of the window's settings."""
    return _place(_DIRS.user_config_dir, "config")
