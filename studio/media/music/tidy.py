"""Tidying music after it was made: each a proposal that says what it would change. Nothing is applied by itself.

Locked notes, bars and tracks stay, and are counted; nothing comes into locked bars. A tidied note keeps its author, as
tidied text does: a model's note on a grid is the model's still. Drums have neither scale nor range.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Literal

from msgspec import Struct

from studio.media.music.edits_placing import VELOCITY_MOST, altered, places_of
from studio.media.music.groove import STRAIGHT, Lines
from studio.media.music.holds import held_at, is_fixed, stop_of
from studio.media.music.instruments import comfortable
from studio.media.music.score import TICKS, Key, Note, Score, Track
from studio.media.music.theory import Scale, key_at, key_name, nearest_in, plain_scale, scale_classes

_Tidier = Callable[[Sequence[Note]], list[Note | None]]  # what becomes of each of a track's notes, sorted
Picks = Mapping[str, Iterable[Note]]  # the notes that are looked at, by track; None: all


class Change(Struct, frozen=True):
    """A note of a track as it is and as it would be; None: it would go."""

    track: str
    before: Note
    after: Note | None


class Proposal(Struct, frozen=True):
    """What a tidying would do: the score with all of it done, each change, how many notes locks kept, in words."""

    score: Score
    changes: tuple[Change, ...]
    left: int
    words: str


def applied(score: Score, changes: Iterable[Change]) -> Score:
    """The score with some changes of a proposal made; those whose note is gone or locked are passed over."""
    by_track: dict[str, list[Change]] = {}
    for change in changes:
        by_track.setdefault(change.track, []).append(change)
    for track in score.tracks:
        if track.id in by_track:
            score = score.with_track(_with(track, by_track[track.id]))
    return score


def snap_to_scale(
    score: Score,
    key: Key | None = None,
    scale: Scale | None = None,
    way: Literal["nearest", "up", "down"] = "nearest",
    picks: Picks | None = None,
) -> Proposal:
    """Brings pitches to the scale of a key, or of the piece's keys as they come; where there is none, nothing."""

    def snapped(note: Note) -> Note:
        at = key or key_at(score.keys, note.start)
        return (
            note if at is None else altered(note, pitch=nearest_in(note.pitch, scale_classes(at, scale), way))
        )

    named = key or (score.keys[0] if score.keys else None)
    if named is None:
        return Proposal(score, (), 0, "The piece has no key: choose one.")
    where = key_name(named) if scale in (None, plain_scale(named)) else f"{key_name(named)}, {scale}"
    return _proposed(score, picks, lambda _: _each(snapped), f"moved into {where}", drums=False)


def quantised(
    score: Score,
    grid_ticks: int,
    strength: float = 1.0,
    swing: float = STRAIGHT,
    picks: Picks | None = None,
) -> Proposal:
    """Draws the starts of notes to a grid, as groove.quantise does; their lengths stay."""
    lines = Lines(score, grid_ticks, swing)

    def drawn(note: Note) -> Note:
        return altered(note, start=round(note.start + (lines.nearest(note.start) - note.start) * strength))

    return _proposed(score, picks, lambda _: _each(drawn), "moved to the grid")


def without_overlaps(score: Score, picks: Picks | None = None) -> Proposal:
    """Takes out notes on the very start of another of their pitch, and ends a note where the next of its pitch begins.

    Of doubles the locked one stays, or the longest, of those as long the loudest.
    """

    def parted(notes: Sequence[Note]) -> list[Note | None]:
        best: dict[tuple[int, int], int] = {}
        for at, note in enumerate(notes):
            other = best.setdefault((note.start, note.pitch), at)
            if _worth(note) > _worth(notes[other]):
                best[note.start, note.pitch] = at
        after: list[Note | None] = [None] * len(notes)
        until: dict[int, int] = {}  # where the next note of a pitch begins
        for at in sorted(best.values(), reverse=True):
            note = notes[at]
            after[at] = altered(note, duration=min(note.end, until.get(note.pitch, note.end)) - note.start)
            until[note.pitch] = note.start
        return after

    return _proposed(
        score, picks, lambda _: parted, "shortened or taken out, because another of its pitch sounds"
    )


