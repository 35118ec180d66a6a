"""Tools that change notes by a touch: draw, erase, split; and the hand that moves what is seen."""

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QCursor, QPainter

from studio.media.music import edits
from studio.media.music.holds import held_at, stop_of
from studio.media.music.score import Note
from studio.widgets.roll.drag_notes import NoteDrag, counted, cursor_of, part_at
from studio.widgets.roll.kinds import LOCKED_BARS, LOCKED_TRACK, Pointer
from studio.widgets.roll.model import Flags
from studio.widgets.roll.rects import boxes, fill
from studio.widgets.roll.state import Draft
from studio.widgets.roll.tool import Host, RollTool


class DrawTool(RollTool):
    """Draws a note where there is none: as long as it is dragged; a note that is there is moved or resized."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._drag = NoteDrag(host)
        self._note: Note | None = None

    def cursor(self, at: Pointer) -> QCursor:
        """What a press would do."""
        found, part = part_at(self.host, at)
        return cursor_of(part) if found >= 0 else QCursor(Qt.CursorShape.CrossCursor)

    def press(self, at: Pointer) -> None:
        """Begin a note, or take one."""
        state = self.host.state
        found, part = part_at(self.host, at)
        if found >= 0:
            if not state.chosen[found]:
                state.choose_one(found)
            self.host.sound(int(state.table.pitch[found]), int(state.table.velocity[found]))
            self._drag.take(at, found, part)
            self.busy = self._drag.busy
            return
        if state.track.locked:
            self.host.refuse(LOCKED_TRACK)
            return
        if at.pitch < 0:
            return
        length, velocity = self.host.last_drawn()
        start = round(at.tick) if at.ctrl else state.snap.before(at.tick, state.bars)
        if held_at(state.track, start) is not None:
            self.host.refuse(LOCKED_BARS)
            return
        end = stop_of(state.track, start, start + max(length, edits.SHORTEST))
        self._note = Note(start, at.pitch, end - start, velocity)
        self.busy = True
        state.choose(state.table.none())
        self._show()
        self.host.sound(at.pitch, velocity)

    def move(self, at: Pointer) -> None:
        """Longer, higher, lower."""
        if self._drag.busy:
            self._drag.move(at)
        elif self._note is not None:
            note, state = self._note, self.host.state
            length = note.duration
            if at.tick >= note.end or at.tick < note.end - state.snap.step:
                end = round(at.tick) if at.ctrl else state.snap.before(at.tick, state.bars) + state.snap.step
                length = max(
                    min(state.snap.step, length) if not at.ctrl else edits.SHORTEST, end - note.start
                )
            length = stop_of(state.track, note.start, note.start + length) - note.start
            pitch = at.pitch if at.pitch >= 0 else note.pitch
            if pitch != note.pitch:
                self.host.sound(pitch, note.velocity)
            if (pitch, length) != (note.pitch, note.duration):
                self._note = Note(note.start, pitch, length, note.velocity)
                self._show()

    def _show(self) -> None:
        note = self._note
        assert note is not None
        self.host.state.drag(
            Draft(
                start=np.array([note.start], dtype=np.int32),
                end=np.array([note.end], dtype=np.int32),
                pitch=np.array([note.pitch], dtype=np.int32),
                velocity=np.array([note.velocity], dtype=np.int32),
                model=np.zeros(1, dtype=np.bool_),
            )
        )

    def release(self, at: Pointer) -> None:
        """It is there."""
        if self._drag.busy:
            self._drag.release(at)
        note, self._note, self.busy = self._note, None, False
        if note is not None:
            track = self.host.state.track.id
            self.host.commit(lambda score: edits.draw(score, track, (note,)), "Draw a note", "drawn")

    def cancel(self) -> bool:
        """No note; or the dragged ones go back."""
        self._note = None
        if self._drag.cancel():
            self.busy = False
            return True
        return super().cancel()


class EraseTool(RollTool):
    """Takes away the notes it passes over."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._gone: Flags | None = None

    def cursor(self, _at: Pointer) -> QCursor:
        """A cross."""
        return QCursor(Qt.CursorShape.CrossCursor)

    def press(self, at: Pointer) -> None:
        """Begin."""
        if self.host.state.track.locked:
            self.host.refuse(LOCKED_TRACK)
            return
        self.busy, self._gone = True, self.host.state.table.none()
        self.move(at)

    def move(self, at: Pointer) -> None:
        """One more."""
        state, gone = self.host.state, self._gone
        found = state.table.at(at.tick, at.pitch) if at.pitch >= 0 else -1
        if gone is None or found < 0 or gone[found] or state.fixed[found]:
            return
        self._gone = gone.copy()
        self._gone[found] = True
        nothing = np.empty(0, dtype=np.int32)
        state.drag(
            Draft(
                hidden=self._gone,
                start=nothing,
                end=nothing,
                pitch=nothing,
                velocity=nothing,
                model=np.empty(0, dtype=np.bool_),
            )
        )

    def release(self, _at: Pointer) -> None:
        """One step for all of them."""
        gone, self._gone, self.busy = self._gone, None, False
        state = self.host.state
        if gone is None or not gone.any():
            state.drag(None)
            return
        notes, track = state.table.chosen(gone), state.track.id
        self.host.commit(
            lambda score: edits.remove(score, track, notes), f"Delete {counted(len(notes))}", "drawn"
        )


