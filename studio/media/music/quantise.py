"""A score on the grid the model knows: 12 steps a quarter, 16 velocities, bars with what holds in them, and back.

Positions count from the bar's own start, so a bar that begins between two steps moves no note. No note is dropped
and none starts more than half a step (1/24 quarter) away from where it was; `Counts` says how many changed.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.media.music.chords import chord_symbol
from studio.media.music.score import MICROS_PER_MINUTE, TICKS, Chord, Key, Meter, Note, Score, Tempo, Track
from studio.media.music.tokens_grid import (
    GridBar,
    GridNote,
    GridTrack,
    Window,
    notes_between,
)
from studio.media.music.vocabulary import (
    LONGEST_BAR,
    METER_IDS,
    MOST_BARS,
    MOST_TRACKS,
    QUALITIES,
    STEPS,
    TEMPOS,
    chord_class,
    tempo_class,
    velocity_bin,
    velocity_of,
)

STEP_TICKS = TICKS // STEPS


class Counts(Struct, frozen=True):
    """What quantising changed: of `notes`, how many start or end elsewhere, were shorter than half a step and now
    last one (`lengthened`), or have another velocity."""

    notes: int = 0
    moved: int = 0
    resized: int = 0
    lengthened: int = 0
    revalued: int = 0

    @property
    def words(self) -> str:
        """In words, for the person."""
        if not self.moved and not self.resized:
            return f"All {self.notes:,} notes lie on the model's grid of 12 steps a beat."
        said = (
            f"Of {self.notes:,} notes {self.moved:,} start and {self.resized:,} end up to 1/24 of a beat away "
            "from where they were."
        )
        return said + (
            f" {self.lengthened:,} were shorter than a step and last one." if self.lengthened else ""
        )


class Grid(Struct, frozen=True):
    """Where bars start, in ticks and in steps, both with the end of the last. Whole steps count from each bar's
    start; where a bar is not whole steps its last one is cut short."""

    ticks: tuple[int, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, ticks: tuple[int, ...]) -> "Grid":
        """The grid of bars that start at these ticks."""
        starts = [0]
        for tick, following in pairwise(ticks):
            starts.append(starts[-1] - (tick - following) // STEP_TICKS)
        return cls(ticks, tuple(starts))

    def step(self, tick: int) -> int:
        """The step nearest to a tick; half way between two, the later one."""
        at = bisect_right(self.ticks, tick) - 1
        return self.starts[at] + (tick - self.ticks[at] + STEP_TICKS // 2) // STEP_TICKS

    def tick(self, step: int) -> int:
        """The tick a step stands for."""
        at = bisect_right(self.starts, step) - 1
        return self.ticks[at] + (step - self.starts[at]) * STEP_TICKS


class Quantised(Struct, frozen=True, kw_only=True):
    """A whole piece on the grid."""

    bars: tuple[GridBar, ...]
    tracks: tuple[GridTrack, ...]
    grid: Grid
    counts: Counts = Counts()

    def window(self, first: int, count: int, tracks: Sequence[int] | None = None) -> Window:
        """`count` bars from `first` on, of all tracks or those at these indices.

        Raises StudioError (code "music_window") when that is more than one sequence holds.
        """
        bars = self.bars[first : first + count]
        chosen = [self.tracks[index] for index in (range(len(self.tracks)) if tracks is None else tracks)]
        _check_window(bars, chosen, first)
        start, end = bars[0].start, bars[-1].end
        return Window(
            tuple(replace(bar, start=bar.start - start) for bar in bars),
            tuple(
                replace(
                    track,
                    notes=tuple(
                        GridNote(note.start - start, note.pitch, note.duration, note.velocity)
                        for note in notes_between(track.notes, start, end)
                    ),
                )
                for track in chosen
            ),
        )

    def to_score(self) -> Score:
        """The score these steps stand for, 40 ticks each; quantised again, it is the same.

        Bars that were not whole steps are that in it. What belongs to the piece itself (names, controllers) is not in
        it: takes are placed in the score they came from, by `note`.
        """
        starts = [(bar, bar.start * STEP_TICKS) for bar in self.bars]
        return Score(
            tracks=tuple(
                Track(
                    id=one.id, program=one.program, drums=one.drums, notes=tuple(map(_plain_note, one.notes))
                )
                for one in self.tracks
            ),
            tempos=tuple(
                Tempo(tick, round(MICROS_PER_MINUTE / TEMPOS[tempo]) if tempo >= 0 else 500_000)
                for tempo, tick in _changes((bar.tempo, tick) for bar, tick in starts)
            ),
            meters=tuple(_meters(self.bars)),
            keys=tuple(
                Key(tick, key // 2, "minor" if key % 2 else "major")
                for key, tick in _changes((bar.key, tick) for bar, tick in starts)
                if key >= 0
            ),
            chords=tuple(self._chords()),
        )

    def note(self, note: GridNote) -> Note:
        """A note of the grid as one of the score it came from."""
        start = self.grid.tick(note.start)
        return Note(start, note.pitch, self.grid.tick(note.end) - start, velocity_of(note.velocity))

    def _chords(self) -> Iterator[Chord]:
        spans = list(_changes((class_, bar.start + at) for bar in self.bars for at, class_ in bar.chords))
        ends = [start for _, start in spans[1:]] + [self.grid.starts[-1]]
        for (class_, start), end in zip(spans, ends, strict=True):
            if class_ >= 0:
                root, quality = divmod(class_, len(QUALITIES))
                symbol = chord_symbol(root, QUALITIES[quality])
                yield Chord(start * STEP_TICKS, (end - start) * STEP_TICKS, symbol)


def quantise(score: Score, *, at_least: int = 1) -> Quantised:
    """A score on the grid, with `at_least` so many bars."""
    bars = score.bars(at_least)
    grid = Grid.of(bars.starts)
    latest = max((track.notes[-1].start for track in score.tracks if track.notes), default=0)
    if grid.step(latest) >= grid.starts[-1]:  # it rounds up into a bar that is not there yet
        grid = Grid.of(score.bars(len(bars) + 1).starts)
    tally = [0, 0, 0, 0, 0]
    tracks = tuple(
        GridTrack(
            id=track.id,
            program=0 if track.drums else track.program,
            drums=track.drums,
            notes=tuple(sorted(_on_grid(track.notes, grid, tally))),
        )
        for track in score.tracks
    )
    found = tuple(_grid_bars(score, grid))
    return Quantised(bars=found, tracks=tracks, grid=grid, counts=Counts(*tally))


def _on_grid(notes: Iterable[Note], grid: Grid, tally: list[int]) -> Iterator[GridNote]:
    """Each note on the grid, counted: notes, moved, resized, lengthened, revalued."""
    step, tick = grid.step, grid.tick
    if all(at == start * STEP_TICKS for at, start in zip(grid.ticks, grid.starts, strict=True)):
        step, tick = _plain_step, _plain_tick  # a fifth of the time
    for note in notes:
        note_end = note.start + note.duration
        start, end = step(note.start), step(note_end)
        lengthened = end <= start
        if lengthened:
            end = start + 1
        bin_ = velocity_bin(note.velocity)
        tally[0] += 1
        tally[1] += tick(start) != note.start
        tally[2] += tick(end) != note_end
        tally[3] += lengthened
        tally[4] += velocity_of(bin_) != note.velocity
        yield GridNote(start, note.pitch, end - start, bin_)


def grid_order(notes: Sequence[Note], grid: Grid) -> list[int]:
    """Which of a track's notes stands at each place of its quantised ones."""
    moved = list(_on_grid(notes, grid, [0, 0, 0, 0, 0]))
    return sorted(range(len(moved)), key=moved.__getitem__)


