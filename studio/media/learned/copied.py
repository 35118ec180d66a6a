"""How much of a sample stands in what a model was trained on: the longest run that both have.

A text is a line of words, a melody a line of steps (one track, by start and then pitch): the interval to the next note
in semitones and the time to its start; transposed copies have the same steps. Lines hold a number for each.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

Line = np.ndarray[Any, np.dtype[np.uint64]]
FLAG_NOTES: Final = 16  # a longer common run is called copied
FLAG_WORDS: Final = 20
MOST: Final = 256  # words or steps looked for at most
_BASE: Final = 0x9E3779B97F4A7C15  # odd: multiplying by it loses nothing
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words_of(text: str) -> Line:
    """A text's words, one scattered number each; case and signs between them do not count."""
    words = _WORD.findall(text.casefold().replace("’", "'"))
    known: dict[str, int] = {}
    for word in words:
        if word not in known:
            known[word] = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
    return np.array([known[word] for word in words], np.uint64)


def steps_of(starts: np.ndarray[Any, Any], pitches: np.ndarray[Any, Any]) -> Line:
    """Steps [N - 1] of a track's notes [N] (times on one grid), each one scattered number. k notes are k - 1 steps."""
    order = np.lexsort((pitches, starts))
    rise = np.diff(np.asarray(pitches)[order].astype(np.int64))
    wait = np.diff(np.asarray(starts)[order].astype(np.int64))
    mixed: Line = ((rise + 128).astype(np.uint64) << np.uint64(20)) + wait.astype(np.uint64) + np.uint64(1)
    mixed ^= mixed >> np.uint64(13)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    scattered: Line = mixed ^ (mixed >> np.uint64(29))
    return scattered


class Runs:
    """The hashes of all runs of k steps that stay within their line, for k growing by one; hopeless ones drop out."""

    def __init__(self, lines: Sequence[Line]) -> None:
        lengths = np.array([len(line) for line in lines], np.int64)
        self.steps = np.concatenate([np.zeros(0, np.uint64), *lines])
        self.ends = np.repeat(np.cumsum(lengths), lengths)
        self.first = np.arange(len(self.steps))
        self.hashes = self.steps.copy()

    def keep(self, hashes: Line) -> None:
        """Only runs whose hashes are among these go on."""
        left = np.isin(self.hashes, hashes)
        self.first, self.hashes = self.first[left], self.hashes[left]

    def grow(self, k: int) -> None:
        """From runs of k steps to runs of k + 1."""
        left = self.first + k < self.ends[self.first]
        self.first = self.first[left]
        self.hashes = self.hashes[left] * np.uint64(_BASE) + self.steps[self.first + k]


def longest_runs(samples: Sequence[Sequence[Line]], training: Sequence[Line]) -> list[int]:
    """For each sample (its lines) the longest run it shares with the training lines, in words or steps.

    0 where not even one is shared; `MOST` stands for that many and more. Memory: 32 bytes a word of training.
    """
    known, found = Runs(training), Runs([line for sample in samples for line in sample])
    owners = np.repeat(np.arange(len(samples)), [sum(map(len, sample)) for sample in samples])
    longest = np.zeros(len(samples), np.int64)
    for k in range(1, MOST + 1):
        found.keep(known.hashes)
        known.keep(found.hashes)
        longest[owners[found.first]] = k
        if not len(found.first):
            break
        found.grow(k)
        known.grow(k)
    return [int(long) for long in longest]


def longest_notes(samples: Sequence[Sequence[Line]], training: Sequence[Line]) -> list[int]:
    """The same in notes for lines of steps: 0 where not even two notes are shared."""
    return [min(steps + 1, MOST) if steps else 0 for steps in longest_runs(samples, training)]
