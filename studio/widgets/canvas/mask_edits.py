"""Changing masks and locks: every change is painted at once, packed by a thread, and told as one step."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from PySide6.QtCore import QObject, QRect, Signal

from studio.media.picture import masks
from studio.media.picture.arrange import new_layer
from studio.media.picture.document import Layer, PictureDoc
from studio.widgets.canvas.background import Newest
from studio.widgets.canvas.kinds import Brush
from studio.widgets.canvas.mask_images import MaskPixels, trimmed
from studio.widgets.canvas.outbox import Outbox, Packed, Step
from studio.widgets.canvas.pixels import Bytes
from studio.widgets.canvas.scene import Scene, rect_of, rect_of_box
from studio.widgets.canvas.stamps import Stamps
from studio.widgets.canvas.stroke import Stroke

Mix = Literal["replace", "add", "subtract"]


class MaskEdits(QObject):
    """Works on the chosen mask or lock; with none chosen on the highest mask, or on a new one."""

    refused = Signal(str)
    chosen = Signal(str)  # a layer that was made or taken for a stroke
    previewed = Signal(object)  # PictureDoc with a new layer

    def __init__(self, scene: Scene, outbox: Outbox, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scene = scene
        self._outbox = outbox
        self._stamps = Stamps()
        self._ahead: Counter[str] = Counter()  # changes painted, not told yet, by layer
        self._slow: set[str] = set()  # layers of changes that are still being computed
        self._tried: tuple[Layer, QRect] | None = None  # the layer that is shown as a change would make it
        self._newest = Newest(self)
        self._newest.done.connect(self._on_tried)
        self._new: dict[str, Layer] = {}  # made for a change that is not told yet

    def clear_pending(self) -> None:
        """What was painted and not told is given up: the document that is shown now holds."""
        for layer_id in self._ahead:
            self.scene.masks.forget(layer_id)
        self._ahead.clear()
        self._slow.clear()
        self._new.clear()

    def warm(self, brush: Brush) -> None:
        """Make the stamp of a brush before its first stroke needs it."""
        self._stamps.stamp(brush.size_px, brush.softness, brush.opacity, 0.5, 0.5)

    def target(self, doc: PictureDoc, chosen: str, *, make: bool = True) -> Layer | None:
        """The layer a change is for; None (and told why) when it is held or there is none."""
        tools = [layer for layer in doc.layers if layer.kind != "raster"]
        found = next((layer for layer in tools if layer.id == chosen), None)
        if found is None:
            found = next(
                (layer for layer in reversed(tools) if layer.kind == "mask" and not layer.held), None
            )
        if found is None and self._new:
            found = next(reversed(self._new.values()))
        if found is None and not make:
            self.refused.emit("There is no mask yet. Paint one with the brush, or add one in the layers.")
            return None
        if found is None:
            found = new_layer(doc, "mask")
            self._new[found.id] = found
        if found.id in self._new and found not in self.scene.doc.layers:
            self.scene.masks.widened(found, rect_of(found))
            self.previewed.emit(doc.with_layer(found))
        if found.held:
            self.refused.emit(f"“{found.name}” is held. Let it go in the layers first, then paint on it.")
            return None
        if found.id != chosen:
            self.chosen.emit(found.id)
        return found

    def area(self, doc: PictureDoc) -> QRect:
        """Where a mask may be painted: the canvas, and the frame beyond it."""
        return QRect(0, 0, doc.width, doc.height).united(rect_of_box(doc.frame))

    def pixels(self, layer: Layer, doc: PictureDoc) -> MaskPixels | None:
        """The numbers to paint on; None (and told why) while they are being read."""
        if layer.id in self._slow:  # what comes now is painted on what that makes of it
            self._outbox.flush()
            layer = next((now for now in self.scene.doc.layers if now.id == layer.id), layer)
        if self.scene.masks.of(layer) is None and layer.asset and not self._ahead[layer.id]:
            self.refused.emit(f"“{layer.name}” is still being read. Try again in a moment.")
            return None
        return self.scene.masks.widened(layer, self.area(doc))

    def stroke(self, layer: Layer, doc: PictureDoc, brush: Brush, *, rubs: bool) -> Stroke | None:
        """Begin a stroke; `told` ends it."""
        pixels = self.pixels(layer, doc)
        if pixels is None:
            return None
        return Stroke(pixels.values, pixels.left, pixels.top, brush, self._stamps, rubs=rubs)

    def lay(
        self,
        layer: Layer,
        doc: PictureDoc,
        shape: Bytes,
        rect: QRect,
        mix: Mix,
        title: str,
        *,
        gone: str = "",
    ) -> None:
        """Add, take away or put a shape, uint8 as large as `rect` of the canvas, and tell it.

        The layer `gone`, whose shape it was, is taken out in the same step.
        """
        pixels = self.pixels(layer, doc)
        if pixels is None:
            return
        shared = rect.intersected(pixels.rect)
        if mix == "replace":
            pixels.values.fill(0)
        if not shared.isEmpty():
            part = _slices(shared, pixels.rect)
            change = masks.taken if mix == "subtract" else masks.added
            pixels.values[part] = change(pixels.values[part], shape[_slices(shared, rect)])
        self.scene.tint_changed.emit(pixels.rect if mix == "replace" else shared)
        self.tell(layer, title, gone)

    def change_all(self, layer: Layer, doc: PictureDoc, change: Callable[[Bytes], Bytes], title: str) -> None:
        """Change all numbers of the canvas's area at once (invert, clear), and tell it."""
        pixels = self.pixels(layer, doc)
        if pixels is not None:
            pixels.values[:] = change(pixels.values)
            self.scene.tint_changed.emit(pixels.rect)
            self.tell(layer, title)

    def change_slowly(
        self, layer: Layer, doc: PictureDoc, change: Callable[[Bytes], Bytes], title: str
    ) -> None:
        """The same for what takes long (grow, feather): the thread computes it, it is shown when it is told."""
        pixels = self.pixels(layer, doc)
        if pixels is not None:
            values, left, top = pixels.values.copy(), pixels.left, pixels.top
            self._slow.add(layer.id)
            self._put(layer, title, lambda: (change(values), left, top), shows=True)

    def try_out(self, layer: Layer, doc: PictureDoc, change: Callable[[Bytes], Bytes]) -> None:
        """Show a layer as a change would make it; nothing is changed. `stop_trying` ends it."""
        pixels = self.pixels(layer, doc)
        if pixels is not None:
            self._tried = (layer, pixels.rect)
            values, left, top = pixels.values.copy(), pixels.left, pixels.top
            self._newest.ask("try", layer.id, lambda: MaskPixels(left, top, change(values)))

    def _on_tried(self, layer_id: str, pixels: MaskPixels) -> None:
        if self._tried is not None and self._tried[0].id == layer_id:
            self.scene.masks.try_out(layer_id, pixels)
            self.scene.tint_changed.emit(pixels.rect)

    def stop_trying(self) -> None:
        """Show the mask as it is."""
        if self._tried is not None:
            layer, rect = self._tried
            self._tried = None
            self.scene.masks.try_out(layer.id, None)
            self.scene.tint_changed.emit(rect)

    @property
    def settled(self) -> bool:
        """What is tried out is shown."""
        return self._newest.idle

    def tell(self, layer: Layer, title: str, gone: str = "") -> None:
        """Pack what the layer's mask is now and tell it as one step."""
        pixels = self.scene.masks.shown(layer.id)
        assert pixels is not None
        values, left, top = pixels.values.copy(), pixels.left, pixels.top
        self._put(layer, title, lambda: (values, left, top), shows=False, gone=gone)

    def _put(
        self,
        layer: Layer,
        title: str,
        values: Callable[[], tuple[Bytes, int, int]],
        *,
        shows: bool,
        gone: str = "",
    ) -> None:
        self._ahead[layer.id] += 1
        found: list[tuple[int, int]] = []

        def make() -> list[Bytes]:
            cut = trimmed(*values())
            found[:] = [cut[1:]] if cut is not None else []
            return [cut[0]] if cut is not None else []

        def change(doc: PictureDoc, packed: Sequence[Packed]) -> PictureDoc | None:
            told = self._told(doc, layer, packed, found, shows=shows)
            return told.without(gone) if told is not None and gone else told

        kind = "painted" if layer.kind == "mask" else "locked"
        self._outbox.put(Step(title=title, kind=kind, make=make, change=change))

    def _told(
        self,
        doc: PictureDoc,
        layer: Layer,
        packed: Sequence[Packed],
        found: list[tuple[int, int]],
        *,
        shows: bool,
    ) -> PictureDoc | None:
        """The document with the layer's new mask, cut to what it holds."""
        self._ahead[layer.id] -= 1
        if shows:
            self._slow.discard(layer.id)
        new = self._new.pop(layer.id, None)
        now = next((one for one in doc.layers if one.id == layer.id), new)
        if now is None:  # it was removed meanwhile: should it come back, then as it was when it went
            self.scene.masks.forget(layer.id)
            return None
        plain = {"crop": None, "turn": 0, "flip_x": False, "flip_y": False, "visible": True}
        values = packed[0].pixels if packed else None
        if values is None:
            after = now.changed(asset="", x=0, y=0, width=doc.width, height=doc.height, **plain)
        else:
            height, width = values.shape
            x, y = found[0]
            after = now.changed(asset=packed[0].name, x=x, y=y, width=width, height=height, **plain)
        if shows and not self._ahead[layer.id]:
            pixels = None if values is None else MaskPixels(after.x, after.y, values.copy())
            self.scene.masks.replace(layer.id, pixels)
        self.scene.masks.stands(after, values)
        if shows:
            self.scene.tint_changed.emit(self.area(doc).united(rect_of(after)))
        return doc.with_layer(after)


def inverted(values: Bytes) -> Bytes:
    """Chosen and not chosen change places."""
    return ~values


def cleared(values: Bytes) -> Bytes:
    """Nothing is chosen."""
    return np.zeros_like(values)


def _slices(part: QRect, of: QRect) -> tuple[slice, slice]:
    left, top = part.left() - of.left(), part.top() - of.top()
    return slice(top, top + part.height()), slice(left, left + part.width())
