"""The metronome: when it clicks by metre, how strongly, how it sounds, and the count-in."""

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from studio.media.music.score import TICKS, Meter, Score
from studio.media.music.transport import TimeMap, meter_at

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Accent = Literal[0, 1, 2]  # an off-beat, a beat, a bar's first
CLICK_S: Final = 0.045
_PITCHES_HZ: Final = (1_050.0, 1_400.0, 2_100.0)
_LEVELS: Final = (0.16, 0.28, 0.42)


class Click(NamedTuple):
    """One click: the frame it falls on (in a count-in: below 0, before playing begins) and its weight."""

    frame: int
    accent: Accent


def beats_of(meter: Meter) -> tuple[tuple[int, Accent], ...]:
    """The clicks of one bar, in ticks from its start.

    In 6/8, 9/8 and 12/8 the beat is a dotted quarter and the eighths between are off-beats.
    """
    step = TICKS * 4 // meter.unit
    threes = meter.unit >= 8 and meter.beats % 3 == 0 and meter.beats > 3
    return tuple(
        (beat * step, 2 if beat == 0 else 0 if threes and beat % 3 else 1) for beat in range(meter.beats)
    )


def clicks_of(score: Score, time: TimeMap, at_least_bars: int = 1) -> tuple[Click, ...]:
    """Every click of a piece, in order."""
    bars = score.bars(at_least_bars)
    found = []
    for start, end in zip(bars.starts, bars.starts[1:], strict=False):
        for tick, accent in beats_of(meter_at(score.meters, start)):
            if start + tick < end:
                found.append(Click(time.frame_at(start + tick), accent))
    return tuple(found)


def count_in(score: Score, time: TimeMap, frame: int, bars: int = 1) -> tuple[int, tuple[Click, ...]]:
    """How many frames a count-in of so many bars before `frame` takes, and its clicks.

    It counts in the metre and the tempo of where playing begins, so it is even.
    """
    tick = time.tick_at(frame)
    meter = meter_at(score.meters, tick)
    at = max(0, len([tempo for tempo in score.tempos if tempo.tick <= tick]) - 1)
    per_tick = score.tempos[at].micros / 1e6 / TICKS / time.scale * time.rate
    total = round(bars * meter.bar_ticks * per_tick)
    clicks = tuple(
        Click(round((bar * meter.bar_ticks + tick) * per_tick) - total, accent)
        for bar in range(bars)
        for tick, accent in beats_of(meter)
    )
    return total, clicks


def click_sound(accent: Accent, rate: int) -> "NDArray[np.float32]":
    """A click, mono, float32 (frames,): a short tone that dies away; heavier ones are higher and louder."""
    import numpy as np

    seconds = np.arange(round(CLICK_S * rate)) / rate
    rise = np.minimum(seconds / 0.0008, 1.0)
    fall = np.exp(-seconds / 0.009) * np.minimum((CLICK_S - seconds) / 0.004, 1.0)
    tone = np.sin(2 * np.pi * _PITCHES_HZ[accent] * seconds) * rise * fall * _LEVELS[accent]
    sound: NDArray[np.float32] = tone.astype(np.float32)
    return sound
