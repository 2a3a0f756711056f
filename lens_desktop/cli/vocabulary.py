"""``lens-desktop vocabulary``: the user's own lists of tags and attributes, their banks, and descriptors by an LLM."""

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lens_desktop import places
from lens_desktop.cli.session import show_status
from lens_desktop.domain.errors import LensError
from lens_desktop.resources import resource
from lens_desktop.settings import Settings
from lens_desktop.store import vocabulary as own
from lens_desktop.store.choice import chosen
from lens_desktop.store.vocabulary import Vocabulary
from lens_desktop.vocabulary import read_vocabulary

if TYPE_CHECKING:
    from lens_desktop.engine.lens import Lens  # costs seconds, and a wrong file name should not wait for it

_TOKENS = 300  # room for a list of ten features
_FEW = 10  # lines of a list that are shown


def vocabulary(arguments: argparse.Namespace) -> int:
    """Do what ``vocabulary`` was asked for and return the exit code. Raises LensError."""
    match arguments.deed:
        case "import":
            count = own.keep(Vocabulary(arguments.kind), read_vocabulary(Path(arguments.file).expanduser()))
            print(f"{count:,} {arguments.kind} are in use from now on, with every CLIP.")
        case "reset":
            there = own.reset(Vocabulary(arguments.kind))
            print(f"The {arguments.kind} are {'again those' if there else 'those'} of the set or the program.")
        case "build":
            _build(chosen(arguments.checkpoints))
        case "describe":
            return _describe(arguments)
        case _:
            _list(chosen())
    return 0


def _list(settings: Settings) -> None:
    for kind in Vocabulary:
        file = own.in_use(settings, kind, resource("vocabularies"))
        whose = "your own" if own.own(kind) else "the set's" if getattr(settings, own.FIELDS[kind]) else "the program's"
        print(f"{kind}: {len(read_vocabulary(file)):,} entries, {whose}: {file}")


def _build(settings: Settings) -> None:
    """Make the text banks of the CLIP in use, so that nothing has to wait for them later."""
    lens = _lens(dataclasses.replace(settings, captioner="", llm=""))
    lens.read_all(show_status)
    show_status("")
    if (problem := lens.vocabulary_problem) is not None:
        raise problem
    print("The vocabularies are read for this CLIP.")


def _describe(arguments: argparse.Namespace) -> int:
    """Print what tells classes apart in a photo, in the words of the LLM in use; add it to the attributes if asked."""
    names = list(arguments.classes)
    if arguments.classes_from:
        names += read_vocabulary(Path(arguments.classes_from).expanduser())
    if not names:
        raise LensError("usage", "Name classes, or a file of them: see `lens-desktop vocabulary describe --help`.")
    settings = chosen(arguments.checkpoints)
    lens = _lens(dataclasses.replace(settings, clip="", captioner="", answer_tokens=_TOKENS))
    found: list[str] = []
    silent = []
    for name in names:
        show_status(f"Asking about {name}")
        descriptors = lens.describe_class(" ".join(name.split()))
        show_status("")
        print("\n".join(descriptors), end="\n" if descriptors else "", flush=True)
        found += descriptors
        silent += [] if descriptors else [name]
    if silent:
        few = ", ".join(silent[:_FEW])
        print(f"The LLM gave no list of features for {few}: a larger instruct model does.", file=sys.stderr)
    if found and arguments.add:
        file = own.in_use(settings, Vocabulary.ATTRIBUTES, resource("vocabularies"))
        count = own.keep(Vocabulary.ATTRIBUTES, [*read_vocabulary(file), *found])
        print(f"{count:,} attributes are in use from now on, with every CLIP.", file=sys.stderr)
    return int(bool(silent))


def _lens(settings: Settings) -> "Lens":
    from lens_desktop.engine.lens import Lens

    show_status("Starting the models")
    return Lens.load(settings, cache=places.cache(), status=show_status)
