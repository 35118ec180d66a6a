"""Cuts documents into pieces and packs the pieces into rows of one length, with next to no padding. Numpy only.

A *piece* is n + 1 token ids: its first n are inputs, its last n the targets of those inputs. A *row* is a few pieces
one behind the other; each piece begins at position 0 and sees nothing of the others (see `attention`).
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

IGNORE = -100  # target of a place that does not count


@dataclass(frozen=True)
class Row:
    """T places in segments: inputs and targets int64 (T,), `IGNORE` where nothing counts, and the segments' lengths."""

    inputs: np.ndarray
    targets: np.ndarray
    segments: tuple[int, ...]

    @property
    def counted(self) -> int:
        """Targets that count."""
        return int((self.targets != IGNORE).sum())

    def __len__(self) -> int:
        return len(self.inputs)

    def alone(self) -> "list[Row]":
        """Each segment as a row of its own."""
        ends = np.cumsum(self.segments).tolist()
        spans = zip([0, *ends[:-1]], ends, strict=True)
        return [Row(self.inputs[a:b], self.targets[a:b], (b - a,)) for a, b in spans]


def cut_points(length: int, first: int, limit: int) -> list[tuple[int, int]]:
    """Spans of pieces of at most `limit` inputs (the first: `first`) in a document of so many tokens.

    Every token but the first is the target of exactly one piece.

    >>> cut_points(11, 3, 4)
    [(0, 4), (3, 8), (7, 11)]
    """
    starts = [0, *range(first, length - 1, limit)]
    ends = [*starts[1:], length - 1]
    return [(start, end + 1) for start, end in zip(starts, ends, strict=True) if end > start]


def cut(ids: np.ndarray, first: int, limit: int) -> list[np.ndarray]:
    """The pieces of `cut_points`."""
    return [ids[start:end] for start, end in cut_points(len(ids), first, limit)]


def pack(lengths: Sequence[int], window: int) -> list[list[int]]:
    """Put pieces (numbers of inputs, none above `window`) into rows by best fit, longest first; their indices.

    Best fit decreasing wastes least of the simple rules and takes N log N steps: 250,000 pieces a second or two.
    """
    order = np.argsort(-np.asarray(lengths, np.int64), kind="stable").tolist()
    rows: list[list[int]] = []
    rooms: list[tuple[int, int]] = []  # places left and the row, rising
    for index in order:
        need = int(lengths[index])
        at = bisect_left(rooms, (need, -1))
        if at < len(rooms):
            left, row = rooms.pop(at)
        else:
            left, row = window, len(rows)
            rows.append([])
        rows[row].append(index)
        if left > need:
            insort(rooms, (left - need, row))
    return rows


def lay(pieces: Sequence[np.ndarray]) -> Row:
    """One row of some pieces."""
    inputs = np.concatenate([piece[:-1] for piece in pieces]).astype(np.int64)
    targets = np.concatenate([piece[1:] for piece in pieces]).astype(np.int64)
    return Row(inputs, targets, tuple(len(piece) - 1 for piece in pieces))
