"""The zero-shot classifier: which entries of a vocabulary fit the image best. Tags and attributes are both made so."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Tag
from lens_desktop.engine.clip import Clip, Vectors

PAPER = ("A photo of {}",)
ENSEMBLE = (
    *PAPER,
    "itap of a {}.",
    "a bad photo of the {}.",
    "a origami {}.",
    "a photo of the large {}.",
    "a {} in a video game.",
    "art of the {}.",
    "a photo of the small {}.",
)
TEMPLATES = {"single": PAPER, "ensemble": ENSEMBLE}
AS_IS = ("{}",)  # attributes are whole phrases already
_ENTRIES_AT_ONCE = 512


class ZeroShotClassifier:
    """A vocabulary and its text features (entries, dimension), each of length 1."""

    def __init__(self, entries: Sequence[str], features: Vectors) -> None:
        self._entries = entries
        self._features = features

    def rank(self, image: Vectors, count: int, threshold: float) -> tuple[Tag, ...]:
        """Return the at most `count` entries whose cosine to the image features reaches `threshold`, best first."""
        scores = self._features @ image
        best = np.argsort(-scores, kind="stable")[:count]
        return tuple(Tag(self._entries[place], float(scores[place])) for place in best if scores[place] >= threshold)


def read_vocabulary(file: Path) -> tuple[str, ...]:
    """Return the entries of a vocabulary: one a line, without empty lines, comments (#) and repetitions.

    Raises LensError ``missing`` or ``bad-vocabulary``.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise LensError("missing", f"There is no vocabulary at {file}: restore it or choose another.") from None
    except UnicodeDecodeError:
        raise LensError("bad-vocabulary", f"The vocabulary {file} is not UTF-8 text: save it as that.") from None
    entries = tuple(dict.fromkeys(line.strip() for line in lines if line.strip() and not line.startswith("#")))
    if not entries:
        raise LensError("bad-vocabulary", f"The vocabulary {file} is empty: add entries, one a line.")
    return entries


def build_classifier(
    clip: Clip, entries: Sequence[str], templates: Sequence[str], cache: Path, status: Callable[[str], None]
) -> ZeroShotClassifier:
    """Return the classifier of a vocabulary; its features come from `cache` when they were made before."""
    file = cache / "text-features" / f"{_key(clip, entries, templates)}.npy"
    features = _load(file, len(entries))
    if features is None:
        features = _encode(clip, entries, templates, status)
        _save(file, features)
    return ZeroShotClassifier(entries, features)


def _encode(clip: Clip, entries: Sequence[str], templates: Sequence[str], status: Callable[[str], None]) -> Vectors:
    """Return the mean direction of each entry over the templates: (entries, dimension)."""
    parts = []
    for start in range(0, len(entries), _ENTRIES_AT_ONCE):
        status(f"Reading the vocabulary: {start:,} of {len(entries):,} entries")
        some = entries[start : start + _ENTRIES_AT_ONCE]
        texts = [template.replace("{}", entry) for entry in some for template in templates]
        features = clip.encode_text(texts).reshape(len(some), len(templates), -1).mean(axis=1)
        parts.append(features / np.linalg.norm(features, axis=1, keepdims=True))
    return np.concatenate(parts)


def _key(clip: Clip, entries: Sequence[str], templates: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for part in (clip.fingerprint, clip.dtype, "\n".join(templates), "\n".join(entries)):
        digest.update(f"{len(part)}\0{part}".encode())
    return digest.hexdigest()


def _load(file: Path, entries: int) -> Vectors | None:
    """Return remembered features, read from the disk only as far as they are used, or None."""
    try:
        features: Vectors = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return features if features.shape[0] == entries and features.dtype == np.float32 else None


def _save(file: Path, features: Vectors) -> None:
    """Write whole or not at all. A full disk costs the same work at the next start, nothing more."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, part = tempfile.mkstemp(dir=file.parent, suffix=".part")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as stream:
            np.save(stream, features)
            stream.flush()
            os.fsync(stream.fileno())
        Path(part).replace(file)
    except OSError:
        Path(part).unlink(missing_ok=True)
