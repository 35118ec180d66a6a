"""Where the music is heard now: follows the blocks as they are pulled; any thread may ask."""

import time
from typing import Final, NamedTuple

from studio.media.music.curves import Sound
from studio.media.music.mix import Mixer
from studio.media.music.transport import Loop, State, TimeMap, Transport

SILENT_LAG_S: Final = 0.02  # a silent clock gives its blocks in such steps
NEAR_S: Final = 0.1  # what is further off is a jump, not a tremble
AHEAD_S: Final = 0.03  # while no block comes the playhead waits
PULL_BACK: Final = 0.15  # how much of a tremble is given in to at each look


class Heard(NamedTuple):
    """What is heard at a moment: the transport's state, frame and tick under the map in force."""

    state: State
    frame: int
    tick: float
    loop: Loop | None
    time: TimeMap
    origin: int  # the frame at which this stretch began: where playing began or jumped to, the loop's first
    turns: int  # how many starts and jumps have come to pass
    left: int  # frames of the count-in that are still to be heard

    @property
    def early_ticks(self) -> float:
        """How long before the first beat it is, in a count-in."""
        return self.time.tick_at(self.frame + self.left) - self.tick if self.left else 0.0


class _Pulled(NamedTuple):
    """How it stood after a block: the transport, when that was, the map, where the stretch began, the turns so far."""

    transport: Transport
    when_s: float
    time: TimeMap
    origin: int
    turns: int


class Clock:
    """Stands between the mixer and the sound's thread, and keeps when the last block was pulled.

    `time` is the map of the frames that play: it is changed where blocks are pulled, between two of them, so a change
    of tempo and a jump can't be mistaken for one another.
    """

    def __init__(self, mixer: Mixer, time_map: TimeMap) -> None:
        self.time = time_map
        self.turns = 0
        self.lag_frames = round(SILENT_LAG_S * mixer.rate)
        self._mixer = mixer
        self._origin = 0
        self._last = _Pulled(mixer.transport, 0.0, time_map, 0, 0)

    def pull(self, frames: int) -> Sound:
        """The next block, float32 (frames, 2); the sound's thread calls it."""
        block = self._mixer.pull(frames)
        now_s = time.perf_counter()
        self._last = _Pulled(self._mixer.transport, now_s, self.time, self._origin, self.turns)
        return block

    def set_latency(self, latency_ms: float) -> None:
        """How long a block takes from the mixer to the ear."""
        self.lag_frames = round(max(latency_ms / 1000, SILENT_LAG_S) * self._mixer.rate)

    def seek(self, tick: float) -> None:
        """Go there, under the map that is in force by then."""

        def sought(now: Transport) -> Transport:
            self._origin = self.time.frame_at(tick)
            return now.seek(self._origin)

        self._mixer.move(sought)

    def loop(self, ticks: tuple[int, int] | None) -> None:
        """Repeat these ticks."""

        def looped(now: Transport) -> Transport:
            frames = Loop(*(self.time.frame_at(tick) for tick in ticks)) if ticks else None
            return now if now.loop == frames else now.looped(frames)

        self._mixer.move(looped)

    def retime(self, new: TimeMap) -> None:
        """Stay at the same tick under another map."""

        def moved(now: Transport) -> Transport:
            old, self.time = self.time, new
            self._origin = new.frame_at(old.tick_at(self._origin))
            return now.rescaled(old, new)

        self._mixer.move(moved)

    def turn(self) -> None:
        """Count a start or a jump behind what was asked before: `heard` tells when it has come to pass."""

        def turned(now: Transport) -> Transport:
            self.turns += 1
            return now

        self._mixer.move(turned)

    def heard(self, now_s: float | None = None) -> Heard:
        """What is heard at that moment of `time.perf_counter`."""
        transport, pulled_s, time_map, origin, turns = self._last
        since_s = (time.perf_counter() if now_s is None else now_s) - pulled_s
        late = min(max(0, self.lag_frames - round(since_s * self._mixer.rate)), self.lag_frames)
        frame = transport.heard(late)
        if transport.laps and transport.loop is not None:
            origin = transport.loop.first
        elif transport.frame >= origin:
            frame = max(frame, origin)  # what was pulled before a jump is not heard again
        return Heard(
            transport.state,
            frame,
            time_map.tick_at(frame),
            transport.loop,
            time_map,
            origin,
            turns,
            transport.left + late if transport.state == "counting" else 0,
        )


class Glide:
    """Makes a playhead's frames run evenly: blocks are pulled in steps, the eye wants none. In frames."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._frame = -1.0
        self._seen_s = 0.0

    def jump(self) -> None:
        """The next frame may lie anywhere."""
        self._frame = -1.0

    def at(self, frame: int, now_s: float) -> float:
        """What to show when `frame` is heard at that moment."""
        expected = self._frame + (now_s - self._seen_s) * self._rate
        off = min(abs(frame - expected), abs(frame - self._frame))
        if self._frame < 0 or off > NEAR_S * self._rate:
            self._frame = float(frame)
        else:
            wanted = min(expected + PULL_BACK * (frame - expected), frame + AHEAD_S * self._rate)
            self._frame = max(self._frame, wanted)  # never a step back
        self._seen_s = now_s
        return self._frame
