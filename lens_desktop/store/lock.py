"""The offline lock: while it is on, no other machine is connected to, and what could be connected to, and why."""

from pathlib import Path

from lens_desktop import places
from lens_desktop.domain.address import host_of, is_address, is_here
from lens_desktop.settings import Settings

PUBLIC = "https://huggingface.co"  # the hub that checkpoints come from


def is_locked() -> bool:
    """Say whether the lock is on."""
    return _file().exists()


def set_locked(locked: bool) -> None:
    """Turn the lock on or off, for window and terminal, until it is turned again."""
    if locked:
        _file().touch()
    else:
        _file().unlink(missing_ok=True)


def leaves_this_machine(settings: Settings) -> bool:
    """Say whether these settings have text sent to another machine."""
    return is_address(settings.llm) and not is_here(settings.llm)


def connections(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return every address the program could ever connect to with these settings, and why."""
    found = [
        (PUBLIC, "and the file servers it refers to, to get checkpoints when you ask for one; nothing of yours is sent")
    ]
    if is_address(settings.llm):
        where = "another machine" if leaves_this_machine(settings) else "this machine"
        about = f"the LLM server you chose, on {where}: evidence and questions are sent as text, never pixels"
        found.append((host_of(settings.llm), about))
    return tuple(found)


def _file() -> Path:
    return places.config() / "offline"
