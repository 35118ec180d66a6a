"""The roll's notes as a view: painted, scrolled and zoomed; knows no tools."""

from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from studio.widgets.roll.geometry import STEP
from studio.widgets.roll.paint_ground import paint_ground
from studio.widgets.roll.paint_notes import paint_draft, paint_notes, rects_of
from studio.widgets.roll.resting import Resting
from studio.widgets.roll.state import RollState

_NOTCH: Final = 120.0
_NOTCH_PX: Final = 60
_EDGE_PX: Final = 4  # what a note's outline needs beside it, and one that is too short to be seen


class RollSurface(QWidget):
    """What rests is kept as a picture; over it comes what is dragged, the tool's marks and the playhead."""

    menu_wanted = Signal(QPointF)  # where in the view

    def __init__(self, state: RollState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self._resting = Resting(self._paint_rest)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.grabGesture(Qt.GestureType.PinchGesture)
        state.looked.connect(self._on_looked)
        state.rest_changed.connect(self._on_rest)
        state.notes_changed.connect(self._on_rest)
        state.tints_changed.connect(self._on_rest)
        state.take_changed.connect(self._on_take)
        state.live_changed.connect(self.update)
        state.playhead_moved.connect(self._on_playhead)

    def sizeHint(self) -> QSize:
        """Room for some bars and two octaves."""
        return QSize(720, 360)

    # -- painting ------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The kept picture, and over it what moves."""
        self._resting.keep_size(self.size(), self.devicePixelRatioF())
        painter = QPainter(self)
        area = event.rect()
        self._resting.put(painter, area)
        paint_draft(painter, self.state, area)
        self._paint_over(painter, area)
        self._paint_caret(painter, area)
        self._paint_playhead(painter, area)
        if self.hasFocus():
            painter.setPen(QPen(self.state.looks.caret, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_rest(self, painter: QPainter, area: QRect) -> None:
        paint_ground(painter, self.state, area)
        paint_notes(painter, self.state, area)

    def _paint_over(self, painter: QPainter, area: QRect) -> None:
        """What a tool draws."""

    def _paint_caret(self, painter: QPainter, area: QRect) -> None:
        state = self.state
        if not self.hasFocus() or not 0 <= state.caret < len(state.table) or state.draft is not None:
            return
        box = rects_of(state, state.table, np.array([state.caret]), area)
        for left, top, right, bottom in box.tolist():
            painter.setPen(QPen(state.looks.caret, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(left - 2, top - 2, right - left + 5, bottom - top + 5)

    def _paint_playhead(self, painter: QPainter, area: QRect) -> None:
        if self.state.playhead >= 0:
            x = self.state.sight.x(self.state.playhead)
            painter.fillRect(QRect(x, area.top(), 2, area.height()), self.state.looks.playhead)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Another size."""
        self.state.sight.resize(self.width(), self.height())
        self.state.looked.emit(0, 0)

    def _on_looked(self, dx: int, dy: int) -> None:
        if dx or dy:
            self._resting.scrolled(dx, dy)
        else:
            self._resting.all_changed()
        self.update()

    def _on_rest(self) -> None:
        self._resting.all_changed()
        self.update()

    def _on_take(self, first: int, last: int) -> None:
        left, right = self.state.sight.x(first) - _EDGE_PX, self.state.sight.x(last) + _EDGE_PX
        area = QRect(left, 0, right - left, self.height()).intersected(self.rect())
        if not area.isEmpty():
            self._resting.changed(area)
            self.update(area)

    def _on_playhead(self, before: int, now: int) -> None:
        for tick in (before, now):
            if tick >= 0:
                self.update(QRect(self.state.sight.x(tick) - 1, 0, 4, self.height()))

    # -- looking around ------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Up and down; Shift sideways; Ctrl zooms in time, Alt (or Ctrl and Shift) in pitch, around the pointer."""
        look_around(self.state, event, event.position())

    def event(self, event: QEvent) -> bool:
        """Fingers: pinch zooms."""
        if isinstance(event, QNativeGestureEvent) and (
            event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.state.zoom_time(1.0 + event.value(), event.position().x())
            return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                at = self.mapFromGlobal(pinch.centerPoint().toPoint())
                self.state.zoom_time(pinch.scaleFactor(), at.x())
                step = pinch.centerPoint() - pinch.lastCenterPoint()
                if step != QPointF():
                    sight = self.state.sight
                    self.state.scroll_to(sight.left - step.x(), sight.top - step.y())
                event.accept(pinch)
                return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Whoever knows the actions shows them."""
        self.menu_wanted.emit(QPointF(event.pos()))
        event.accept()


def look_around(state: RollState, event: QWheelEvent, at: QPointF) -> None:
    """Scroll or zoom by a wheel or two fingers."""
    held, fingers, steps = event.modifiers(), event.pixelDelta(), event.angleDelta()
    ctrl = bool(held & Qt.KeyboardModifier.ControlModifier)
    shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
    notches = (steps.y() or steps.x()) / _NOTCH
    sight = state.sight
    if held & Qt.KeyboardModifier.AltModifier or (ctrl and shift):
        state.zoom_rows(notches, at.y())
    elif ctrl:
        state.zoom_time(STEP**notches, at.x())
    elif not fingers.isNull():
        state.scroll_to(sight.left - fingers.x(), sight.top - fingers.y())
    elif shift:
        state.scroll_to(sight.left - round(notches * _NOTCH_PX), sight.top)
    else:
        left = sight.left - round(steps.x() / _NOTCH * _NOTCH_PX)
        state.scroll_to(left, sight.top - round(steps.y() / _NOTCH * _NOTCH_PX))
    event.accept()
