"""The canvas as a view: what is seen of it, how large, moved and zoomed by wheel, pen, fingers and keys."""

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from studio.core.pictures import Box
from studio.widgets.canvas.ghost import Ghost
from studio.widgets.canvas.guides import paint_guides
from studio.widgets.canvas.kinds import Guides
from studio.widgets.canvas.scene import Scene, rect_of_box
from studio.widgets.canvas.screen import Screen
from studio.widgets.canvas.viewport import Viewport, next_zoom
from studio.widgets.tones import Tones, current_tones, follow_tones

_NOTCH: Final = 120.0


class CanvasSurface(QWidget):
    """Paints the scene and lets a person look around in it; knows no tools."""

    zoom_changed = Signal(float)
    live_changed = Signal(bool)  # a take is shown over the picture

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = Scene(self)
        self.viewport = Viewport()
        self.ghost = Ghost(self.viewport)
        self._screen = Screen(self.scene, self.viewport)
        self._guides: Guides = "none"
        self._fits = True
        self.scene.pictures_changed.connect(self._on_pictures)
        self.scene.tint_changed.connect(self._on_tint)
        self.scene.resized.connect(self._on_resized)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.grabGesture(Qt.GestureType.PinchGesture)
        follow_tones(self._retone)

    def sizeHint(self) -> QSize:
        """Room for a picture."""
        return QSize(640, 480)

    # -- what is seen ------------------------------------------------------------------------------

    def zoom(self) -> float:
        """Pixels of the screen for one of the canvas."""
        return self.viewport.zoom * self.viewport.ratio

    def fit(self) -> None:
        """Show the whole canvas, and go on doing so when the window changes its size."""
        self._fits = True
        doc = self.scene.doc
        area = QRectF(0, 0, doc.width, doc.height).united(QRectF(rect_of_box(doc.frame)))
        self.viewport.fit(area, self.size())
        self._seen_changed()

    def actual_size(self) -> None:
        """One pixel of the screen for one of the canvas."""
        self.zoom_to(1.0 / self.viewport.ratio, QPointF(self.rect().center()))

    def zoom_in(self) -> None:
        """A step larger, around the middle."""
        self.zoom_to(next_zoom(self.viewport.zoom, 1), QPointF(self.rect().center()))

    def zoom_out(self) -> None:
        """A step smaller."""
        self.zoom_to(next_zoom(self.viewport.zoom, -1), QPointF(self.rect().center()))

    def zoom_to(self, zoom: float, around: QPointF) -> None:
        """Another size; what is at `around` of the view stays there."""
        self._fits = False
        self.viewport.zoom_to(zoom, around)
        self._looked_around()

    def pan(self, dx: float, dy: float) -> None:
        """Move what is seen by so many pixels of the view."""
        self._fits = False
        self.viewport.pan(dx, dy)
        self._looked_around()

    def set_guides(self, guides: Guides) -> None:
        """Show lines that help to compose."""
        self._guides = guides
        self.update()

    def guides(self) -> Guides:
        """The lines that are shown."""
        return self._guides

    def set_live(self, box: Box | None, image: QImage | None) -> None:
        """Show a take over its box of the canvas; None takes it away."""
        before = self.ghost.rect
        self.ghost.show(box, image)
        if before.isEmpty() != self.ghost.rect.isEmpty():
            self.live_changed.emit(self.ghost.box is not None)
        self.repaint_rect(before.united(self.ghost.rect))

    def set_onion(self, opacity: float) -> None:
        """How much of the take is seen, from 0 to 1."""
        self.ghost.opacity = min(1.0, max(0.0, opacity))
        self.repaint_rect(self.ghost.rect)

    def onion(self) -> float:
        """How much of the take is seen."""
        return self.ghost.opacity

    def hide_live(self, hidden: bool) -> None:
        """While True, the picture without the take."""
        if self.ghost.hidden != hidden:
            self.ghost.hidden = hidden
            self.repaint_rect(self.ghost.rect)

    def show_tint(self, shown: bool) -> None:
        """Whether masks and locks are shown at all."""
        self._screen.tinted = shown
        self.update()

    def repaint_rect(self, rect: QRectF | QRect) -> None:
        """Paint a rectangle of the canvas anew, with all that is drawn over it."""
        if not rect.isEmpty():
            self.update(self.viewport.covered(rect).adjusted(-4, -4, 4, 4))

    def repaint_all(self) -> None:
        """Paint all that is drawn over the picture anew."""
        self.update()

    # -- painting ----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The kept picture, and over it what moves."""
        if self.viewport.ratio != self.devicePixelRatioF():
            self._on_resized()
        painter = QPainter(self)
        self._screen.paint(painter, event.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.ghost.paint(painter)
        self._paint_over(painter)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(current_tones().focus), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_over(self, painter: QPainter) -> None:
        doc = self.scene.doc
        canvas = self.viewport.rect_to_view(QRectF(0, 0, doc.width, doc.height))
        tones = current_tones()
        painter.setPen(QPen(QColor(tones.border_strong), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(canvas.adjusted(-0.5, -0.5, 0.5, 0.5))
        paint_guides(painter, self._guides, canvas)
        frame = self.viewport.rect_to_view(QRectF(rect_of_box(doc.frame)))
        for colour, style, width in (
            (QColor(0, 0, 0, 130), Qt.PenStyle.SolidLine, 3.0),
            (QColor("#ffffff"), Qt.PenStyle.SolidLine, 1.4),
            (QColor(tones.accent), Qt.PenStyle.DashLine, 1.4),
        ):
            painter.setPen(QPen(colour, width, style))
            painter.drawRect(frame)

    def _on_pictures(self, rect: QRect) -> None:
        self._screen.pictures_changed(self.viewport.covered(rect))
        self.repaint_rect(rect)

    def _on_tint(self, rect: QRect) -> None:
        self._screen.tint_changed(self.viewport.covered(rect))
        self.repaint_rect(rect)

    def _on_resized(self) -> None:
        """The canvas, the view or the screen's density has another size."""
        self.viewport.ratio = self.devicePixelRatioF()
        self._screen.resize(self.size())
        if self._fits:
            self.fit()
        else:
            self._looked_around()

    def _looked_around(self) -> None:
        doc = self.scene.doc
        self.viewport.keep_near(QRectF(0, 0, doc.width, doc.height), self.size())
        self._seen_changed()

    def _seen_changed(self) -> None:
        self._screen.all_changed()
        self.update()
        self.zoom_changed.emit(self.zoom())

    def _retone(self, tones: Tones) -> None:
        self._screen.set_tones(tones)
        self.update()

    # -- looking around ----------------------------------------------------------------------------

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Another size of the view."""
        self._on_resized()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel zooms around the pointer (Shift: moves sideways); two fingers on a pad move."""
        fingers = event.pixelDelta()
        zooms = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        steps = event.angleDelta()
        if not fingers.isNull() and not zooms:
            self.pan(fingers.x(), fingers.y())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(steps.x() or steps.y(), 0)
        else:
            notches = (steps.y() or steps.x()) / _NOTCH
            self.zoom_to(next_zoom(self.viewport.zoom, notches), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Fingers: pinch zooms."""
        if isinstance(event, QNativeGestureEvent) and (
            event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom_to(self.viewport.zoom * (1.0 + event.value()), event.position())
            return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                at = self.mapFromGlobal(pinch.centerPoint().toPoint())
                self.zoom_to(self.viewport.zoom * pinch.scaleFactor(), QPointF(at))
                step = pinch.centerPoint() - pinch.lastCenterPoint()
                if step != QPointF():
                    self.pan(step.x(), step.y())
                event.accept(pinch)
                return True
        return super().event(event)

    def canvas_point(self, at: QPoint | QPointF) -> QPointF:
        """A place of the view in pixels of the canvas."""
        return self.viewport.to_canvas(QPointF(at))
