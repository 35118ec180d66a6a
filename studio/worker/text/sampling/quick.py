"""The usual steps for takes on a processor, in numpy: a few microseconds where torch's calls take hundreds.

Temperature, repetition penalty, top-k, top-p, min-p and XTC in their usual order; the same definitions as in
`filters`, summed in another order, so the last bit of a probability may differ.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from studio.core.sampling import Sampling

_FLOOR = (
    1e-4  # tokens less likely than this part of the best are looked at only when the others do not suffice
)
QUICK_K = 1000  # more candidates than this are not quick in Python

Row = np.ndarray


@dataclass(frozen=True)
class Quick:
    """Draws from scores in a processor's memory. `never`: ids that may not be drawn; `spared`: see `filters.xtc`."""

    sampling: Sampling  # filters that are off in this order are off here
    penalty: float
    xtc: bool
    never: Row
    spared: frozenset[int]

    def draw(self, logits: Row, seen: Row, randoms: Row, coins: Row | None) -> Row:
        """Next tokens int64 (N,) from logits (N, V), the tokens lately seen (N, W) and random numbers (N,)."""
        acts = [False] * len(logits)
        if self.xtc and coins is not None:
            acts = (coins < self.sampling.xtc_probability).tolist()
        rows = zip(logits, seen, randoms.tolist(), acts, strict=True)
        return np.array([self._drawn(*row) for row in rows], dtype=np.int64)

    def _drawn(self, row: Row, seen: Row, random: float, acts: bool) -> int:
        """One row's token."""
        heat = np.float32(self.sampling.temperature or 1.0)
        work = row / heat
        if self.penalty != 1.0 and len(seen):
            score = row[seen]
            factor = np.float32(self.penalty)
            work[seen] = np.where(score < 0, score * factor, score / factor) / heat
        if len(self.never):
            work[self.never] = -np.inf
        if not self.sampling.temperature:
            return int(work.argmax())
        work -= work.max()
        np.exp(work, out=work)  # from here on: parts of the best one's probability
        ids, kept = self._kept(work)
        start = self._xtc_start(ids, kept) if acts else 0
        share = list(accumulate(kept[start:]))
        place = bisect_right(share, random * share[-1])
        return ids[start + min(place, len(share) - 1)]

    def _xtc_start(self, ids: list[int], kept: list[float]) -> int:
        """How many of the likeliest XTC leaves out."""
        least = self.sampling.xtc_threshold * sum(kept)
        start = max(sum(part >= least for part in kept) - 1, 0)
        return 0 if self.spared.intersection(ids[:start]) else start

    def _kept(self, parts: Row) -> tuple[list[int], list[float]]:
        """Ids the filters leave, likeliest first, and their parts."""
        s = self.sampling
        least = s.min_p or (_FLOOR if s.top_p < 1.0 or s.top_k else 0.0)
        ids, kept = _sorted(parts, least)
        count = self._count(parts, kept)
        if count is None:
            ids, kept = _sorted(parts, 0.0)
            count = self._count(parts, kept)
        return ids[:count], kept[:count]

    def _count(self, parts: Row, kept: list[float]) -> int | None:
        """How many of the sorted tokens stay; None when there are too few to tell."""
        s, count = self.sampling, len(kept)
        whole = count == len(parts)
        total = 0.0
        if s.top_k:
            if count < s.top_k and not whole and (s.top_p < 1.0 or not s.min_p):
                return None
            count = min(count, s.top_k)
            total = sum(kept[:count])
        if s.top_p < 1.0:
            mass = s.top_p * (total or float(parts.sum()))
            fitting, gathered = 0, 0.0
            while fitting < count and gathered < mass:
                gathered += kept[fitting]
                fitting += 1
            if gathered < mass and fitting == len(kept) and not (whole or s.min_p):
                return None
            count = fitting
        if s.min_p and whole:
            count = min(count, sum(part >= s.min_p for part in kept))
        return max(count, 1)


def _sorted(parts: Row, least: float) -> tuple[list[int], list[float]]:
    """(ids, parts) of the tokens of at least this part of the best; equal ones by id."""
    ids = np.nonzero(parts >= np.float32(least))[0] if least else np.arange(len(parts))
    kept = parts[ids]
    order = np.argsort(-kept, kind="stable")
    return ids[order].tolist(), kept[order].tolist()
