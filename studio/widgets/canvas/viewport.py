"""Which part of the canvas is seen, how large: zoom and offset between the canvas's pixels and the view's."""

import math
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QTransform

ZOOM_LEAST: Final = 0.02
ZOOM_MOST: Final = 32.0
STEP: Final = 1.25
MARGIN_PX: Final = 12
KEPT_PX: Final = 48


class Viewport:
    """`zoom`: pixels of the view for one of the canvas; `ratio`: pixels of the screen for one of the view."""

    def __init__(self) -> None:
        self.zoom = 1.0
        self.ratio = 1.0
        self._left = 0.0
        self._top = 0.0

    def to_view(self, at: QPointF) -> QPointF:
        """From the canvas to the view."""
        return QPointF(at.x() * self.zoom + self._left, at.y() * self.zoom + self._top)

    def to_canvas(self, at: QPointF) -> QPointF:
        """From the view to the canvas."""
        return QPointF((at.x() - self._left) / self.zoom, (at.y() - self._top) / self.zoom)

    def rect_to_view(self, rect: QRectF) -> QRectF:
        """From the canvas to the view."""
        return QRectF(self.to_view(rect.topLeft()), rect.size() * self.zoom)

    def covered(self, rect: QRectF | QRect) -> QRect:
        """The whole view pixels that a rectangle of the canvas touches, smoothing included."""
        return self.rect_to_view(QRectF(rect)).toAlignedRect().adjusted(-2, -2, 2, 2)

    def transform(self) -> QTransform:
        """From the canvas to the screen's pixels."""
        scale = self.zoom * self.ratio
        return QTransform(scale, 0, 0, scale, self._left * self.ratio, self._top * self.ratio)

    def pan(self, dx: float, dy: float) -> None:
        """Move what is seen by so many view pixels."""
        self._put(self._left + dx, self._top + dy)

    def zoom_to(self, zoom: float, around: QPointF) -> None:
        """Change the size; what is at `around` (in the view) stays there."""
        fixed = self.to_canvas(around)
        self.zoom = min(ZOOM_MOST, max(ZOOM_LEAST, zoom))
        self._put(around.x() - fixed.x() * self.zoom, around.y() - fixed.y() * self.zoom)

    def fit(self, area: QRectF, view: QSize) -> None:
        """Show all of `area` in the middle, no pixel larger than 100 % unless the picture is tiny."""
        width, height = max(1, view.width() - 2 * MARGIN_PX), max(1, view.height() - 2 * MARGIN_PX)
        zoom = min(width / area.width(), height / area.height())
        if zoom > 1:
            zoom = min(math.floor(zoom), 6)
        self.zoom = min(ZOOM_MOST, max(ZOOM_LEAST, zoom))
        self.centre(area, view)

    def centre(self, area: QRectF, view: QSize) -> None:
        """Put the middle of `area` into the middle of the view."""
        middle = area.center() * self.zoom
        self._put(view.width() / 2 - middle.x(), view.height() / 2 - middle.y())

    def keep_near(self, area: QRectF, view: QSize) -> None:
        """Do not let the picture be pushed out of sight."""
        seen = self.rect_to_view(area)
        dx = max(0.0, KEPT_PX - seen.right()) + min(0.0, view.width() - KEPT_PX - seen.left())
        dy = max(0.0, KEPT_PX - seen.bottom()) + min(0.0, view.height() - KEPT_PX - seen.top())
        if dx or dy:
            self.pan(dx, dy)

    def _put(self, left: float, top: float) -> None:
        """On whole pixels of the screen: at 100 % each of the canvas is one of the screen's, sharp."""
        self._left = round(left * self.ratio) / self.ratio
        self._top = round(top * self.ratio) / self.ratio


def next_zoom(zoom: float, steps: float) -> float:
    """The zoom so many steps on; it stops at 100 % on the way past it."""
    out: float = zoom * STEP**steps
    if (zoom < 0.999 < out) or (out < 1.001 < zoom):
        return 1.0
    return out
