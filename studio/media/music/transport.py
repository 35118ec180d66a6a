"""Where playing is: ticks and frames, count-in, loop, seeking; a pure state that each block moves on."""

from bisect import bisect_right
from typing import Final, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from studio.media.music.score import TICKS, Meter, Tempo

RATE: Final = 44_100
SCALE_LEAST: Final = 0.1  # how much slower or faster than written may be played
SCALE_MOST: Final = 4.0
LOOP_LEAST_FRAMES: Final = 2_205
State = Literal["stopped", "counting", "playing"]


class TimeMap:
    """Ticks to frames and back under a tempo map; `scale` 2.0 plays twice as fast. Immutable."""

    def __init__(self, tempos: tuple[Tempo, ...], rate: int = RATE, scale: float = 1.0) -> None:
        if not SCALE_LEAST <= scale <= SCALE_MOST:
            raise ValueError(f"a tempo scale of {scale} is outside {SCALE_LEAST} to {SCALE_MOST}")
        self.rate = rate
        self.scale = scale
        self.tempos = tempos
        self._ticks = [tempo.tick for tempo in tempos]
        self._per_tick = [tempo.micros / 1e6 / TICKS / scale * rate for tempo in tempos]
        self._frames = [0.0]
        for tick, next_tick, per_tick in zip(self._ticks, self._ticks[1:], self._per_tick, strict=False):
            self._frames.append(self._frames[-1] + (next_tick - tick) * per_tick)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimeMap) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[tuple[Tempo, ...], int, float]:
        return self.tempos, self.rate, self.scale

    def frame_at(self, tick: float) -> int:
        """The frame at which a tick sounds."""
        at = max(0, bisect_right(self._ticks, tick) - 1)
        return round(self._frames[at] + (tick - self._ticks[at]) * self._per_tick[at])

    def tick_at(self, frame: float) -> float:
        """The tick that sounds at a frame."""
        at = max(0, bisect_right(self._frames, frame) - 1)
        return self._ticks[at] + (frame - self._frames[at]) / self._per_tick[at]


class Loop(Struct, frozen=True):
    """The frames that repeat: from `first` up to `end`, which is not played any more."""

    first: int
    end: int


class Slice(NamedTuple):
    """A stretch of a block: where in the block it lies, and which frames of the piece it plays.

    While counting, `frame` is below 0: so many frames before playing begins.
    """

    offset: int
    frames: int
    frame: int
    counting: bool


class Transport(Struct, frozen=True, kw_only=True):
    """What is played next. `end`: the frame behind the piece's last sound, where playing stops; -1: never.

    `laps` counts the loop's returns since playing began or the place was changed; `left` the count-in's frames that
    are still to come.
    """

    state: State = "stopped"
    frame: int = 0
    loop: Loop | None = None
    end: int = -1
    left: int = 0
    laps: int = 0

    def play(self, count_frames: int = 0) -> "Transport":
        """Play on from here, after a count-in of so many frames; at the end of the piece: from its start."""
        at_end = 0 <= self.end <= self.frame and self.loop is None
        return replace(
            self,
            state="counting" if count_frames > 0 else "playing",
            frame=0 if at_end else self.frame,
            left=max(0, count_frames),
            laps=0,
        )

    def stop(self) -> "Transport":
        """Stop here."""
        return replace(self, state="stopped", left=0, laps=0)

    def seek(self, frame: int) -> "Transport":
        """Go there; what plays plays on from there, a count-in is over."""
        state: State = "stopped" if self.state == "stopped" else "playing"
        return replace(self, state=state, frame=max(0, frame), left=0, laps=0)

    def looped(self, loop: Loop | None) -> "Transport":
        """With this stretch repeated. A place behind it plays on to the end; a stretch too short is no loop."""
        if loop is not None and (loop.first < 0 or loop.end - loop.first < LOOP_LEAST_FRAMES):
            loop = None
        return replace(self, loop=loop, laps=0)

    def ending(self, end: int) -> "Transport":
        """With the piece as long as this."""
        return replace(self, end=end)

    def rescaled(self, old: TimeMap, new: TimeMap) -> "Transport":
        """At the same ticks under another tempo map, rate or tempo scale."""

        def moved(frame: int) -> int:
            return new.frame_at(old.tick_at(frame))

        loop = Loop(moved(self.loop.first), moved(self.loop.end)) if self.loop else None
        return replace(
            self,
            frame=moved(self.frame),
            loop=loop,
            end=self.end if self.end < 0 else moved(self.end),
        )

    def advance(self, frames: int) -> tuple["Transport", tuple[Slice, ...]]:
        """The state after a block, and what the block plays; what no slice covers is silent."""
        now, slices, offset = self, [], 0
        while offset < frames and now.state != "stopped":
            room = frames - offset
            if now.state == "counting":
                count = min(room, now.left)
                slices.append(Slice(offset, count, -now.left, True))
                now = replace(now, left=now.left - count)
                if now.left == 0:
                    now = replace(now, state="playing")
            else:
                count = min(room, now._until())
                if count > 0:
                    slices.append(Slice(offset, count, now.frame, False))
                now = now._moved(count)
            offset += count
        return now, tuple(slices)

    def heard(self, late_frames: int) -> int:
        """The frame that is heard when so many frames lie between the mixer and the ear."""
        if self.state == "stopped" or (self.state == "counting"):
            return self.frame
        frame = self.frame - late_frames
        if self.loop and self.laps and frame < self.loop.first <= self.frame:
            return max(self.loop.first, frame + self.loop.end - self.loop.first)
        return max(0, frame)

    def _until(self) -> int:
        """Frames up to the next turn."""
        if self.loop and self.frame < self.loop.end:
            return self.loop.end - self.frame
        return max(0, self.end - self.frame) if self.end >= 0 else 1 << 60

    def _moved(self, count: int) -> "Transport":
        frame = self.frame + count
        if self.loop and self.frame < self.loop.end:  # inside a loop the piece does not end
            again = frame >= self.loop.end
            return replace(self, frame=self.loop.first if again else frame, laps=self.laps + again)
        if self.end >= 0 and frame >= self.end:
            return replace(self, state="stopped", frame=frame, laps=0)
        return replace(self, frame=frame)


def meter_at(meters: tuple[Meter, ...], tick: float) -> Meter:
    """The metre in force there."""
    return meters[max(0, bisect_right([meter.tick for meter in meters], tick) - 1)]
