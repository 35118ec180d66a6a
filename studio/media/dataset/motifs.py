"""Fingerprints of pieces: hashes of short runs of intervals and rhythm, the same in any key, tempo and loudness."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.media.dataset.sketches import Hashes
from studio.media.music.score import Score, Track

RUN: Final = (
    6  # steps from note to note; five are shared by strangers (scales, turns), a seventh breaks at each edit
)
RATIOS_MOST: Final = (
    12  # in halves of an octave of time: a note 64 times as long as the one before, or longer
)
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)


def motifs(score: Score) -> Hashes:
    """The hashes of all runs in a piece, each once, ascending.

    Of each track the highest note at each onset counts, as one hears it. Drums count only where there is nothing else:
    many pieces share a beat.
    """
    pitched = [track for track in score.tracks if track.notes and not track.drums]
    tracks = pitched or [track for track in score.tracks if track.notes]
    found = [_of_track(track) for track in tracks]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64)


def _of_track(track: Track) -> Hashes:
    starts = np.fromiter((note.start for note in track.notes), np.int64, len(track.notes))
    pitches = np.fromiter((note.pitch for note in track.notes), np.int64, len(track.notes))
    top = np.flatnonzero(np.diff(starts, append=starts[-1] + 1))  # the last of each onset: notes go by pitch
    starts, pitches = starts[top], pitches[top]
    if len(starts) < RUN + 2:
        return np.empty(0, np.uint64)
    gaps = np.diff(starts).astype(np.float64)
    ratios = np.clip(np.rint(2.0 * np.log2(gaps[1:] / gaps[:-1])), -RATIOS_MOST, RATIOS_MOST)
    steps = np.diff(pitches)[1:]  # the first one has no ratio
    # a drum is itself, not so many above the one before
    said = pitches[2:] + 256 if track.drums else steps + 128
    codes = (said * 64 + ratios.astype(np.int64) + 32).astype(np.uint64)
    return _hashed(codes)


def _hashed(codes: NDArray[Any]) -> Hashes:
    """One hash for each run of RUN codes; the last steps are splitmix64's."""
    count = len(codes) - RUN + 1
    out = np.zeros(count, np.uint64)
    for at in range(RUN):
        out = (out ^ codes[at : at + count]) * _FACTOR
        out ^= out >> np.uint64(29)
    out ^= out >> np.uint64(30)
    out *= np.uint64(0xBF58476D1CE4E5B9)
    out ^= out >> np.uint64(27)
    out *= np.uint64(0x94D049BB133111EB)
    return out ^ (out >> np.uint64(31))
