"""Turns ``--checkpoints`` into settings."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lens_desktop.domain.errors import LensError
from lens_desktop.resources import resource
from lens_desktop.settings import Settings, load_set

# what a set chose for its own checkpoint says nothing about another one
_OWN = {
    "clip": (
        "vocabulary",
        "attribute_vocabulary",
        "tags",
        "attributes",
        "threshold",
        "attribute_threshold",
        "templates",
        "note",
    ),
    "captioner": ("captions", "caption_min_length", "caption_max_length", "caption_top_k", "beams", "note"),
    "llm": ("answer_tokens", "budget"),
}


def chosen(choices: Sequence[str], **overrides: Any) -> Settings:
    """Return the settings of the sets and checkpoints in `choices`, the last one winning; of the starter set if none.

    Raises LensError ``missing`` or ``bad-set``.
    """
    modules: dict[str, str] = {}
    folder = resource("starter")
    for choice in choices:
        module, equals, place = choice.partition("=")
        if equals and module in _OWN:
            modules[module] = _folder(place)
        elif choice == "starter":
            folder = resource("starter")
        elif equals and not Path(choice).is_dir():
            raise LensError("missing", f"There is no module {module}: choose clip, captioner or llm.")
        else:
            folder = Path(_folder(choice))
    settings = Settings() if set(modules) == set(_OWN) else load_set(folder)
    if modules:
        defaults = Settings()
        replaced = " and ".join(modules)
        reset: dict[str, Any] = {name: getattr(defaults, name) for module in modules for name in _OWN[module]}
        settings = dataclasses.replace(
            settings,
            set_name=" + ".join(filter(None, [settings.set_name, *modules])),
            title=f"{settings.title} with another {replaced}" if settings.title else "",
            dtype=defaults.dtype,
            **(reset | modules),
        )
    return dataclasses.replace(settings, **overrides)


def _folder(place: str) -> str:
    path = Path(place).expanduser().resolve()
    if not path.is_dir():
        raise LensError("missing", f"There is no folder {place}: check --checkpoints.")
    return str(path)
