"""The velocity lane: a stem for each note; dragged alone, painted along, or drawn as a ramp."""

from typing import Final, Literal

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.media.music import edits
from studio.media.music.edits_placing import Done
from studio.media.music.score import Note, Score
from studio.widgets.roll.drag_notes import counted
from studio.widgets.roll.geometry import Ints
from studio.widgets.roll.kinds import LOCKED_TRACK
from studio.widgets.roll.looks import strength
from studio.widgets.roll.model import Flags, Places
from studio.widgets.roll.rects import boxes, fill
from studio.widgets.roll.side import Side
from studio.widgets.roll.state import Draft, RollState

HEIGHT_PX: Final = 84
_TOP_PX: Final = 6
_NEAR_PX: Final = 5
_MANY: Final = 2_000
Doing = Literal["", "stem", "paint", "ramp"]


class VelocityLane(Side):
    """On a stem: it and all chosen ones go up and down. Beside them: painted over; with Shift, a ramp."""

    committed = Signal(object, str, str)  # Done, title, kind
    refused = Signal(str)
    pressed = Signal()

    def __init__(self, state: RollState, parent: QWidget | None = None) -> None:
        super().__init__(state, parent)
        self._doing: Doing = ""
        self._from = QPointF()
        self._last = QPointF()
        self._before: Ints = np.empty(0, dtype=np.int32)
        self._now: Ints = self._before
        self._flags: Flags = np.zeros(0, dtype=np.bool_)
        self.setMinimumHeight(HEIGHT_PX)
        self.setMouseTracking(True)
        self.setAccessibleName("Velocities")
        self.setToolTip(
            "Drag a stem: how strong the note is, with all chosen ones.\n"
            "Drag over several to paint; Shift draws a ramp."
        )
        state.live_changed.connect(self.update)
        state.notes_changed.connect(self.repaint_rest)
        self.follow_playhead()

    # -- painting ------------------------------------------------------------------------------------

    def paint_rest(self, painter: QPainter, area: QRect) -> None:
        """The stems there."""
        state, look = self.state, self.state.looks
        painter.fillRect(area, look.white_key)
        for share in (0.25, 0.5, 0.75, 1.0):
            painter.fillRect(QRect(area.left(), self._y(round(127 * share)), area.width(), 1), look.row_line)
        painter.fillRect(QRect(area.left(), 0, area.width(), 1), look.border)
        first, last = state.sight.tick(area.left() - 6), state.sight.tick(area.right() + 6)
        table = state.table
        places = table.within(first, last)
        places = places[(table.start[places] >= first)]
        resting = state.resting()
        if resting is not None:
            places = places[resting[places]]
        chosen = state.chosen[places]
        for flags, top in ((~chosen, False), (chosen, True)):
            some = places[flags]
            self._stems(painter, table.start[some], table.velocity[some], state.shades[some], chosen=top)

    def paint_over(self, painter: QPainter, area: QRect) -> None:
        """The stems that are dragged, the ramp, and where it plays."""
        state, draft = self.state, self.state.draft
        first, last = state.sight.tick(area.left() - 6), state.sight.tick(area.right() + 6)
        if draft is not None:
            shades = strength(draft.velocity) + draft.model.astype(np.uint8) * np.uint8(8)
            near = (draft.start >= first) & (draft.start <= last)
            self._stems(painter, draft.start[near], draft.velocity[near], shades[near], chosen=True)
        self._paint_ramp(painter)
        self.paint_playhead(painter)

    def _stems(
        self, painter: QPainter, start: Ints, velocity: Ints, shades: np.ndarray, *, chosen: bool
    ) -> None:
        x = self.state.sight.xs(start)
        if chosen and len(x) > _MANY:
            x, velocity = tallest(x, velocity)
        top = (self.height() - 2 - velocity * self._room_px() // 127).astype(np.int32)
        stems = boxes(x, top, 3, self.height() - top)
        heads = boxes(x - 1, top - 2, 6, 5)
        look = self.state.looks
        if chosen:
            fill(painter, stems, look.edges[2])
            fill(painter, heads, look.edges[2])
            return
        for shade in np.unique(shades).tolist():
            kind = shades == shade
            fill(painter, stems[kind], look.notes[shade])
            fill(painter, heads[kind], look.notes[shade])

    def _paint_ramp(self, painter: QPainter) -> None:
        if self._doing == "ramp":
            painter.setPen(QPen(self.state.looks.accent, 1, Qt.PenStyle.DashLine))
            painter.drawLine(self._from, self._last)

    def _room_px(self) -> int:
        return max(1, self.height() - 2 - _TOP_PX)

    def _y(self, velocity: int) -> int:
        return self.height() - 2 - velocity * self._room_px() // 127

    def _velocity(self, y: float) -> int:
        return int(min(127, max(1, round((self.height() - 2 - y) * 127 / self._room_px()))))

    # -- mouse ---------------------------------------------------------------------------------------

    def stem_at(self, at: QPointF) -> int:
        """The note whose stem is under a point; of several the one whose head is nearest; -1 for none."""
        table, sight = self.state.table, self.state.sight
        near = table.within(sight.tick(at.x() - _NEAR_PX - 2), sight.tick(at.x() + _NEAR_PX))
        away = np.abs(sight.xs(table.start[near]) + 1 - at.x())
        near = near[away <= _NEAR_PX]
        if not len(near):
            return -1
        heights = np.abs(self.height() - 2 - table.velocity[near] * self._room_px() / 127 - at.y())
        heights -= self.state.chosen[near] * 1000.0  # a chosen one lies on top
        return int(near[int(heights.argmin())])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a stem, or begin to paint."""
        self.pressed.emit()
        if event.button() != Qt.MouseButton.LeftButton or not len(self.state.table):
            return
        state, at = self.state, event.position()
        if state.track.locked:
            self.refused.emit(LOCKED_TRACK)
            return
        self._from = self._last = at
        self._before = self._now = state.table.velocity
        found = self.stem_at(at)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._doing = "ramp"
        elif found >= 0:
            if not state.chosen[found]:
                state.choose_one(found)
            self._doing = "stem"
        else:
            self._doing = "paint"
        some = state.chosen if state.chosen.any() else ~state.table.none()
        self._flags = some & ~state.fixed
        if self._doing == "stem" and not self._flags.any():
            self._doing = ""
            self.refused.emit(state.lock_words(found))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Change velocities."""
        at = event.position()
        if not self._doing:
            over = self.stem_at(at) >= 0
            self.setCursor(Qt.CursorShape.SizeVerCursor if over else Qt.CursorShape.ArrowCursor)
            return
        if self._doing == "stem":
            by = self._velocity(at.y()) - self._velocity(self._from.y())
            moved = np.clip(self._before + np.int32(by), 1, 127)
            self._now = np.where(self._flags, moved, self._before).astype(np.int32)
        else:
            start = self._from if self._doing == "ramp" else self._last
            base = self._before if self._doing == "ramp" else self._now
            self._now = self._along(base, start, at)
        self._last = at
        self._show()

    def _along(self, base: Ints, start: QPointF, end: QPointF) -> Ints:
        """The velocities after a line was drawn from one point to another."""
        xs = self.state.sight.xs(self.state.table.start) + 1
        low, high = sorted((start.x(), end.x()))
        places: Places = np.flatnonzero((xs >= low - 1) & (xs <= high + 1) & self._flags)
        along = xs[places] - start.x()
        share = along / (end.x() - start.x()) if high > low else np.ones(len(places))
        heights = start.y() + np.clip(share, 0, 1) * (end.y() - start.y())
        out = base.copy()
        out[places] = [self._velocity(float(y)) for y in heights]
        return out

    def _show(self) -> None:
        table = self.state.table
        moved = self._now != self._before
        if not moved.any():
            self.state.drag(None)
            return
        self.state.drag(
            Draft(
                hidden=moved,
                start=table.start[moved],
                end=table.end[moved],
                pitch=table.pitch[moved],
                velocity=self._now[moved],
                model=np.zeros(int(moved.sum()), dtype=np.bool_),
            )
        )

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """It stays: one step."""
        doing, self._doing = self._doing, ""
        self.state.drag(None)
        self.update()
        if not doing:
            return
        state = self.state
        places = np.flatnonzero(self._now != self._before).tolist()
        if places:
            notes = tuple(state.table.notes[at] for at in places)
            values = [int(self._now[at]) for at in places]
            done = self._change(state.score, dict(zip(notes, values, strict=True)))
            self.committed.emit(done, f"Velocity of {counted(len(notes))}", "adjusted")

    def _change(self, score: Score, values: dict[Note, int]) -> Done:
        return edits.set_velocities(score, self.state.track.id, values)

    def cancel(self) -> bool:
        """Escape: as they were before the drag."""
        was, self._doing = bool(self._doing), ""
        if was:
            self.state.drag(None)
            self.update()
        return was

    def busy(self) -> bool:
        """A drag is under way."""
        return bool(self._doing)

    def tip(self, at: QPointF) -> str:
        """How strong the note is."""
        found = self.stem_at(at)
        return f"Velocity {int(self.state.table.velocity[found])}" if found >= 0 else ""


def tallest(x: Ints, velocity: Ints) -> tuple[Ints, Ints]:
    """Of stems of one colour that stand at the same x only the highest is seen."""
    order = np.argsort(x, kind="stable")
    x, velocity = x[order], velocity[order]
    first = np.flatnonzero(np.diff(x, prepend=x[0] - 1))
    return x[first], np.maximum.reduceat(velocity, first)
