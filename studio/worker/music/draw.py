"""Draws one token where only some are allowed: temperature, top-k, top-p, in numpy (a few hundred tokens)."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Drawn:
    """A token, and its natural-log probability among those that were allowed, before any knob."""

    id: int
    logprob: float


class Dice:
    """The draws of one take: they depend on its seed and how many came before, on nothing else."""

    def __init__(self, seed: int, temperature: float, top_k: int, top_p: float) -> None:
        """Temperature 0 takes the likeliest token; top_k 0 and top_p 1 leave all."""
        self._random = np.random.Generator(np.random.Philox(seed))
        self._temperature, self._top_k, self._top_p = temperature, top_k, top_p

    def draw(self, logits: np.ndarray, allowed: np.ndarray) -> Drawn:
        """One of the allowed ids by logits (V,), bool (V,). Raises ValueError where none is allowed."""
        ids = np.flatnonzero(allowed)
        if not len(ids):
            raise ValueError("the grammar allows no token here")
        scores = logits[ids].astype(np.float64)
        scores -= scores.max()
        parts = np.exp(scores)
        own = parts / parts.sum()
        random = self._random.random()  # one number a token, whatever is allowed
        if len(ids) == 1:
            return Drawn(int(ids[0]), 0.0)
        at = int(scores.argmax()) if not self._temperature else self._pick(scores, random)
        return Drawn(int(ids[at]), float(np.log(own[at])))

    def _pick(self, scores: np.ndarray, random: float) -> int:
        parts = np.exp(scores / self._temperature)
        order = np.argsort(-parts, kind="stable")
        if self._top_k:
            order = order[: self._top_k]
        sums = np.cumsum(parts[order])
        if self._top_p < 1.0:
            kept = int(np.searchsorted(sums, self._top_p * sums[-1])) + 1
            order, sums = order[:kept], sums[:kept]
        place = int(np.searchsorted(sums, random * sums[-1], side="right"))
        return int(order[min(place, len(order) - 1)])
