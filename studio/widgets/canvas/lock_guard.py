"""Keeps what shows under a lock: whether a step would change it, told exactly and as cheaply as it can be."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from studio.media.picture.document import Adjust, Layer, PictureDoc
from studio.widgets.canvas.layer_images import adjusted
from studio.widgets.canvas.pixels import Bytes, image_of_rgba
from studio.widgets.canvas.scene import Scene, merged, rect_of, seen_layers

LOCKED_FROM: Final = 128  # of 255: a soft edge is locked where it is more locked than not
_AT_ONCE_PX: Final = 512 * 512
_BAND_PX: Final = 1 << 20

Part = tuple[Layer, QImage, Adjust]


class LockCheck(Struct, frozen=True):
    """What a step may change under locks, ready to be compared by any thread."""

    area: QRect
    locked: Bytes  # bool (height, width) of `area`
    names: tuple[str, ...]
    before: tuple[Part, ...]
    after: tuple[Part, ...]

    @property
    def quick(self) -> bool:
        """It takes no time: it may be done where it stands."""
        slow = any(
            how != Adjust() and image.width() * image.height() > _AT_ONCE_PX
            for _layer, image, how in (*self.before, *self.after)
        )
        return not slow and self.area.width() * self.area.height() <= _AT_ONCE_PX

    def filled(self, name: str, pixels: Bytes) -> "LockCheck":
        """With the pixels of a fresh picture, which were not known before."""
        image = _image(pixels)
        after = tuple(
            (layer, image if layer.asset == name else known, how) for layer, known, how in self.after
        )
        return replace(self, after=after)

    def holds(self) -> bool:
        """Not one locked pixel would look different."""
        done: dict[tuple[int, Adjust], QImage] = {}
        before, after = _adjusted(self.before, done), _adjusted(self.after, done)
        rows = max(1, _BAND_PX // self.area.width())
        for top in range(0, self.area.height(), rows):
            band = QRect(
                self.area.left(),
                self.area.top() + top,
                self.area.width(),
                min(rows, self.area.height() - top),
            )
            locked = self.locked[top : top + band.height()]
            if locked.any() and (_pixels(before, band)[locked] != _pixels(after, band)[locked]).any():
                return False
        return True

    def refusal(self) -> str:
        """Why it is not done, which lock says so, and how to go on."""
        names = ", ".join(f"“{name}”" for name in self.names)
        them = "the lock" if len(self.names) == 1 else "the locks"
        return (
            f"That would change what {names} keeps as it is, so nothing was changed. Hide {them} in the layers, "
            "or clear the mask and press Ctrl+L to unlock everything."
        )


def binds(doc: PictureDoc) -> bool:
    """Whether a lock is there at all."""
    return any(layer.kind == "lock" and layer.visible and layer.asset for layer in doc.layers)


def check(
    scene: Scene, old: PictureDoc, new: PictureDoc, fresh: Mapping[str, Bytes] | None = None
) -> LockCheck | None:
    """What there is to compare between two documents on the same canvas; None when no locked pixel can differ.

    `fresh` are pictures that no asset holds yet, uint8 (h, w, 3 or 4), by their name. Raises LookupError when pixels
    that it needs are still being read.
    """
    locks = [layer for layer in new.layers if layer.kind == "lock" and layer.visible and layer.asset]
    was = {layer.id: layer for layer in old.layers if layer.kind == "lock" and layer.visible}
    area = _difference(seen_layers(old), seen_layers(new))
    area = area.intersected(QRect(0, 0, old.width, old.height))
    locks = [layer for layer in locks if layer.id in was]
    if not locks or area.isEmpty():
        return None
    locked, names = _locked(scene, locks, area)
    tight = _bounds(locked, area)
    if tight.isEmpty():
        return None
    top, left = tight.top() - area.top(), tight.left() - area.left()
    locked = np.ascontiguousarray(locked[top : top + tight.height(), left : left + tight.width()])
    parts = [_parts(scene, doc, tight, fresh or {}) for doc in (old, new)]
    before, after = ([(_look(layer), how) for layer, _image, how in part] for part in parts)
    return None if before == after else LockCheck(tight, locked, names, *parts)


def _locked(scene: Scene, locks: Sequence[Layer], area: QRect) -> tuple[Bytes, tuple[str, ...]]:
    out = np.zeros((area.height(), area.width()), dtype=bool)
    names = []
    for layer in locks:
        pixels = scene.masks.of(layer)
        if pixels is None:
            raise LookupError(layer.name)
        if pixels.has(area):
            part = pixels.part(area) >= LOCKED_FROM
            if part.any():
                out |= part
                names.append(layer.name)
    return out, tuple(names)


def _bounds(locked: Bytes, area: QRect) -> QRect:
    rows, columns = np.flatnonzero(locked.any(axis=1)), np.flatnonzero(locked.any(axis=0))
    if not rows.size:
        return QRect()
    return QRect(
        area.left() + int(columns[0]), area.top() + int(rows[0]),
        int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1,
    )  # fmt: skip


def _parts(scene: Scene, doc: PictureDoc, area: QRect, fresh: Mapping[str, Bytes]) -> tuple[Part, ...]:
    """The seen layers that reach into `area`, each with its pixels as far as they are there."""
    out: list[Part] = []
    for layer in seen_layers(doc):
        if not rect_of(layer).intersects(area):
            continue
        if layer.asset in fresh:
            out.append((layer, _image(fresh[layer.asset]), layer.adjust))
            continue
        found = scene.images.unadjusted(layer)
        if found is None:
            raise LookupError(layer.name)
        out.append((layer, *found))
    return tuple(out)


def _adjusted(parts: Sequence[Part], done: dict[tuple[int, Adjust], QImage]) -> tuple[Part, ...]:
    """Each with its adjustments in its pixels; those that both stacks show are computed once."""
    for _layer, image, how in parts:
        key = (image.cacheKey(), how)
        if key not in done:
            done[key] = adjusted(image, how)
    return tuple((layer, done[image.cacheKey(), how], Adjust()) for layer, image, how in parts)


def _image(pixels: Bytes) -> QImage:
    if pixels.ndim == 3 and pixels.shape[2] == 3:
        opaque = np.full((*pixels.shape[:2], 1), 255, dtype=np.uint8)
        pixels = np.concatenate([pixels, opaque], axis=2)
    return image_of_rgba(pixels)


def _pixels(parts: Sequence[Part], area: QRect) -> NDArray[np.uint32]:
    """What is seen there, as Qt paints it: uint32 (height, width), premultiplied."""
    image = merged(parts, area)
    lines = np.frombuffer(image.constBits(), dtype=np.uint32)
    return lines.reshape(image.height(), image.bytesPerLine() // 4)[:, : image.width()].copy()


def _difference(old: Sequence[Layer], new: Sequence[Layer]) -> QRect:
    """Where two stacks of seen layers may look different: where layers came, went, changed or changed places."""
    before = {layer.id: (_look(layer), place) for place, layer in enumerate(old)}
    after = {layer.id: (_look(layer), place) for place, layer in enumerate(new)}
    both = [id_ for id_ in before if id_ in after]
    order = [id_ for id_ in after if id_ in before]
    out = QRect()
    for stack, other in ((old, after), (new, before)):
        for layer in stack:
            stays = layer.id in other and other[layer.id][0] == _look(layer)
            if not stays or (both != order and both.index(layer.id) != order.index(layer.id)):
                out = out.united(rect_of(layer))
    return out


def _look(layer: Layer) -> Layer:
    plain: Layer = layer.changed(name="", held=False, take="")
    return plain
