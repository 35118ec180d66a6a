"""The ruler: bars and their numbers, markers, the loop; a click places the playhead, a drag chooses bars."""

from typing import Final, Literal

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPolygonF
from PySide6.QtWidgets import QWidget

from studio.media.music.edits_time import move_marker, set_marker
from studio.media.music.holds import held_at
from studio.media.music.score import Word
from studio.widgets.roll.lane_field import LaneField
from studio.widgets.roll.ruler_paint import HEIGHT_PX, LOOP_PX, marker_rect, paint_marker, paint_ruler
from studio.widgets.roll.side import Side
from studio.widgets.roll.state import RollState

_NEAR_PX: Final = 6
_BEGUN_PX: Final = 4
Doing = Literal["", "place", "bars", "loop", "loop-first", "loop-last", "loop-body", "marker"]


class Ruler(Side):
    """Above: the loop, drawn, moved and stretched. Below: bars and markers; a double click names a marker."""

    playhead_wanted = Signal(int)
    loop_changed = Signal(object)  # (first, last) in ticks, or None
    bars_chosen = Signal(object)  # (first, last) bar, from 0, or None
    committed = Signal(object, str, str)  # Score, title, kind
    pressed = Signal()

    def __init__(self, state: RollState, parent: QWidget | None = None) -> None:
        super().__init__(state, parent)
        self._doing: Doing = ""
        self._from = QPointF()
        self._before: tuple[tuple[int, int] | None, tuple[int, int] | None] = (None, None)
        self._marker: Word | None = None
        self._marker_tick = 0
        self.field = LaneField(self, "Name of the marker")
        self.setFixedHeight(HEIGHT_PX)
        self.setMouseTracking(True)
        self.setAccessibleName("Ruler")
        self.setToolTip(
            "Click: play from here. Drag: choose bars. Double-click: a marker.\nAbove the numbers, drag: the loop."
        )
        self.follow_playhead()
        state.tints_changed.connect(self.repaint_rest)

    def paint_rest(self, painter: QPainter, area: QRect) -> None:
        """Numbers, markers, loop."""
        paint_ruler(painter, self.state, area, self._held())

    def _held(self) -> Word | None:
        return self._marker if self._doing == "marker" else None

    def paint_over(self, painter: QPainter, _area: QRect) -> None:
        """A marker in a hand, and where it plays."""
        held = self._held()
        if held is not None:
            paint_marker(painter, self.state, Word(self._marker_tick, held.text))
        if self.state.playhead < 0:
            return
        x = self.state.sight.x(self.state.playhead) + 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.state.looks.playhead)
        top = HEIGHT_PX - 9
        painter.drawPolygon(QPolygonF([QPointF(x - 6, top), QPointF(x + 6, top), QPointF(x, HEIGHT_PX)]))

    # -- mouse ---------------------------------------------------------------------------------------

    def _snapped(self, x: float) -> int:
        return self.state.snap.near(self.state.sight.tick(x), self.state.bars)

    def _marker_at(self, at: QPointF) -> Word | None:
        for marker in reversed(self.state.score.markers):
            if marker_rect(self.state, marker, QFontMetrics(self.small_font())).contains(at):
                return marker
        return None

    def _loop_part(self, at: QPointF) -> Doing:
        if self.state.loop is None:
            return "loop"
        left, right = (self.state.sight.x(tick) for tick in self.state.loop)
        if abs(at.x() - left) <= _NEAR_PX:
            return "loop-first"
        if abs(at.x() - right) <= _NEAR_PX:
            return "loop-last"
        return "loop-body" if left < at.x() < right else "loop"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin."""
        self.pressed.emit()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        self._from, self._before = at, (self.state.loop, self.state.range)
        self._marker = self._marker_at(at)
        if at.y() < LOOP_PX:
            self._doing = self._loop_part(at)
        elif self._marker is not None:
            self._doing, self._marker_tick = "marker", self._marker.tick
            self.repaint_rest()
        else:
            self._doing = "place"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Stretch, move, choose."""
        at = event.position()
        if not self._doing:
            self._point(at)
            return
        far = abs(at.x() - self._from.x()) >= _BEGUN_PX
        if self._doing == "place" and far:
            self._doing = "bars"
        if self._doing == "bars":
            self._choose_bars(at)
        elif self._doing == "marker":
            self._marker_tick = self._snapped(at.x()) if far else self._marker_tick
            self.update()
        elif self._doing.startswith("loop") and far:
            self._set_loop(at)

    def _choose_bars(self, at: QPointF) -> None:
        bars, sight = self.state.bars, self.state.sight
        ends = sorted(bars.at(int(sight.tick(x))) for x in (self._from.x(), at.x()))
        self._show_range((ends[0], ends[1]))

    def _show_range(self, chosen: tuple[int, int] | None) -> None:
        if chosen != self.state.range:
            self.state.range = chosen
            self.state.tints_changed.emit()

    def _set_loop(self, at: QPointF) -> None:
        before = self._before[0]
        here = self._snapped(at.x())
        if self._doing == "loop" or before is None:
            ends = sorted((self._snapped(self._from.x()), here))
        elif self._doing == "loop-body":
            by = max(-before[0], here - self._snapped(self._from.x()))
            ends = [before[0] + by, before[1] + by]
        else:
            ends = sorted((here, before[1] if self._doing == "loop-first" else before[0]))
        if ends[1] > ends[0]:
            self._show_loop((ends[0], ends[1]))

    def _show_loop(self, loop: tuple[int, int] | None) -> None:
        if loop != self.state.loop:
            self.state.loop = loop
            self.state.rest_changed.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell what came of it."""
        doing, self._doing = self._doing, ""
        if doing == "place":
            if self.state.range is not None:
                self._show_range(None)
                self.bars_chosen.emit(None)
            self.playhead_wanted.emit(self._snapped(event.position().x()))
        elif doing == "bars":
            self.bars_chosen.emit(self.state.range)
        elif doing == "marker":
            self._drop_marker()
        elif doing and self.state.loop != self._before[0]:
            self.loop_changed.emit(self.state.loop)
        self.repaint_rest()

    def _drop_marker(self) -> None:
        marker, tick = self._marker, self._marker_tick
        if marker is not None and tick != marker.tick:
            score = move_marker(self.state.score, marker.tick, tick)
            self.committed.emit(score, f"Move the marker “{marker.text}”", "arranged")
        elif marker is not None:
            self.playhead_wanted.emit(marker.tick)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On the loop: it is gone. Below: name a marker."""
        at = event.position()
        self._doing = ""
        if at.y() < LOOP_PX:
            if self.state.loop is not None and self._loop_part(at) != "loop":
                self._show_loop(None)
                self.loop_changed.emit(None)
            return
        marker = self._marker_at(at)
        self.ask_marker(marker.tick if marker is not None else self._snapped(at.x()), marker)

    def ask_marker(self, tick: int, marker: Word | None = None) -> None:
        """Let the marker at a tick be named; an empty name takes it away."""
        place = QRect(max(0, self.state.sight.x(tick)), LOOP_PX, 150, HEIGHT_PX - LOOP_PX)
        text = marker.text if marker is not None else ""
        self.field.ask(place, text, lambda words: self._name(tick, words))

    def _name(self, tick: int, words: str) -> None:
        score = self.state.score
        now = set_marker(score, tick, words)
        if now.markers != score.markers:
            title = f"Marker “{words}”" if words else "Remove a marker"
            self.committed.emit(now, title, "arranged")

    def cancel(self) -> bool:
        """Escape: as it was before the drag."""
        if not self._doing:
            return False
        self._doing = ""
        self._show_loop(self._before[0])
        self._show_range(self._before[1])
        self.repaint_rest()
        return True

    def busy(self) -> bool:
        """A drag is under way."""
        return bool(self._doing)

    def _point(self, at: QPointF) -> None:
        across = at.y() < LOOP_PX and self._loop_part(at) in ("loop-first", "loop-last")
        self.setCursor(Qt.CursorShape.SizeHorCursor if across else Qt.CursorShape.ArrowCursor)

    def tip(self, at: QPointF) -> str:
        """The marker's whole name; that bars are locked."""
        marker = self._marker_at(at)
        if marker is not None and at.y() >= LOOP_PX:
            return marker.text
        held = held_at(self.state.track, int(self.state.sight.tick(at.x())))
        if held is None:
            return ""
        first, last = self.state.bars.at(held.start) + 1, self.state.bars.at(held.end - 1) + 1
        return f"Bar {first} is locked" if first == last else f"Bars {first} to {last} are locked"
