"""How music is, in four numbers a person can wish for: density, polyphony, register, length of notes, as levels.

The same measures label the training pieces, put a wish into tokens and describe a take. Notes are anything with
start, pitch and duration in one unit of time; `quarter` says how much of it a quarter is.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Final, Protocol

from msgspec import Struct

from studio.media.music.vocabulary import KINDS, LEVELS, PITCH_NAMES, STEPS


class Sounding(Protocol):
    """A note of the grid or of a score."""

    @property
    def start(self) -> int: ...
    @property
    def pitch(self) -> int: ...
    @property
    def duration(self) -> int: ...


# where the next level begins
EDGES: Final[dict[str, tuple[float, ...]]] = {
    "density": (1e-9, 0.5, 1, 1.5, 2, 3, 4, 6, 9),
    "polyphony": (1.05, 1.5, 2.25, 3.25, 4.5),
    "register": (36, 44, 52, 60, 68, 76, 84),
    "duration": (0.3, 0.45, 0.7, 1.2, 2.5),  # in quarters
}
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "polyphony": (
        "one voice",
        "mostly one voice",
        "two voices",
        "three voices",
        "four voices",
        "thick chords",
    ),
    "duration": ("sixteenths", "triplets", "eighths", "quarters", "halves", "whole notes and longer"),
}


class Levels(Struct, frozen=True, kw_only=True):
    """A level of each kind, from 0 up to vocabulary.LEVELS - 1; None is not told, or not there to measure."""

    density: int | None = None
    polyphony: int | None = None
    register: int | None = None
    duration: int | None = None

    def only(self, kinds: Sequence[str]) -> "Levels":
        """Those of these kinds."""
        return Levels(**{kind: getattr(self, kind) for kind in kinds})


class Measures(Struct, frozen=True, kw_only=True):
    """What was measured: notes a quarter; voices while any sounds; the mean pitch; quarters a note lasts, in the mean.

    The last three are None without notes."""

    density: float
    polyphony: float | None = None
    register: float | None = None
    duration: float | None = None

    @property
    def levels(self) -> Levels:
        """The level each lies in; density 0 for no notes at all."""
        return Levels(**{kind: _level(kind, getattr(self, kind)) for kind in KINDS})


def measure(notes: Sequence[Sounding], length: int, quarter: int = STEPS) -> Measures:
    """The measures of sorted notes that start in a stretch of `length`. They may sound on behind it."""
    if not notes or length <= 0:
        return Measures(density=0.0)
    count, whole = len(notes), sum(note.duration for note in notes)
    covered, until = 0, notes[0].start
    for note in notes:
        end = note.start + note.duration
        covered += max(0, end - max(until, note.start))
        until = max(until, end)
    return Measures(
        density=count * quarter / length,
        polyphony=whole / covered,
        register=sum(note.pitch for note in notes) / count,
        duration=whole / count / quarter,
    )


def levels(notes: Sequence[Sounding], length: int, quarter: int = STEPS) -> Levels:
    """The levels of sorted notes that start in a stretch of `length`."""
    return measure(notes, length, quarter).levels


def level_words(kind: str, level: int) -> str:
    """What a level is, for the person.

    >>> level_words("density", 5), level_words("polyphony", 0), level_words("register", 3)
    ('2 to 3 notes a beat', 'one voice', 'E3 to C4')
    """
    level = min(level, LEVELS[kind] - 1)
    if kind in _WORDS:
        return _WORDS[kind][level]
    edges = EDGES[kind]
    low, high = (edges[level - 1] if level else None), (edges[level] if level < len(edges) else None)
    if kind == "density":
        if low is None:
            return "no notes"
        return (
            f"{low:g} notes a beat or more" if high is None else f"{round(low, 2):g} to {high:g} notes a beat"
        )
    if low is None:
        return f"below {_pitch(high)}"
    return f"{_pitch(low)} and above" if high is None else f"{_pitch(low)} to {_pitch(high)}"


def _level(kind: str, value: float | None) -> int | None:
    return None if value is None else bisect_right(EDGES[kind], value)


def _pitch(value: Any) -> str:
    """The name of a pitch: 60 is C4."""
    return f"{PITCH_NAMES[int(value) % 12]}{int(value) // 12 - 1}"
