"""The user's own vocabularies: checked, kept beside what else the user made, and used by every CLIP until reset."""

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from lens_desktop import places
from lens_desktop.domain.errors import LensError
from lens_desktop.settings import Settings

_LONGEST = 200  # characters: no text tower reads more than about that


class Vocabulary(StrEnum):
    """What a list of words is for."""

    TAGS = "tags"
    ATTRIBUTES = "attributes"


FIELDS = {Vocabulary.TAGS: "vocabulary", Vocabulary.ATTRIBUTES: "attribute_vocabulary"}


def own(kind: Vocabulary) -> Path | None:
    """Return the file of the user's own vocabulary, None when there is none."""
    file = _file(kind)
    return file if file.is_file() else None


def own_fields() -> dict[str, str]:
    """Return the settings that the user's own vocabularies make."""
    return {FIELDS[kind]: str(file) for kind in Vocabulary if (file := own(kind)) is not None}


def in_use(settings: Settings, kind: Vocabulary, program: Path) -> Path:
    """Return the file of the vocabulary that `settings` use; `program` is the folder of the program's own."""
    place = getattr(settings, FIELDS[kind])
    return Path(place) if place else program / f"{kind}.txt"


def keep(kind: Vocabulary, entries: Sequence[str]) -> int:
    """Use these entries from now on; return how many there are. Raises LensError ``bad-vocabulary``."""
    wanted = tuple(dict.fromkeys(" ".join(entry.split()) for entry in entries if entry.strip()))
    if not wanted:
        raise LensError("bad-vocabulary", "The list has no entries: write one a line.")
    long = next((entry for entry in wanted if len(entry) > _LONGEST), None)
    if long is not None:
        raise LensError(
            "bad-vocabulary", f"“{long[:40]}…” is longer than {_LONGEST} characters: write shorter entries, one a line."
        )
    file = _file(kind)
    file.parent.mkdir(exist_ok=True)
    part = file.with_suffix(".new")
    part.write_text("".join(f"{entry}\n" for entry in wanted), encoding="utf-8")
    os.replace(part, file)
    return len(wanted)


def reset(kind: Vocabulary) -> bool:
    """Go back to the vocabulary of the set or the program; return whether there was an own one."""
    there = own(kind) is not None
    _file(kind).unlink(missing_ok=True)
    return there


def _file(kind: Vocabulary) -> Path:
    return places.data() / "vocabularies" / f"{kind}.txt"
