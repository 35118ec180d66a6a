"""What the canvas shows: a document's layers, painted at any scale, and put together exactly."""

from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np
from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter

from studio.core.pictures import Box
from studio.media.picture.document import Adjust, Layer, PictureDoc
from studio.widgets.canvas.layer_images import LayerImages, Look, adjusted
from studio.widgets.canvas.mask_images import MaskImages, scaled
from studio.widgets.canvas.pixels import blank, image_of_grey

SMOOTH_BELOW: Final = 2.0  # larger, single pixels are told apart


class Scene(QObject):
    """Holds the document that is shown (a step being tried out included) and the images of its layers."""

    pictures_changed = Signal(QRect)  # in pixels of the canvas
    tint_changed = Signal(QRect)
    resized = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.doc = PictureDoc()
        self.images = LayerImages(_nothing, self)
        self.masks = MaskImages(_nothing)
        self.images.ready.connect(self._on_ready)

    def read_by(self, image_of: Callable[[str], QImage | None]) -> None:
        """Where the pixels of assets come from."""
        self.images.image_of = self.masks.image_of = image_of

    def show(self, doc: PictureDoc) -> None:
        """Show another document; tells which parts look different."""
        old, self.doc = self.doc, doc
        if (old.width, old.height) != (doc.width, doc.height):
            self.resized.emit()
            return
        for seen, signal in ((True, self.pictures_changed), (False, self.tint_changed)):
            rect = _difference(_kind(old, seen), _kind(doc, seen))
            if not rect.isEmpty():
                signal.emit(rect)

    def asset_ready(self, name: str) -> None:
        """An asset that was being read is there: show the layers that have it."""
        for layer in self.doc.layers:
            if layer.asset == name:
                (self.pictures_changed if layer.kind == "raster" else self.tint_changed).emit(rect_of(layer))

    def _on_ready(self, look: Look) -> None:
        self.asset_ready(look.asset)

    # -- painting and putting together -------------------------------------------------------------

    def paint(self, painter: QPainter, scale: float) -> None:
        """Paint the pictures; the painter's transform leads from the canvas to the screen, `scale` is its scale."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < SMOOTH_BELOW)
        for layer in seen_layers(self.doc):
            image, _level = self.images.level(layer, scale)
            if image is not None:
                painter.setOpacity(layer.opacity)
                painter.drawImage(QRectF(rect_of(layer)), image, QRectF(image.rect()))
        painter.setOpacity(1.0)

    def composite(self, layers: Sequence[Layer], box: QRect, size: QSize) -> QImage:
        """These layers' pictures within `box` of the canvas, at `size`; transparent where there is nothing."""
        out = blank(box.width(), box.height())
        painter = QPainter(out)
        for layer in layers:
            image = self.images.whole(layer)
            if image is not None:
                painter.setOpacity(layer.opacity)
                painter.drawImage(QPoint(layer.x, layer.y) - box.topLeft(), image)
        painter.end()
        if size != out.size():
            mode = Qt.TransformationMode.SmoothTransformation
            out = out.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
        return out

    def parts(self, layers: Sequence[Layer]) -> list[tuple[Layer, QImage, Adjust]]:
        """What any thread needs to put these layers together by `merged`; those still being read are not among it."""
        found = ((layer, self.images.unadjusted(layer)) for layer in layers)
        return [(layer, *part) for layer, part in found if part is not None]

    def has_mask(self, box: QRect) -> bool:
        """Whether anything within `box` of the canvas is masked."""
        masks = (layer for layer in self.doc.layers if layer.kind == "mask" and layer.visible)
        found = (self.masks.of(layer) for layer in masks)
        return any(pixels is not None and pixels.has(box) for pixels in found)

    def mask(self, kind: Literal["mask", "lock"], box: QRect, size: QSize) -> QImage | None:
        """All visible masks (or locks) within `box` as one grey image of `size`; None when nothing is chosen."""
        out = np.zeros((box.height(), box.width()), dtype=np.uint8)
        for layer in self.doc.layers:
            if layer.kind == kind and layer.visible and (pixels := self.masks.of(layer)) is not None:
                np.maximum(out, pixels.part(box), out=out)
        if not out.any():
            return None
        return image_of_grey(scaled(out, size.width(), size.height()))


def merged(parts: Sequence[tuple[Layer, QImage, Adjust]], area: QRect) -> QImage:
    """Layers' pictures put together within `area` of the canvas, each still to be adjusted so; any thread may."""
    out = blank(area.width(), area.height())
    painter = QPainter(out)
    for layer, image, how in parts:
        painter.setOpacity(layer.opacity)
        painter.drawImage(QPoint(layer.x, layer.y) - area.topLeft(), adjusted(image, how))
    painter.end()
    return out


def seen_layers(doc: PictureDoc) -> list[Layer]:
    """The raster layers that are seen, from the lowest."""
    return [layer for layer in doc.layers if layer.kind == "raster" and layer.visible and layer.asset]


def rect_of(layer: Layer) -> QRect:
    """Where a layer is shown."""
    return QRect(layer.x, layer.y, layer.width, layer.height)


def rect_of_box(box: Box) -> QRect:
    """The rectangle of a box."""
    return QRect(box.x, box.y, box.width, box.height)


def box_of_rect(rect: QRect) -> Box:
    """The box of a rectangle."""
    return Box(x=rect.x(), y=rect.y(), width=rect.width(), height=rect.height())


def _kind(doc: PictureDoc, seen: bool) -> list[Layer]:
    return [layer for layer in doc.layers if (layer.kind == "raster") == seen]


def _difference(old: list[Layer], new: list[Layer]) -> QRect:
    """Where two stacks of layers may look different."""
    if old == new:
        return QRect()
    before, after = {layer.id: layer for layer in old}, {layer.id: layer for layer in new}
    out = QRect()
    for layer_id in before.keys() | after.keys():
        one, other = before.get(layer_id), after.get(layer_id)
        if one != other or [*before].index(layer_id) != [*after].index(layer_id):
            for layer in (one, other):
                if layer is not None and layer.visible:
                    out = out.united(rect_of(layer))
    return out


def _nothing(_name: str) -> QImage | None:
    return None
