"""Text banks: the features of a vocabulary under one CLIP, made once, kept in half precision, resumed when killed."""

import contextlib
import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

import filelock
import numpy as np
import numpy.typing as npt

from lens_desktop.domain.errors import LensError
from lens_desktop.engine.clip import Clip, Vectors

Halves = npt.NDArray[np.float16]
_STEP = 0.5  # seconds that one step shall take: a question that comes meanwhile waits no longer
_FIRST, _LEAST, _MOST = 64, 8, 4096  # entries a step
_ROWS = 4096  # rows made into single precision at once when they are searched


class TextBank:
    """The mean direction over `templates` of each of `entries`: rows of length 1.

    `advance` encodes the next entries, the short ones first, and appends them to an unfinished file in `folder`; when
    all are there they are put into the order of `entries`, in one rename. A process that is killed loses one step.
    """

    def __init__(self, clip: Clip, entries: Sequence[str], templates: Sequence[str], folder: Path) -> None:
        self.entries = entries
        self._clip = clip
        self._templates = templates
        name = _key(clip, entries, templates)
        self._file = folder / f"{name}.npy"
        self._part = folder / f"{name}.part"
        self._rows: Halves | None = _load(self._file, len(entries), clip.dimension)
        self._made: list[Halves] = []
        self._order: npt.NDArray[np.intp] | None = None
        self._lock = filelock.FileLock(folder / f"{name}.lock")
        self._count = _FIRST

    @property
    def complete(self) -> bool:
        """Whether every entry has its features."""
        return self._rows is not None

    @property
    def done(self) -> int:
        """How many entries have their features."""
        return len(self.entries) if self.complete else sum(map(len, self._made))

    def advance(self) -> None:
        """Encode the next entries. Raises LensError ``out-of-memory``, and ``busy`` while another process does it."""
        if self._order is None and not self.complete:
            self._begin()
        if self.complete or self._order is None:
            return
        start = self.done
        some = [self.entries[place] for place in self._order[start : start + self._count]]
        if some:
            features, seconds = self._encode(some)
            self._append(features)
            if len(some) == self._count:
                self._count = int(np.clip(self._count * _STEP / max(seconds, 1e-3), self._count / 2, self._count * 2))
                self._count = min(max(self._count, _LEAST), _MOST)
        if self.done == len(self.entries):
            self._finish()

    def finish(self) -> "TextBank":
        """Encode all that is left. Raises as `advance` does."""
        while not self.complete:
            self.advance()
        return self

    def cosines(self, image: Vectors) -> Vectors:
        """Return the cosine (entries,) of every entry to image features (dimension,). The bank must be complete."""
        assert self._rows is not None, "the bank is still being made"
        blocks = (self._rows[start : start + _ROWS] for start in range(0, len(self._rows), _ROWS))
        return np.concatenate([block.astype(np.float32) @ image for block in blocks])

    def close(self) -> None:
        """Let another process go on."""
        self._lock.release()

    def _begin(self) -> None:
        """Take up what an earlier process left."""
        try:
            self._part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            raise LensError(
                "busy", "Another Lens Desktop is reading this vocabulary now: wait until it is done."
            ) from None
        except OSError:
            pass  # nothing can be kept here: it is made in memory, anew each time
        self._rows = _load(self._file, len(self.entries), self._clip.dimension)  # another one may just have finished
        if self.complete:
            self._lock.release()
            return
        texts = [self._templates[0].replace("{}", entry) for entry in self.entries]
        self._order = np.argsort(self._clip.text_lengths(texts), kind="stable")
        try:
            kept = np.fromfile(self._part, np.float16)
        except OSError:
            return
        rows = kept[: len(kept) // self._clip.dimension * self._clip.dimension].reshape(-1, self._clip.dimension)
        # after a power cut the end of a file may be there without its contents
        wrong = np.flatnonzero(np.abs(np.linalg.norm(rows.astype(np.float32), axis=1) - 1) > 1e-2)
        rows = rows[: wrong[0] if len(wrong) else len(self.entries)]
        self._made = [rows]
        os.truncate(self._part, rows.nbytes)

    def _encode(self, some: Sequence[str]) -> tuple[Halves, float]:
        """Return the features of entries and the seconds they took."""
        start = time.perf_counter()
        total = sum(
            (self._clip.encode_text([template.replace("{}", entry) for entry in some]) for template in self._templates),
            start=np.zeros((len(some), self._clip.dimension), np.float32),
        )
        features = total / np.linalg.norm(total, axis=1, keepdims=True)
        return features.astype(np.float16), time.perf_counter() - start

    def _append(self, features: Halves) -> None:
        self._made.append(features)
        try:
            with self._part.open("ab") as stream:
                stream.write(features.tobytes())
        except OSError:
            return  # a full disk costs the same work next time, nothing more

    def _finish(self) -> None:
        rows = np.empty((len(self.entries), self._clip.dimension), np.float16)
        rows[self._order] = np.concatenate(self._made)
        self._rows, self._made = rows, []
        part = self._file.with_suffix(".new")
        try:
            with part.open("wb") as stream:
                np.save(stream, rows)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(self._file)
            self._part.unlink(missing_ok=True)
            self._rows = _load(self._file, *rows.shape)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()
        finally:
            self._lock.release()


def _key(clip: Clip, entries: Sequence[str], templates: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for part in (clip.fingerprint, clip.dtype, "\n".join(templates), "\n".join(entries)):
        digest.update(f"{len(part)}\0{part}".encode())
    return digest.hexdigest()


def _load(file: Path, entries: int, dimension: int) -> Halves | None:
    """Return finished features, read from the disk only as far as they are used, or None."""
    try:
        features: Halves = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return features if features.shape == (entries, dimension) and features.dtype == np.float16 else None
