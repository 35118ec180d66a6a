"""Plays a piece on a MIDI out port, in time with what is heard, in a thread of its own."""

import threading
from bisect import bisect_left
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from studio.app.midi_ports import STOP_S, OutPort
from studio.app.player_clock import Heard
from studio.media.music.score import Score, Track

if TYPE_CHECKING:
    from mido import Message

STEP_S: Final = 0.003
TREMBLE_FRAMES: Final = 2_205  # a step back by less is the clock's, not the person's
AHEAD_FRAMES: Final = 22_050  # a step forward by more is a jump
VOLUME, PAN, ALL_OFF, BEND = 7, 10, 123, -1
OFF, SET, ON = range(3)
DRUMS: Final = 9
CHANNELS: Final = tuple(channel for channel in range(16) if channel != DRUMS)


class Event(NamedTuple):
    """What is sent at a tick; notes end before others begin. A bend has the number BEND."""

    tick: int
    order: int  # OFF ends a note, SET sets a control or the bend, ON begins a note
    channel: int
    number: int  # pitch or controller
    value: int = 0  # velocity, the controller's value, the bend

    def message(self) -> "Message":
        """As mido sends it."""
        from mido import Message

        if self.order == SET and self.number == BEND:
            return Message("pitchwheel", channel=self.channel, pitch=self.value)
        if self.order == SET:
            return Message("control_change", channel=self.channel, control=self.number, value=self.value)
        kind = "note_on" if self.order == ON else "note_off"
        return Message(kind, channel=self.channel, note=self.number, velocity=self.value)


def channels_of(score: Score) -> dict[str, int]:
    """The channel of each track: drums have theirs, the others share fifteen."""
    found, used = {}, 0
    for track in score.tracks:
        if track.drums:
            found[track.id] = DRUMS
        else:
            found[track.id] = CHANNELS[used % len(CHANNELS)]
            used += 1
    return found


def sounding(score: Score) -> tuple[Track, ...]:
    """The tracks that mute and solo let be heard."""
    soloed = any(track.solo for track in score.tracks)
    return tuple(track for track in score.tracks if not track.mute and (track.solo or not soloed))


def events_of(score: Score) -> tuple[Event, ...]:
    """All that is sent while a piece plays, in order."""
    channels = channels_of(score)
    found: list[Event] = []
    for track in sounding(score):
        channel = channels[track.id]
        found += [Event(note.start, ON, channel, note.pitch, note.velocity) for note in track.notes]
        found += [Event(note.end, OFF, channel, note.pitch) for note in track.notes]
        found += [Event(one.tick, SET, channel, one.number, one.value) for one in track.controls]
        found += [Event(one.tick, SET, channel, BEND, one.value) for one in track.bends]
    return tuple(sorted(found))


def setup_of(score: Score) -> "tuple[Message, ...]":
    """What each channel needs before anything sounds: program, volume, pan."""
    from mido import Message

    channels, found = channels_of(score), []
    for track in sounding(score):
        channel, pan = channels[track.id], round((track.pan + 1) * 63.5)
        found += [
            Message("program_change", channel=channel, program=track.program),
            Message("control_change", channel=channel, control=VOLUME, value=track.volume),
            Message("control_change", channel=channel, control=PAN, value=pan),
        ]
    return tuple(found)


def chased(events: tuple[Event, ...], tick: float) -> tuple[Event, ...]:
    """The controls and bends that hold at a tick, when playing begins in the middle."""
    last: dict[tuple[int, int], Event] = {}
    for event in events[: bisect_left(events, (tick,))]:
        if event.order == SET:
            last[event.channel, event.number] = event
    return tuple(last.values())


def sounding_at(events: tuple[Event, ...], tick: float) -> set[tuple[int, int]]:
    """Channel and pitch of the notes that are down at a tick."""
    down: set[tuple[int, int]] = set()
    for event in events[: bisect_left(events, (tick,))]:
        if event.order == ON:
            down.add((event.channel, event.number))
        elif event.order == OFF:
            down.discard((event.channel, event.number))
    return down


class _Plan(NamedTuple):
    score: Score
    events: tuple[Event, ...]
    setup: "tuple[Message, ...]"


