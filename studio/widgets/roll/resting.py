"""The picture of what rests: kept between paints, shifted when the view scrolls, mended where it changed."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion

Paint = Callable[[QPainter, QRect], None]


class Resting:
    """`paint` paints a rectangle of the view; what is outside the painter's clip may be touched in vain."""

    def __init__(self, paint: Paint) -> None:
        self._paint = paint
        self._pixmap = QPixmap()
        self._old = QRegion()
        self._ratio = 1.0
        self._size = QSize()

    def keep_size(self, size: QSize, ratio: float) -> bool:
        """Be as large as the view, on a screen of that density; True when it was not: then all is painted anew."""
        if size == self._size and ratio == self._ratio:
            return False
        self._size, self._ratio = size, ratio
        self._pixmap = QPixmap((size * ratio).expandedTo(QSize(1, 1)))
        self._pixmap.setDevicePixelRatio(ratio)
        self.all_changed()
        return True

    def all_changed(self) -> None:
        """Paint everything anew."""
        self._old = QRegion(QRect(QPoint(0, 0), self._size))

    def changed(self, area: QRect) -> None:
        """Paint this part anew."""
        self._old = self._old.united(area.intersected(QRect(QPoint(0, 0), self._size)))

    def scrolled(self, dx: int, dy: int) -> None:
        """The view shows what lies `dx` further right and `dy` further down."""
        width, height = self._size.width(), self._size.height()
        across, down = dx * self._ratio, dy * self._ratio
        whole = across == int(across) and down == int(down)
        if not whole or abs(dx) >= width or abs(dy) >= height:
            self.all_changed()
            return
        self._pixmap.scroll(-int(across), -int(down), self._pixmap.rect())
        self._old.translate(-dx, -dy)
        bare = QRegion(QRect(0, 0, width, height)).subtracted(QRegion(QRect(-dx, -dy, width, height)))
        self._old = self._old.united(bare).intersected(QRect(0, 0, width, height))

    def put(self, painter: QPainter, area: QRect) -> None:
        """Bring `area` to the screen, mended before where it has changed."""
        wanted = self._old.intersected(area)
        if not wanted.isEmpty():
            inner = QPainter(self._pixmap)
            for rect in list(wanted):  # type: ignore[call-overload]
                grown = rect.adjusted(-1, -1, 1, 1).intersected(QRect(QPoint(0, 0), self._size))
                inner.setClipRect(grown)
                self._paint(inner, grown)
            inner.end()
            self._old = self._old.subtracted(wanted)
        painter.setClipRect(area)
        painter.drawPixmap(0, 0, self._pixmap)
