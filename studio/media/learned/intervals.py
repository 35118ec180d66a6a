"""Means over documents with confidence intervals, by resampling the documents."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from studio.core.tune_events import Interval

ROUNDS: Final = 2000
_SEED: Final = 0  # the same figures give the same interval
_CELLS: Final = 4_000_000  # drawn at once


def ratio_interval(above: Sequence[float], below: Sequence[float], rounds: int = ROUNDS) -> Interval:
    """The sum of `above` over the sum of `below` and its 95 % interval over documents.

    Of a loss: nats and tokens of each document; of a mean alone, ones below. One document has no interval: all three
    are its figure. Source: the percentile bootstrap, Efron 1979. Raises ValueError without documents.
    """
    if not len(above) or len(above) != len(below):
        raise ValueError(f"{len(above)} figures for {len(below)} documents")
    top, bottom = np.asarray(above, float), np.asarray(below, float)
    mean = float(top.sum() / bottom.sum())
    if len(top) == 1:
        return Interval(mean=mean, low=mean, high=mean)
    dice = np.random.default_rng(_SEED)
    found: list[float] = []
    at_once = max(1, _CELLS // len(top))
    while len(found) < rounds:
        drawn = dice.integers(len(top), size=(min(at_once, rounds - len(found)), len(top)))
        found += (top[drawn].sum(1) / bottom[drawn].sum(1)).tolist()
    low, high = np.percentile(found, (2.5, 97.5))
    return Interval(mean=mean, low=float(low), high=float(high))


def gain_interval(before: Sequence[float], after: Sequence[float], rounds: int = ROUNDS) -> Interval:
    """How much smaller the sum became, as a share of what it was: 0.05 is 5 % lower; each document is its own pair."""
    kept = ratio_interval(after, before, rounds)
    return Interval(mean=1 - kept.mean, low=1 - kept.high, high=1 - kept.low)
