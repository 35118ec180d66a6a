"""Finds the chords of notes: the template that most of what sounds belongs to, beat by beat or bar by bar.

Template matching after B. Pardo and W. P. Birmingham, "Algorithms for Chordal Analysis", Computer Music Journal 26/2
(2002): what a chord's notes weigh, less what the others weigh, less the chord's notes that are missing. Equals are
told apart by the bass and by how common a chord is. From beat to beat a change costs something, less on a bar line.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal

from msgspec import Struct

from studio.media.music.chords import NO_CHORD, chord_symbol, merged_chords, quality_classes
from studio.media.music.keyfinding import find_keys
from studio.media.music.score import TICKS, Bars, Chord, Key, Meter, Score
from studio.media.music.theory import key_at, key_classes

# the qualities looked for and what each loses for being less common: a fourth note must be worth its place
_COMMON: Final[dict[str, float]] = {
    "": 0.0,
    "m": 0.0,
    "7": 0.04,
    "m7": 0.07,
    "maj7": 0.08,
    "dim": 0.06,
    "dim7": 0.07,
    "m7b5": 0.08,
    "aug": 0.12,
    "sus4": 0.12,
}
_MISSING: Final = 0.15  # for each note of a chord that does not sound
_BASS: Final = 0.12  # when the lowest note is the root
_BASS_OUT: Final = 0.08  # lost when it is none of the chord's
_IN_KEY: Final = 0.05  # when all its notes belong to the key
_CHANGE: Final = 0.35  # lost at a new chord on a beat
_CHANGE_BAR: Final = 0.1  # and on a bar line


class _Beat(Struct, frozen=True):
    """A beat: where it begins and ends, the share of each pitch class, the lowest note's class, its place."""

    start: int
    end: int
    shares: tuple[float, ...]
    bass: int
    opens_bar: bool


def find_chords(score: Score, per: Literal["beat", "bar"] = "beat") -> tuple[Chord, ...]:
    """The chords of a piece, each lasting until the next; a bar in which nothing sounds has "N".

    Per bar: the chord that holds longest in it, of those as long the first. Roots are named as in the key that holds
    (the score's keys, or those that are found).
    """
    keys = score.keys or find_keys(score)
    chords: list[Chord] = []
    line: list[_Beat] = []
    bars = score.bars()
    for beats in _beats(score, bars):
        if any(any(beat.shares) for beat in beats):
            line += beats
        else:
            chords += _named(line, keys)
            chords.append(Chord(beats[0].start, beats[-1].end - beats[0].start, NO_CHORD))
            line = []
    chords += _named(line, keys)
    return merged_chords(chords if per == "beat" else _longest(chords, bars))


def _longest(chords: Sequence[Chord], bars: Bars) -> list[Chord]:
    """One chord a bar, of the beats' chords."""
    lengths: list[dict[str, int]] = [{} for _ in range(len(bars))]
    for chord in chords:
        held = lengths[bars.at(chord.tick)]
        held[chord.symbol] = held.get(chord.symbol, 0) + chord.duration
    return [
        Chord(start, end - start, max(held, key=held.__getitem__))
        for (start, end), held in zip(pairwise(bars.starts), lengths, strict=True)
    ]


def beat_ticks(meter: Meter) -> int:
    """A beat as it is felt: three eighths in 6/8, 9/8 and 12/8."""
    unit = TICKS * 4 // meter.unit
    return unit * 3 if meter.unit >= 8 and meter.beats % 3 == 0 and meter.beats > 3 else unit


def _beats(score: Score, bars: Bars) -> list[list[_Beat]]:
    """The beats of each bar, with what sounds in them."""
    cuts: list[range] = []
    for start, end in pairwise(bars.starts):
        meter = score.meters[max(0, bisect_right(score.meters, start, key=lambda meter: meter.tick) - 1)]
        cuts.append(range(start, end, beat_ticks(meter)))
    starts = [start for bar in cuts for start in bar] + [bars.starts[-1]]
    lengths = [[0] * 12 for _ in starts]
    lowest = [[128] * 2 for _ in starts]  # of those that sound for a good part of it, and of all
    for track in score.tracks:
        for note in () if track.drums else track.notes:
            at = bisect_right(starts, note.start) - 1
            while at + 1 < len(starts) and starts[at] < note.end:
                inside = min(note.end, starts[at + 1]) - max(note.start, starts[at])
                lengths[at][note.pitch % 12] += inside
                long = inside * 4 >= starts[at + 1] - starts[at]
                lowest[at][1] = min(lowest[at][1], note.pitch)
                lowest[at][0] = min(lowest[at][0], note.pitch) if long else lowest[at][0]
                at += 1
    lines = frozenset(bars.starts)
    made = []
    for at, (start, end) in enumerate(pairwise(starts)):
        whole = sum(lengths[at]) or 1
        low = lowest[at][0] if lowest[at][0] < 128 else lowest[at][1]
        shares = tuple(length / whole for length in lengths[at])
        made.append(_Beat(start, end, shares, low % 12 if low < 128 else -1, start in lines))
    beats = iter(made)
    return [[next(beats) for _ in bar] for bar in cuts]


def _named(line: Sequence[_Beat], keys: Sequence[Key]) -> list[Chord]:
    """The chords of beates in a row, by the line of templates that fits best in all."""
    if not line:
        return []
    total = [0.0] * len(_TEMPLATES)
    came_from: list[list[int]] = []
    for beat in line:
        best = max(range(len(total)), key=total.__getitem__)
        moved = total[best] - (_CHANGE_BAR if beat.opens_bar else _CHANGE)
        came_from.append([at if value >= moved else best for at, value in enumerate(total)])
        fits = _fits(beat, key_at(keys, beat.start))
        total = [max(value, moved) + fit for value, fit in zip(total, fits, strict=True)]
    path = [max(range(len(total)), key=total.__getitem__)]
    for back in reversed(came_from[1:]):
        path.append(back[path[-1]])
    chords = []
    for beat, at in zip(line, reversed(path), strict=True):
        root, quality, _ = _TEMPLATES[at]
        symbol = chord_symbol(root, quality, key=key_at(keys, beat.start))
        chords.append(Chord(beat.start, beat.end - beat.start, symbol))
    return chords


def _fits(beat: _Beat, key: Key | None) -> list[float]:
    """How well each template fits what sounds; all 0 where nothing does: what held goes on."""
    shares, bass = beat.shares, beat.bass
    if bass < 0:
        return [0.0] * len(_TEMPLATES)
    home = key_classes(key) if key else frozenset(range(12))
    fits = []
    for root, quality, classes in _TEMPLATES:
        inside, missing = 0.0, 0
        for pitch_class in classes:
            share = shares[pitch_class]
            inside += share
            missing += share == 0
        fit = 2 * inside - 1 - _MISSING * missing - _COMMON[quality]
        fit += _BASS if bass == root else 0.0 if bass in classes else -_BASS_OUT
        fits.append(fit + _IN_KEY if classes <= home else fit)
    return fits


def _templates() -> tuple[tuple[int, str, frozenset[int]], ...]:
    """Root, quality and pitch classes of each chord that is looked for."""
    made = ((quality, quality_classes(quality)) for quality in _COMMON)
    return tuple(
        (root, quality, frozenset((root + step) % 12 for step in steps))
        for quality, steps in made
        for root in range(12)
    )


_TEMPLATES: Final = _templates()
