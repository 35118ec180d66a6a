"""A piece's sound: its soundfont is read and its stems are made beside the window; what the mixer plays of them."""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.player_clock import Clock
from studio.core.errors import StudioError
from studio.media.music.clicks import Click, clicks_of
from studio.media.music.curves import Sound
from studio.media.music.fonts import SoundFont, open_font
from studio.media.music.mix import Mixer, Shot, View, gains, view_of
from studio.media.music.score import Score, Track
from studio.media.music.stems import Stage, Stems
from studio.media.music.transport import TimeMap
from studio.media.music.voices import Instrument
from studio.widgets.off_thread import OffThread

KEY_S: Final = 3.0  # a key that is held sounds so long
LET_GO_S: Final = 0.12
BARS_AHEAD: Final = 256  # the metronome goes on so far behind a piece that is empty or being recorded


class _Waiting(NamedTuple):
    """A note that was asked for before there was a soundfont."""

    track: str
    pitch: int
    velocity: int


class HeldKey:
    """A key of a MIDI keyboard that is down; may be let go before its sound is made."""

    def __init__(self, rate: int) -> None:
        self._frames = round(LET_GO_S * rate)
        self._shot: Shot | None = None
        self._up = False

    def begin(self, shot: Shot) -> None:
        """Its sound plays from now on."""
        self._shot = shot
        if self._up:
            shot.let_go(self._frames)

    def let_go(self) -> None:
        """The key is up."""
        self._up = True
        if self._shot is not None:
            self._shot.let_go(self._frames)