def in_range(
    score: Score, ranges: Mapping[str, tuple[int, int]] | None = None, picks: Picks | None = None
) -> Proposal:
    """Brings notes by octaves to where their instrument is played with ease, or the `ranges` given by track.

    In a range too small for that a note goes to its nearest end.
    """

    def fitted(track: Track) -> _Tidier:
        low, high = (ranges or {}).get(track.id, comfortable(track.program))
        return _each(lambda note: altered(note, pitch=octave_into(note.pitch, low, high)))

    return _proposed(score, picks, fitted, "moved into the range of its instrument", drums=False)


def octave_into(pitch: int, low: int, high: int) -> int:
    """The pitch, so many octaves off that it lies from `low` to `high`; where none does, the nearest of the two."""
    if pitch < low:
        raised = pitch + -(-(low - pitch) // 12) * 12
        return raised if raised <= high else low
    if pitch > high:
        lowered = pitch - -(-(pitch - high) // 12) * 12
        return lowered if lowered >= low else high
    return pitch


def smoothed(
    score: Score, amount: float = 0.5, window_ticks: int = TICKS, picks: Picks | None = None
) -> Proposal:
    """Draws velocities to the mean of the track's notes that begin within a window before and after."""

    def smooth(notes: Sequence[Note]) -> list[Note | None]:
        starts = [note.start for note in notes]
        sums = [0, *accumulate(note.velocity for note in notes)]
        after: list[Note | None] = []
        for note in notes:
            first = bisect_left(starts, note.start - window_ticks)
            last = bisect_right(starts, note.start + window_ticks)
            mean = (sums[last] - sums[first]) / (last - first)
            loud = round(note.velocity + (mean - note.velocity) * amount)
            after.append(altered(note, velocity=min(max(1, loud), VELOCITY_MOST)))
        return after

    return _proposed(score, picks, lambda _: smooth, "made louder or softer")


# -- how a proposal comes about ------------------------------------------------------------------


def _each(change: Callable[[Note], Note]) -> _Tidier:
    return lambda notes: [change(note) for note in notes]


def _proposed(
    score: Score, picks: Picks | None, tidier: Callable[[Track], _Tidier], what: str, *, drums: bool = True
) -> Proposal:
    """What a track's tidier would make of its chosen notes, sorted; what it would make of locked ones is left."""
    changes: list[Change] = []
    left = looked_at = 0
    for track in score.tracks:
        if track.drums and not drums:
            continue
        notes = _chosen(track, picks)
        looked_at += len(notes)
        for note, after in zip(notes, tidier(track)(notes), strict=True):
            change = Change(track.id, note, _stopped(track, after))
            if change.after == note:
                continue
            if _may(track, change):
                changes.append(change)
            else:
                left += 1
    return Proposal(
        applied(score, changes), tuple(changes), left, _words(len(changes), looked_at, left, what)
    )


def _may(track: Track, change: Change) -> bool:
    """Whether locks allow it."""
    after = change.after
    return not is_fixed(track, change.before) and (after is None or held_at(track, after.start) is None)


def _stopped(track: Track, note: Note | None) -> Note | None:
    """The note, ending where the next locked bars begin."""
    if note is None or not track.held or held_at(track, note.start) is not None:
        return note
    return altered(note, duration=stop_of(track, note.start, note.end) - note.start)


def _chosen(track: Track, picks: Picks | None) -> Sequence[Note]:
    if picks is None:
        return track.notes
    return [track.notes[at] for at in places_of(track, picks.get(track.id, ()))]


def _words(changes: int, looked_at: int, left: int, what: str) -> str:
    locked = " 1 locked note stays as it is." if left == 1 else f" {left:,} locked notes stay as they are."
    notes = "1 note" if looked_at == 1 else f"{looked_at:,} notes"
    said = f"{changes:,} of {notes} would be {what}." if changes else f"Nothing to change in {notes}."
    return said + locked * (left > 0)


def _worth(note: Note) -> tuple[bool, int, int]:
    return note.locked, note.duration, note.velocity


def _with(track: Track, changes: Iterable[Change]) -> Track:
    """A track with changes made, each to one note that is as it was then."""
    waiting: dict[Note, list[Note | None]] = {}
    for change in changes:
        if _may(track, change):
            waiting.setdefault(change.before, []).append(_stopped(track, change.after))
    notes = (waiting[note].pop() if waiting.get(note) else note for note in track.notes)
    return track.with_notes(note for note in notes if note is not None)
