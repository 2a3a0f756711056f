"""``lens-desktop models``: see, get, verify, remove and choose checkpoints."""

import argparse
import sys
import time
from functools import reduce
from pathlib import Path

from lens_desktop import places
from lens_desktop.domain.errors import LensError
from lens_desktop.store import choice, download, folder, installed, lock, own
from lens_desktop.store.catalogue import Catalogue, Checkpoint, Module, read_catalogue, size_text
from lens_desktop.store.hub import Hub
from lens_desktop.store.preflight import free_now, judge

_EVERY = 0.2  # seconds between two lines of progress


def models(arguments: argparse.Namespace) -> int:
    """Do what ``models`` was asked for and return the exit code. Raises LensError."""
    folder.settle()
    match arguments.deed:  # what needs no folder that is there
        case "folder":
            return _folder(arguments.folder)
        case "add":
            return _add(arguments)
        case "lock" | "unlock":
            lock.set_locked(arguments.deed == "lock")
            print("Offline: no other machine is connected to." if lock.is_locked() else "No longer locked offline.")
            return 0
    other = getattr(arguments, "catalogue", None)
    catalogue = read_catalogue(Path(other) if other else None)
    place = places.models()
    match arguments.deed:
        case "get":
            hub = Hub(arguments.hub or lock.PUBLIC, lock.is_locked)
            for checkpoint in _wanted(catalogue, arguments.names):
                _get(checkpoint, hub, place)
        case "verify":
            return _verify(catalogue, arguments.names, place)
        case "remove":
            for checkpoint in _wanted(catalogue, arguments.names):
                _remove(checkpoint, place)
        case "use":
            # a module or its device alone changes what is in use; a set begins anew
            choices = reduce(choice.with_choice, arguments.names, choice.kept() or (choice.STARTER,))
            settings = choice.keep(choices, arguments.send_text_to or choice.consent())
            print(f"In use from now on: {settings.title or settings.set_name}.")
        case _:
            _list(catalogue, place)
    return 0


def _wanted(catalogue: Catalogue, names: list[str]) -> list[Checkpoint]:
    return list(dict.fromkeys(one for name in names for one in catalogue.wanted(name)))


def _add(arguments: argparse.Namespace) -> int:
    added = own.add(arguments.repository, Module(arguments.module), arguments.revision)
    print(f"{added.id}: on the list. Get it with `lens-desktop models get {added.id}`,")
    print(f"then use it with `lens-desktop models use {added.module}={added.id}`.")
    return 0


def _folder(wanted: str | None) -> int:
    if wanted is None:
        print(places.models())
        return 0
    watched, said = sys.stderr.isatty(), 0.0

    def report(done: int, total: int) -> None:
        nonlocal said
        if watched and time.monotonic() - said >= _EVERY:
            said = time.monotonic()
            sys.stderr.write(f"\r\x1b[K{size_text(done)} of {size_text(total)}")
            sys.stderr.flush()

    try:
        moved = folder.move(Path(wanted), report)
    finally:
        if watched:
            sys.stderr.write("\r\x1b[K")
    print(f"Checkpoints are kept in {moved} from now on.")
    return 0


def _remove(checkpoint: Checkpoint, place: Path) -> None:
    """Remove a checkpoint that is not in use; one that the user added goes off the list too."""
    try:
        used = installed.is_used(place, checkpoint.id, choice.chosen())
    except LensError:
        used = False  # nothing is in use
    if used:
        raise LensError("usage", f"{checkpoint.id} is in use: use another one first, as in `models use starter`.")
    there = installed.remove(place, checkpoint.id)
    if any(one.id == checkpoint.id for one in own.own()):
        own.forget(checkpoint.id)
        there = True
    print(f"{checkpoint.id}: {'removed' if there else 'was not here'}")


def _list(catalogue: Catalogue, place: Path) -> None:
    used = choice.kept() or (choice.STARTER,)
    own_choices = [one for one in used if "=" in one]
    print("Sets")
    free = free_now()
    rows = [(choice.STARTER, "-", "here", "The small models that come with the program: drawings and text.", "")]
    for one in catalogue.sets.values():
        members = catalogue.wanted(one.id)
        here = "here" if all(installed.is_installed(place, member) for member in members) else "-"
        size = size_text(sum(member.size for member in members))
        rows.append((one.id, size, here, f"{one.title}: {one.needs}", judge(one, catalogue, free).words))
    for name, size, here, about, verdict in rows:
        print(f"{'*' if name in used else ' '} {name:<22}{size:>9}  {here:<5} {about}")
        print(f"{'':<41}{verdict}\n" if verdict else "", end="")
    print("\nCheckpoints")
    for checkpoint in catalogue.checkpoints.values():
        state = "here" if installed.is_installed(place, checkpoint) else "-"
        about = f"{checkpoint.module}: {checkpoint.about} Licence: {checkpoint.licence}."
        mark = "*" if f"{checkpoint.module}={checkpoint.id}" in used else " "
        print(f"{mark} {checkpoint.id:<22}{size_text(checkpoint.size):>9}  {state:<5} {about}")
    print(f"\nThey are kept in {place}. * is in use.")
    if own_choices:
        print(f"Chosen beside the set: {', '.join(own_choices)}.")


def _get(checkpoint: Checkpoint, hub: Hub, models: Path) -> None:
    """Fetch one checkpoint, telling how far it is; a licence with restrictions is said first."""
    if checkpoint.licence_note:
        print(f"{checkpoint.id}: {checkpoint.licence}. {checkpoint.licence_note}", file=sys.stderr)
    started, said = time.monotonic(), 0.0
    watched = sys.stderr.isatty()

    def report(progress: download.Progress) -> None:
        nonlocal said
        now = time.monotonic()
        if watched and now - said >= _EVERY:
            said = now
            speed = progress.fetched / max(now - started, 1e-3)
            left = f", {(progress.total - progress.done) / speed:.0f} s left" if speed and progress.total else ""
            of = f" of {size_text(progress.total)}" if progress.total else ""
            text = f"{checkpoint.id}: {size_text(progress.done)}{of}, {size_text(int(speed))}/s{left}. {progress.doing}"
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    try:
        place = download.get(checkpoint, hub, models, report)
    finally:
        if watched:
            sys.stderr.write("\r\x1b[K")
    print(f"{checkpoint.id}: here, verified, in {place}", flush=True)


def _verify(catalogue: Catalogue, names: list[str], place: Path) -> int:
    """Read every byte of the named checkpoints, or of all that are here; return 1 when any is damaged."""
    wanted = _wanted(catalogue, names)
    if not names:
        wanted = [one for one in catalogue.checkpoints.values() if installed.is_installed(place, one)]
        if not wanted:
            raise LensError("missing", "No checkpoint of the catalogue is here: run `lens-desktop models get` first.")
    damaged = False
    for checkpoint in wanted:
        problems = installed.verify(place, checkpoint)
        damaged = damaged or bool(problems)
        print(f"{checkpoint.id}: {' '.join(problems) or 'every byte is right'}", flush=True)
    if damaged:
        print("Remove what is damaged and get it again.", file=sys.stderr)
    return int(damaged)
