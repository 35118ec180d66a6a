"""Figures of a piece's harmony and rhythm, after MusPy's definitions, and how far two sets of pieces lie apart.

MusPy 0.5.0 (H.-W. Dong et al., 2020) has had no release since 2022, so its formulas are written anew here; drums are
left out by the caller. Shapes: N notes; times in steps of a grid.
"""

import math
from collections.abc import Sequence

import numpy as np

MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)  # natural, as MusPy has it
SPLITS = 200  # random halvings of the real pieces


def pitch_class_entropy(pitches: np.ndarray) -> float:
    """Entropy in bits of the pitch classes of pitches [N]; NaN for none. Source: muspy.pitch_class_entropy."""
    counts = np.bincount(np.asarray(pitches) % 12, minlength=12)
    if not counts.sum():
        return math.nan
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def scale_consistency(pitches: np.ndarray) -> float:
    """Share of pitches [N] in the major or natural minor scale that holds most of them; NaN for none.

    Source: muspy.scale_consistency.
    """
    counts = np.bincount(np.asarray(pitches) % 12, minlength=12)
    if not counts.sum():
        return math.nan
    scales = [[(tonic + step) % 12 for step in scale] for scale in (MAJOR, MINOR) for tonic in range(12)]
    return float(max(counts[scale].sum() for scale in scales) / counts.sum())


def groove_consistency(starts: np.ndarray, end: int, bar: int) -> float:
    """1 less the mean Hamming distance of neighbouring bars' onsets; NaN for less than a bar.

    `starts` [N], `end` (of the last note) and `bar` (length) in steps. Source: muspy.groove_consistency, whose bars
    are `end // bar + 1`.
    """
    bars = end // bar + 1
    if bars < 2:
        return math.nan
    onsets = np.zeros((bars, bar), bool)
    onsets[np.asarray(starts) // bar, np.asarray(starts) % bar] = True
    return 1 - float(np.count_nonzero(onsets[:-1] != onsets[1:])) / (bar * (bars - 1))


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """1-Wasserstein distance of two sets of values: the area between their distribution functions."""
    a, b = np.sort(np.asarray(one, float)), np.sort(np.asarray(other, float))
    places = np.sort(np.concatenate((a, b)))
    below_a = np.searchsorted(a, places[:-1], "right") / len(a)
    below_b = np.searchsorted(b, places[:-1], "right") / len(b)
    return float((np.abs(below_a - below_b) * np.diff(places)).sum())


def spread(values: Sequence[float], seed: int = 0, splits: int = SPLITS) -> float:
    """How far two random halves of a set of values lie apart: the mean of `distance` over many halvings."""
    chance, found = np.random.default_rng(seed), []
    for _ in range(splits):
        mixed = chance.permutation(np.asarray(values, float))
        found.append(distance(mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]))
    return float(np.mean(found))
