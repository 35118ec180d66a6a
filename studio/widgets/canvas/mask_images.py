"""The numbers of mask and lock layers: read from their assets, painted on, kept for undo."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage

from studio.media.picture import masks
from studio.media.picture.document import Layer
from studio.widgets.canvas.pixels import Bytes, alpha_view, grey_of, image_of_grey

_KEPT_BYTES: Final = 96 << 20
Place = tuple[str, int, int, int, int, tuple[int, int, int, int] | None, int, bool, bool]


class MaskPixels:
    """Opacities, uint8 (height, width), whose left top pixel is at `left`, `top` of the canvas."""

    def __init__(self, left: int, top: int, values: Bytes) -> None:
        self.left = left
        self.top = top
        self.values = values
        self.image = alpha_view(values)  # looks at `values`: painting into them needs no copy

    @property
    def rect(self) -> QRect:
        """Where they lie on the canvas."""
        return QRect(self.left, self.top, self.values.shape[1], self.values.shape[0])

    def has(self, rect: QRect) -> bool:
        """Whether anything within a rectangle of the canvas is not 0."""
        shared = rect.intersected(self.rect)
        return not shared.isEmpty() and bool(self.values[_slices(shared, self.rect)].any())

    def part(self, rect: QRect) -> Bytes:
        """A copy of what lies in a rectangle of the canvas; 0 where there is nothing."""
        out = np.zeros((rect.height(), rect.width()), dtype=np.uint8)
        shared = rect.intersected(self.rect)
        if not shared.isEmpty():
            out[_slices(shared, rect)] = self.values[_slices(shared, self.rect)]
        return out


def _slices(part: QRect, of: QRect) -> tuple[slice, slice]:
    left, top = part.left() - of.left(), part.top() - of.top()
    return slice(top, top + part.height()), slice(left, left + part.width())


class MaskImages:
    """One MaskPixels a layer that has been seen; `image_of` reads an asset, or gives None while it is read."""

    def __init__(self, image_of: Callable[[str], QImage | None]) -> None:
        self.image_of = image_of
        self._pixels: dict[str, MaskPixels] = {}
        self._places: dict[str, Place] = {}
        self._tried: dict[str, MaskPixels] = {}
        self._assets: OrderedDict[str, Bytes] = OrderedDict()
        self._bytes = 0

    def of(self, layer: Layer) -> MaskPixels | None:
        """A layer's numbers; None when it is empty or its asset is being read."""
        place = _place(layer)
        if self._places.get(layer.id) == place:
            return self._pixels.get(layer.id)
        values = self._read(layer) if layer.asset else None
        if layer.asset and values is None:
            return self._pixels.get(layer.id)  # until it is there
        self._places[layer.id] = place
        if values is None:
            self._pixels.pop(layer.id, None)
            return None
        self._pixels[layer.id] = MaskPixels(layer.x, layer.y, values)
        return self._pixels[layer.id]

    def seen(self, layer: Layer) -> MaskPixels | None:
        """What is shown of a layer: what is being tried out, else its numbers."""
        return self._tried.get(layer.id) or self.of(layer)

    def try_out(self, layer_id: str, pixels: MaskPixels | None) -> None:
        """Show these instead, until None."""
        if pixels is None:
            self._tried.pop(layer_id, None)
        else:
            self._tried[layer_id] = pixels

    def shown(self, layer_id: str) -> MaskPixels | None:
        """A layer's numbers as they are painted right now, whatever the document says."""
        return self._pixels.get(layer_id)

    def widened(self, layer: Layer, area: QRect) -> MaskPixels:
        """A layer's numbers to paint on, all of `area` and all it has: made when there are none."""
        now = self._pixels.get(layer.id)
        wanted = area if now is None else area.united(now.rect)
        if now is None or now.rect != wanted:
            empty = np.zeros((wanted.height(), wanted.width()), dtype=np.uint8)
            now = MaskPixels(wanted.left(), wanted.top(), empty if now is None else now.part(wanted))
            self._pixels[layer.id] = now
        self._places[layer.id] = _place(layer)
        return now

    def replace(self, layer_id: str, pixels: MaskPixels | None) -> None:
        """Other numbers from now on."""
        if pixels is None:
            self._pixels.pop(layer_id, None)
        else:
            self._pixels[layer_id] = pixels

    def stands(self, layer: Layer, values: Bytes | None) -> None:
        """What is painted is what the document now says; `values` are those of its asset."""
        self._places[layer.id] = _place(layer)
        if values is not None:
            self._keep(layer.asset, values)

    def forget(self, layer_id: str) -> None:
        """Read it anew when it is asked for."""
        self._places.pop(layer_id, None)

    def keep_only(self, ids: set[str]) -> None:
        """Let go of the numbers of layers that are gone."""
        for layer_id in self._pixels.keys() - ids:
            del self._pixels[layer_id]
            self._places.pop(layer_id, None)

    def _read(self, layer: Layer) -> Bytes | None:
        values = self._assets.get(layer.asset)
        if values is None:
            image = self.image_of(layer.asset)
            if image is None or image.isNull():
                return None
            values = grey_of(image)
            self._keep(layer.asset, values)
        return _placed(values, layer)

    def _keep(self, asset: str, values: Bytes) -> None:
        if asset in self._assets:
            self._assets.move_to_end(asset)
            return
        self._assets[asset] = values
        self._bytes += values.nbytes
        while self._bytes > _KEPT_BYTES and len(self._assets) > 1:
            self._bytes -= self._assets.popitem(last=False)[1].nbytes


def _place(layer: Layer) -> Place:
    return (
        layer.asset, layer.x, layer.y, layer.width, layer.height, layer.crop, layer.turn, layer.flip_x, layer.flip_y,
    )  # fmt: skip


def _placed(values: Bytes, layer: Layer) -> Bytes:
    """The asset's numbers as the layer shows them; always a copy, for they are painted on."""
    if layer.crop is not None:
        x, y, width, height = layer.crop
        values = values[y : y + height, x : x + width]
    values = np.rot90(values, -layer.turn)
    values = values[:: -1 if layer.flip_y else 1, :: -1 if layer.flip_x else 1]
    if values.shape != (layer.height, layer.width):
        return scaled(values, layer.width, layer.height)
    return values.copy()


def scaled(values: Bytes, width: int, height: int) -> Bytes:
    """A mask at another size, smoothly; a copy."""
    if values.shape == (height, width):
        return values.copy()
    mode = Qt.TransformationMode.SmoothTransformation
    return grey_of(image_of_grey(values).scaled(width, height, Qt.AspectRatioMode.IgnoreAspectRatio, mode))


def trimmed(values: Bytes, left: int, top: int) -> tuple[Bytes, int, int] | None:
    """Only the rectangle that holds something, and where it is on the canvas; None when nothing does."""
    found = masks.bounds(values)
    if found is None:
        return None
    x, y, width, height = found
    return values[y : y + height, x : x + width].copy(), left + x, top + y
