"""The piano roll of one track: shows a score, lets its notes be edited, and tells every step a person takes."""

from collections.abc import Iterable, Mapping
from typing import Final

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from studio.media.music.edits_placing import Done
from studio.media.music.score import Note, Score, Track
from studio.media.music.theory import key_at, key_classes
from studio.widgets.roll.commands import RollCommands
from studio.widgets.roll.geometry import PITCHES, STEP
from studio.widgets.roll.grid import HELP
from studio.widgets.roll.hearing import note_words
from studio.widgets.roll.keyboard import RollKeys, fit_notes, reveal
from studio.widgets.roll.kinds import LOCKED_BARS, RollKind, Snap, Tool
from studio.widgets.roll.model import NoteTable
from studio.widgets.roll.parts import RollParts

_FOLLOW: Final = 0.08  # of the view's width: where the playhead stands after a page is turned


class RollView(RollParts):
    """Values in, signals out: the score that comes back through `show_score` is what was told by `changed`, or an
    older one after undo. Bars count from 0, times are ticks."""

    changed = Signal(object, str, str)  # Score, what was done, kind of revision (kinds.RollKind)
    told = Signal(str)  # what a step did besides: locked notes left, notes replaced
    refused = Signal(str)
    notes_sounded = Signal(int, int, str)  # pitch, velocity, track id
    selection_changed = Signal()
    tool_changed = Signal(str)
    playhead_wanted = Signal(int)  # tick
    loop_changed = Signal(object)  # (first, last) tick, or None
    bars_chosen = Signal(object)  # (first, last) bar, or None
    menu_wanted = Signal(QPointF)  # where in `grid`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.commands = RollCommands(self.state, self)
        self._follows = True
        self._folded = False
        self._others_shown = True
        self._other_notes: tuple[tuple[Note, ...], ...] = ()
        keys = RollKeys(self.grid, self.commands, (self.ruler, self.chords, self.velocities))
        self.grid.keys, self.grid.is_ours = keys.press, keys.is_ours
        self.setFocusProxy(self.grid)
        self._connect()

    def _connect(self) -> None:
        self.grid.committed.connect(self.take)
        self.velocities.committed.connect(self.take)
        self.ruler.committed.connect(self._take_score)
        self.chords.committed.connect(self._take_score)
        for part in (self.grid, self.chords, self.velocities):
            part.refused.connect(self.refused)
        self.grid.sounded.connect(self._on_sounded)
        self.piano.sounded.connect(self._on_sounded)
        self.grid.tool_changed.connect(self.tool_changed)
        self.grid.menu_wanted.connect(self.menu_wanted)
        self.ruler.playhead_wanted.connect(self.playhead_wanted)
        self.ruler.loop_changed.connect(self.loop_changed)
        self.ruler.bars_chosen.connect(self.bars_chosen)
        self.state.chosen_changed.connect(self._on_chosen)

    # -- the score -----------------------------------------------------------------------------------

    def show_score(self, score: Score, track_id: str) -> None:
        """Show one track of a piece. A drag under way is given up when its notes are others now.

        Raises KeyError for a track that is not there.
        """
        track = score.track(track_id)
        state = self.state
        other_track = track_id != state.track.id
        if not other_track and score == state.score:
            return
        for part in (self.grid, self.ruler, self.chords, self.velocities):
            if part.busy():
                part.cancel()
        chosen_before = int(state.chosen.sum())
        state.show(score, track)
        self._show_others()
        if other_track:
            self.piano.show_width()
            self._show_rows()
            state.looked.emit(0, 0)
        elif self._folded:
            self._show_rows()
        count = len(track.notes)
        self.grid.setAccessibleName(
            f"Piano roll, {track.name or 'track'}, {count:,} note{'' if count == 1 else 's'}"
        )
        state.rest_changed.emit()
        if other_track or chosen_before != int(state.chosen.sum()):
            state.chosen_changed.emit()

    def score(self) -> Score:
        """The piece as it was last told or shown."""
        return self.state.score

    def track(self) -> Track:
        """The track that is shown."""
        return self.state.track

    def take(self, done: Done, title: str, kind: RollKind) -> None:
        """A step was taken on the notes of the track: show it, tell it."""
        state = self.state
        if done.score == state.score:
            if done.kept_out:
                self.refuse(LOCKED_BARS)
            elif done.words:
                self.told.emit(done.words)
            return
        if done.words:
            self.told.emit(done.words)
        caret_alone = len(done.notes) == 1
        self._show(done.score)
        flags = state.table.marked(done.notes)
        state.choose(flags, int(flags.argmax()) if caret_alone and flags.any() else -1)
        state.rest_changed.emit()
        self.changed.emit(done.score, title, kind)

    def _take_score(self, score: Score, title: str, kind: str) -> None:
        """A step was taken on chords or markers."""
        self._show(score)
        self.state.rest_changed.emit()
        self.changed.emit(score, title, kind)

    def _show(self, score: Score) -> None:
        self.state.show(score, score.track(self.state.track.id))
        if self._folded:
            self._show_rows()

    def refuse(self, why: str) -> None:
        """Say why something cannot be done."""
        self.refused.emit(why)

    # -- what is chosen ------------------------------------------------------------------------------

    def selection(self) -> tuple[Note, ...]:
        """The chosen notes, in order."""
        return self.commands.notes()

    def choose(self, notes: Iterable[Note]) -> None:
        """Choose these notes."""
        self.state.choose_notes(notes)

    def _on_chosen(self) -> None:
        self.selection_changed.emit()
        words = self.caret_words()
        if (words or HELP) != self.grid.accessibleDescription():
            self.grid.setAccessibleDescription(words or HELP)
            if words and self.grid.hasFocus() and QAccessible.isActive():
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.grid, words))

    def caret_words(self) -> str:
        """What a screen reader hears: the note under the caret, or how many are chosen."""
        state, count = self.state, int(self.state.chosen.sum())
        if 0 <= state.caret < len(state.table) and count <= 1:
            score, note = state.score, state.table.notes[state.caret]
            held, drums = bool(state.fixed[state.caret]), state.track.drums
            return note_words(note, state.bars, score.meters, score.keys, drums=drums, held=held)
        return f"{count:,} notes chosen" if count else ""

    def _on_sounded(self, pitch: int, velocity: int) -> None:
        self.notes_sounded.emit(pitch, velocity, self.state.track.id)

    # -- tools and looks -----------------------------------------------------------------------------

    def tool(self) -> Tool:
        """The tool in hand."""
        return self.grid.tool()

    def set_tool(self, tool: Tool) -> None:
        """Take another tool."""
        self.grid.set_tool(tool)

    def set_snap(self, snap: Snap) -> None:
        """Another grid; the next note drawn is as long as its step."""
        self.state.snap = snap
        self.grid.forget_length()
        self.state.rest_changed.emit()

    def set_folded(self, folded: bool) -> None:
        """Show only rows of the key's scale (without a key, and in a kit: only those that have notes)."""
        if folded != self._folded:
            self._folded = folded
            self._show_rows()
            self.state.looked.emit(0, 0)

    def _show_rows(self) -> None:
        pitches = self._rows() if self._folded else PITCHES
        if tuple(pitches) != tuple(self.state.sight.pitches):
            self.state.sight.show_pitches(pitches)
            self.state.looked.emit(0, 0)

    def _rows(self) -> tuple[int, ...]:
        state = self.state
        used = set(state.table.pitch.tolist())
        key = key_at(state.score.keys, 0) or next(iter(state.score.keys), None)
        if state.track.drums or key is None:
            return tuple(sorted(used, reverse=True)) or PITCHES
        classes = key_classes(key)
        return tuple(pitch for pitch in PITCHES if pitch % 12 in classes or pitch in used)

    def show_others(self, shown: bool) -> None:
        """The notes of the other tracks, faint."""
        self._others_shown = shown
        self._show_others()
        self.state.rest_changed.emit()

    def _show_others(self) -> None:
        state = self.state
        tracks = [
            one.notes
            for one in state.score.tracks
            if self._others_shown and one.id != state.track.id and one.drums == state.track.drums
        ]
        same = len(tracks) == len(self._other_notes) and all(
            one is before for one, before in zip(tracks, self._other_notes, strict=True)
        )
        if not same:
            self._other_notes = tuple(tracks)
            state.others = NoteTable.of(sorted(note for notes in tracks for note in notes))

    def set_ghost(self, notes: Iterable[Note] | None, span: tuple[int, int] | None = None) -> None:
        """Lay a take over the track; None takes it away. `span`: the ticks it speaks of, for comparing."""
        state, before = self.state, self.state.take
        state.take = NoteTable.of(sorted(notes)) if notes is not None else None
        state.span = span
        state.compare()
        if state.compares:
            state.rest_changed.emit()
        elif extents := [table.extent for table in (before, state.take) if table is not None and len(table)]:
            state.take_changed.emit(min(first for first, _ in extents), max(last for _, last in extents))

    def set_take_compare(self, compares: bool) -> None:
        """Show what the take that is laid over leaves out and brings."""
        self.state.compares = compares
        self.state.compare()
        self.state.rest_changed.emit()

    def set_surprise(self, nats: Mapping[Note, float] | None) -> None:
        """Colour each note by how much it surprised the model (nats, all its tokens together); None: by author."""
        self.state.surprise = nats
        self.state.shade()
        self.state.rest_changed.emit()

    def set_region(self, first_bar: int, last_bar: int, tracks: Iterable[str]) -> None:
        """These bars of these tracks are being made anew; no tracks: nothing is."""
        bars, here = self.state.bars, self.state.track.id in tuple(tracks)
        inside = min(first_bar, len(bars) - 1), min(last_bar, len(bars) - 1)
        self.state.region = bars.span(*inside) if here else None
        self.state.tints_changed.emit()

    def set_range(self, bars: tuple[int, int] | None) -> None:
        """The bars that are chosen for the next takes, first and last."""
        self.state.range = bars
        self.state.tints_changed.emit()

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """The loop, in ticks."""
        self.state.loop = loop
        self.state.rest_changed.emit()

    # -- playing and looking -------------------------------------------------------------------------

    def set_playhead(self, tick: int) -> None:
        """Where it plays; -1 hides the line. When it leaves the view while it is followed, a page is turned."""
        sight, follows = self.state.sight, self._follows and tick >= 0 and not self.grid.busy()
        if follows and not 0 <= sight.x(tick) < sight.width:
            self.state.scroll_to(tick * sight.zoom - sight.width * _FOLLOW, sight.top)
        self.state.set_playhead(tick)

    def set_following(self, follows: bool) -> None:
        """Whether the view goes with the playhead."""
        self._follows = follows

    def fit(self) -> None:
        """Show all notes of the track."""
        fit_notes(self.grid)

    def zoom_in(self) -> None:
        """A step wider, around the middle."""
        self.state.zoom_time(STEP, self.state.sight.width / 2)

    def zoom_out(self) -> None:
        """A step narrower."""
        self.state.zoom_time(1 / STEP, self.state.sight.width / 2)

    def show_tick(self, tick: int) -> None:
        """Scroll so that a tick is in sight."""
        sight = self.state.sight
        box = self.grid.rect()
        box.setRect(sight.x(tick), sight.height // 2, 1, 1)
        reveal(self.grid, box)
