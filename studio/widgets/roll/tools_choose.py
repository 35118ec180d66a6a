"""Tools that choose: click, box and lasso."""

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPainterPath, QPen, QPolygonF

from studio.widgets.roll.drag_notes import NoteDrag, cursor_of, part_at
from studio.widgets.roll.kinds import Pointer
from studio.widgets.roll.model import Flags
from studio.widgets.roll.tool import Host, RollTool


class ChooseTool(RollTool):
    """Around notes: a box, or `free` a line; Shift adds, Alt takes away. On a note: it is dragged."""

    def __init__(self, host: Host, *, free: bool) -> None:
        super().__init__(host)
        self._free = free
        self._drag = NoteDrag(host)
        self._points: list[tuple[float, float]] = []  # tick, pixel of the content from its top
        self._before: Flags | None = None
        self._clicked = -1  # chosen alone when it is let go where it was pressed

    def cursor(self, at: Pointer) -> QCursor:
        """What a press would do."""
        found, part = part_at(self.host, at)
        return (
            cursor_of(part) if found >= 0 else QCursor(Qt.CursorShape.CrossCursor if self._free else _ARROW)
        )

    def press(self, at: Pointer) -> None:
        """Take a note, or begin to go around some."""
        state = self.host.state
        found, part = part_at(self.host, at)
        self.busy, self._clicked = True, -1
        if found >= 0:
            self._press_note(at, found)
            if state.chosen[found] and not at.shift:
                self._drag.take(at, found, part)
            return
        self._before = state.chosen if at.shift or at.alt else state.table.none()
        self._points = [self._point(at)]
        if not (at.shift or at.alt):
            state.choose(state.table.none())

    def _press_note(self, at: Pointer, found: int) -> None:
        state = self.host.state
        if at.shift:
            flags = state.chosen.copy()
            flags[found] = not flags[found]
            state.choose(flags, found if flags[found] else -1)
        elif not state.chosen[found]:
            state.choose_one(found)
        else:
            self._clicked = found
            state.choose(state.chosen, found)
        self.host.sound(int(state.table.pitch[found]), int(state.table.velocity[found]))

    def move(self, at: Pointer) -> None:
        """Drag, or go on around."""
        if self._drag.busy:
            self._drag.move(at)
            return
        if not self._points:
            return
        self.host.follow_pointer(at)
        point = self._point(at)
        if self._free:
            self._points.append(point)
        else:
            self._points = [self._points[0], point]
        self._choose(at)
        self.host.repaint_over()

    def release(self, at: Pointer) -> None:
        """Done."""
        if self._drag.busy:
            dragged = self.host.state.draft is not None
            self._drag.release(at)
            if not dragged and self._clicked >= 0:
                self.host.state.choose_one(self._clicked)
        self.busy, self._points, self._before = False, [], None
        self.host.repaint_over()

    def cancel(self) -> bool:
        """The notes go back; what was chosen before is chosen again."""
        if self._drag.cancel():
            self.busy = False
            return True
        if self.busy and self._before is not None:
            self.host.state.choose(self._before)
        self._points, self._before = [], None
        return super().cancel()

    def twice(self, at: Pointer) -> bool:
        """A double click on an empty place draws a note."""
        return part_at(self.host, at)[0] < 0 and not (at.shift or at.alt)

    # -- around --------------------------------------------------------------------------------------

    def _point(self, at: Pointer) -> tuple[float, float]:
        return at.tick, at.view.y() + self.host.state.sight.top

    def _seen(self, point: tuple[float, float]) -> QPointF:
        sight = self.host.state.sight
        return QPointF(point[0] * sight.zoom - sight.left, point[1] - sight.top)

    def _choose(self, at: Pointer) -> None:
        state, before = self.host.state, self._before
        if before is None:
            return
        found = self._in_lasso() if self._free else self._in_box()
        state.choose(before & ~found if at.alt else before | found)

    def _in_box(self) -> Flags:
        """All notes that the box touches."""
        state = self.host.state
        (tick_1, y_1), (tick_2, y_2) = self._points[0], self._points[-1]
        ticks, ys = sorted((tick_1, tick_2)), sorted((y_1, y_2))
        row = state.sight.rows[state.table.pitch]
        first, last = int(ys[0] // state.sight.row_px), int(ys[1] // state.sight.row_px)
        inside: Flags = (row >= max(0, first)) & (row <= last)
        inside &= (state.table.start <= ticks[1]) & (state.table.end > ticks[0])
        return inside

    def _in_lasso(self) -> Flags:
        """The notes whose middle lies within the line."""
        state = self.host.state
        out = state.table.none()
        if len(self._points) < 3:
            return out
        ticks = [point[0] for point in self._points]
        near = state.table.within(min(ticks), max(ticks))
        line = QPolygonF([QPointF(x, y) for x, y in self._points])
        row = state.sight.rows[state.table.pitch[near]]
        x = (state.table.start[near] + state.table.end[near]) / 2
        y = (row + 0.5) * state.sight.row_px
        box = line.boundingRect()
        inside = (row >= 0) & (y >= box.top()) & (y <= box.bottom()) & (x >= box.left()) & (x <= box.right())
        rule = Qt.FillRule.OddEvenFill
        for at in np.flatnonzero(inside).tolist():
            out[near[at]] = line.containsPoint(QPointF(float(x[at]), float(y[at])), rule)
        return out

    def paint(self, painter: QPainter, _area: QRect) -> None:
        """The box or line."""
        if len(self._points) < 2:
            return
        look = self.host.state.looks
        painter.setPen(QPen(QColor(look.accent), 1))
        painter.setBrush(look.rubber)
        if self._free:
            path = QPainterPath(self._seen(self._points[0]))
            for point in self._points[1:]:
                path.lineTo(self._seen(point))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawPath(path)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        else:
            painter.drawRect(QRectF(self._seen(self._points[0]), self._seen(self._points[-1])).normalized())


_ARROW: Final = Qt.CursorShape.ArrowCursor
