"""Which checkpoints of one module can be compared: the one in use, the starter set's, those that were got, a folder."""

from dataclasses import dataclass, replace
from pathlib import Path

from lens_desktop import places
from lens_desktop.domain.address import is_address
from lens_desktop.domain.errors import LensError
from lens_desktop.resources import resource
from lens_desktop.settings import Settings, load_set
from lens_desktop.store import choice
from lens_desktop.store.catalogue import Catalogue, Module, read_catalogue
from lens_desktop.store.installed import is_installed, place

MODULES = (Module.CLIP, Module.CAPTIONER, Module.LLM)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A checkpoint for one module; `choices` make it the one in use, with the other modules as they are.

    `place` is its folder or address. `ready` are the settings of what is in use, which need not be looked up.
    """

    place: str
    title: str
    choices: tuple[str, ...]
    ready: Settings | None = None

    def settings(self, module: Module) -> Settings:
        """Return what a worker needs to run it and nothing else. Raises LensError when it is not there any more."""
        return alone(self.ready or choice.chosen(self.choices), module)


def alone(settings: Settings, module: Module) -> Settings:
    """Return settings that name no other module, so that no other is loaded: without a language no text is read."""
    fields = ("", "_device", "_dtype")
    others = {f"{other}{field}": "" for other in MODULES if other is not module for field in fields}
    return replace(settings, ocr_languages="", **others)  # type: ignore[arg-type]


def same(one: Settings, other: Settings) -> bool:
    """Say whether two settings run the same models in the same way, whatever they are called."""
    unnamed = [replace(each, set_name="", title="", note="", llm_consent="", offline=False) for each in (one, other)]
    return unnamed[0] == unnamed[1]


def known_checkpoints() -> Catalogue:
    """Return the catalogue, without the user's own checkpoints when their file is damaged: Models says so."""
    try:
        return read_catalogue()
    except LensError:
        return read_catalogue(resource("checkpoints.toml"))


def candidates(module: Module, catalogue: Catalogue, in_use: Settings) -> list[Candidate]:
    """Return what is here for a module, what is in use first."""
    found = []
    if used := getattr(in_use, module):
        kept = choice.kept() or (choice.STARTER,)
        found.append(Candidate(used, f"In use: {_name(module, used, catalogue)}", kept, in_use))
    starter = _starter(module)
    if starter and starter != used:
        found.append(_of_set(module, choice.STARTER, starter, "Starter set", in_use))
    for one in catalogue.checkpoints.values():
        there = str(place(places.models(), one.id))
        if one.module is module and there != used and is_installed(places.models(), one):
            found.append(_single(module, one.id, there, one.title))
    return found


def folder_candidate(module: Module, folder: str, in_use: Settings) -> Candidate:
    """Return the candidate in a folder of the user's: a checkpoint, or a whole set with what it says of its own.

    Raises LensError when it is a set that is broken.
    """
    title = "/".join(Path(folder).parts[-2:])
    if (Path(folder) / "set.toml").is_file():
        return _of_set(module, folder, getattr(load_set(Path(folder)), module), title, in_use)
    return _single(module, folder, folder, title)


def _single(module: Module, value: str, where: str, title: str) -> Candidate:
    return Candidate(where, title, choice.with_choice(choice.kept(), f"{module}={value}"))


def _of_set(module: Module, name: str, where: str, title: str, in_use: Settings) -> Candidate:
    """Return the candidate of a set that chose settings for it.

    A CLIP brings the words and thresholds it was made for, which only its set names: the set comes first then, and the
    other modules stay what they are by being named.
    """
    kept = choice.kept()
    base = [one for one in kept if not _module_of(one)] or [choice.STARTER]
    if base[-1] == name:
        return Candidate(where, title, tuple(one for one in kept if _module_of(one) != module) or (name,))
    if module is not Module.CLIP:
        return _single(module, where, where, title)
    others = [f"{other}={getattr(in_use, other)}" for other in MODULES[1:] if getattr(in_use, other)]
    ways = [one for one in kept if "." in one.partition("=")[0] and _module_of(one) in MODULES[1:]]
    return Candidate(where, title, (name, *others, *ways))


def _module_of(one: str) -> str:
    """Return the module that a kept choice is about, "" for a set."""
    about, equals, _ = one.partition("=")
    part = about.partition(".")[0]
    return part if equals and part in MODULES else ""


def _starter(module: Module) -> str:
    """Return the starter set's folder, "" when the set is damaged: then it is not offered."""
    try:
        return str(getattr(load_set(resource(choice.STARTER)), module))
    except LensError:
        return ""


def _name(module: Module, where: str, catalogue: Catalogue) -> str:
    if is_address(where):
        return where
    if where == _starter(module):
        return "Starter set"
    known = next((one for one in catalogue.checkpoints.values() if str(place(places.models(), one.id)) == where), None)
    return known.title if known else "/".join(Path(where).parts[-2:])
