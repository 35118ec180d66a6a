"""Where the lines of bars, beats and grid stand, as far as they are in sight and not too close."""

from typing import Final

import numpy as np
from msgspec import Struct

from studio.media.music.score import TICKS, Bars, Meter
from studio.widgets.roll.geometry import Ints, Sight
from studio.widgets.roll.kinds import Snap

BAR_LEAST_PX: Final = 10
BEAT_LEAST_PX: Final = 9
STEP_LEAST_PX: Final = 8


class Lines(Struct, frozen=True):
    """Ticks of the lines; those of a bar are not among those of beats, and so on."""

    bars: Ints
    numbers: Ints  # of `bars`, from 0
    beats: Ints
    steps: Ints


def meter_at(meters: tuple[Meter, ...], tick: int) -> Meter:
    """The metre that holds there."""
    return next((one for one in reversed(meters) if one.tick <= tick), meters[0])


def every_bar(sight: Sight, bars: Bars, least_px: int) -> int:
    """1, 2, 4 ...: so many bars are at least `least_px` wide together."""
    typical = bars.starts[-1] / len(bars) * sight.zoom
    every = 1
    while typical * every < least_px:
        every *= 2
    return every


def lines(
    sight: Sight, bars: Bars, meters: tuple[Meter, ...], snap: Snap, span: tuple[int, int] | None = None
) -> Lines:
    """The lines between two ticks, else all in sight. Of bars closer than ten pixels every second, fourth ... only."""
    first, last = span or sight.span
    low, high = bars.at(first), bars.at(last)
    starts = np.array(bars.starts[low : high + 2], dtype=np.int32)
    every = every_bar(sight, bars, BAR_LEAST_PX)
    numbers = np.arange(low, low + len(starts), dtype=np.int32)
    kept = numbers % every == 0
    empty = np.empty(0, dtype=np.int32)
    beats, steps = [empty], [empty]
    if every == 1:
        for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            beat = TICKS * 4 // meter_at(meters, start).unit
            if beat * sight.zoom >= BEAT_LEAST_PX:
                beats.append(np.arange(start + beat, end, beat, dtype=np.int32))
            if snap.division and snap.step * sight.zoom >= STEP_LEAST_PX:
                ticks = np.arange(start + snap.step, end, snap.step, dtype=np.int32)
                steps.append(ticks[(ticks - start) % beat != 0])
    return Lines(starts[kept], numbers[kept], np.concatenate(beats), np.concatenate(steps))
