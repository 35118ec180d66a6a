"""Where a picture is looked at: zoom and pan that several places share."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.widgets.picture_images import Fitted, fitted, paint_ground
from studio.widgets.tones import Tones, current_tones, follow_tones

LEAST_ZOOM: Final = 0.05
MOST_ZOOM: Final = 64.0
STEP: Final = 1.25
_MIDDLE: Final = QPointF(0.5, 0.5)
_SEE_PIXELS: Final = 4.0  # times


class Viewpoint(QObject):
    """What part is looked at: `zoom` 1.0 fits the place, `center` in 0..1 of the picture."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.zoom = 1.0
        self.center = QPointF(_MIDDLE)

    def look(self, zoom: float, center: QPointF) -> None:
        """Look there; all who share this viewpoint follow."""
        zoom = min(MOST_ZOOM, max(LEAST_ZOOM, zoom))
        center = QPointF(min(1.0, max(0.0, center.x())), min(1.0, max(0.0, center.y())))
        if (zoom, center) != (self.zoom, self.center):
            self.zoom, self.center = zoom, center
            self.changed.emit()

    def fit(self) -> None:
        """The whole picture."""
        self.look(1.0, QPointF(_MIDDLE))


class PictureStage(QWidget):
    """Paints one picture from a viewpoint; the wheel zooms where the pointer is, a drag pans."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewpoint = viewpoint
        self.margin_px = 0.0
        self.sees_pixels = True  # enlarged much, pixels are shown as they are
        self._shown = Fitted()
        self._grip: QPointF | None = None
        viewpoint.changed.connect(self.update)
        follow_tones(self._on_tones)

    # -- values ---------------------------------------------------------------------------

    def set_image(self, image: QImage) -> None:
        """Show another picture; null shows none."""
        self._shown.set_image(image)
        self.update()

    def image(self) -> QImage:
        """What is shown."""
        return self._shown.image

    def proportions(self) -> QSizeF:
        """Of what is shown."""
        return QSizeF(self._shown.image.size())

    def place(self) -> QRectF:
        """Where the picture may lie, in the widget's pixels."""
        edge = self.margin_px
        return QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)

    def picture_rect(self) -> QRectF:
        """Where the picture lies now; it may reach over the place's edges."""
        return self._rect_at(self.viewpoint.zoom, self.viewpoint.center)

    def rect_for(self, proportions: QSizeF) -> QRectF:
        """Where a picture of other proportions would lie."""
        return self._rect_at(self.viewpoint.zoom, self.viewpoint.center, proportions)

    def scale(self) -> float:
        """How many of the screen's pixels one pixel of the picture takes; 0.0 while there is none."""
        width = self.proportions().width()
        return self.picture_rect().width() * self.devicePixelRatioF() / width if width > 0 else 0.0

    # -- zoom and pan ---------------------------------------------------------------------

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Nearer or farther, while the point `at` (widget's pixels; None: the middle) stays where it is."""
        place, rect = self.place(), self.picture_rect()
        if rect.isEmpty():
            return
        at = at if at is not None else place.center()
        share_x = min(1.0, max(0.0, (at.x() - rect.left()) / rect.width()))
        share_y = min(1.0, max(0.0, (at.y() - rect.top()) / rect.height()))
        zoom = min(MOST_ZOOM, max(LEAST_ZOOM, self.viewpoint.zoom * factor))
        size = self._rect_at(zoom, _MIDDLE).size()
        corner = QPointF(at.x() - share_x * size.width(), at.y() - share_y * size.height())
        self.viewpoint.look(zoom, self._center_for(QRectF(corner, size)))

    def pan_by(self, moved: QPointF) -> None:
        """Move the picture, in the widget's pixels."""
        rect = self.picture_rect()
        if not rect.isEmpty():
            self.viewpoint.look(self.viewpoint.zoom, self._center_for(rect.translated(moved)))

    def show_pixels(self) -> None:
        """One pixel of the picture is one of the screen's."""
        if scale := self.scale():
            self.zoom_by(1.0 / scale)

    def _rect_at(self, zoom: float, center: QPointF, proportions: QSizeF | None = None) -> QRectF:
        place = self.place()
        size = fitted(proportions or self.proportions(), place).size() * zoom
        return QRectF(
            _edge(place.left(), place.width(), size.width(), center.x()),
            _edge(place.top(), place.height(), size.height(), center.y()),
            size.width(),
            size.height(),
        )

    def _center_for(self, rect: QRectF) -> QPointF:
        """The center that shows the picture there, or as near as its edges allow."""
        place = self.place()
        return QPointF(
            _middle(place.left(), place.width(), rect.left(), rect.width()),
            _middle(place.top(), place.height(), rect.top(), rect.height()),
        )

    # -- Qt's events ----------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture."""
        painter = QPainter(self)
        self.paint_picture(painter, self._shown, self.picture_rect(), current_tones())

    def paint_picture(self, painter: QPainter, shown: Fitted, rect: QRectF, tones: Tones) -> None:
        """One picture into `rect`, only what is seen of it."""
        place = self.place()
        if shown.image.isNull() or rect.isEmpty():
            return
        painter.save()
        painter.setClipRect(place, Qt.ClipOperation.IntersectClip)
        if rect.width() <= place.width() + 1 and rect.height() <= place.height() + 1:
            shown.paint(painter, rect, tones)
        else:
            target = rect & place
            across, down = shown.image.width() / rect.width(), shown.image.height() / rect.height()
            source = QRectF(
                (target.left() - rect.left()) * across,
                (target.top() - rect.top()) * down,
                target.width() * across,
                target.height() * down,
            )
            if shown.image.hasAlphaChannel():
                paint_ground(painter, target, tones)
            smooth = not self.sees_pixels or self.devicePixelRatioF() / across < _SEE_PIXELS
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            painter.drawImage(target, shown.image, source)
        painter.restore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the pointer is."""
        if notches := event.angleDelta().y() / 120:
            self.zoom_by(STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left or middle button: take hold of the picture."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grip = event.position()
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it."""
        if self._grip is not None and event.buttons():
            self.pan_by(event.position() - self._grip)
            self._grip = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grip = None
        event.ignore()

    def event(self, event: QEvent) -> bool:
        """Two fingers that part on a touchpad zoom."""
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    def _on_tones(self, _tones: Tones) -> None:
        self.update()


def _edge(start: float, room: float, size: float, center: float) -> float:
    """Where a picture of `size` begins so that `center` of it is in the middle; it leaves no gap it need not."""
    if size <= room:
        return start + (room - size) / 2
    return min(start, max(start + room - size, start + room / 2 - center * size))


def _middle(start: float, room: float, edge: float, size: float) -> float:
    """The share of the picture that lies in the middle of the room when it begins at `edge`."""
    if size <= room:
        return 0.5
    return (start + room / 2 - min(start, max(start + room - size, edge))) / size
