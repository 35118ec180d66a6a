"""Which bars of which tracks a task means, from what the person points at."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import Final, Literal

from msgspec import Struct

from studio.core.pieces import Task
from studio.media.music.score import Bars, Note, Score, Track

MAKES_TRACK: Final[tuple[Task, ...]] = ("harmonise", "add", "drums")
CLOSE: Final = 120  # ticks, a sixteenth: a bar with so little of it taken, or left, counts as free, or full
SEEN_MOST: Final = 16  # bars: of an empty piece that is seen from far

_START: Final = attrgetter("start")
_END: Final = attrgetter("end")

Whence = Literal["chosen", "notes", "seen", "end", "whole"]


class Choice(Struct, frozen=True, kw_only=True):
    """What the person points at: tracks (their ids; the shown one at least), bars chosen in the ruler, notes chosen in
    the roll, and the ticks in sight."""

    tracks: tuple[str, ...] = ()
    shown: str = ""
    bars: tuple[int, int] | None = None
    notes: tuple[Note, ...] = ()
    seen: tuple[int, int] | None = None


class Aim(Struct, frozen=True, kw_only=True):
    """What a task would be about: bars `first_bar` up to and with `last_bar` (from 0) of `tracks`.

    `whence` says what the bars follow from; "end": they come behind the last note, `part` of the first one is taken
    already. For "harmonise" the tracks are those listened to; "add" and "drums" name none.
    """

    task: Task
    first_bar: int
    last_bar: int
    tracks: tuple[str, ...] = ()
    whence: Whence = "chosen"
    part: bool = False

    @property
    def counts_bars(self) -> bool:
        """How many bars it is about is the knobs' to say: nothing else tells."""
        return self.whence == "end"


class Ends:
    """Where tracks end, remembered as long as their notes are the same: a piece is looked at again at every touch."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[Note, ...], int]] = {}

    def of(self, track: Track) -> int:
        """The tick at which the last note of a track ends; 0 without notes."""
        known = self._known.get(track.id)
        if known is None or known[0] is not track.notes:
            known = self._known[track.id] = track.notes, _last_end(track.notes)
        return known[1]

    def before(self, track: Track, tick: int) -> int:
        """The same of the notes that start before a tick."""
        end = self.of(track)
        return end if end <= tick else _last_end(track.notes[: bisect_left(track.notes, tick, key=_START)])

    def bars(self, score: Score) -> Bars:
        """The bars of a piece, as `Score.bars`."""
        ends = [chord.tick + chord.duration for chord in score.chords]
        return Bars.of(score.meters, max([*ends, *map(self.of, score.tracks)], default=0))


def _last_end(notes: Sequence[Note]) -> int:
    return max(map(_END, notes), default=0)


def aim(score: Score, task: Task, choice: Choice, bars: int = 8, ends: Ends | None = None) -> Aim:
    """What the task means; `bars` is how far "continue" goes on, and how long what is new in an empty piece is.

    `ends` remembers what was found out of the tracks; whoever asks often keeps one.
    """
    ends = ends or Ends()
    tracks = _tracks(score, choice)
    if task == "continue":
        return _behind(score, tracks, choice.bars, bars, ends)
    if task in MAKES_TRACK:
        listened = tracks if task == "harmonise" else ()
        if choice.bars is not None:
            return Aim(task=task, first_bar=choice.bars[0], last_bar=choice.bars[1], tracks=listened)
        if not score.note_count:
            return Aim(task=task, first_bar=0, last_bar=bars - 1, tracks=listened, whence="end")
        return Aim(
            task=task, first_bar=0, last_bar=len(ends.bars(score)) - 1, tracks=listened, whence="whole"
        )
    (first, last), whence = _pointed_at(score, choice, ends)
    return Aim(task=task, first_bar=first, last_bar=last, tracks=tracks, whence=whence)


def _tracks(score: Score, choice: Choice) -> tuple[str, ...]:
    """The chosen tracks that are there, in order; locked ones only when there are no others."""
    wanted = {*choice.tracks} or {choice.shown}
    found = [track for track in score.tracks if track.id in wanted] or list(score.tracks[:1])
    free = [track for track in found if not track.locked]
    return tuple(track.id for track in free or found)


def _behind(
    score: Score, tracks: Sequence[str], chosen: tuple[int, int] | None, count: int, ends: Ends
) -> Aim:
    """The chosen bars where a track is free in them, else the bars behind them; without any: behind the last note."""
    first, part = 0, False
    if chosen is not None:
        end = span_of(score, *chosen)[1]
        if any(ends.before(score.track(track), end) < end for track in tracks):
            return Aim(task="continue", first_bar=chosen[0], last_bar=chosen[1], tracks=tuple(tracks))
        first = chosen[1] + 1
    elif end := max((ends.of(score.track(track)) for track in tracks), default=0):
        bars = Bars.of(score.meters, end + 1)
        first = bars.at(end)
        start, stop = bars.span(first, first)
        if stop - end <= CLOSE:
            first += 1
        else:
            part = end - start > CLOSE
    last = first + count - 1 + part
    return Aim(task="continue", first_bar=first, last_bar=last, tracks=tuple(tracks), whence="end", part=part)


def span_of(score: Score, first: int, last: int) -> tuple[int, int]:
    """The ticks of some bars, which need not be there yet."""
    return Bars.of(score.meters, 0, last + 1).span(first, last)


def _pointed_at(score: Score, choice: Choice, ends: Ends) -> tuple[tuple[int, int], Whence]:
    """The chosen bars, else those of the chosen notes, else those in sight."""
    if choice.bars is not None:
        return choice.bars, "chosen"
    if choice.notes:
        starts = [*map(_START, choice.notes)]
        first, last = min(starts), max(starts)
        bars = Bars.of(score.meters, last + 1)
        return (bars.at(first), bars.at(last)), "notes"
    bars = ends.bars(score)
    if choice.seen is None:
        return (0, len(bars) - 1), "whole"
    if score.note_count:
        return (bars.at(choice.seen[0]), bars.at(max(choice.seen[0], choice.seen[1] - 1))), "seen"
    bars = Bars.of(score.meters, choice.seen[1])
    first = bars.at(choice.seen[0])
    return (first, min(bars.at(max(0, choice.seen[1] - 1)), first + SEEN_MOST - 1)), "seen"
