"""The picture as it stands on the screen, kept: a brush only mends what it touched.

Two images of the view's size, one with the pictures, one with the tint of masks and locks. What changes is noted
and painted anew when it is next shown.
"""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap, QRegion, QTransform

from studio.media.picture.document import Layer
from studio.widgets.canvas.pixels import PREMULTIPLIED
from studio.widgets.canvas.scene import SMOOTH_BELOW, Scene
from studio.widgets.canvas.viewport import Viewport
from studio.widgets.tones import Tones

_CHECKER_PX: Final = 8
_MASK_ALPHA: Final = 0.5
_LOCK_ALPHA: Final = 0.8
_CHECKERS: Final = {"light": ("#ffffff", "#e4e1da"), "dark": ("#3a3b40", "#2f3034")}


class Screen:
    """Rectangles are of the view, in its own pixels; the images are in the screen's."""

    def __init__(self, scene: Scene, viewport: Viewport) -> None:
        self._scene = scene
        self._viewport = viewport
        self._tones: Tones | None = None
        self._pictures = QImage()
        self._tint = QImage()
        self._old_pictures = QRegion()
        self._old_tint = QRegion()
        self._size = QSize()
        self._checker = QPixmap()
        self.tinted = True

    def set_tones(self, tones: Tones) -> None:
        """Other colours."""
        self._tones = tones
        light, dark = _CHECKERS[tones.scheme]
        cell = _CHECKER_PX
        self._checker = QPixmap(2 * cell, 2 * cell)
        self._checker.fill(QColor(light))
        painter = QPainter(self._checker)
        painter.fillRect(0, 0, cell, cell, QColor(dark))
        painter.fillRect(cell, cell, cell, cell, QColor(dark))
        painter.end()
        self.all_changed()

    def resize(self, size: QSize) -> None:
        """The view has another size."""
        self._size = size
        pixels = size * self._viewport.ratio
        if self._pictures.size() != pixels:
            self._pictures = QImage(pixels, QImage.Format.Format_RGB32)
            self._tint = QImage(pixels, PREMULTIPLIED)
        self.all_changed()

    def all_changed(self) -> None:
        """Paint everything anew."""
        self._old_pictures = self._old_tint = QRegion(QRect(QPoint(0, 0), self._size))

    def pictures_changed(self, rect: QRect) -> None:
        """The pictures look different there."""
        self._old_pictures = self._old_pictures.united(rect)

    def tint_changed(self, rect: QRect) -> None:
        """A mask or lock looks different there."""
        self._old_tint = self._old_tint.united(rect)

    def paint(self, painter: QPainter, rect: QRect) -> None:
        """Put what is in `rect` on the screen, mended before where it has changed."""
        self._old_pictures = self._mended(self._old_pictures, rect, self._paint_pictures)
        self._put(painter, self._pictures)
        if self.tinted:
            self._old_tint = self._mended(self._old_tint, rect, self._paint_tint)
            self._put(painter, self._tint)

    def _put(self, painter: QPainter, image: QImage) -> None:
        image.setDevicePixelRatio(self._viewport.ratio)
        painter.drawImage(0, 0, image)

    def _mended(self, old: QRegion, rect: QRect, paint: Callable[[QRect], None]) -> QRegion:
        wanted = old.intersected(rect)
        if wanted.isEmpty():
            return old
        ratio = self._viewport.ratio
        bounding = wanted.boundingRect()
        pixels = QRectF(
            bounding.x() * ratio, bounding.y() * ratio, bounding.width() * ratio, bounding.height() * ratio
        ).toAlignedRect()
        paint(pixels)
        return old.subtracted(bounding)

    # -- in pixels of the screen ---------------------------------------------------------------------

    def _paint_pictures(self, rect: QRect) -> None:
        painter = self._painter(self._pictures, rect)
        assert self._tones is not None
        painter.fillRect(rect, QColor(self._tones.sunken))
        painter.setTransform(self._viewport.transform())
        doc = self._scene.doc
        canvas = QRect(0, 0, doc.width, doc.height)
        painter.setClipRect(canvas, Qt.ClipOperation.IntersectClip)
        sheet = self._viewport.transform().mapRect(QRectF(canvas))
        painter.resetTransform()
        painter.setBrushOrigin(sheet.topLeft().toPoint())
        painter.fillRect(sheet.toAlignedRect(), QBrush(self._checker))
        painter.setTransform(self._viewport.transform())
        self._scene.paint(painter, self._viewport.zoom * self._viewport.ratio)
        painter.end()

    def _paint_tint(self, rect: QRect) -> None:
        painter = self._painter(self._tint, rect)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.fillRect(rect, Qt.GlobalColor.transparent)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        for layer in self._scene.doc.layers:
            if layer.kind != "raster" and layer.visible:
                self._paint_mask(painter, layer, rect)
        painter.end()

    def _paint_mask(self, painter: QPainter, layer: Layer, rect: QRect) -> None:
        """The mask's opacities through the viewport, filled with its colour, laid on the tint."""
        pixels = self._scene.masks.seen(layer)
        if pixels is None:
            return
        part = QImage(rect.size(), PREMULTIPLIED)
        part.fill(0)
        inner = QPainter(part)
        transform = self._viewport.transform()
        scale = transform.m11()
        inner.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < SMOOTH_BELOW)
        inner.setTransform(transform * QTransform.fromTranslate(-rect.x(), -rect.y()))
        inner.drawImage(pixels.left, pixels.top, pixels.image)
        inner.resetTransform()
        inner.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        inner.setBrushOrigin(-rect.topLeft())
        inner.fillRect(part.rect(), self._ink(layer))
        inner.end()
        painter.setOpacity(0.25 + 0.75 * layer.opacity)
        painter.drawImage(rect.topLeft(), part)
        painter.setOpacity(1.0)

    def _ink(self, layer: Layer) -> QBrush:
        assert self._tones is not None
        if layer.kind == "lock":
            return QBrush(hatch(QColor(self._tones.warning), self._viewport.ratio))
        colour = QColor(self._tones.danger if self._tones.scheme == "light" else "#ff6f61")
        colour.setAlphaF(_MASK_ALPHA)
        return QBrush(colour)

    def _painter(self, image: QImage, rect: QRect) -> QPainter:
        """A painter in the screen's own pixels."""
        image.setDevicePixelRatio(1.0)
        painter = QPainter(image)
        painter.setClipRect(rect)
        return painter


def hatch(colour: QColor, ratio: float = 1.0) -> QPixmap:
    """A tile of slanting lines: what is locked."""
    side = round(8 * ratio)
    tile = QPixmap(side, side)
    quiet = QColor(colour)
    quiet.setAlphaF(0.18)
    tile.fill(quiet)
    colour.setAlphaF(_LOCK_ALPHA)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(colour))
    for shift in (-side, 0, side):
        painter.drawLine(shift, side, shift + side, 0)
    painter.end()
    return tile
