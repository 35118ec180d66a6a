"""How much of a piece stands in the training pieces: the longest run of notes that both have, in any key.

A melody line (one track, by start and then pitch) is written as steps: the interval to the next note in semitones
and the time to its start. A run of k notes is k - 1 steps; transposed copies have the same steps.
"""

from collections.abc import Sequence

import numpy as np

FLAG = 16  # notes; a longer common run is called copied
MOST = 256  # notes looked for at most
BASE = np.uint64(0x9E3779B97F4A7C15)  # odd: multiplying by it loses nothing


def steps_of(starts: np.ndarray, pitches: np.ndarray) -> np.ndarray:
    """Steps [N - 1] of a track's notes [N] (times on one grid), each one scattered number."""
    order = np.lexsort((pitches, starts))
    rise = np.diff(np.asarray(pitches)[order].astype(np.int64))
    wait = np.diff(np.asarray(starts)[order].astype(np.int64))
    mixed = ((rise + 128).astype(np.uint64) << np.uint64(20)) + wait.astype(np.uint64) + np.uint64(1)
    mixed ^= mixed >> np.uint64(13)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> np.uint64(29))


class Runs:
    """The hashes of all runs of k steps that stay within their line, for k growing by one; hopeless ones drop out."""

    def __init__(self, lines: Sequence[np.ndarray]) -> None:
        lengths = np.array([len(line) for line in lines], np.int64)
        self.steps = np.concatenate([np.zeros(0, np.uint64), *lines])
        self.ends = np.repeat(np.cumsum(lengths), lengths)
        self.first = np.arange(len(self.steps))
        self.hashes = self.steps.copy()

    def keep(self, hashes: np.ndarray) -> None:
        """Only runs whose hashes are among these go on."""
        left = np.isin(self.hashes, hashes)
        self.first, self.hashes = self.first[left], self.hashes[left]

    def grow(self, k: int) -> None:
        """From runs of k steps to runs of k + 1."""
        left = self.first + k < self.ends[self.first]
        self.first = self.first[left]
        self.hashes = self.hashes[left] * BASE + self.steps[self.first + k]


def longest_runs(samples: Sequence[Sequence[np.ndarray]], training: Sequence[np.ndarray]) -> list[int]:
    """For each sample (the steps of its tracks) the longest run of notes it shares with the training lines.

    0 where not even two notes are shared; `MOST` stands for that many and more.
    """
    known, found = Runs(training), Runs([line for sample in samples for line in sample])
    owners = np.repeat(np.arange(len(samples)), [sum(map(len, sample)) for sample in samples])
    longest = np.zeros(len(samples), np.int64)
    for k in range(1, MOST):
        found.keep(known.hashes)
        known.keep(found.hashes)
        longest[owners[found.first]] = k + 1
        if not len(found.first):
            break
        found.grow(k)
        known.grow(k)
    return longest.tolist()