def _plain_note(note: GridNote) -> Note:
    return Note(note.start * STEP_TICKS, note.pitch, note.duration * STEP_TICKS, velocity_of(note.velocity))


def _plain_step(tick: int) -> int:
    return (tick + STEP_TICKS // 2) // STEP_TICKS


def _plain_tick(step: int) -> int:
    return step * STEP_TICKS


def _grid_bars(score: Score, grid: Grid) -> Iterator[GridBar]:
    """The bars with what holds at the start of each, and every chord of each."""
    meters, keys = [meter.tick for meter in score.meters], [key.tick for key in score.keys]
    tempos = [tempo.tick for tempo in score.tempos]
    chords = _chord_changes(score.chords, grid)
    chord_starts = [start for start, _ in chords]
    for tick, start, end in zip(grid.ticks, grid.starts, grid.starts[1:], strict=False):
        meter = score.meters[max(0, bisect_right(meters, tick) - 1)]
        at = bisect_right(keys, tick) - 1
        key = score.keys[at].tonic * 2 + (score.keys[at].mode == "minor") if at >= 0 else -1
        first = bisect_right(chord_starts, start) - 1
        last = bisect_right(chord_starts, end - 1)
        inside = ((step - start, class_) for step, class_ in chords[first + 1 : last])
        beats, unit = meter.beats, meter.unit
        if (beats, unit) not in METER_IDS:
            beats, unit = end - start, 48
        yield GridBar(
            start=start,
            length=end - start,
            beats=beats,
            unit=unit,
            tempo=tempo_class(score.tempos[max(0, bisect_right(tempos, tick) - 1)].per_minute),
            key=key,
            chords=((0, chords[first][1]), *inside),
        )


def _chord_changes(chords: Sequence[Chord], grid: Grid) -> list[tuple[int, int]]:
    """Steps and the chord class from each on, from step 0; a later chord ends the one before it."""
    wanted: dict[int, int] = {0: -1}
    ordered = sorted(chords)
    starts = [grid.step(chord.tick) for chord in ordered]
    for chord, start, following in zip(ordered, starts, [*starts[1:], grid.starts[-1]], strict=False):
        wanted[start] = chord_class(chord.symbol)
        wanted.setdefault(min(max(start + 1, grid.step(chord.tick + chord.duration)), following), -1)
    return [
        (step, class_) for class_, step in _changes((class_, step) for step, class_ in sorted(wanted.items()))
    ]


def _changes(values: Iterable[tuple[Any, int]]) -> Iterator[tuple[Any, int]]:
    """Only those whose value differs from the one before."""
    before: Any = None
    for value, at in values:
        if value != before:
            yield value, at
        before = value


def _meters(bars: Sequence[GridBar]) -> Iterator[Meter]:
    """Metres where they change, and again behind a bar that was cut short."""
    before: tuple[int, int] | None = None
    for bar in bars:
        meter = (bar.beats, bar.unit)
        if meter != before:
            yield Meter(bar.start * STEP_TICKS, *meter)
        before = meter if bar.length == bar.nominal else None
    if before is None:
        yield Meter(bars[-1].end * STEP_TICKS, *meter)


def _check_window(bars: Sequence[GridBar], tracks: Sequence[GridTrack], first: int) -> None:
    """Raises StudioError for what no sequence of tokens can hold."""
    what = ""
    long = [first + index for index, bar in enumerate(bars) if bar.length > LONGEST_BAR]
    if not bars:
        what = f"The piece has no bar {first + 1}."
    elif len(bars) > MOST_BARS:
        what = f"{len(bars)} bars are more than the {MOST_BARS} the model sees at once."
    elif len(tracks) > MOST_TRACKS:
        what = f"{len(tracks)} tracks are more than the {MOST_TRACKS} the model sees at once."
    elif long:
        what = f"Bar {long[0] + 1} is longer than the {LONGEST_BAR // STEPS} quarters the model knows."
    if what:
        raise StudioError(
            what,
            kept="The piece is as it was.",
            do="Choose fewer bars or tracks, or split the long bar by a metre of its own.",
            code="music_window",
        )
