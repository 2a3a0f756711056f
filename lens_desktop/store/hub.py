"""A hub of checkpoints over HTTP: what a repository holds, and the bytes of its files from any place on."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlparse

import httpx2
from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils._http import get_session

from lens_desktop.domain.errors import LensError
from lens_desktop.store.catalogue import File, safe_path
from lens_desktop.store.lock import PUBLIC

_SECONDS = 30.0  # without a byte, after which a connection counts as dead


class UnreachableError(Exception):
    """The hub did not answer, or stopped in the middle: worth another try."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a repository holds at one commit; only files a checkpoint may have."""

    commit: str
    files: tuple[File, ...]


class Hub:
    """A hub at `address`. `locked` is asked before each connection: while it says yes, there is none."""

    def __init__(self, address: str = PUBLIC, locked: Callable[[], bool] = lambda: False) -> None:
        parts = urlparse(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise LensError("usage", f"{address} is no address of a hub: write it as https://….")
        self.address = address.rstrip("/")
        self._locked = locked
        self._api = HfApi(endpoint=self.address, token=False)

    def listing(self, repository: str, revision: str) -> Listing:
        """Return what `repository` holds at `revision`. Raises LensError, or UnreachableError."""
        with self._open(repository):
            commit = self._api.model_info(repository, revision=revision, timeout=_SECONDS).sha or revision
            found = self._api.list_repo_tree(repository, recursive=True, revision=commit)
            files = [
                File(one.path, one.size, one.lfs.sha256 if one.lfs else "")
                for one in found
                if isinstance(one, RepoFile) and safe_path(one.path)
            ]
        return Listing(commit, tuple(files))

    @contextlib.contextmanager
    def stream(self, repository: str, commit: str, path: str, start: int) -> Iterator[Iterator[bytes]]:
        """Open a file's bytes from `start` on, whether or not the hub can send a part. Raises as `listing` does."""
        address = hf_hub_url(repository, path, revision=commit, endpoint=self.address)
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        with self._open(f"{repository}/{path}"):
            client = get_session()
            with client.stream("GET", address, headers=headers, timeout=_SECONDS, follow_redirects=True) as answer:
                if answer.status_code in (404, 410):
                    raise LensError("missing", f"The hub has no {path} in {repository}: the catalogue is out of date.")
                if answer.status_code in (401, 403):
                    raise _gated(repository)
                if answer.status_code == 416:
                    raise LensError("refused", f"{path} of {repository} is shorter on the hub than expected.")
                if answer.status_code >= 400:
                    raise UnreachableError(f"the hub answered {answer.status_code}")
                blocks = answer.iter_raw()  # as they come: what waits in a buffer is lost when we are killed
                yield blocks if not start or answer.status_code == 206 else _after(blocks, start)

    @contextlib.contextmanager
    def _open(self, what: str) -> Iterator[None]:
        """Turn every way a connection fails into a sentence, or UnreachableError when another try may help."""
        if self._locked():
            raise LensError("offline", "The program is locked offline: unlock it to get checkpoints.")
        repository = "/".join(what.split("/")[:2])
        try:
            yield
        except GatedRepoError:
            raise _gated(repository) from None
        except (RepositoryNotFoundError, RevisionNotFoundError):
            raise LensError("missing", f"The hub at {self.address} has no {repository}: check its name.") from None
        except OfflineModeIsEnabled:
            raise LensError("offline", "HF_HUB_OFFLINE is set: unset it to get checkpoints.") from None
        except HfHubHTTPError as error:
            raise UnreachableError(f"the hub answered {error.response.status_code}") from None
        except httpx2.HTTPError as error:
            host = urlparse(self.address).hostname
            raise UnreachableError(f"{host} does not answer ({type(error).__name__})") from None


def _gated(repository: str) -> LensError:
    return LensError(
        "gated", f"The makers of {repository} ask for an agreement first: accept it on its page, or choose another."
    )


def _after(blocks: Iterator[bytes], start: int) -> Iterator[bytes]:
    """Yield the bytes from `start` on of a file that came whole."""
    left = start
    for block in blocks:
        if left < len(block):
            yield block[left:]
        left = max(0, left - len(block))
