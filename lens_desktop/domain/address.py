"""Addresses of LLM servers: what is one, which machine it means, and that sending text elsewhere needs a yes."""

import ipaddress
from urllib.parse import urlparse

from lens_desktop.domain.errors import LensError


def is_address(place: str) -> bool:
    """Say whether an LLM is given by a server's address, not by a folder."""
    return place.startswith(("http://", "https://"))


def host_of(address: str) -> str:
    """Return the host of an address, "" when it has none."""
    try:
        return urlparse(address).hostname or ""
    except ValueError:
        return ""


def is_here(address: str) -> bool:
    """Say whether an address is on this very machine."""
    host = host_of(address)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_consent(address: str, consent: str) -> None:
    """Raise LensError ``consent`` when a server is on another machine than this and the host agreed to."""
    host = host_of(address)
    if not host:
        raise LensError("bad-setting", f"{address} is no address of a server: write http://HOST:PORT/v1.")
    if not is_here(address) and consent != host:
        raise LensError(
            "consent",
            f"{host} is another machine: the evidence and questions would be sent to it as text, never pixels. "
            f"Agree with `lens-desktop models use llm={address} --send-text-to {host}`.",
        )
