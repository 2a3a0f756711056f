"""An LLM server that the user runs: its address in full, and which models it has. No text is sent to it from here."""

from urllib.parse import urlparse

import httpx2

from lens_desktop.domain.address import host_of, is_here
from lens_desktop.domain.errors import LensError
from lens_desktop.store.lock import is_locked

_PATIENCE = 3.0  # seconds


def whole_address(text: str) -> str:
    """Return an address as it was meant: ``localhost:11434`` is ``http://localhost:11434/v1``. Raises LensError."""
    text = text.strip()
    address = (text if "://" in text else f"http://{text}").rstrip("/")
    try:
        parts = urlparse(address)
        parts.port  # noqa: B018  # raises when it is no number
    except ValueError:
        parts = urlparse("")
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in text or "#" in text:
        raise LensError("usage", f"{text or 'This'} is no address of a server: write it as http://HOST:PORT/v1.")
    return address if parts.path else f"{address}/v1"


def check_lock(address: str) -> None:
    """Raise LensError ``offline`` when a server is on another machine and the program is locked offline."""
    if is_locked() and not is_here(address):
        raise LensError(
            "offline", f"The program is locked offline and {host_of(address)} is another machine: unlock it first."
        )


def models_of(address: str, key: str = "") -> tuple[str, ...]:
    """Return the names of a server's models. Raises LensError ``offline``, or ``server`` when there is no list."""
    check_lock(address)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    where = urlparse(address).netloc.rpartition("@")[2]
    try:
        # what stays on this machine must not take the way over another
        answer = httpx2.get(f"{address}/models", headers=headers, timeout=_PATIENCE, trust_env=not is_here(address))
        if answer.status_code in (401, 403):
            raise LensError("server", f"The server at {where} asks for another key: write it below, and look again.")
        found = answer.json()["data"] if answer.status_code == 200 else None
        if isinstance(found, list):
            return tuple(str(one["id"]) for one in found)
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError):
        raise LensError("server", f"Nothing answers at {where}: start the server, or check the address.") from None
    except (ValueError, KeyError, TypeError):
        pass
    raise LensError("server", f"What answers at {where} tells no models: check the address, it ends in /v1 as a rule.")
