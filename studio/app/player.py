"""The player: makes a piece's sound beside the window and plays it; owns the stems, the mixer and the way out."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from studio.app.player_clock import Clock, Glide, Heard
from studio.app.player_sound import PlayerSound
from studio.media.music.clicks import count_in
from studio.media.music.mix import Mixer
from studio.media.music.score import Score, Track
from studio.media.music.transport import TimeMap
from studio.widgets.audio_out import LOOKING, AudioOut

STEP_MS: Final = 16  # the playhead moves 60 times a second, while it moves
NEAR_S: Final = 0.5  # how often the stems hear where it plays
RING_S: Final = 1.5  # the level is watched so long after a note
IDLE_HEARD_MS: Final = 60_000  # a device that has nothing to play is let go
IDLE_SILENT_MS: Final = 2_000
SILENT: Final = "No sound device: the playhead runs in silence"
NOTHING: Final = "There is nothing to play yet: draw a note, or let the model propose."


class Player(QObject):
    """Plays a score; times are ticks. Made when a piece is first opened; whoever makes it calls `close`.

    Nothing is made before something is to be heard: then the soundfont is read and the stems are made, each beside
    the window. With no sound device all goes on in silence (`silent` says so in words).
    """

    moved = Signal(int)  # tick; 60 times a second while it plays
    level_changed = Signal(float)  # the peak of the moment, 1.0 is full
    playing_changed = Signal(bool)
    state_changed = Signal()  # silent, devices, font
    told = Signal(str)
    failed = Signal(object)  # StudioError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tick = 0  # where it plays or will begin
        self.playing = False
        self.scale = 1.0
        self.device = ""
        self._mixer = Mixer()
        self.clock = Clock(self._mixer, TimeMap(Score().tempos))
        self.sound = PlayerSound(self._mixer, self.clock, self)
        self.out = AudioOut(self.clock.pull, parent=self)
        self._glide = Glide(self._mixer.rate)
        self._count_in = False
        self._loop: tuple[int, int] | None = None
        self._wanted = False  # stems are made from now on
        self._pending = False  # play was asked for, its sound is not made yet
        self._begun = 0  # the tick at which playing began
        self._turns = 0
        self._heard = False  # blocks reach a device
        self._held_awake = False
        self._near_s = 0.0
        self._ring_s = 0.0
        self._timer = QTimer(self, interval=STEP_MS, timerType=Qt.TimerType.PreciseTimer)
        self._idle = QTimer(self, singleShot=True)
        self._connect()

    def _connect(self) -> None:
        self._timer.timeout.connect(self._on_step)
        self._idle.timeout.connect(self._on_idle)
        self.sound.staged.connect(self._go_if_ready)
        self.sound.changed.connect(self.state_changed)
        self.sound.failed.connect(self.failed)
        self.out.changed.connect(self._on_devices)
        self.out.started.connect(self._on_started)
        self.out.failed.connect(self.told)

    # -- what is heard -----------------------------------------------------------------------------

    @property
    def score(self) -> Score:
        """What is played."""
        return self.sound.score

    @property
    def font(self) -> Path | None:
        """The person's own soundfont; None: the built-in one."""
        return self.sound.font

    def show(self, score: Score) -> None:
        """Play this from now on; what plays goes on playing, in time."""
        if score is not self.score:
            self.sound.show(score)
            self._make()

    def mix(self, tracks: Iterable[Track]) -> None:
        """Hear these mixer values at once: volume, pan, mute, solo."""
        self.sound.mix(tracks)

    def set_gain(self, share: float) -> None:
        """The volume of the whole, 0 to 1 as the slider stands."""
        self.sound.set_gain(share)

    def set_metronome(self, on: bool) -> None:
        """Click at each beat while it plays."""
        self.sound.set_metronome(on)

    def set_count_in(self, on: bool) -> None:
        """A bar of clicks before it plays."""
        self._count_in = on

    def set_scale(self, scale: float) -> None:
        """Play so much faster than written (0.5 to 2.0); it stays where it is in the piece."""
        if scale != self.scale:
            self.scale = scale
            self._make()

    @property
    def loop(self) -> tuple[int, int] | None:
        """The ticks that repeat."""
        return self._loop

    def set_loop(self, ticks: tuple[int, int] | None) -> None:
        """Repeat these ticks; None: play to the end."""
        self._loop = ticks
        if self.out.running:
            self.clock.loop(ticks)

    def set_recording(self, on: bool) -> None:
        """Play on behind the end of the piece, the metronome too."""
        self.sound.set_endless(on)

    def set_font(self, path: Path | None) -> None:
        """Sound like this soundfont; None: the built-in one. A broken one is told, and the built-in plays."""
        self.sound.set_font(path)

    # -- playing -----------------------------------------------------------------------------------

    def play(self, tick: int | None = None) -> None:
        """Play from there, or from where it stands; begins as soon as the sound there is made."""
        if tick is not None:
            self.tick = tick
        endless = self.sound.endless
        if not endless and not self.sound.metronome and not self.score.note_count:
            self.told.emit(NOTHING)
            return
        if not endless and self._loop is None and 0 < self.score.end <= self.tick:
            self.tick = 0  # at the end: once more
        self._begun = self.tick
        self._pending, self._wanted = True, True
        if not self.playing:
            self.playing = True
            self.playing_changed.emit(True)
        self.wake()
        self._make()

    def stop(self) -> None:
        """Stop here."""
        if not self.playing:
            return
        heard = self.clock.heard()
        if not self._pending and heard.turns == self._turns:
            self.tick = round(heard.tick)
        self._end()

    def _end(self) -> None:
        self._pending, self.playing = False, False
        self._mixer.move(lambda now: now.stop())
        self._ring()
        self._rest()
        self.playing_changed.emit(False)
        self.moved.emit(self.tick)

    def toggle(self) -> None:
        """Play, or stop."""
        if self.playing:
            self.stop()
        else:
            self.play()

    def seek(self, tick: int) -> None:
        """Go there, playing or not."""
        self.tick = self._begun = max(0, tick)
        if self.playing and not self._pending:
            self.clock.seek(self.tick)
            self._turn()
            self._make()
        self.moved.emit(self.tick)

    def note(self, track_id: str, pitch: int, velocity: int) -> None:
        """Let one note of a track be heard at once."""
        self.wake()
        self.sound.note(track_id, pitch, velocity)
        self._ring()

    # -- waking and resting ------------------------------------------------------------------------

    def wake(self) -> None:
        """Have font and device at hand: something is about to be heard."""
        self.sound.wake()
        if not self.out.running:
            self.out.start(self.device)
        self._rest()

    def hold_awake(self, on: bool) -> None:
        """Stay awake: a keyboard is at hand."""
        self._held_awake = on
        if on:
            self.wake()
        self._rest()

    def _rest(self) -> None:
        if self.out.running and not self.playing and not self._held_awake:
            self._idle.start(IDLE_HEARD_MS if self._heard else IDLE_SILENT_MS)
        else:
            self._idle.stop()

    @Slot()
    def _on_idle(self) -> None:
        self._timer.stop()
        self.out.stop()
        self._heard = False
        self._wanted = False

    def _ring(self) -> None:
        """Watch the level while what sounds dies away."""
        self._ring_s = time.monotonic() + RING_S
        if not self._timer.isActive():
            self._timer.start()

    # -- what happens ------------------------------------------------------------------------------

    def _make(self) -> None:
        if self._wanted:
            self.sound.make(self.scale, self.tick)
            self._go_if_ready()

    @Slot()
    def _go_if_ready(self) -> None:
        """Begin once the sound at the playhead is made; with no soundfont at all: in silence."""
        if not self._pending:
            return
        wanted = TimeMap(self.score.tempos, self._mixer.rate, self.scale)
        frame = wanted.frame_at(self.tick)
        if self.sound.silent:
            self.clock.retime(wanted)
            self.sound.set_end(wanted.frame_at(self.score.end))
        elif not self.sound.ready_at(wanted, frame):
            return
        self._pending = False
        self.clock.loop(self._loop)
        self.clock.seek(self.tick)
        self._mixer.play(count_in(self.score, wanted, frame) if self._count_in else (0, ()))
        self._turn()
        self._timer.start()

    def _turn(self) -> None:
        self._turns += 1
        self._glide.jump()
        self.clock.turn()

    @Slot()
    def _on_step(self) -> None:
        now_s = time.perf_counter()
        self.level_changed.emit(self._mixer.peak if self.out.running else 0.0)
        if not self.playing or self._pending:
            if time.monotonic() > self._ring_s and not self.playing:
                self._timer.stop()
                self.level_changed.emit(0.0)
            return
        heard = self.clock.heard(now_s)
        if heard.turns != self._turns:
            return  # the sound's thread has not heard of it yet
        if heard.state == "stopped":
            self.tick = self._begun  # at the end: back to where it began, so that play plays it again
            self._end()
            return
        self._move(heard, now_s)

    def _move(self, heard: Heard, now_s: float) -> None:
        if heard.state == "playing":
            tick = round(heard.time.tick_at(self._glide.at(heard.frame, now_s)))
        else:
            tick = round(heard.tick)
        if now_s - self._near_s > NEAR_S:
            self._near_s = now_s
            self.sound.near(heard.frame)
        if tick != self.tick:
            self.tick = tick
            self.moved.emit(tick)

    # -- the device --------------------------------------------------------------------------------

    @property
    def silent(self) -> str:
        """Why nothing is heard, in words; "" when there is a device, or nobody knows yet."""
        return SILENT if not self.out.available and self.out.reason != LOOKING else ""

    def set_device(self, device: str) -> None:
        """Play on the device of that id; "": on the system's own."""
        if device != self.device:
            self.device = device
            if self.out.running:
                self.out.start(device)
            self.state_changed.emit()

    @Slot()
    def _on_devices(self) -> None:
        if self.out.available and self.out.running and not self._heard:
            self.out.start(self.device)  # one has come
        self.state_changed.emit()

    @Slot(float, bool)
    def _on_started(self, latency_ms: float, heard: bool) -> None:
        self.clock.set_latency(latency_ms)
        self._heard = heard
        self._rest()
        self.state_changed.emit()

    def close(self) -> bool:
        """End all threads; whether they ended. The object is of no use after."""
        self._timer.stop()
        self._idle.stop()
        self.playing = self._pending = False
        silent = self.out.close()
        return self.sound.close() and silent
