"""Which checkpoints to use: what the user chose, by name or folder, as settings, and kept for the next time."""

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lens_desktop import places
from lens_desktop.domain.address import check_consent, is_address
from lens_desktop.domain.errors import LensError
from lens_desktop.resources import resource
from lens_desktop.settings import Settings, load_set
from lens_desktop.store.catalogue import Catalogue, CheckpointSet, read_catalogue
from lens_desktop.store.installed import is_installed, place
from lens_desktop.store.lock import is_locked
from lens_desktop.store.vocabulary import own_fields

STARTER = "starter"
# what a set chose for its own checkpoint says nothing about another one
_OWN = {
    "clip": (
        "vocabulary",
        "attribute_vocabulary",
        "tags",
        "attributes",
        "threshold",
        "attribute_threshold",
        "sigmoid_threshold",
        "templates",
        "note",
    ),
    "captioner": ("captions", "caption_min_length", "caption_max_length", "caption_top_k", "beams", "note"),
    "llm": ("answer_tokens", "budget"),
}
_AUTO = "auto"
_DTYPES = (_AUTO, "float32", "bfloat16", "float16")
_WAYS = {"device": (_AUTO, "cpu", "cuda"), "dtype": _DTYPES}
_LLM_DTYPES = (*_DTYPES, "4-bit")


def chosen(choices: Sequence[str] = (), **overrides: Any) -> Settings:
    """Return the settings of the sets and checkpoints in `choices`, the last one winning.

    A choice is ``starter``, the id of a set of the catalogue, the folder of a set, ``MODULE=`` with an id or a folder,
    or ``MODULE.device=`` or ``MODULE.dtype=`` with where or in which number format that module runs. Without choices it
    is what was kept by `keep`, and else the starter set. Raises LensError ``missing``, ``usage`` or ``bad-set``.
    """
    choices = choices or kept()
    catalogue = read_catalogue()
    modules: dict[str, str] = {}
    ways: dict[str, Any] = {}
    base: Settings | None = None
    for choice in choices:
        module, equals, value = choice.partition("=")
        part, point, way = module.partition(".")
        if equals and point and part in _OWN and way in _WAYS:
            ways[f"{part}_{way}"] = _way(part, way, value)
        elif equals and module in _OWN:
            if is_address(value) and module != "llm":
                raise LensError("usage", f"Only the LLM can be a server, not the {module}: choose a folder for it.")
            modules[module] = _checkpoint(value, catalogue)
        elif choice == STARTER:
            base = load_set(resource(STARTER))
        elif choice in catalogue.sets:
            base = _of_set(catalogue.sets[choice], catalogue)
        elif equals and not Path(choice).is_dir():
            raise LensError("missing", f"There is no module {module}: choose clip, captioner or llm.")
        else:
            base = load_set(Path(_folder(choice)))
    if base is None:
        base = Settings() if set(modules) == set(_OWN) else load_set(resource(STARTER))
    settings = _with_modules(base, modules) if modules else base
    own = {**own_fields(), **ways, "llm_consent": consent(), "offline": is_locked()}
    return dataclasses.replace(settings, **(own | overrides))


def kept() -> tuple[str, ...]:
    """Return the choices that were kept, none when there are none that can be read."""
    choices = _kept().get("choices", [])
    return tuple(choice for choice in choices if isinstance(choice, str)) if isinstance(choices, list) else ()


def consent() -> str:
    """Return the host that the user agreed to send text to, "" when there is none."""
    return str(_kept().get("send_text_to", ""))


def keep(choices: Sequence[str], send_text_to: str = "") -> Settings:
    """Use these choices from now on, in the window and the terminal; return their settings. Raises LensError.

    `send_text_to` is the one host, other than this machine, that evidence and questions may be sent to.
    """
    settings = chosen(choices, llm_consent=send_text_to)
    if is_address(settings.llm):
        check_consent(settings.llm, send_text_to)
    part = _file().with_suffix(".new")
    part.write_text(json.dumps({"choices": list(choices), "send_text_to": send_text_to}), encoding="utf-8")
    os.replace(part, _file())
    return settings


def with_choice(choices: Sequence[str], new: str) -> tuple[str, ...]:
    """Return choices with a new one: it takes the place of those about the same thing, a set that of all before."""
    about, equals, _ = new.partition("=")
    if not equals or about.partition(".")[0] not in _OWN:
        return (new,)
    replaced = [choice for choice in choices if choice.partition("=")[0] != about]
    if "." not in about:  # another checkpoint may need another place
        replaced = [choice for choice in replaced if not choice.startswith(f"{about}.")]
    return (*replaced, new)


def _way(part: str, way: str, value: str) -> str:
    """Return a module's device or dtype, "" for what suits it. Raises LensError ``usage``."""
    allowed = _LLM_DTYPES if (part, way) == ("llm", "dtype") else _WAYS[way]
    if value not in allowed:
        raise LensError("usage", f"The {way} of {part} cannot be {value!r}: choose {', '.join(allowed)}.")
    return "" if value == _AUTO else value


def _kept() -> dict[str, Any]:
    try:
        values = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _file() -> Path:
    return places.config() / "checkpoints.json"


def _with_modules(settings: Settings, modules: dict[str, str]) -> Settings:
    defaults = Settings()
    replaced = " and ".join(modules)
    reset: dict[str, Any] = {name: getattr(defaults, name) for module in modules for name in _OWN[module]}
    return dataclasses.replace(
        settings,
        set_name=" + ".join(filter(None, [settings.set_name, *modules])),
        title=f"{settings.title} with another {replaced}" if settings.title else "",
        dtype=defaults.dtype,
        **(reset | modules),
    )


def _of_set(wanted: CheckpointSet, catalogue: Catalogue) -> Settings:
    """Return the settings of a set of the catalogue, all of whose checkpoints must be here."""
    models = places.models()
    absent = [one for one in wanted.members if not is_installed(models, catalogue.checkpoints[one])]
    if absent:
        names = " and ".join(catalogue.checkpoints[one].title for one in absent)
        raise LensError(
            "missing", f"{names} of the set {wanted.id} must be got first: run `lens-desktop models get {wanted.id}`."
        )
    folders = [str(place(models, one)) for one in wanted.members]
    return Settings(
        set_name=wanted.id,
        title=wanted.title,
        note=wanted.note,
        clip=folders[0],
        captioner=folders[1],
        llm=folders[2],
    )


def _checkpoint(name: str, catalogue: Catalogue) -> str:
    """Return the folder of a checkpoint, given as a folder or by its id, or a server's address as it is."""
    if is_address(name):
        return name
    if name in catalogue.checkpoints and not Path(name).is_dir():
        checkpoint = catalogue.checkpoints[name]
        if not is_installed(places.models(), checkpoint):
            raise LensError(
                "missing", f"{checkpoint.title} must be got first: run `lens-desktop models get {checkpoint.id}`."
            )
        return str(place(places.models(), name))
    return _folder(name)


def _folder(name: str) -> str:
    path = Path(name).expanduser().resolve()
    if not path.is_dir():
        raise LensError("missing", f"There is no folder {name}: check what was chosen.")
    return str(path)
