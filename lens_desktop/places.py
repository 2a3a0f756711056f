"""Where data, cache, models and logs lie: what platformdirs says, or under LENS_DESKTOP_HOME when that is set."""

import os
from pathlib import Path

from platformdirs import PlatformDirs

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
    """Return the folder of downloaded checkpoints."""
    place = data() / "models"
    place.mkdir(exist_ok=True)
    return place


def logs() -> Path:
    """Return the folder of log files."""
    return _place(_DIRS.user_log_dir, "logs")


def config() -> Path:
    """Return the folder of the window's settings."""
    return _place(_DIRS.user_config_dir, "config")
