"""A MIDI keyboard at the open piece: its keys sound at once and, while recording is on, are written at the playhead."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.midi_recording import EARLY_TICKS, PEDAL, PEDAL_DOWN, Recording, with_pedal
from studio.app.piece_desk import PieceDesk
from studio.app.player import Player
from studio.app.player_sound import HeldKey
from studio.media.music.edits import draw

if TYPE_CHECKING:
    from studio.app.piece_sound_desk import PieceSoundDesk


class Hands:
    """The keys and the pedal that are down; lives in the keyboard's thread."""

    def __init__(self) -> None:
        self._down: dict[int, HeldKey] = {}
        self._kept: list[HeldKey] = []  # let go while the pedal is down
        self._pedal = False

    def press(self, pitch: int, key: HeldKey) -> None:
        """A key goes down; the same one cannot sound twice."""
        self.let_go(pitch)
        self._down[pitch] = key

    def let_go(self, pitch: int) -> None:
        """A key comes up."""
        key = self._down.pop(pitch, None)
        if key is None:
            return
        if self._pedal:
            self._kept.append(key)
        else:
            key.let_go()

    def set_pedal(self, down: bool) -> None:
        """The pedal goes down or up."""
        self._pedal = down
        if not down:
            for key in self._kept:
                key.let_go()
            self._kept.clear()


class PieceRecordDesk(QObject):
    """`heard` is called in the keyboard's thread; everything else in the window's."""

    notice = Signal(str, str)  # what, do

    def __init__(self, desk: PieceDesk, player: Player, sound: "PieceSoundDesk", parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._player = player
        self._bar = desk.pane.transport
        self._recording: Recording | None = None
        self._track = desk.track  # what the keys sound like
        self._written = ""  # the track that is recorded
        self._hands = Hands()
        desk.track_shown.connect(self._on_track)
        sound.hear_keys = self.heard

    @Slot(str)
    def _on_track(self, track_id: str) -> None:
        self._track = track_id

    # -- in the keyboard's thread ------------------------------------------------------------------

    def heard(self, message: Any, when_s: float) -> None:
        """A mido message came: sound it, and hand on at which tick it was."""
        kind, recording = message.type, self._recording
        if kind == "note_on" and message.velocity:
            self._hands.press(
                message.note, self._player.sound.press(self._track, message.note, message.velocity)
            )
            if recording is not None and (tick := self._tick(when_s)) is not None:
                recording.press(tick, message.note, message.velocity)
        elif kind in ("note_on", "note_off"):
            self._hands.let_go(message.note)
            if recording is not None and (tick := self._tick(when_s)) is not None:
                recording.let_go(tick, message.note)
        elif kind == "control_change" and message.control == PEDAL:
            self._hands.set_pedal(message.value >= PEDAL_DOWN)
            if recording is not None and (tick := self._tick(when_s)) is not None:
                recording.pedal(tick, message.value)

    def _tick(self, when_s: float) -> int | None:
        """Where the piece was heard then; None when it did not play, or a count-in had only begun."""
        heard = self._player.clock.heard(when_s)
        if heard.state == "stopped" or heard.early_ticks > EARLY_TICKS:
            return None
        return round(heard.tick)

    # -- in the window's thread --------------------------------------------------------------------

    @Slot(bool)
    def set_on(self, on: bool) -> None:
        """Begin or end recording; what does not play yet begins to."""
        if not on:
            self.stop()
        elif self._recording is None and self._desk.session is not None and not self._desk.damaged:
            if self._desk.score.track(self._desk.track).locked:
                self.notice.emit("This track is locked: nothing can be recorded into it.", "Unlock it first.")
                self._bar.set_recording(False)
                return
            self._written = self._desk.track
            self._player.set_recording(True)
            if not self._player.playing:
                self._player.play()
            self._recording = Recording(self._player.loop)
        self._bar.set_recording(self._recording is not None)

    def stop(self) -> None:
        """End recording and write what was played, as one step."""
        recording, self._recording = self._recording, None
        if recording is None:
            return
        self._player.set_recording(False)
        self._bar.set_recording(False)
        notes, pedal = recording.finish(self._player.tick)
        desk = self._desk
        if not notes:
            return
        if all(track.id != self._written for track in desk.score.tracks):
            self.notice.emit("The track that was recorded is gone: nothing was written.", "")
            return
        done = draw(desk.score, self._written, notes)
        if done.words:
            self.notice.emit(done.words, "")
        if count := len(done.notes):
            words = f"Record {count:,} note{'' if count == 1 else 's'}"
            desk.revise(with_pedal(done.score, self._written, pedal), words, "drawn")

    def on_playing(self, on: bool) -> None:
        """Playing has ended: so has recording."""
        if not on:
            self.stop()
