"""Keys come from the environment or the system's keyring, and a system without one is told plainly."""

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from lens_desktop.domain.errors import LensError
from lens_desktop.keys import VARIABLE, can_keep, keep_key, key_for


class InMemory(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> InMemory:
    made = InMemory()
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(made, name))
    return made


def test_a_key_is_kept_per_host_and_forgotten(ring: InMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_keep()
    keep_key("llm.example.org", "secret")
    assert ring.kept == {("lens-desktop", "llm.example.org"): "secret"}
    assert (key_for("llm.example.org"), key_for("other.example.org")) == ("secret", "")
    monkeypatch.setenv(VARIABLE, "from outside")
    assert key_for("llm.example.org") == "from outside"
    keep_key("llm.example.org", "")
    keep_key("llm.example.org", "")
    assert ring.kept == {}


def test_without_a_keyring_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    for name in ("get_password", "set_password"):
        monkeypatch.setattr(keyring, name, getattr(fail.Keyring(), name))
    assert not can_keep()
    assert key_for("127.0.0.1") == ""
    with pytest.raises(LensError, match=f"Set {VARIABLE} instead"):
        keep_key("127.0.0.1", "secret")
