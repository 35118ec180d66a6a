"""Joins the list of tracks with the open piece: what the person does to a track becomes a step of the history."""

from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.piece_desk import PieceDesk
from studio.app.window import MainWindow
from studio.core.errors import StudioError
from studio.media.music.checks import TRACKS_MOST
from studio.media.music.edits_tracks import add_track, duplicate_track, remove_track, reorder_track, set_track
from studio.media.music.instruments import program_name
from studio.media.music.score import Score, Track
from studio.project.records import RevisionKind

DOCK: Final = "view.tracks"
_LAST: Final = "A piece keeps one track at least."


class PieceTracksDesk(QObject):
    """Owns nothing: the piece is the desk's, the list is the pane's."""

    notice = Signal(str, str)  # what, do
    mixing = Signal(object)  # Score to be heard while a volume or pan is dragged; no step yet

    def __init__(self, desk: PieceDesk, window: MainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._window = desk, window
        self._panel = desk.pane.tracks
        self._connect()
        self._show()

    def _connect(self) -> None:
        desk, panel = self._desk, self._panel
        desk.shown.connect(self._show)
        desk.track_shown.connect(self._show)
        desk.leaving.connect(panel.flush)
        panel.track_chosen.connect(desk.show_track)
        panel.renamed.connect(self.rename)
        panel.instrument_wanted.connect(self.set_instrument)
        panel.mute_toggled.connect(self.mute)
        panel.solo_toggled.connect(self.solo)
        panel.lock_toggled.connect(self.lock)
        panel.volume_changed.connect(self._on_volume)
        panel.pan_changed.connect(self._on_pan)
        panel.add_wanted.connect(self.add)
        panel.duplicate_wanted.connect(self.duplicate)
        panel.remove_wanted.connect(self.remove)
        panel.moved.connect(self.move)

    @Slot()
    def _show(self) -> None:
        if self._desk.track:  # none while a piece is being opened: it is shown right after
            self._panel.show_score(self._desk.score, self._desk.track)
        self._panel.setEnabled(self._desk.session is not None and not self._desk.damaged)

    # -- one track's own -------------------------------------------------------------------------------

    @Slot(str, str)
    def rename(self, track_id: str, name: str) -> None:
        """Give a track another name."""
        self._set(
            track_id, "Rename “{}”" + f" to “{name}”", "arranged", lambda s: set_track(s, track_id, name=name)
        )

    @Slot(str, int, bool)
    def set_instrument(self, track_id: str, program: int, drums: bool) -> None:
        """Let a track sound with another instrument, or as drums."""
        words = "“{}” sounds as " + program_name(program, drums)
        self._set(track_id, words, "adjusted", lambda s: set_track(s, track_id, program=program, drums=drums))

    @Slot(str, bool)
    def mute(self, track_id: str, on: bool) -> None:
        """Silence a track, or let it sound."""
        words = "Mute “{}”" if on else "Unmute “{}”"
        self._set(track_id, words, "adjusted", lambda s: set_track(s, track_id, mute=on))

    @Slot(str, bool)
    def solo(self, track_id: str, on: bool) -> None:
        """Hear a track alone (with others that are solo), or not."""
        words = "Solo “{}”" if on else "“{}” no longer solo"
        self._set(track_id, words, "adjusted", lambda s: set_track(s, track_id, solo=on))

    @Slot(str, bool)
    def lock(self, track_id: str, on: bool) -> None:
        """Hold a track's notes as they are, or let them go."""
        words = "Lock “{}”" if on else "Unlock “{}”"
        self._set(
            track_id, words, "locked" if on else "unlocked", lambda s: set_track(s, track_id, locked=on)
        )

    @Slot(str, int, bool)
    def _on_volume(self, track_id: str, volume: int, final: bool) -> None:
        words = f"Volume of “{{}}”: {volume}"
        self._mix(track_id, words, final, lambda s: set_track(s, track_id, volume=volume))

    @Slot(str, float, bool)
    def _on_pan(self, track_id: str, pan: float, final: bool) -> None:
        side = "middle" if not pan else f"{round(abs(pan) * 100)} % {'left' if pan < 0 else 'right'}"
        self._mix(track_id, f"Pan of “{{}}”: {side}", final, lambda s: set_track(s, track_id, pan=pan))

    def _mix(self, track_id: str, words: str, final: bool, change: Callable[[Score], Score]) -> None:
        """Heard at once; a step when it is let go."""
        if final:
            self._set(track_id, words, "adjusted", change)
        elif self._known(track_id):
            self.mixing.emit(change(self._desk.score))

    def _set(self, track_id: str, words: str, kind: RevisionKind, change: Callable[[Score], Score]) -> None:
        """One step, unless nothing changes; `words` has a place for the track's name."""
        score = self._desk.score
        if self._known(track_id) and (new := change(score)) != score:
            self._desk.revise(new, words.replace("{}", _title(score.track(track_id)), 1), kind)

    def _known(self, track_id: str) -> bool:
        return any(track.id == track_id for track in self._desk.score.tracks)

    # -- the tracks together ---------------------------------------------------------------------------

    @Slot(int, bool)
    def add(self, program: int = 0, drums: bool = False) -> None:
        """A new empty track behind the one in the roll, shown there."""
        desk = self._desk
        if self._full():
            return
        score, track = add_track(desk.score, program, drums, at=self._place(desk.track) + 1)
        self._step(score, f"Add the track “{_title(track)}”", show=track.id)

    @Slot(str)
    def duplicate(self, track_id: str = "") -> None:
        """A copy of a track ("": of the one in the roll) right behind it, shown."""
        track_id = track_id or self._desk.track
        if not self._known(track_id) or self._full():
            return
        score, copy = duplicate_track(self._desk.score, track_id)
        self._step(score, f"Duplicate the track “{_title(copy)}”", show=copy.id)

    @Slot(object)
    def remove(self, ids: Iterable[str] = ()) -> None:
        """Take tracks ((): the chosen ones) out of the piece, all or none of them."""
        desk = self._desk
        wanted = [one for one in ids or self._panel.chosen() if self._known(one)]
        left = [track for track in desk.score.tracks if track.id not in wanted]
        if not wanted:
            return
        if not left:
            self.notice.emit(_LAST, "Add another track first, or delete the notes of this one.")
            return
        score = desk.score
        try:
            for one in wanted:
                score = remove_track(score, one)
        except StudioError as error:
            self.notice.emit(f"{error.what} Nothing was removed.", error.do)
            return
        words = f"“{_title(desk.score.track(wanted[0]))}”" if len(wanted) == 1 else f"{len(wanted)} tracks"
        if desk.track in wanted:  # the next one takes its place in the roll, at the end the one before
            at = self._place(desk.track)
            behind = [track for track in desk.score.tracks[at:] if track.id not in wanted]
            desk.show_track((behind or left[-1:])[0].id)
        self._step(score, f"Remove {words}")

    @Slot(str, int)
    def move(self, track_id: str, to: int) -> None:
        """Put a track at another place among the others."""
        if self._known(track_id) and self._place(track_id) != to:
            score = reorder_track(self._desk.score, track_id, to)
            self._step(score, f"Move the track “{_title(score.track(track_id))}”")

    def _step(self, score: Score, words: str, show: str = "") -> None:
        desk = self._desk
        if score == desk.score:
            return
        desk.revise(score, words, "arranged")
        if show:
            desk.show_track(show)

    def _place(self, track_id: str) -> int:
        return next((at for at, track in enumerate(self._desk.score.tracks) if track.id == track_id), -1)

    def _full(self) -> bool:
        full = len(self._desk.score.tracks) >= TRACKS_MOST
        if full:
            self.notice.emit(f"A piece has at most {TRACKS_MOST} tracks.", "Remove one first.")
        return full

    # -- for actions -------------------------------------------------------------------------------------

    def ask_add(self) -> None:
        """Ask which instrument a new track has."""
        self._window.show_dock(DOCK)
        self._panel.open_add_menu()

    def ask_name(self) -> None:
        """Write the name of the track in the roll."""
        self._window.show_dock(DOCK)
        self._panel.rename_current()

    def toggle(self, what: str) -> None:
        """Turn "mute", "solo" or "lock" of the track in the roll."""
        track = self._desk.score.track(self._desk.track)
        match what:
            case "mute":
                self.mute(track.id, not track.mute)
            case "solo":
                self.solo(track.id, not track.solo)
            case "lock":
                self.lock(track.id, not track.locked)
            case _:
                raise ValueError(what)


def _title(track: Track) -> str:
    return track.name or program_name(track.program, track.drums)
