"""A take over the frame before it is accepted: shown thinner or fuller, or not at all while a key is held."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from studio.core.pictures import Box
from studio.widgets.canvas.scene import rect_of_box
from studio.widgets.canvas.viewport import Viewport


class Ghost:
    """Keeps the image at the size it has on screen: it is painted under every move of a brush."""

    def __init__(self, viewport: Viewport) -> None:
        self._viewport = viewport
        self._image: QImage | None = None
        self._sized: QImage | None = None
        self.box: Box | None = None
        self.opacity = 1.0
        self.hidden = False

    @property
    def rect(self) -> QRectF:
        """Where it is on the canvas; empty when there is none."""
        return QRectF() if self.box is None else QRectF(rect_of_box(self.box))

    def show(self, box: Box | None, image: QImage | None) -> None:
        """Another image, or none."""
        shown = box is not None and image is not None and not image.isNull()
        self.box, self._image, self._sized = (box, image, None) if shown else (None, None, None)

    def paint(self, painter: QPainter) -> None:
        """In pixels of the view; smooth when it is a small preview, single pixels when the zoom is large."""
        if self._image is None or self.hidden:
            return
        ratio = self._viewport.ratio
        target = self._viewport.rect_to_view(self.rect)
        size = QSize(max(1, round(target.width() * ratio)), max(1, round(target.height() * ratio)))
        painter.save()
        painter.setOpacity(self.opacity)
        if size.width() <= self._image.width():
            if self._sized is None or self._sized.size() != size:
                mode = Qt.TransformationMode.SmoothTransformation
                self._sized = self._image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
            painter.drawImage(target, self._sized, QRectF(self._sized.rect()))
        else:
            small = self._image.width() < self.rect.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, small or self._viewport.zoom < 2)
            painter.drawImage(target, self._image, QRectF(self._image.rect()))
        painter.restore()
