"""What a keyboard plays while recording is on, as notes: quantised by nothing, the roll can do that."""

import threading
from typing import Final

from msgspec.structs import replace

from studio.media.music.holds import held_at
from studio.media.music.score import TICKS, Control, Note, Score, Track

PEDAL: Final = 64
PEDAL_DOWN: Final = 64  # from this value on the pedal is down
LEAST_TICKS: Final = 10  # a key that was only touched
EARLY_TICKS: Final = TICKS // 2  # played so shortly before the first beat: meant for it


class Recording:
    """Collects keys by the ticks they went down and up; `loop` is repeated and every round is kept.

    Keys come in the keyboard's thread, `finish` in the window's.
    """

    def __init__(self, loop: tuple[int, int] | None = None) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._down: dict[int, tuple[int, int]] = {}  # pitch: tick, velocity
        self._notes: list[Note] = []
        self._pedal: list[Control] = []

    def press(self, tick: int, pitch: int, velocity: int) -> None:
        """A key goes down."""
        with self._lock:
            self._end(tick, pitch)
            self._down[pitch] = (tick, velocity)

    def let_go(self, tick: int, pitch: int) -> None:
        """A key comes up; one that was not down does not matter."""
        with self._lock:
            self._end(tick, pitch)

    def _end(self, tick: int, pitch: int) -> None:
        if pitch not in self._down:
            return
        begun, velocity = self._down.pop(pitch)
        if tick < begun:  # the loop began again meanwhile
            tick = self._loop[1] if self._loop else begun
        self._notes.append(Note(begun, pitch, max(LEAST_TICKS, tick - begun), velocity))

    def pedal(self, tick: int, value: int) -> None:
        """The sustain pedal moves, 0 to 127."""
        with self._lock:
            self._pedal.append(Control(tick, PEDAL, value))

    def finish(self, tick: int) -> tuple[tuple[Note, ...], tuple[Control, ...]]:
        """All notes and moves of the pedal, in order; keys and pedal that are still down come up now."""
        with self._lock:
            for pitch in tuple(self._down):
                self._end(tick, pitch)
            if self._pedal and self._pedal[-1].value >= PEDAL_DOWN:
                self._pedal.append(Control(max(tick, self._pedal[-1].tick), PEDAL, 0))
            return tuple(sorted(self._notes)), tuple(sorted(self._pedal))


def with_pedal(score: Score, track_id: str, pedal: tuple[Control, ...]) -> Score:
    """With these moves of the pedal in place of those that lay where they lie; what locked bars hold stays."""
    if not pedal:
        return score
    track: Track = score.track(track_id)
    first, last = pedal[0].tick, pedal[-1].tick

    def stays(control: Control) -> bool:
        there = control.number == PEDAL and first <= control.tick <= last
        return not there or held_at(track, control.tick) is not None

    kept = [control for control in track.controls if stays(control)]
    come = [control for control in pedal if held_at(track, control.tick) is None]
    return score.with_track(replace(track, controls=tuple(sorted([*kept, *come]))))
