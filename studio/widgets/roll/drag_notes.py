"""Notes in a person's hand: moved, copied or resized, first as a draft, then as one step."""

from typing import Literal

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor

from studio.media.music import edits
from studio.media.music.edits_placing import Done
from studio.media.music.score import Note, Score
from studio.widgets.roll.kinds import Pointer
from studio.widgets.roll.model import Flags
from studio.widgets.roll.state import Draft
from studio.widgets.roll.tool import Host, RollTool

Part = Literal["body", "first", "last"]
EDGE_PX = 6


def part_at(host: Host, at: Pointer) -> tuple[int, Part]:
    """The note under the pointer and which part of it; -1 for none."""
    state = host.state
    found = state.table.at(at.tick, at.pitch, 3 / state.sight.zoom)
    if found < 0:
        return -1, "body"
    left, right = state.sight.x(int(state.table.start[found])), state.sight.x(int(state.table.end[found]))
    edge = min(EDGE_PX, max(2, (right - left) // 4))
    x = at.view.x()
    if x >= right - edge:
        return found, "last"
    return found, "first" if x < left + edge and right - left >= 4 * edge else "body"


def cursor_of(part: Part) -> QCursor:
    """How the pointer looks over a part of a note."""
    return QCursor(Qt.CursorShape.SizeHorCursor if part != "body" else Qt.CursorShape.SizeAllCursor)


class NoteDrag(RollTool):
    """Moves or resizes the chosen notes. Ctrl: off the grid; Shift: one direction only; Alt at the press: a copy."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._part: Part = "body"
        self._from: Pointer | None = None
        self._held = -1  # the note under the pointer
        self._flags: Flags | None = None
        self._copies = False
        self._by = (0, 0)
        self._heard = -1

    def take(self, at: Pointer, held: int, part: Part) -> None:
        """Begin; the note under the pointer is chosen."""
        state = self.host.state
        flags = state.chosen & ~state.fixed
        why = state.lock_words(held)
        if why:
            self.host.refuse(why)
        if why or not flags[held]:
            return
        self._part, self._from, self._held, self._flags = part, at, held, flags
        self._copies = at.alt and part == "body"
        self._by, self._heard = (0, 0), int(state.table.pitch[held])
        self.busy = True

    def move(self, at: Pointer) -> None:
        """Show the notes where they would be."""
        if self._from is None or self._flags is None:
            return
        by = self._wanted(at)
        if by == self._by:
            return
        self._by = by
        if by == (0, 0):
            self.host.state.drag(None)
        else:
            self.host.state.drag(self._draft(by))
        self._hear()

    def release(self, _at: Pointer) -> None:
        """They stay there: one step."""
        flags, by, self.busy, self._from = self._flags, self._by, False, None
        if flags is None or by == (0, 0):
            self.host.state.drag(None)
            return
        state = self.host.state
        notes, track = state.table.chosen(flags), state.track.id
        part, copies = self._part, self._copies

        def change(score: Score) -> Done:
            return changed(score, track, notes, part, by, copies)

        words = "Copy" if copies else "Move" if part == "body" else "Resize"
        self.host.commit(change, f"{words} {counted(len(notes))}", "drawn")

    # -- how far -------------------------------------------------------------------------------------

    def _wanted(self, at: Pointer) -> tuple[int, int]:
        state, origin = self.host.state, self._from
        assert origin is not None and self._flags is not None
        held = self._held
        moved = at.tick - origin.tick
        edge = int(state.table.end[held] if self._part == "last" else state.table.start[held])
        wanted = edge + moved
        # what a hand does within two pixels is not a move
        if abs(at.view.x() - origin.view.x()) < 3 and not self._by[0]:
            ticks = 0
        else:
            ticks = round(moved) if at.ctrl else state.snap.near(wanted, state.bars) - edge
        rows = self._rows(at, origin)
        if at.shift and self._part == "body":
            across = abs(at.view.x() - origin.view.x()) >= abs(at.view.y() - origin.view.y())
            ticks, rows = (ticks, 0) if across else (0, rows)
        return self._kept(ticks, rows)

    def _rows(self, at: Pointer, origin: Pointer) -> int:
        if self._part != "body" or at.pitch < 0:
            return 0
        return at.pitch - origin.pitch

    def _kept(self, ticks: int, semitones: int) -> tuple[int, int]:
        """No further than the ends of the keyboard, the start of the piece, and no note shorter than its least."""
        table, flags = self.host.state.table, self._flags
        start, end, pitch = table.start[flags], table.end[flags], table.pitch[flags]
        if self._part == "body":
            semitones = int(min(127 - pitch.max(), max(-pitch.min(), semitones)))
            return int(max(-start.min(), ticks)), semitones
        shortest = int((end - start).min())
        least = min(shortest, edits.SHORTEST)
        if self._part == "first":
            return int(min(shortest - least, max(-start.min(), ticks))), 0
        return max(least - shortest, ticks), 0

    def _draft(self, by: tuple[int, int]) -> Draft:
        table, flags = self.host.state.table, self._flags
        first = np.int32(by[0] if self._part != "last" else 0)
        last = np.int32(by[0] if self._part != "first" else 0)
        return Draft(
            hidden=None if self._copies else flags,
            start=table.start[flags] + first,
            end=table.end[flags] + last,
            pitch=table.pitch[flags] + np.int32(by[1]),
            velocity=table.velocity[flags],
            model=table.model[flags] & self._copies,  # what a person changes is the person's
        )

    def _hear(self) -> None:
        state = self.host.state
        pitch = int(state.table.pitch[self._held]) + self._by[1]
        if pitch != self._heard:
            self._heard = pitch
            self.host.sound(pitch, int(state.table.velocity[self._held]))


def changed(
    score: Score, track: str, notes: tuple[Note, ...], part: Part, by: tuple[int, int], copies: bool
) -> Done:
    """What becomes of a score when notes were dragged by ticks and semitones."""
    if copies:
        return edits.duplicate(score, track, notes, by[0], by[1])
    if part == "body":
        return edits.move(score, track, notes, by[0], by[1])
    return edits.resize(score, track, notes, by[0], from_start=part == "first")


def counted(number: int) -> str:
    """ "a note", "12 notes"."""
    return "a note" if number == 1 else f"{number:,} notes"