class PlayerSound(QObject):
    """Owns the stems. `make` says what is to be heard, `staged` comes when more of it is made.

    With no soundfont at all (`silent`) there are no stems; everything else goes on.
    """

    staged = Signal()
    changed = Signal()  # the font
    failed = Signal(object)  # StudioError

    def __init__(self, mixer: Mixer, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self.score = Score()
        self.font: Path | None = None
        self.font_name = ""
        self.silent = False
        self.endless = False  # it goes on behind the end of the piece
        self.stage: Stage | None = None
        self._mixer = mixer
        self._clock = clock
        self._stems: Stems | None = None
        self._lock = threading.Lock()  # guards what the two threads that show views read
        self._tracks: tuple[Track, ...] = ()
        self._clicks: tuple[Click, ...] = ()
        self._clicked: object = None  # what the clicks were made of
        self._metronome = False
        self._gain = 1.0
        self._generation = 0  # of the stems
        self._opening = False
        self._closed = False
        self._waiting: _Waiting | None = None
        self._wanted: tuple[Score, float] | None = None
        self._work = OffThread(self)
        self._work.done.connect(self._on_font)

    # -- what is heard -----------------------------------------------------------------------------

    def show(self, score: Score) -> None:
        """Notes and mixer values are those of this score; its stems are not made before `make`."""
        self.score = score
        self.mix(score.tracks)

    def mix(self, tracks: Iterable[Track]) -> None:
        """Hear these mixer values at once."""
        with self._lock:
            self._tracks = tuple(tracks)
            self._put_view()

    def set_gain(self, share: float) -> None:
        """The volume of the whole, 0 to 1 as the slider stands."""
        with self._lock:
            self._gain = share * share
            self._put_view()

    def set_metronome(self, on: bool) -> None:
        """Click at each beat."""
        with self._lock:
            self._metronome = on
            self._put_view()

    @property
    def metronome(self) -> bool:
        """Whether beats click."""
        return self._metronome

    def set_endless(self, on: bool) -> None:
        """Go on behind the end of the piece, the metronome too."""
        with self._lock:
            self.endless = on
            self._put_view()
            if self.stage is not None:
                self.set_end(self.stage.end)

    def set_end(self, end: int) -> None:
        """Where playing stops, in frames."""
        last = -1 if self.endless or not end else end
        self._mixer.move(lambda now: now.ending(last))

    def make(self, scale: float, tick: int) -> None:
        """Make the score's stems, first those from `tick` on."""
        self._wanted = self.score, scale
        if self._stems is not None:
            self._stems.near(TimeMap(self.score.tempos, self._mixer.rate, scale).frame_at(tick))
            self._stems.show(self.score, scale)

    def near(self, frame: int) -> None:
        """It plays there: what comes next is made first."""
        if self._stems is not None:
            self._stems.near(frame)

    def ready_at(self, time_map: TimeMap, frame: int) -> bool:
        """The sound of the score as it is now is made there."""
        stage = self.stage
        if stage is None or stage.score is not self.score or stage.time != time_map:
            return False
        return stage.ready_at(frame)

    # -- notes outside the piece -------------------------------------------------------------------

    def note(self, track_id: str, pitch: int, velocity: int) -> None:
        """Let one note of a track be heard at once; before the font is read: the last one, as soon as it is."""
        if self._stems is None:
            self._waiting = _Waiting(track_id, pitch, velocity)
            return
        if (track := self._track(track_id)) is not None:
            left, right = self._sides(track)
            mixer = self._mixer

            def sound(made: Sound) -> None:
                mixer.sound(made, left, right)

            self._stems.note(Instrument(track.program, track.drums), pitch, velocity, sound)

    def press(self, track_id: str, pitch: int, velocity: int) -> HeldKey:
        """A key goes down; may be called from any thread. Silent while the soundfont is not read yet."""
        held, track, stems, mixer = HeldKey(self._mixer.rate), self._track(track_id), self._stems, self._mixer
        if track is not None and stems is not None:
            left, right = self._sides(track)

            def sound(made: Sound) -> None:
                held.begin(mixer.sound(made, left, right))

            stems.note(Instrument(track.program, track.drums), pitch, velocity, sound, KEY_S)
        return held

    def _track(self, track_id: str) -> Track | None:
        return next((track for track in self.score.tracks if track.id == track_id), None)

    def _sides(self, track: Track) -> tuple[float, float]:
        left, right = gains(track, False)
        return left * self._gain, right * self._gain

    # -- the soundfont -----------------------------------------------------------------------------

    def wake(self) -> None:
        """Have the soundfont at hand."""
        if self._stems is None and not self._opening and not self.silent:
            self._open(self.font)

    def set_font(self, path: Path | None) -> None:
        """Sound like this one; None: the built-in. A broken one is told (`failed`), and the built-in plays."""
        if path != self.font or self.silent:
            self.font = path
            self.silent = False
            self._open(path)

    def _open(self, path: Path | None) -> None:
        def opened() -> SoundFont | StudioError:
            try:
                return open_font(path)
            except StudioError as error:
                return error

        self._opening = True
        self._work.start(("font", path), opened)

    @Slot(object, object)
    def _on_font(self, key: tuple[str, Path | None], found: SoundFont | StudioError) -> None:
        if key != ("font", self.font) or self._closed:
            return  # another was chosen since
        self._opening = False
        if not isinstance(found, StudioError):
            self._take(found)
        elif self.font is not None:
            self.font = None
            self._open(None)
            self.failed.emit(found)
        else:
            self.silent, self._waiting = True, None
            self.failed.emit(found)
            self.staged.emit()
        self.changed.emit()

    def _take(self, font: SoundFont) -> None:
        old, self._generation = self._stems, self._generation + 1
        generation = self._generation
        self._stems = Stems(font, lambda stage: self._on_stage(stage, generation), self._mixer.rate)
        self.font_name = font.info.name
        if old is not None:
            self._work.start("ended", old.stop)
        if self._wanted is not None:
            self._stems.show(*self._wanted)
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self.note(*waiting)

    # -- stages and views --------------------------------------------------------------------------

    def _on_stage(self, stage: Stage, generation: int) -> None:
        """In the stems' thread: more of the sound is made."""
        with self._lock:
            if generation != self._generation:
                return
            before, self.stage = self.stage, stage
            self._put_view()
            if before is None or stage.time != before.time:
                self._clock.retime(stage.time)
            self.set_end(stage.end)
        self.staged.emit()

    def _put_view(self) -> None:
        """Hear the stage with the mixer values of the moment. The lock is held."""
        stage = self.stage
        if stage is None:
            clicks = self._clicks_for(self._clock.time, self.score)
            self._mixer.show(View(clicks=clicks, gain=self._gain))
        else:
            clicks = self._clicks_for(stage.time, stage.score)
            self._mixer.show(view_of(stage, self._tracks, clicks, self._gain))

    def _clicks_for(self, time_map: TimeMap, score: Score) -> tuple[Click, ...]:
        if not self._metronome:
            return ()
        bars = len(score.bars()) + (BARS_AHEAD if self.endless or not score.note_count else 0)
        of = (time_map, score.meters, bars)
        if of != self._clicked:
            self._clicks, self._clicked = clicks_of(score, time_map, bars), of
        return self._clicks

    def close(self) -> bool:
        """End the stems' thread; whether it ended. The object is of no use after."""
        with self._lock:
            self._closed = True
            self._generation += 1
        stems, self._stems = self._stems, None
        return stems.stop() if stems is not None else True
