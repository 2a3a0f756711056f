"""Many questions after one evidence in one sequence, masked so that each is read as a prompt of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

IGNORED = -100


@dataclass(frozen=True, slots=True)
class Pack:
    """One sequence of T tokens. `targets` is the next token where an answer is learned, IGNORED elsewhere.

    `blocks` is 0 for what everything later sees (evidence, or a whole conversation) and k > 0 for the k-th question.
    """

    ids: np.ndarray
    targets: np.ndarray
    positions: np.ndarray
    blocks: np.ndarray


@dataclass(frozen=True, slots=True)
class Batch:
    """B packs padded to T: ids, targets and positions are B x T, `mask` is B x T x T, true where row sees column."""

    ids: torch.Tensor
    targets: torch.Tensor
    positions: torch.Tensor
    mask: torch.Tensor


def pack_questions(evidence: Sequence[int], asked: Sequence[tuple[Sequence[int], Sequence[int]]], end: int) -> Pack:
    """Return the pack of independent questions, each (question tokens, answer tokens), after the same evidence."""
    ids, targets = list(evidence), [IGNORED] * len(evidence)
    positions, blocks = list(range(len(evidence))), [0] * len(evidence)
    for number, (question, answer) in enumerate(asked, 1):
        ids += [*question, *answer]
        targets += _targets(question, answer, end)
        length = len(question) + len(answer)
        positions += range(len(evidence), len(evidence) + length)
        blocks += [number] * length
    return _pack(ids, targets, positions, blocks)


def pack_conversation(evidence: Sequence[int], asked: Sequence[tuple[Sequence[int], Sequence[int]]], end: int) -> Pack:
    """Return the pack of a conversation: each question sees the turns before it, as the prompt shows them."""
    ids, targets = list(evidence), [IGNORED] * len(evidence)
    for question, answer in asked:
        ids += [*question, *answer]
        targets += _targets(question, answer, end)
    return _pack(ids, targets, list(range(len(ids))), [0] * len(ids))


def collate(packs: Sequence[Pack], pad: int) -> Batch:
    """Return packs as one batch; padding is seen by nobody but itself."""
    longest = -(-max(len(pack.ids) for pack in packs) // 16) * 16
    ids = np.full((len(packs), longest), pad, dtype=np.int64)
    targets = np.full((len(packs), longest), IGNORED, dtype=np.int64)
    positions = np.zeros((len(packs), longest), dtype=np.int64)
    blocks = np.full((len(packs), longest), -1, dtype=np.int64)
    for row, pack in enumerate(packs):
        length = len(pack.ids)
        ids[row, :length], targets[row, :length] = pack.ids, pack.targets
        positions[row, :length], blocks[row, :length] = pack.positions, pack.blocks
    later = np.tril(np.ones((longest, longest), dtype=bool))
    seen = (blocks[:, None, :] == 0) | (blocks[:, None, :] == blocks[:, :, None])
    return Batch(*(torch.from_numpy(array) for array in (ids, targets, positions, later & seen)))


def _targets(question: Sequence[int], answer: Sequence[int], end: int) -> list[int]:
    """The last question token predicts the answer's first, the last answer token predicts the end."""
    return [IGNORED] * (len(question) - 1) + [*answer, end]


def _pack(ids: list[int], targets: list[int], positions: list[int], blocks: list[int]) -> Pack:
    columns = (np.array(column, dtype=np.int32) for column in (ids, targets, positions, blocks))
    return Pack(*columns)