class Sender:
    """Follows `heard` and sends what the piece holds there; when it stops or jumps, all notes end.

    Owns its thread and the port: `close` ends both. `lost(words)` comes once from the thread when the port fails.
    """

    def __init__(self, port: OutPort, heard: Callable[[], Heard], lost: Callable[[str], object]) -> None:
        self._port = port
        self._heard = heard
        self._lost = lost
        self._score = Score()
        self._go = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="midi out", daemon=True)
        self._thread.start()

    def show(self, score: Score) -> None:
        """Play this from now on."""
        self._score = score

    def set_playing(self, on: bool) -> None:
        """Follow what is heard, or end what sounds."""
        if on:
            self._go.set()
        else:
            self._go.clear()

    def close(self) -> bool:
        """End all notes, the thread, the port; whether it ended in time."""
        self._ending = True
        self._go.set()
        self._thread.join(STOP_S)
        if ended := not self._thread.is_alive():
            self._port.close()
        return ended

    # -- in the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        pause = threading.Event()
        follower = _Follower(self._port.send)
        plan = _Plan(Score(), (), ())
        try:
            while not self._ending:
                if not self._go.is_set():
                    follower.rest()
                    self._go.wait()
                    continue
                if (score := self._score) is not plan.score:
                    plan = _Plan(score, events_of(score), setup_of(score))
                follower.step(plan, self._heard())
                pause.wait(STEP_S)
            follower.rest()
        except OSError as error:
            self._lost(f"The MIDI out port is gone: {error}.")


class _Follower:
    """Where sending has got to."""

    def __init__(self, send: "Callable[[Message], None]") -> None:
        self._send = send
        self._on: set[tuple[int, int]] = set()  # channel and pitch of what sounds
        self._plan: _Plan | None = None
        self._frame = -1  # up to here all was sent; -1: nothing plays
        self._tick = 0.0

    def step(self, plan: _Plan, heard: Heard) -> None:
        """Send what has become due."""
        if heard.state != "playing":
            self.rest()
            return
        if plan is not self._plan:
            self._change(plan)
        moved = heard.frame - self._frame
        if self._frame < 0:
            self._begin(plan, heard)
        elif moved < -TREMBLE_FRAMES or moved > AHEAD_FRAMES:
            if heard.loop is not None and moved < 0:
                self._play(plan, heard.time.tick_at(heard.loop.end))
            self._silence()
            self._begin(plan, heard)
        elif moved > 0:
            self._play(plan, heard.tick)
            self._frame = heard.frame

    def rest(self) -> None:
        """Nothing plays any more."""
        if self._frame >= 0:
            self._silence()
            self._frame = -1

    def _change(self, plan: _Plan) -> None:
        """Other notes: those that sound and are not there any more end; programs and faders may be others."""
        if self._plan is not None and self._frame >= 0:
            kept = sounding_at(plan.events, self._tick)
            for channel, pitch in sorted(self._on - kept):
                self._send(_off(channel, pitch))
            self._on &= kept
            if plan.setup != self._plan.setup:
                for message in plan.setup:
                    self._send(message)
        self._plan = plan

    def _begin(self, plan: _Plan, heard: Heard) -> None:
        """From where this stretch began, if that was just now: what lies there is due too."""
        just_now = 0 <= heard.frame - heard.origin < AHEAD_FRAMES
        self._tick = heard.time.tick_at(heard.origin) if just_now else heard.tick
        for message in plan.setup:
            self._send(message)
        for event in chased(plan.events, self._tick):
            self._send(event.message())
        self._play(plan, heard.tick)
        self._frame = heard.frame

    def _play(self, plan: _Plan, until: float) -> None:
        """Send what lies between the last tick and `until`, and `until` itself not."""
        first = bisect_left(plan.events, (self._tick,))
        for event in plan.events[first : bisect_left(plan.events, (until,))]:
            key = event.channel, event.number
            if event.order == ON:
                self._on.add(key)
            elif event.order == OFF:
                if key not in self._on:
                    continue
                self._on.discard(key)
            self._send(event.message())
        self._tick = max(self._tick, until)

    def _silence(self) -> None:
        """End what sounds, by name and for all."""
        channels = {channel for channel, _ in self._on}
        for channel, pitch in sorted(self._on):
            self._send(_off(channel, pitch))
        self._on.clear()
        for channel in sorted(channels):
            self._send(_all_off(channel))


def _off(channel: int, pitch: int) -> "Message":
    return Event(0, OFF, channel, pitch).message()


def _all_off(channel: int) -> "Message":
    return Event(0, SET, channel, ALL_OFF).message()
