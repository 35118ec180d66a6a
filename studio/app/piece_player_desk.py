"""Joins the open piece with the player: transport, playhead, loop, notes that are touched, takes that are tried."""

from bisect import bisect_right

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from studio.app.piece_desk import PieceDesk
from studio.app.piece_record_desk import PieceRecordDesk
from studio.app.piece_sound_desk import PieceSoundDesk
from studio.app.player import Player
from studio.app.settings import Settings
from studio.app.tasks import Tasks
from studio.core.errors import StudioError
from studio.media.music.score import TICKS, Score
from studio.media.music.theory import key_at, key_name
from studio.media.music.transport import TimeMap, meter_at

METRONOME = "music/metronome"
COUNT_IN = "music/count_in"
VOLUME = "music/volume"


class PiecePlayerDesk(QObject):
    """What is heard is what `judged.heard` says; the transport goes on whatever is chosen or changed meanwhile."""

    notice = Signal(str, str)  # what, do

    def __init__(
        self, desk: PieceDesk, settings: Settings, tasks: Tasks, window: QWidget, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.player = Player(self)
        self.sound = PieceSoundDesk(self.player, desk.pane.transport, settings, tasks, window, self)
        self.recording = PieceRecordDesk(desk, self.player, self.sound, self)
        self._desk = desk
        self._settings = settings
        self._bar = desk.pane.transport
        self._loop: tuple[int, int] | None = None  # ticks; kept while it is off
        self._loops = False
        self._auditioned = ""  # the take that play was asked for
        self._bars: tuple[int, ...] = (0,)
        self._times = TimeMap(desk.score.tempos)
        self._tempo_ticks: tuple[int, ...] = (0,)
        self._facts: tuple[object, ...] = ()  # tempo, metre and key as they are shown
        self._connect()
        self._recall()

    def _connect(self) -> None:
        desk, bar, player = self._desk, self._bar, self.player
        roll = desk.pane.roll
        bar.start_requested.connect(self.to_start)
        bar.play_requested.connect(self.toggle)
        bar.loop_toggled.connect(self.set_loop)
        bar.metronome_toggled.connect(self.set_metronome)
        bar.count_in_toggled.connect(self.set_count_in)
        bar.record_toggled.connect(self.record)
        bar.speed_wanted.connect(player.set_scale)
        bar.volume_changed.connect(self._on_volume)
        bar.tempo_wanted.connect(self._show_anew, Qt.ConnectionType.QueuedConnection)  # it may be refused
        roll.playhead_wanted.connect(player.seek)
        roll.loop_changed.connect(self._on_loop)
        roll.notes_sounded.connect(self._on_touched)
        roll.grid.installEventFilter(self)
        player.moved.connect(self._on_moved)
        player.level_changed.connect(bar.set_peak)
        player.playing_changed.connect(self._on_playing)
        player.told.connect(lambda words: self.notice.emit(words, ""))
        player.failed.connect(self._on_failed)
        for part in (self.sound, self.recording):
            part.notice.connect(self.notice)
        desk.opened.connect(self._on_opened)
        desk.leaving.connect(self._on_leaving)
        desk.shown.connect(self._on_shown)
        desk.judged.heard_changed.connect(self._on_heard)
        desk.pane.strip.play_requested.connect(self.play_take)

    def _recall(self) -> None:
        """As it was set the last time."""
        metronome = self._settings.flag(METRONOME, False)
        count_in = self._settings.flag(COUNT_IN, False)
        try:
            volume = min(1.0, max(0.0, float(self._settings.text(VOLUME, "1.0"))))
        except ValueError:
            volume = 1.0
        self.player.set_metronome(metronome)
        self.player.set_count_in(count_in)
        self.player.set_gain(volume)
        self._bar.set_volume(volume)
        self._bar.set_toggles(loop=False, metronome=metronome, count_in=count_in)

    # -- which piece -------------------------------------------------------------------------------

    @Slot(str)
    def _on_opened(self, _work: str) -> None:
        self._loop, self._auditioned = None, ""
        self.set_loop(False)
        self._on_heard(self._desk.judged.heard())
        self._on_shown(self._desk.score)
        self.player.seek(0)

    @Slot()
    def _on_leaving(self) -> None:
        self.recording.stop()
        self.player.stop()

    @Slot(object)
    def _on_shown(self, score: Score) -> None:
        """The piece as it stands: its bars, tempo, metre and key."""
        self._bars = score.bars().starts
        self._times = TimeMap(score.tempos)
        self._tempo_ticks = tuple(tempo.tick for tempo in score.tempos)
        self._show_anew()

    @Slot()
    def _show_anew(self) -> None:
        self._facts = ()
        self._show_place(self.player.tick)

    @Slot(object)
    def _on_heard(self, score: Score) -> None:
        self.player.show(score)
        self.sound.show(score)
        if self._auditioned and self.player.playing:
            self._auditioned = self._desk.pane.strip.chosen() or ""
            self._desk.pane.strip.set_playing(self._auditioned)

    @Slot(object)
    def mixing(self, score: Score) -> None:
        """A fader is being moved: hear it, before it is a step."""
        self.player.mix(score.tracks)

    # -- the transport -----------------------------------------------------------------------------

    @Slot()
    def toggle(self) -> None:
        """Play from the playhead, or stop."""
        if self._desk.session is not None:
            self.player.toggle()

    @Slot()
    def to_start(self) -> None:
        """Back to the start of the loop, from there to the start of the piece."""
        first = self._loop[0] if self._loop and self._loops else 0
        self.player.seek(first if self.player.tick > first else 0)
        self._desk.pane.roll.show_tick(self.player.tick)

    @Slot(bool)
    def set_loop(self, on: bool) -> None:
        """Repeat: the loop of the ruler, else the chosen bars, else those of the chosen take, else all."""
        self._loops = on
        if on and self._loop is None:
            self._loop = self._usual_loop()
        self._show_loop()

    @Slot(object)
    def _on_loop(self, ticks: tuple[int, int] | None) -> None:
        self._loop, self._loops = ticks, ticks is not None
        self._show_loop()

    def _show_loop(self) -> None:
        ticks = self._loop if self._loops else None
        self.player.set_loop(ticks)
        self._desk.pane.roll.set_loop(ticks)
        self._bar.loop.setChecked(self._loops)

    def _usual_loop(self) -> tuple[int, int]:
        desk = self._desk
        bars, last = desk.score.bars(), len(desk.score.bars()) - 1
        found = desk.range or self._bars_of_take(desk.pane.strip.chosen() or "") or (0, last)
        return bars.span(min(found[0], last), min(found[1], last))

    @Slot(bool)
    def set_metronome(self, on: bool) -> None:
        """Click at each beat."""
        self.player.set_metronome(on)
        self._settings.keep(METRONOME, on)
        self._bar.metronome.setChecked(on)

    @Slot(bool)
    def set_count_in(self, on: bool) -> None:
        """A bar of clicks before it plays."""
        self.player.set_count_in(on)
        self._settings.keep(COUNT_IN, on)
        self._bar.count_in.setChecked(on)

    @Slot(bool)
    def record(self, on: bool) -> None:
        """Write what the keyboard plays, from the playhead on."""
        self.recording.set_on(on)

    @Slot(float)
    def _on_volume(self, share: float) -> None:
        self.player.set_gain(share)
        self._settings.keep(VOLUME, f"{share:.2f}")

    # -- takes -------------------------------------------------------------------------------------

    @Slot(str)
    def play_take(self, take_id: str = "") -> None:
        """Hear a take in its place, from the start of its bars; once more: stop. "": the chosen one."""
        desk, strip = self._desk, self._desk.pane.strip
        take_id = take_id or strip.chosen() or ""
        if desk.session is None or take_id not in desk.judged.takes:
            return
        if self.player.playing and self._auditioned == take_id:
            self.player.stop()
            return
        if take_id not in strip.take_ids():
            desk.judged.show_take(take_id)
        strip.choose(take_id)
        bars = self._bars_of_take(take_id)
        if bars is None:
            self.notice.emit(desk.judged.place_of(take_id).why_not, "")
            return
        self.player.show(self._score_with(take_id))
        self._auditioned = take_id
        strip.set_playing(take_id)
        starts = desk.score.bars(bars[0] + 1).starts
        self.player.play(starts[bars[0]])

    audition = play_take

    def _score_with(self, take_id: str) -> Score:
        """The piece as the take would have it; one that was rejected or stopped is laid in to be heard."""
        judged = self._desk.judged
        if judged.as_shown(judged.takes[take_id]).verdict == "accepted":
            return judged.heard()
        return judged.laid(take_id) or judged.heard()

    def _bars_of_take(self, take_id: str) -> tuple[int, int] | None:
        """The bars a take stands in now, counted from 0; None where it does not fit any more."""
        judged = self._desk.judged
        if take_id not in judged.takes:
            return None
        place, job = judged.place_of(take_id), judged.takes[take_id].recipe.composing
        if place.why_not or job is None:
            return None
        return job.first_bar + place.bars, job.last_bar + place.bars

    # -- what is shown -----------------------------------------------------------------------------

    @Slot(int)
    def _on_moved(self, tick: int) -> None:
        self._desk.pane.roll.set_playhead(tick)
        self._show_place(tick)

    def _show_place(self, tick: int) -> None:
        score, starts = self._desk.score, self._bars
        meter = meter_at(score.meters, tick)
        bar = bisect_right(starts, tick) - 1
        start = starts[bar]
        if bar == len(starts) - 1:  # behind the last bar
            more = (tick - start) // meter.bar_ticks
            bar, start = bar + more, start + more * meter.bar_ticks
        beat = (tick - start) * meter.unit // (TICKS * 4)
        self._bar.set_place(bar + 1, beat + 1, self._times.frame_at(tick) / self._times.rate)
        tempo = score.tempos[max(0, bisect_right(self._tempo_ticks, tick) - 1)]
        key = key_at(score.keys, tick)
        facts = (tempo, meter, key)
        if facts != self._facts:
            self._facts = facts
            self._bar.set_tempo(tempo.per_minute)
            self._bar.set_meter(meter.beats, meter.unit)
            self._bar.set_key(key_name(key) if key else "")

    @Slot(bool)
    def _on_playing(self, on: bool) -> None:
        self._bar.set_playing(on)
        self.sound.set_playing(on)
        self.recording.on_playing(on)
        if not on and self._auditioned:
            self._auditioned = ""
            self._desk.pane.strip.set_playing("")
            self.player.show(self._desk.judged.heard())

    @Slot(int, int, str)
    def _on_touched(self, pitch: int, velocity: int, track: str) -> None:
        self.player.note(track, pitch, velocity)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever comes to the notes will want to hear one: have the sound at hand."""
        if event.type() == QEvent.Type.Enter and self._desk.session is not None:
            self.player.wake()
        return super().eventFilter(watched, event)

    @Slot(object)
    def _on_failed(self, error: StudioError) -> None:
        self.notice.emit(f"{error.what} {error.kept}".strip(), error.do)

    def close(self) -> bool:
        """End every thread of the sound; whether they ended."""
        ports = self.sound.close()
        return self.player.close() and ports
