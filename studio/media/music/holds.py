"""Locks of bars: held stretches of a track, which sound exactly as they did whatever a model or the person does.

One rule: a note any part of which sounds in a held stretch is fixed, also one that begins before it and hangs in. No
note comes in: one that would begin there is kept out, one that begins before and would reach in ends at its start. So
an empty held bar stays empty. A stretch is kept in ticks: another metre moves bar lines over it, not the stretch.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Final

from msgspec.structs import replace

from studio.media.music.score import END_MOST, Held, Note, Score, Track

_END: Final = attrgetter("end")
_LOCKED: Final = attrgetter("locked")


# -- holding and letting go ----------------------------------------------------------------------


def hold(score: Score, track_id: str, start: int, end: int) -> Score:
    """With the ticks from `start` up to `end` of a track held. Raises KeyError for no such track."""
    track = score.track(track_id)
    return score.with_track(replace(track, held=merged((*track.held, *_stretch(start, end)))))


def release(score: Score, track_id: str, start: int, end: int) -> Score:
    """With these ticks of a track free; what is held before and behind them stays so. Raises KeyError."""
    track = score.track(track_id)
    kept = [
        part
        for held in track.held
        for part in (Held(held.start, min(held.end, start)), Held(max(held.start, end), held.end))
        if part.start < part.end
    ]
    return score.with_track(replace(track, held=merged(kept) if start < end else track.held))


def lock_bars(score: Score, track_ids: Iterable[str], first: int, last: int, locked: bool = True) -> Score:
    """With bars `first` up to and with `last` (from 0) of these tracks held, or free. Raises KeyError."""
    start, end = score.bars(at_least=last + 1).span(first, last)
    for track_id in track_ids:
        score = (hold if locked else release)(score, track_id, start, end)
    return score


def bars_locked(score: Score, track_ids: Iterable[str], first: int, last: int) -> bool:
    """Whether all of these bars are held in all of these tracks. Raises KeyError."""
    start, end = score.bars(at_least=last + 1).span(first, last)
    return all(covers(score.track(track_id), start, end) for track_id in track_ids)


def words(first: int, last: int, locked: bool) -> str:
    """What such a step is called: "Lock bars 3 to 5"; bars count from 0 here and from 1 in it."""
    which = f"bar {first + 1}" if first == last else f"bars {first + 1} to {last + 1}"
    return f"{'Lock' if locked else 'Unlock'} {which}"


def merged(held: Iterable[Held]) -> tuple[Held, ...]:
    """In order, those that overlap or touch made one."""
    apart: list[Held] = []
    for one in sorted(held):
        if apart and one.start <= apart[-1].end:
            apart[-1] = Held(apart[-1].start, max(one.end, apart[-1].end))
        else:
            apart.append(one)
    return tuple(apart)


def _stretch(start: int, end: int) -> tuple[Held, ...]:
    start, end = max(0, start), min(end, END_MOST)
    return (Held(start, end),) if start < end else ()


# -- what is held --------------------------------------------------------------------------------


def held_at(track: Track, tick: int) -> Held | None:
    """The held stretch a tick lies in."""
    at = passage(track, tick)
    return track.held[at] if at < len(track.held) and track.held[at].start <= tick else None


def reaches(track: Track, start: int, end: int) -> bool:
    """Whether any of the ticks from `start` up to `end` is held."""
    at = passage(track, start)
    return at < len(track.held) and track.held[at].start < end


def covers(track: Track, start: int, end: int) -> bool:
    """Whether all of them are."""
    held = held_at(track, start)
    return held is not None and held.end >= end


def passage(track: Track, tick: int) -> int:
    """How many held stretches have ended by a tick."""
    return bisect_right(track.held, tick, key=_END)


def stop_of(track: Track, start: int, end: int) -> int:
    """Where a note that begins at `start`, outside what is held, ends at the latest: its end or the next stretch."""
    at = passage(track, start)
    return min(end, track.held[at].start) if at < len(track.held) else end


def is_held(track: Track, note: Note) -> bool:
    """Whether a note sounds in locked bars."""
    return bool(track.held) and reaches(track, note.start, note.end)


def is_fixed(track: Track, note: Note) -> bool:
    """Whether a note stays as it is: it, its track or bars it sounds in are locked."""
    return track.locked or note.locked or is_held(track, note)


def fixed(track: Track) -> Callable[[Note], bool]:
    """The same as a test for many notes of one track that is not locked as a whole."""
    if not track.held:
        return _LOCKED
    return lambda note: note.locked or reaches(track, note.start, note.end)


def locked_alike(one: Score, other: Score) -> bool:
    """Whether the same notes of the same tracks are locked in both, in whatever order the tracks stand."""
    return _locked_notes(one) == _locked_notes(other)


def _locked_notes(score: Score) -> dict[str, list[Note]]:
    locked = {track.id: [note for note in track.notes if note.locked] for track in score.tracks}
    return {track: notes for track, notes in locked.items() if notes}
