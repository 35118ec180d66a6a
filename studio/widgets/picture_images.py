"""Pictures as widgets paint them: previews from bytes, fitted to a place, sharp on every screen."""

from io import BytesIO
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from studio.widgets.tones import Tones

_SQUARE_PX: Final = 8


def rgb_image(width: int, height: int, rgb: bytes) -> QImage:
    """A picture from rows of RGB bytes, in memory of its own. Raises ValueError when there are too few."""
    if len(rgb) < width * height * 3:
        raise ValueError(f"{len(rgb)} bytes for {width} x {height}")
    return QImage(rgb, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def fitted(picture: QSizeF, place: QRectF) -> QRectF:
    """The largest rectangle of the picture's proportions in the middle of a place; empty when one of them is."""
    if picture.isEmpty() or place.isEmpty():
        return QRectF()
    size = picture.scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    corner = place.center() - QPointF(size.width() / 2, size.height() / 2)
    return QRectF(corner, size)


def paint_ground(painter: QPainter, rect: QRectF, tones: Tones) -> None:
    """The quiet squares behind what is transparent."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.fillRect(rect, QColor(tones.surface))
    color = QColor(tones.sunken)
    visible = rect & painter.clipBoundingRect()
    first_x, first_y = (
        int((visible.left() - rect.left()) // _SQUARE_PX),
        int((visible.top() - rect.top()) // _SQUARE_PX),
    )
    for row in range(first_y, int((visible.bottom() - rect.top()) // _SQUARE_PX) + 1):
        for column in range(first_x, int((visible.right() - rect.left()) // _SQUARE_PX) + 1):
            if (row + column) % 2:
                x, y = rect.left() + column * _SQUARE_PX, rect.top() + row * _SQUARE_PX
                painter.fillRect(QRectF(x, y, _SQUARE_PX, _SQUARE_PX), color)
    painter.restore()


class Fitted:
    """A picture and its last scaled copy, so that painting it again is only a copy of pixels."""

    def __init__(self) -> None:
        self.image = QImage()
        self._scaled = QImage()
        self._key: tuple[int, int, int] = (0, 0, 0)

    def set_image(self, image: QImage) -> None:
        """Show another picture from now on."""
        self.image = image
        self._scaled, self._key = QImage(), (0, 0, 0)

    def paint(self, painter: QPainter, target: QRectF, tones: Tones, opacity: float = 1.0) -> None:
        """Into `target` (logical px), scaled smoothly once for the screen's own pixels."""
        if self.image.isNull() or target.isEmpty():
            return
        if self.image.hasAlphaChannel():
            paint_ground(painter, target, tones)
        ratio = painter.device().devicePixelRatio()
        size = QSize(max(1, round(target.width() * ratio)), max(1, round(target.height() * ratio)))
        key = (size.width(), size.height(), self.image.cacheKey())
        if key != self._key:
            self._scaled = self.image.scaled(
                size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            self._key = key
        painter.save()
        painter.setOpacity(painter.opacity() * opacity)
        painter.drawImage(target, self._scaled)
        painter.restore()


def decoded(data: bytes, side_px: int = 0) -> QImage:
    """A file as an image; a null one when it is none.

    With `side_px` it is made to fit a square of that side, and has no alpha where nothing shows through.

    Lets other threads run meanwhile. Not through QImageReader: it holds Qt's lock on plugins while it waits for
    Python's, to read a Python-made buffer; the window's thread may hold Python's and wait for that lock.
    """
    from PIL import Image

    try:
        with Image.open(BytesIO(data)) as image:
            if side_px:
                image.draft("RGB", (side_px, side_px))
            opaque = side_px > 0 and not image.has_transparency_data
            pixels = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return QImage()
    if side_px and max(pixels.size) != side_px:
        share = side_px / max(pixels.size)
        size = (max(1, round(pixels.width * share)), max(1, round(pixels.height * share)))
        pixels = pixels.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    width, height = pixels.size
    shown = QImage(pixels.tobytes(), width, height, width * 4, QImage.Format.Format_RGBA8888)
    return shown.convertToFormat(QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32)
