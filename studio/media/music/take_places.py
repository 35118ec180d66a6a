"""Where a take belongs in a piece that has gone on since it was asked for, and how it is laid in there.

A take names its bars by number and its notes by tick. When bars were put in or taken out before them since, what the
take is about stands elsewhere: the bars around it, which a take does not touch, tell where.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import islice
from operator import attrgetter
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from studio.core.pieces import PieceJob
from studio.media.music.document_takes import notes_from, notes_text, with_take
from studio.media.music.score import Bars, Note, Score, Track

_START: Final = attrgetter("start")
_NEAR: Final = 8  # bars with notes around the take's: when half of them stand where they stood, nothing moved
_WIDE: Final = 64  # bars; music that moved further is not looked for
_INSIDE: Final = (
    "Bars were put in or taken out inside {bars} since this take was asked for: it does not fit any more."
)
_METER: Final = "{bars} have another length now than when this take was asked for: it does not fit any more."
_NO_TRACKS: Final = "What this take was made for is no longer in the piece: {tracks}."
_BARS: Final = "bars {} to {}"


class TakePlace(Struct, frozen=True, kw_only=True):
    """Where a take belongs now: `bars` later than asked for, that is `ticks`; `gone` are ids of its tracks that are
    no longer there, `gone_names` what they were called. `why_not`: it cannot be laid in at all.
    """

    bars: int = 0
    ticks: int = 0
    gone: tuple[str, ...] = ()
    gone_names: tuple[str, ...] = ()
    why_not: str = ""

    def words(self, job: PieceJob) -> str:
        """What the person should know when it is laid in; "" when all is as it was."""
        said = []
        if self.bars:
            said.append(
                f"The bars have moved since it was asked for: it was laid into {self.bar_words(job)}."
            )
        if self.gone_names:
            said.append(f"Left out, for the track is no longer there: {', '.join(self.gone_names)}.")
        return " ".join(said)

    def bar_words(self, job: PieceJob) -> str:
        """The bars it is about, as the person counts them: "bars 5 to 8"."""
        first, last = job.first_bar + self.bars + 1, job.last_bar + self.bars + 1
        return f"bar {first}" if first == last else _BARS.format(first, last)


HERE: Final = TakePlace()


def written_tracks(job: PieceJob) -> tuple[str, ...]:
    """The tracks that a job writes, by id."""
    return (job.new.id,) if job.new is not None else job.tracks


def bar_span(score: Score, first_bar: int, last_bar: int) -> tuple[int, int]:
    """The ticks of some bars, which need not be there yet; at once for any number of notes."""
    return Bars.of(score.meters, 0, max(1, last_bar + 1)).span(first_bar, last_bar)


# -- where it belongs ------------------------------------------------------------------------------


def place_of(base: Score, now: Score, job: PieceJob, near: int = 0) -> TakePlace:
    """Where a take of a job belongs in the piece as it stands; `base` is the score that it was asked for.

    `near`: how far it had moved when it was looked at last, which is found sooner.
    """
    if base is now:
        return HERE
    there = {track.id for track in now.tracks}
    gone = tuple(id_ for id_ in job.tracks if id_ not in there) if job.new is None else ()
    names = {track.id: track.name for track in base.tracks}
    gone_names = tuple(f"“{names.get(id_) or id_}”" for id_ in gone)
    moved = _moved(base, now, job, near)
    place = TakePlace(bars=moved or 0, gone=gone, gone_names=gone_names)
    was = HERE.bar_words(job)
    if gone and len(gone) == len(job.tracks):
        return replace(place, why_not=_NO_TRACKS.format(tracks=", ".join(gone_names)))
    if moved is None:
        return replace(place, why_not=_INSIDE.format(bars=was))
    first, last = job.first_bar, job.last_bar
    before, after = _lengths(base, first, last), _lengths(now, first + moved, last + moved)
    if before != after:
        bars = was[0].upper() + was[1:]
        return replace(place, why_not=_METER.format(bars=bars))
    ticks = bar_span(now, first + moved, last + moved)[0] - bar_span(base, first, last)[0]
    return replace(place, ticks=ticks)


def _lengths(score: Score, first: int, last: int) -> list[int]:
    starts = Bars.of(score.meters, 0, last + 1).starts
    return [starts[bar + 1] - starts[bar] for bar in range(first, last + 1)]


def _moved(base: Score, now: Score, job: PieceJob, guess: int) -> int | None:
    """How many bars the music around the job's bars has moved on; None: that before them and that behind them
    moved differently, so they were torn apart.
    """
    tracks = {track.id for track in base.tracks} & {track.id for track in now.tracks}
    old, new = _Prints(base, tracks, job.last_bar), _Prints(now, tracks, job.last_bar)
    before = _shift(old, new, range(job.first_bar - 1, -1, -1), guess)
    after = _shift(old, new, range(job.last_bar + 1, len(old)), guess)
    if before == after or before is None or after is None:
        return before or after or 0
    asked = [bar for bar in range(job.first_bar, job.last_bar + 1) if old[bar]]
    stays, goes = (_alike(old, new, asked, shift) for shift in (before, after))
    if asked and len(asked) in (stays, goes):
        return before if stays == len(asked) else after
    if (stays > 0) == (goes > 0):
        return None
    return before if stays else after


class _Prints:
    """What each bar holds, told from where the bar begins; looked up when it is asked for."""

    def __init__(self, score: Score, tracks: set[str], last_bar: int) -> None:
        self._tracks = [track for track in score.tracks if track.id in tracks and track.notes]
        end = max((track.notes[-1].start + 1 for track in self._tracks), default=0)
        self._starts = Bars.of(score.meters, end, last_bar + 1).starts
        self._known: dict[int, tuple[tuple[str, int, int, int], ...]] = {}

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, bar: int) -> tuple[tuple[str, int, int, int], ...]:
        if bar not in self._known:
            start, end = self._starts[bar], self._starts[bar + 1]
            self._known[bar] = tuple(
                (track.id, note.start - start, note.pitch, note.duration)
                for track in self._tracks
                for note in between(track, start, end)
            )
        return self._known[bar]


def _shift(old: _Prints, new: _Prints, bars: range, guess: int) -> int | None:
    """How far the music of these bars, the nearest first, has moved: as far as most of them; None: nothing tells."""
    told = (bar for bar in bars if old[bar])
    near = list(islice(told, _NEAR))
    if not near:
        return None
    for shift in (0, guess):
        if 2 * _alike(old, new, near, shift) >= len(near):
            return shift
    near += islice(told, _WIDE - _NEAR)
    found = {shift: _alike(old, new, near, shift) for shift in range(-_WIDE, _WIDE + 1)}
    best = max(found, key=lambda shift: (found[shift], -abs(shift)))
    return best if found[best] else None


def _alike(old: _Prints, new: _Prints, bars: Iterable[int], shift: int) -> int:
    """How many of these bars hold the same so many bars later."""
    return sum(0 <= bar + shift < len(new) and old[bar] == new[bar + shift] for bar in bars)


# -- laying it in ----------------------------------------------------------------------------------


def lay(now: Score, job: PieceJob, place: TakePlace, take_id: str, text: str, *, whole: bool = True) -> Score:
    """The piece with a take in its place, as `document_takes.with_take` lays it in; only its own bars are looked at.

    Of a take that is not `whole`, the bars that it did not come to stay as they are. Raises StudioError when it says
    what no note can be, ValueError when it has no place.
    """
    if place.why_not:
        raise ValueError(place.why_not)
    placed = replace(job, first_bar=job.first_bar + place.bars, last_bar=job.last_bar + place.bars)
    if place.ticks:
        text = _later(text, place.ticks)
    for part in [placed] if whole else _written(now, placed, text):
        start, end = bar_span(now, part.first_bar, part.last_bar)
        small = excerpt_of(now, written_tracks(part), start, end)
        laid = with_take(small, part, take_id, text)
        for track in laid.tracks:
            now = _spliced(now, track, start, end)
    return now


def excerpt_of(score: Score, tracks: Sequence[str], start: int, end: int) -> Score:
    """The score with these tracks alone, and of them the notes that begin from one tick up to another."""
    return replace(
        score,
        tracks=tuple(
            replace(track, notes=between(track, start, end)) for track in score.tracks if track.id in tracks
        ),
    )


def between(track: Track, start: int, end: int) -> tuple[Note, ...]:
    """A track's notes that begin from one tick up to another; by halving."""
    low = bisect_left(track.notes, start, key=_START)
    return track.notes[low : bisect_left(track.notes, end, low, key=_START)]


