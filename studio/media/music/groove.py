"""Time as it is felt: notes drawn to a grid, straight or swung, and let go of it again as hands would."""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from random import Random
from typing import Final

from studio.media.music.edits_placing import Done, altered, changed
from studio.media.music.score import END_MOST, TICKS, Note, Score

GRIDS: Final[dict[str, int]] = {
    "1 bar": 0,  # as long as the bar is
    "1/2": TICKS * 2,
    "1/4": TICKS,
    "1/4 triplet": TICKS * 2 // 3,
    "1/8": TICKS // 2,
    "1/8 triplet": TICKS // 3,
    "1/16": TICKS // 4,
    "1/16 triplet": TICKS // 6,
    "1/32": TICKS // 8,
    "1/32 triplet": TICKS // 12,
    "1/64": TICKS // 16,
}
STRAIGHT: Final = 0.5
TRIPLET: Final = 2 / 3
SWING_MOST: Final = 0.75
_COMMON: Final = 0.75  # of the sway of notes that begin together


def quantise(
    score: Score,
    track_id: str,
    notes: Collection[Note],
    grid_ticks: int,
    strength: float = 1.0,
    swing: float = STRAIGHT,
    *,
    starts: bool = True,
    ends: bool = False,
) -> Done:
    """Draws the starts of notes to the nearest line of a grid, and with `ends` their ends.

    `grid_ticks` 0 is the bar lines. `strength` is the share of the way they go, 0 to 1. `swing` is where in each pair
    of steps the second stands: 0.5 in the middle, 2/3 as triplets, at most 0.75. A note whose end is not drawn keeps
    its length.
    """
    lines = Lines(score, grid_ticks, swing)
    share = min(max(0.0, strength), 1.0)

    def drawn(note: Note) -> Note:
        start = round(note.start + (lines.nearest(note.start) - note.start) * share) if starts else note.start
        end = start + note.duration
        if ends:
            line = lines.nearest(note.end)
            after = line if line > start else lines.after(start)
            end = max(start + 1, round(note.end + (after - note.end) * share))
        start = min(start, END_MOST - 1)
        return altered(note, start=start, duration=min(end, END_MOST) - start)

    return changed(score, track_id, notes, lambda free: [drawn(note) for note in free], apart=True)


def humanise(
    score: Score, track_id: str, notes: Collection[Note], seed: int, ticks: int = 12, velocity: int = 8
) -> Done:
    """Lets notes come a little early or late and a little louder or softer: a normal spread, cut at twice its width.

    `ticks` and `velocity` are its standard deviations. The same seed gives the same. Of notes that begin together three
    quarters of the sway are common, as in a chord under one hand; the lengths stay.
    """
    chance = Random(seed)

    def swayed(free: Sequence[Note]) -> list[Note]:
        together: dict[int, float] = {}
        made = []
        for note in free:
            if note.start not in together:
                together[note.start] = _spread(chance, ticks)
            off = round(_COMMON * together[note.start] + (1 - _COMMON) * _spread(chance, ticks))
            start = min(max(0, note.start + off), END_MOST - note.duration)
            loud = min(max(1, note.velocity + round(_spread(chance, velocity))), 127)
            made.append(altered(note, start=start, velocity=loud))
        return made

    return changed(score, track_id, notes, swayed, apart=True)


class Lines:
    """The lines of a grid that begins anew with each bar."""

    def __init__(self, score: Score, grid_ticks: int, swing: float = STRAIGHT) -> None:
        self._bars = score.bars(at_least=1).starts
        self._last_bar = score.meters[-1].bar_ticks
        self._grid = max(0, grid_ticks)
        self._off = round((min(max(1 - SWING_MOST, swing), SWING_MOST) - STRAIGHT) * 2 * self._grid)

    def nearest(self, tick: int) -> int:
        """The line nearest to a tick; of two as near the earlier."""
        return min(self._around(tick), key=lambda line: (abs(line - tick), line))

    def after(self, tick: int) -> int:
        """The first line behind a tick."""
        return next(line for line in self._around(tick) if line > tick)

    def _around(self, tick: int) -> list[int]:
        """The lines of the tick's place in its bar and those beside it, in order."""
        begin, end = self._bar(tick)
        if not self._grid:
            return [begin, end]
        step = (tick - begin) // self._grid
        lines = (
            begin + at * self._grid + (self._off if at % 2 else 0) for at in range(max(0, step - 1), step + 3)
        )
        return [*(line for line in lines if line < end), end]

    def _bar(self, tick: int) -> tuple[int, int]:
        """The bar a tick lies in, also behind the last note."""
        at = bisect_right(self._bars, tick) - 1
        if at + 1 < len(self._bars):
            return self._bars[at], self._bars[at + 1]
        begin = self._bars[-1] + (tick - self._bars[-1]) // self._last_bar * self._last_bar
        return begin, begin + self._last_bar


def _spread(chance: Random, deviation: float) -> float:
    return min(max(-2 * deviation, chance.gauss(0, deviation)), 2 * deviation)
