"""What all parts of one roll look at: the score, what is chosen, what is seen, what is being dragged."""

from collections.abc import Iterable, Mapping

import numpy as np
from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from studio.media.music.score import END_MOST, TICKS, Bars, Meter, Note, Score, Track
from studio.widgets.roll.geometry import Ints, Sight
from studio.widgets.roll.kinds import LOCKED_BARS, LOCKED_NOTE, LOCKED_TRACK, Snap
from studio.widgets.roll.looks import Looks, Shades, looks, strength, surprise_shades
from studio.widgets.roll.model import Flags, NoteTable
from studio.widgets.tones import Tones, follow_tones

_SPARE_BARS = 16


class Draft(Struct, frozen=True, kw_only=True):
    """Notes being dragged: `hidden` are those of the table that are not painted where they were, if any."""

    hidden: Flags | None = None
    start: Ints
    end: Ints
    pitch: Ints
    velocity: Ints
    model: Flags


class RollState(QObject):
    """Values and what they became; it changes nothing by itself."""

    looked = Signal(int, int)  # scrolled by so many pixels (0, 0: zoomed, resized: all is elsewhere)
    rest_changed = Signal()  # tints, lines or colours: what rests is painted anew everywhere
    notes_changed = Signal()  # only how the notes of the track look
    tints_changed = Signal()  # only which bars are chosen or made anew
    take_changed = Signal(int, int)  # only the take that is laid over, from one tick to another
    live_changed = Signal()  # what is dragged
    chosen_changed = Signal()
    playhead_moved = Signal(int, int)  # from, to in ticks; -1: hidden

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sight = Sight()
        self.score = Score()
        self.track = Track(id="")
        self.bars = Bars((0, TICKS * 4))
        self.end = 0  # of the last note or chord, in ticks
        self._ends: dict[str, tuple[tuple[Note, ...], int]] = {}
        self._counted: tuple[int, tuple[Meter, ...]] = (-1, ())
        self.table = NoteTable.of(())
        self.chosen: Flags = self.table.none()
        self.fixed: Flags = self.table.none()  # notes that are locked, or sound in locked bars
        self.caret = -1
        self.snap = Snap()
        self.draft: Draft | None = None
        self.others = NoteTable.of(())
        self.take: NoteTable | None = None
        self.compares = False
        self.span: tuple[int, int] | None = None  # ticks the take speaks of
        self.gone: Flags = self.table.none()  # notes the take leaves out
        self.come: Flags = self.table.none()  # notes only the take has
        self.region: tuple[int, int] | None = None  # ticks being made anew
        self.range: tuple[int, int] | None = None  # bars chosen
        self.loop: tuple[int, int] | None = None  # ticks
        self.playhead = -1
        self.playing = False
        self.surprise: Mapping[Note, float] | None = None
        self.shades: Shades = np.empty(0, dtype=np.uint8)
        self.looks: Looks
        follow_tones(self._retone)

    def _retone(self, tones: Tones) -> None:
        self.looks = looks(tones)
        self.rest_changed.emit()

    # -- the score -----------------------------------------------------------------------------------

    def show(self, score: Score, track: Track) -> None:
        """Another score, or another track of it; what is chosen stays chosen where it still is."""
        same_track = track.id == self.track.id
        if same_track and track.notes is self.track.notes:
            self.track = track
        elif same_track:
            caret = self.table.notes[self.caret] if 0 <= self.caret < len(self.table) else None
            table, change = self.table.replaced(track.notes)
            self.chosen = change.flags(self.chosen, self.table.notes, table.notes)
            self.table, self.track = table, track
            self.caret = table.place(caret) if caret is not None else -1
        else:
            self.table, self.track, self.caret = NoteTable.of(track.notes), track, -1
            self.chosen = self.table.none()
        self.score = score
        self.fixed = self.table.locked | self.table.within_any(track.held)
        self._count_bars()
        self.shade()
        self.compare()
        self.draft = None

    def _count_bars(self) -> None:
        """Bars up to the end and some more; what has not changed since is not looked at again."""
        score = self.score
        for track in score.tracks:
            known = self._ends.get(track.id)
            if known is None or known[0] is not track.notes:
                self._ends[track.id] = track.notes, max((note.end for note in track.notes), default=0)
        end = max([chord.tick + chord.duration for chord in score.chords], default=0)
        end = max([end, *(self._ends[track.id][1] for track in score.tracks)])
        if (end, score.meters) == self._counted:
            return
        self.end, self._counted = end, (end, score.meters)
        bars = Bars.of(score.meters, end)
        last = bars.starts[-1] + _SPARE_BARS * score.meters[-1].bar_ticks
        self.bars = Bars.of(score.meters, last)
        self.sight.end = self.bars.starts[-1]
        self.sight.scroll_to(self.sight.left, self.sight.top)

    def shade(self) -> None:
        """Work out each note's fill."""
        if self.surprise is not None:
            self.shades = surprise_shades(self.surprise.get(note) for note in self.table.notes)
        else:
            self.shades = strength(self.table.velocity) + self.table.model.astype(np.uint8) * np.uint8(8)

    def compare(self) -> None:
        """Work out what a take leaves out of the track, and what it brings."""
        if self.take is None or not self.compares:
            return
        first, last = self.span or (0, END_MOST)
        ours = [note if first <= note.start < last else None for note in self.table.notes]
        sounds = {_sound(note) for note in ours if note is not None}
        theirs = {_sound(note) for note in self.take.notes}
        gone = (note is not None and _sound(note) not in theirs for note in ours)
        self.gone = np.fromiter(gone, np.bool_, len(ours))
        come = (_sound(note) not in sounds for note in self.take.notes)
        self.come = np.fromiter(come, np.bool_, len(self.take))

    # -- what is chosen ------------------------------------------------------------------------------

    def choose(self, flags: Flags, caret: int = -1) -> None:
        """Choose these notes; the caret goes to `caret`, or stays while it is among them."""
        if caret < 0 and 0 <= self.caret < len(flags) and flags[self.caret]:
            caret = self.caret
        if caret < 0 and int(flags.sum()) == 1:
            caret = int(flags.argmax())
        if caret == self.caret and np.array_equal(flags, self.chosen):
            return
        self.chosen, self.caret = flags, caret
        self.notes_changed.emit()
        self.chosen_changed.emit()

    def choose_notes(self, notes: Iterable[Note]) -> None:
        """Choose notes by what they are."""
        self.choose(self.table.marked(notes))

    def choose_one(self, at: int) -> None:
        """Choose one note alone; -1 for none."""
        flags = self.table.none()
        if at >= 0:
            flags[at] = True
        self.choose(flags, at)

    def lock_words(self, at: int) -> str:
        """Why a note cannot be changed; "" when it can."""
        if self.track.locked:
            return LOCKED_TRACK
        if not self.fixed[at]:
            return ""
        return LOCKED_NOTE if self.table.locked[at] else LOCKED_BARS

    # -- what is dragged -----------------------------------------------------------------------------

    def drag(self, draft: Draft | None) -> None:
        """Show notes that are being dragged; None ends it."""
        before, self.draft = self.draft, draft
        hid = before.hidden if before is not None else None
        hides = draft.hidden if draft is not None else None
        if hid is not hides:
            self.notes_changed.emit()
        if before is not None or draft is not None:
            self.live_changed.emit()

    def resting(self) -> Flags | None:
        """The notes that are painted where they are; None: all."""
        if self.draft is None or self.draft.hidden is None:
            return None
        return ~self.draft.hidden

    # -- what is seen --------------------------------------------------------------------------------

    def scroll_to(self, left: float, top: float) -> None:
        """Scroll, as far as there is something."""
        dx, dy = self.sight.scroll_to(left, top)
        if dx or dy:
            self.looked.emit(dx, dy)

    def zoom_time(self, factor: float, x: float) -> None:
        """Wider or narrower around the view's x."""
        self.sight.zoom_time(factor, x)
        self.looked.emit(0, 0)

    def zoom_rows(self, steps: float, y: float) -> None:
        """Higher or lower rows around the view's y."""
        self.sight.zoom_rows(steps, y)
        self.looked.emit(0, 0)

    def set_playhead(self, tick: int) -> None:
        """Where it plays; -1 hides it."""
        before, self.playhead = self.playhead, tick
        if before != tick:
            self.playhead_moved.emit(before, tick)


def _sound(note: Note) -> tuple[int, int, int, int]:
    """What is heard of a note: by whom it is does not count."""
    return note.start, note.pitch, note.duration, note.velocity
