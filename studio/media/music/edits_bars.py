"""Putting empty bars in and taking bars out, through all tracks and all that stands over them.

A locked note stays at its tick, and so do locked bars: bars before them can be neither put in nor taken out until they
are unlocked.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import TypeVar

from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.media.music.holds import is_fixed
from studio.media.music.score import (
    END_MOST,
    Bend,
    Chord,
    Control,
    Key,
    Meter,
    Note,
    Score,
    Tempo,
    Track,
    Word,
)

_Placed = TypeVar("_Placed", bound=Tempo | Meter | Key | Word | Control | Bend)


def insert_bars(score: Score, bar: int, count: int) -> Score:
    """With `count` empty bars before a bar (from 0; one past the last appends them), as long as the bar before is.

    A note that sounds across the place keeps its length; a chord of the chord track is parted. Raises StudioError when
    a locked note or bar would move, or the piece would grow too long.
    """
    starts = score.bars(at_least=max(1, bar)).starts
    at = starts[bar]
    if count <= 0:
        return score
    _refuse_locked(score, at, lambda note: note.start >= at, "put in")
    meter = score.meters[max(0, bisect_left(score.meters, at, key=_tick) - 1)]
    gap = meter.bar_ticks * count
    if score.end + gap > END_MOST:
        raise StudioError(
            "The piece would become too long.",
            kept="Nothing was changed.",
            do="Put in fewer bars.",
            code="too big",
        )

    def later(items: Iterable[_Placed]) -> tuple[_Placed, ...]:
        return tuple(_shifted(item, gap) if item.tick >= at else item for item in items)

    def over(items: Iterable[_Placed]) -> tuple[_Placed, ...]:  # what stands at tick 0 begins the piece
        return tuple(_shifted(item, gap) if item.tick >= max(at, 1) else item for item in items)

    chords = [part for chord in score.chords for part in _parted(chord, at, gap)]
    meters = over(score.meters)
    if (
        bar and starts[bar] - starts[bar - 1] != meter.bar_ticks
    ):  # the bar before is cut short by a metre: it stays so
        meters = tuple(sorted((*meters, Meter(at, meter.beats, meter.unit))))
    return replace(
        score,
        tracks=tuple(
            replace(
                track,
                notes=_notes(track.notes, lambda note: _moved(note, gap) if note.start >= at else note),
                controls=later(track.controls),
                bends=later(track.bends),
                words=later(track.words),
            )
            for track in score.tracks
        ),
        tempos=over(score.tempos),
        meters=meters,
        keys=over(score.keys),
        chords=tuple(chords),
        markers=later(score.markers),
    )


def delete_bars(score: Score, first: int, last: int) -> Score:
    """Without the bars `first` up to and with `last` (from 0), what follows moved up to their place.

    Notes that begin in them go; a note that sounds into them loses what it has of them. Tempo, metre, key and
    controllers go on as they stood at their end. Raises StudioError when a locked note or bar would be moved or
    changed.
    """
    bars = score.bars(at_least=last + 1)
    begin, end = bars.span(first, last)
    gap = end - begin
    _refuse_locked(score, begin, lambda note: note.end > begin, "taken out")

    def kept(items: Iterable[_Placed]) -> tuple[_Placed, ...]:
        """Markers and words: those inside go."""
        return tuple(
            _shifted(item, -gap) if item.tick >= end else item
            for item in items
            if not begin <= item.tick < end
        )

    chords = [part for chord in score.chords for part in _cut(chord, begin, end)]
    return replace(
        score,
        tracks=tuple(_track_without(track, begin, end, kept(track.words)) for track in score.tracks),
        tempos=_held(score.tempos, begin, end),
        meters=_held(score.meters, begin, end),
        keys=_held(score.keys, begin, end),
        chords=tuple(chords),
        markers=kept(score.markers),
    )


def _track_without(track: Track, begin: int, end: int, words: tuple[Word, ...]) -> Track:
    def short(note: Note) -> Note | None:
        if note.start >= end:
            return _moved(note, begin - end)
        if note.start >= begin:
            return None
        if note.end <= begin:
            return note
        duration = begin - note.start + max(0, note.end - end)
        return Note(note.start, note.pitch, duration, note.velocity, note.author, note.locked)

    numbers = sorted({control.number for control in track.controls})
    controls = [
        control
        for number in numbers
        for control in _held([item for item in track.controls if item.number == number], begin, end)
    ]
    return replace(
        track,
        notes=_notes(track.notes, short),
        controls=tuple(sorted(controls)),
        bends=_held(track.bends, begin, end),
        words=words,
    )


def _held(items: Iterable[_Placed], begin: int, end: int) -> tuple[_Placed, ...]:
    """Without what stands between two ticks, but for the last of it, which holds on from `begin`; the rest moved up."""
    before = [item for item in items if item.tick < begin]
    inside = [item for item in items if begin <= item.tick <= end]
    after = [_shifted(item, begin - end) for item in items if item.tick > end]
    return (*before, *(_shifted(item, begin - item.tick) for item in inside[-1:]), *after)


def _parted(chord: Chord, at: int, gap: int) -> tuple[Chord, ...]:
    if chord.tick >= at:
        return (Chord(chord.tick + gap, chord.duration, chord.symbol),)
    past = chord.tick + chord.duration - at
    if past <= 0:
        return (chord,)
    return Chord(chord.tick, chord.duration - past, chord.symbol), Chord(at + gap, past, chord.symbol)


def _cut(chord: Chord, begin: int, end: int) -> tuple[Chord, ...]:
    """What is left of a chord without the ticks between."""
    stop = chord.tick + chord.duration
    left = chord.duration - max(0, min(stop, end) - max(chord.tick, begin))
    start = chord.tick if chord.tick < begin else max(chord.tick, end) - (end - begin)
    return (Chord(start, left, chord.symbol),) if left else ()


def _notes(notes: Iterable[Note], change: Callable[[Note], Note | None]) -> tuple[Note, ...]:
    return tuple(sorted(new for note in notes if (new := change(note)) is not None))


def _moved(note: Note, ticks: int) -> Note:
    return Note(note.start + ticks, note.pitch, note.duration, note.velocity, note.author, note.locked)


def _shifted(item: _Placed, ticks: int) -> _Placed:
    return replace(item, tick=item.tick + ticks)


def _tick(meter: Meter) -> int:
    return meter.tick


def _refuse_locked(score: Score, begin: int, touched: Callable[[Note], bool], what: str) -> None:
    """Raises StudioError when a locked note, or locked bars that end behind `begin`, would be moved or changed."""
    notes = sum(touched(note) for track in score.tracks for note in track.notes if is_fixed(track, note))
    if any(held.end > begin for track in score.tracks for held in track.held):
        stand = "Locked bars stand"
    else:
        stand = "1 locked note stands" if notes == 1 else f"{notes} locked notes stand" if notes else ""
    if stand:
        raise StudioError(
            f"{stand} behind the bars to be {what}.",
            kept="Nothing was changed.",
            do="Unlock them first.",
            code="locked",
        )