def _spliced(score: Score, part: Track, start: int, end: int) -> Score:
    for track in score.tracks:
        if track.id == part.id:
            low = bisect_left(track.notes, start, key=_START)
            high = bisect_left(track.notes, end, low, key=_START)
            return score.with_track(
                replace(track, notes=(*track.notes[:low], *part.notes, *track.notes[high:]))
            )
    return score.with_track(part)


def _later(text: str, ticks: int) -> str:
    """A take's text, every note so many ticks later."""
    return "".join(
        notes_text(
            track_id, (replace(note, start=note.start + ticks) for note in notes if note.start >= -ticks)
        )
        for track_id, notes in notes_from(text).items()
    )


def _written(score: Score, job: PieceJob, text: str) -> list[PieceJob]:
    """What a take that was stopped has come to: all bars before the last one it said a note of, and in that bar the
    tracks it said one of.
    """
    said = notes_from(text)
    starts = {id_: notes[-1].start for id_, notes in said.items() if notes and id_ in written_tracks(job)}
    if not starts:
        return []
    bars = Bars.of(score.meters, 0, job.last_bar + 1)
    last = min(bars.at(max(starts.values())), job.last_bar)
    parts = [replace(job, last_bar=last - 1)] if last > job.first_bar else []
    begun = tuple(id_ for id_, start in starts.items() if bars.at(start) == last)
    return [
        *parts,
        replace(job, first_bar=last, last_bar=last, tracks=begun if job.new is None else job.tracks),
    ]
