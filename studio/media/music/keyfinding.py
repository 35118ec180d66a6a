"""Finds the key of notes: how long each pitch class sounds, laid against what the twenty-four keys lead one to expect.

The Krumhansl-Schmuckler algorithm (C. L. Krumhansl, Cognitive Foundations of Musical Pitch, 1990, chapter 4): the key
whose profile correlates best with the durations. A piece that moves through keys is followed from passage to passage,
where a change costs something (D. Temperley, The Cognition of Basic Musical Structures, 2001, chapter 7).
"""

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import Final

from msgspec import Struct

from studio.media.music.score import Key, Mode, Note, Score
from studio.media.music.theory import key_name

# How often each degree sounds in a stretch of music in that key, from the tonic up in semitones: counted in the
# examples of Kostka and Payne's textbook by D. Temperley (Music and Probability, 2007, chapter 6). On 250 songs of
# OpenScore Lieder they name a key of the right signature for 89 % of the first eight bars; Krumhansl and Kessler's
# ratings (1982) for 68 %, the shares of Albrecht and Shanahan (2013) for 86 %.
PROFILES: Final[dict[Mode, tuple[float, ...]]] = {
    "major": (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    "minor": (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
}
KEYS: Final = tuple(Key(0, tonic, mode) for mode in PROFILES for tonic in range(12))
_SURE: Final = 0.1  # ahead of the next best by so much
_LIKELY: Final = 0.03
# in correlation: a passage of two bars that fits another key much better is worth it
_CHANGE_COST: Final = 0.6


class KeyGuess(Struct, frozen=True):
    """A key, how well the notes correlate with it (-1 to 1) and by how much more than with the next best."""

    key: Key
    fit: float
    ahead: float

    @property
    def words(self) -> str:
        """For the person: "D minor (sure)"."""
        sure = "sure" if self.ahead >= _SURE else "likely" if self.ahead >= _LIKELY else "a guess"
        return f"{key_name(self.key)} ({sure})"


def class_lengths(notes: Iterable[Note], start: int = 0, end: int | None = None) -> list[int]:
    """How many ticks each of the twelve pitch classes sounds between two ticks."""
    ticks = [0] * 12
    for note in notes:
        begin, stop = max(note.start, start), note.end if end is None else min(note.end, end)
        if stop > begin:
            ticks[note.pitch % 12] += stop - begin
    return ticks


def pitched(score: Score) -> Iterable[Note]:
    """The notes of all tracks that are no drums: drums have no key."""
    return (note for track in score.tracks if not track.drums for note in track.notes)


def find_key(notes: Iterable[Note], start: int = 0, end: int | None = None) -> KeyGuess | None:
    """The key of notes between two ticks; None where nothing sounds."""
    return guess_key(class_lengths(notes, start, end))


def guess_key(lengths: Sequence[float]) -> KeyGuess | None:
    """The key of twelve pitch classes' weights; None when all are 0."""
    if not any(lengths):
        return None
    fits = sorted(((fit, at) for at, fit in enumerate(key_fits(lengths))), reverse=True)
    return KeyGuess(KEYS[fits[0][1]], fits[0][0], fits[0][0] - fits[1][0])


def key_fits(lengths: Sequence[float]) -> list[float]:
    """How well twelve weights correlate with each of KEYS, -1 to 1; 0 for no notes or all alike."""
    mean = sum(lengths) / 12
    off = [length - mean for length in lengths]
    norm = sqrt(sum(value * value for value in off))
    if norm == 0:
        return [0.0] * len(KEYS)
    return [sum(a * b for a, b in zip(off, row, strict=True)) / norm for row in _ROWS]


def find_keys(score: Score, passage_bars: int = 2) -> tuple[Key, ...]:
    """The keys a piece goes through, each from a bar line on; none for a piece without notes.

    It is looked at in passages of so many bars; the line of keys is taken that fits best in all when each change
    costs 0.6 of correlation. A passage without notes keeps the key it came in.
    """
    bars = score.bars()
    starts = [*bars.starts[:-1:passage_bars], bars.starts[-1]]
    passages = _passages(score, starts)
    if not any(any(lengths) for lengths in passages):
        return ()
    total, came_from = [0.0] * len(KEYS), []
    for lengths in passages:
        best = max(range(len(KEYS)), key=total.__getitem__)
        stays = [value >= total[best] - _CHANGE_COST for value in total]
        came_from.append([at if stays[at] else best for at in range(len(KEYS))])
        fits = key_fits(lengths)
        total = [max(total[at], total[best] - _CHANGE_COST) + fits[at] for at in range(len(KEYS))]
    line = [max(range(len(KEYS)), key=total.__getitem__)]
    for back in reversed(came_from[1:]):
        line.append(back[line[-1]])
    line.reverse()
    return tuple(
        Key(starts[at], KEYS[key].tonic, KEYS[key].mode)
        for at, key in enumerate(line)
        if at == 0 or line[at - 1] != key
    )


def _passages(score: Score, starts: Sequence[int]) -> list[list[int]]:
    """The lengths of the pitch classes from each start to the next."""
    passages = [[0] * 12 for _ in starts[1:]]
    for track in score.tracks:
        if track.drums:
            continue
        at = 0
        for note in track.notes:
            while at + 2 < len(starts) and starts[at + 1] <= note.start:
                at += 1
            here = at
            while here + 1 < len(starts) and starts[here] < note.end:
                inside = min(note.end, starts[here + 1]) - max(note.start, starts[here])
                passages[here][note.pitch % 12] += inside
                here += 1
    return passages


def _rows() -> list[list[float]]:
    """Each key's profile by pitch class from C up, its mean taken off, of length 1."""
    rows = []
    for profile in PROFILES.values():
        mean = sum(profile) / 12
        norm = sqrt(sum((value - mean) ** 2 for value in profile))
        off = [(value - mean) / norm for value in profile]
        rows += [[off[(at - tonic) % 12] for at in range(12)] for tonic in range(12)]
    return rows


_ROWS: Final = _rows()