class SplitTool(RollTool):
    """Cuts the note under the pointer; when it is among chosen ones, all of these that sound then."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._tick = -1

    def cursor(self, at: Pointer) -> QCursor:
        """Where it would cut."""
        found, _ = part_at(self.host, at)
        return QCursor(Qt.CursorShape.SplitHCursor if found >= 0 else Qt.CursorShape.ForbiddenCursor)

    def press(self, at: Pointer) -> None:
        """Show where."""
        self.busy = True
        self.move(at)

    def move(self, at: Pointer) -> None:
        """Elsewhere."""
        state = self.host.state
        self._tick = round(at.tick) if at.ctrl else state.snap.near(at.tick, state.bars)
        self.host.repaint_over()

    def release(self, at: Pointer) -> None:
        """Cut."""
        state, tick = self.host.state, self._tick
        self.busy, self._tick = False, -1
        self.host.repaint_over()
        found = state.table.at(at.tick, at.pitch) if at.pitch >= 0 else -1
        if found < 0:
            return
        flags = state.chosen if state.chosen[found] else state.table.marked([state.table.notes[found]])
        flags = flags & (state.table.start < tick) & (state.table.end > tick) & ~state.fixed
        if state.track.locked or not flags.any():
            return
        notes, track = state.table.chosen(flags), state.track.id
        self.host.commit(
            lambda score: edits.split(score, track, notes, tick), f"Split {counted(len(notes))}", "drawn"
        )

    def paint(self, painter: QPainter, area: QRect) -> None:
        """The line it cuts along."""
        if self._tick >= 0:
            x = np.array([self.host.state.sight.x(self._tick)], dtype=np.int32)
            top = np.array([area.top()], dtype=np.int32)
            fill(painter, boxes(x, top, 1, area.height()), self.host.state.looks.playhead)


class PanTool(RollTool):
    """Moves what is seen."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._from = QPointF()

    def cursor(self, _at: Pointer) -> QCursor:
        """A hand."""
        return QCursor(Qt.CursorShape.ClosedHandCursor if self.busy else Qt.CursorShape.OpenHandCursor)

    def press(self, at: Pointer) -> None:
        """Take hold."""
        self.busy, self._from = True, at.view

    def move(self, at: Pointer) -> None:
        """Move."""
        state, by = self.host.state, at.view - self._from
        self._from = at.view
        state.scroll_to(state.sight.left - by.x(), state.sight.top - by.y())

    def release(self, _at: Pointer) -> None:
        """Let go."""
        self.busy = False
