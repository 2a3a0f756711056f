"""``lens-desktop models``: see, get, verify, remove and choose checkpoints."""

import argparse
import sys
import time
from pathlib import Path

from lens_desktop import places
from lens_desktop.domain.errors import LensError
from lens_desktop.store import choice, download, installed, lock
from lens_desktop.store.catalogue import Catalogue, Checkpoint, read_catalogue, size_text
from lens_desktop.store.hub import Hub
from lens_desktop.store.preflight import free_now, judge

_EVERY = 0.2  # seconds between two lines of progress


def models(arguments: argparse.Namespace) -> int:
    """Do what ``models`` was asked for and return the exit code. Raises LensError."""
    catalogue = read_catalogue(Path(arguments.catalogue) if arguments.catalogue else None)
    folder = places.models()
    match arguments.deed:
        case "get":
            hub = Hub(arguments.hub or lock.PUBLIC, lock.is_locked)
            for checkpoint in _wanted(catalogue, arguments.names):
                _get(checkpoint, hub, folder)
        case "verify":
            return _verify(catalogue, arguments.names, folder)
        case "remove":
            for checkpoint in _wanted(catalogue, arguments.names):
                there = installed.remove(folder, checkpoint.id)
                print(f"{checkpoint.id}: {'removed' if there else 'was not here'}")
        case "use":
            settings = choice.keep(arguments.names, arguments.send_text_to)
            print(f"In use from now on: {settings.title or settings.set_name}.")
        case "lock" | "unlock":
            lock.set_locked(arguments.deed == "lock")
            print("Offline: no other machine is connected to." if lock.is_locked() else "No longer locked offline.")
        case _:
            _list(catalogue, folder)
    return 0


def _wanted(catalogue: Catalogue, names: list[str]) -> list[Checkpoint]:
    return list(dict.fromkeys(one for name in names for one in catalogue.wanted(name)))


def _list(catalogue: Catalogue, folder: Path) -> None:
    used = choice.kept() or (choice.STARTER,)
    print("Sets")
    free = free_now()
    rows = [(choice.STARTER, "-", "here", "The small models that come with the program: drawings and text.", "")]
    for one in catalogue.sets.values():
        members = catalogue.wanted(one.id)
        here = "here" if all(installed.is_installed(folder, member) for member in members) else "-"
        size = size_text(sum(member.size for member in members))
        rows.append((one.id, size, here, f"{one.title}: {one.needs}", judge(one, catalogue, free).words))
    for name, size, here, about, verdict in rows:
        print(f"{'*' if name in used else ' '} {name:<22}{size:>9}  {here:<5} {about}")
        print(f"{'':<41}{verdict}\n" if verdict else "", end="")
    print("\nCheckpoints")
    for checkpoint in catalogue.checkpoints.values():
        state = "here" if installed.is_installed(folder, checkpoint) else "-"
        about = f"{checkpoint.module}: {checkpoint.about} Licence: {checkpoint.licence}."
        print(f"  {checkpoint.id:<22}{size_text(checkpoint.size):>9}  {state:<5} {about}")
    print(f"\nThey are kept in {folder}. * is in use.")


def _get(checkpoint: Checkpoint, hub: Hub, folder: Path) -> None:
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
        place = download.get(checkpoint, hub, folder, report)
    finally:
        if watched:
            sys.stderr.write("\r\x1b[K")
    print(f"{checkpoint.id}: here, verified, in {place}", flush=True)


def _verify(catalogue: Catalogue, names: list[str], folder: Path) -> int:
    """Read every byte of the named checkpoints, or of all that are here; return 1 when any is damaged."""
    wanted = _wanted(catalogue, names)
    if not names:
        wanted = [one for one in catalogue.checkpoints.values() if installed.is_installed(folder, one)]
        if not wanted:
            raise LensError("missing", "No checkpoint of the catalogue is here: run `lens-desktop models get` first.")
    damaged = False
    for checkpoint in wanted:
        problems = installed.verify(folder, checkpoint)
        damaged = damaged or bool(problems)
        print(f"{checkpoint.id}: {' '.join(problems) or 'every byte is right'}", flush=True)
    if damaged:
        print("Remove what is damaged and get it again.", file=sys.stderr)
    return int(damaged)
