"""The key of an LLM server: from an environment variable or the system's keyring, never from a file of ours."""

import os

from lens_desktop.domain.errors import LensError

SERVICE = "lens-desktop"
VARIABLE = "LENS_DESKTOP_LLM_KEY"


def key_for(host: str) -> str:
    """Return the key for a server, "" when there is none."""
    if key := os.environ.get(VARIABLE, ""):
        return key
    try:
        import keyring

        return keyring.get_password(SERVICE, host) or ""
    except Exception:  # noqa: BLE001  # no keyring here, or it is locked: most servers on one's own machine need none
        return ""


def can_keep() -> bool:
    """Say whether this system has a keyring that keys can be kept in."""
    try:
        import keyring
        from keyring.backends import fail

        return not isinstance(keyring.get_keyring(), fail.Keyring)
    except Exception:  # noqa: BLE001  # as above
        return False


def keep_key(host: str, key: str) -> None:
    """Keep the key for a server in the system's keyring, or forget it when it is "". Raises LensError ``keyring``."""
    try:
        import keyring

        if key:
            keyring.set_password(SERVICE, host, key)
        elif keyring.get_password(SERVICE, host):
            keyring.delete_password(SERVICE, host)
    except Exception:  # noqa: BLE001  # as above
        raise LensError(
            "keyring", f"The key cannot be kept: there is no open keyring on this system. Set {VARIABLE} instead."
        ) from None
