"""What can be done to layers, masks and canvas as steps: each is shown at once, told once, and undone as one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage

from studio.core.pictures import Box
from studio.media.picture import arrange, masks
from studio.media.picture.document import Adjust, Kind, Layer, PictureDoc
from studio.widgets.canvas.mask_edits import cleared, inverted
from studio.widgets.canvas.outbox import Packed, Step
from studio.widgets.canvas.pixels import Bytes, grey_of, rgba_of, slim
from studio.widgets.canvas.scene import box_of_rect, merged, rect_of, rect_of_box, seen_layers

if TYPE_CHECKING:
    from studio.widgets.canvas.view import CanvasView

_STILL_READ = "A layer is still being read. Try again in a moment."
_FRESH = Packed("\0merged", b"", np.zeros((1, 1, 4), dtype=np.uint8))
_WORDS: dict[str, str] = {"x": "left to right", "y": "top to bottom"}


class CanvasSteps:
    """The canvas's own; a layer is named by its id. A held layer refuses all but being let go, shown or faded."""

    def __init__(self, view: "CanvasView") -> None:
        self._view = view

    # -- one layer ---------------------------------------------------------------------------------

    def rename(self, layer_id: str, name: str) -> None:
        """Another name."""
        name = " ".join(name.split())
        if name and (layer := self._layer(layer_id)) and layer.name != name:
            self._change(layer_id, f"Rename “{layer.name}” to “{name}”", lambda one: one.changed(name=name))

    def show_layer(self, layer_id: str, visible: bool) -> None:
        """Show or hide it."""
        if layer := self._layer(layer_id):
            word = "Show" if visible else "Hide"
            self._change(layer_id, f"{word} “{layer.name}”", lambda one: one.changed(visible=visible))

    def hold(self, layer_id: str, held: bool) -> None:
        """Hold it against any change, or let it go."""
        if layer := self._layer(layer_id):
            word = "Hold" if held else "Let go of"
            self._change(layer_id, f"{word} “{layer.name}”", lambda one: one.changed(held=held))

    def fade_live(self, layer_id: str, opacity: float) -> None:
        """Show it so while a slider moves."""
        self._try_out(layer_id, lambda one: one.changed(opacity=opacity))

    def fade(self, layer_id: str, opacity: float) -> None:
        """How opaque it is."""
        if layer := self._layer(layer_id):
            title = f"Opacity of “{layer.name}” {round(opacity * 100)} %"
            self._change(layer_id, title, lambda one: one.changed(opacity=opacity))

    def adjust_live(self, layer_id: str, how: Adjust) -> None:
        """Show it adjusted so while a slider moves."""
        if (layer := self._layer(layer_id)) and not layer.held:
            self._try_out(layer_id, lambda one: one.changed(adjust=how))

    def adjust(self, layer_id: str, how: Adjust) -> None:
        """Adjust its look."""
        if layer := self._free(layer_id):
            word = "Adjust" if how != Adjust() else "Reset"
            self._change(layer_id, f"{word} “{layer.name}”", lambda one: one.changed(adjust=how), "adjusted")

    def flip(self, layer_id: str, axis: arrange.Axis) -> None:
        """Mirror it: "x" left and right change places."""
        if layer := self._free(layer_id):
            title = f"Flip “{layer.name}” {_WORDS[axis]}"
            self._change(layer_id, title, lambda one: arrange.flipped(one, axis))

    def turn(self, layer_id: str, quarters: int) -> None:
        """Turn it clockwise by quarters."""
        if layer := self._free(layer_id):
            self._change(layer_id, f"Turn “{layer.name}”", lambda one: arrange.turned(one, quarters))

    # -- the stack ---------------------------------------------------------------------------------

    def add_layer(self, kind: Kind) -> None:
        """A new empty layer above the chosen one, and choose it."""
        layer = arrange.new_layer(self._doc, kind)
        self._view.commit(
            f"Add “{layer.name}”",
            "locked" if kind == "lock" else "arranged",
            lambda doc: doc.with_layer(layer, above=self._view.chosen()),
        )
        self._view.choose(layer.id)

    def remove(self, layer_id: str) -> None:
        """Take it out; its pixels stay in the project."""
        if layer := self._free(layer_id):
            self._view.commit(
                f"Remove “{layer.name}”", "unlocked" if layer.kind == "lock" else "arranged",
                lambda doc: doc.without(layer_id),
            )  # fmt: skip

    def duplicate(self, layer_id: str) -> None:
        """A copy above it, and choose that."""
        self._view.settle()
        layer = self._layer(layer_id)
        if layer is None:
            return
        doc, copy_id = arrange.duplicated(self._doc, layer_id)
        copy = doc.layer(copy_id)
        self._view.commit(
            f"Duplicate “{layer.name}”", "locked" if layer.kind == "lock" else "arranged",
            lambda now: now.with_layer(copy, above=layer_id),
        )  # fmt: skip
        if self._layer(copy_id) or self._view.busy():  # a lock may have refused it
            self._view.choose(copy_id)

    def reorder(self, layer_id: str, index: int) -> None:
        """Put it at `index` from below among the others."""
        if (layer := self._layer(layer_id)) and arrange.reordered(self._doc, layer_id, index) != self._doc:
            title = f"Reorder “{layer.name}”"
            self._view.commit(
                title, "arranged",
                lambda doc: arrange.reordered(doc, layer_id, index)
                if any(one.id == layer_id for one in doc.layers) else None,
            )  # fmt: skip

    def merge_down(self, layer_id: str) -> None:
        """Make one layer of it and the one below of its kind."""
        self._view.settle()  # what they are made of holds: nothing is told before this step
        upper = self._free(layer_id)
        if upper is None:
            return
        below = [one for one in self._doc.layers if one.kind == upper.kind]
        at = [one.id for one in below].index(layer_id)
        lower = self._free(below[at - 1].id) if at else None
        if at == 0:
            self._view.refuse(f"There is nothing of its kind below “{upper.name}” to merge it with.")
        if lower is None:
            return
        if upper.kind == "raster":
            self._merge([lower, upper], lower, f"Merge “{upper.name}” into “{lower.name}”")
        else:
            self._merge_masks(lower, upper)

    def flatten_visible(self) -> None:
        """Make one layer of all pictures that are seen; masks and locks stay."""
        self._view.settle()
        layers = seen_layers(self._doc)
        if not layers:
            self._view.refuse("There is no visible picture to flatten.")
        elif all(self._free(layer.id) is not None for layer in layers):
            self._merge(layers, layers[0], "Flatten the visible layers")

    def _merge(self, layers: Sequence[Layer], into: Layer, title: str) -> None:
        doc = self._doc
        rects = [rect_of(layer) for layer in layers if layer.asset]
        area = QRect()
        for rect in rects:
            area = area.united(rect)
        if area.isEmpty():
            area = QRect(0, 0, doc.width, doc.height)
        parts = []
        for layer in layers:
            found = self._view.scene.images.unadjusted(layer) if layer.asset else None
            if layer.asset and found is None:
                self._view.refuse(_STILL_READ)
                return
            if found is not None and layer.visible:
                parts.append((layer, *found))
        gone = {layer.id for layer in layers} - {into.id}
        place = {"x": area.x(), "y": area.y(), "width": area.width(), "height": area.height()}
        plain = {"crop": None, "turn": 0, "flip_x": False, "flip_y": False, "opacity": 1.0, "visible": True}

        def change(now: PictureDoc, packed: Sequence[Packed]) -> PictureDoc | None:
            if not packed:
                return None
            merged: Layer = into.changed(asset=packed[0].name, take="", adjust=Adjust(), **place, **plain)
            kept = tuple(merged if one.id == into.id else one for one in now.layers if one.id not in gone)
            out: PictureDoc = now.changed(layers=kept)
            return out

        self._put_merged(title, lambda: slim(rgba_of(merged(parts, area))), change, into.id)

    def _put_merged(
        self,
        title: str,
        make: Callable[[], Bytes],
        change: Callable[[PictureDoc, Sequence[Packed]], PictureDoc | None],
        chosen: str,
    ) -> None:
        """Locked pixels may not change even by a rounding: then the step comes to nothing."""
        new = change(self._doc, [_FRESH])
        assert new is not None
        try:
            found = self._view.lock_check(new, {_FRESH.name: _FRESH.pixels})
        except LookupError:
            self._view.refuse(_STILL_READ)
            return
        holds: list[bool] = []

        def made() -> list[Bytes]:
            pixels = make()
            holds.append(found is None or found.filled(_FRESH.name, pixels).holds())
            return [pixels] if holds[0] else []

        def told(doc: PictureDoc, packed: Sequence[Packed]) -> PictureDoc | None:
            if found is not None and not holds[0]:
                self._view.refuse(found.refusal())
            return change(doc, packed)

        self._put(title, "arranged", made, told, chosen)

    def _merge_masks(self, lower: Layer, upper: Layer) -> None:
        pixels = self._view.masks.pixels(upper, self._doc)
        if pixels is None:
            return
        values, rect = pixels.values.copy(), pixels.rect
        title = f"Merge “{upper.name}” into “{lower.name}”"
        self._view.masks.lay(lower, self._doc, values, rect, "add", title, gone=upper.id)
        self._view.choose(lower.id)

    def place(self, image: QImage, box: Box, title: str) -> None:
        """A picture as a new layer in `box`, without what locks keep: like a take that is accepted."""
        view, size = self._view, QSize(box.width, box.height)
        lock = view.lock_of(box, box.width, box.height)

        def make() -> list[Bytes]:
            mode = Qt.TransformationMode.SmoothTransformation
            fitted = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
            kept = None if lock is None else grey_of(lock)
            return [slim(masks.masked_by_lock(rgba_of(fitted), kept))]

        def change(doc: PictureDoc, packed: Sequence[Packed]) -> PictureDoc:
            return arrange.placed(doc, packed[0].name, box, title)

        view.put(Step(title=f"Placed “{title}”", kind="pasted", make=make, change=change))

    # -- masks -------------------------------------------------------------------------------------

    def invert_mask(self) -> None:
        """What is masked and what is not change places."""
        if layer := self._mask():
            self._view.masks.change_all(layer, self._view.scene.doc, inverted, f"Invert “{layer.name}”")

    def clear_mask(self) -> None:
        """Nothing is masked."""
        if layer := self._mask(make=False):
            self._view.masks.change_all(layer, self._view.scene.doc, cleared, f"Clear “{layer.name}”")

    def try_refined(self, grow_px: int, feather_px: int) -> None:
        """Show the mask grown and feathered, without changing it; `leave_refined` shows it as it is."""
        if layer := self._mask(make=False):
            self._view.masks.try_out(layer, self._view.scene.doc, refined(grow_px, feather_px))

    def leave_refined(self) -> None:
        """Show the mask as it is."""
        self._view.masks.stop_trying()

    def refine_mask(self, grow_px: int, feather_px: int) -> None:
        """Grow the mask (shrink it when negative), then make its edge soft."""
        self.leave_refined()
        if (grow_px or feather_px) and (layer := self._mask(make=False)):
            words = [
                f"{'grow' if grow_px > 0 else 'shrink'} by {abs(grow_px)} px" if grow_px else "",
                f"feather by {feather_px} px" if feather_px else "",
            ]
            title = f"{', '.join(word for word in words if word).capitalize()}: “{layer.name}”"
            change = refined(grow_px, feather_px)
            self._view.masks.change_slowly(layer, self._view.scene.doc, change, title)

    def mask_box(self, box: Box) -> None:
        """Mask a box of the canvas, the frame for one: what a rectangle does, without a mouse."""
        if layer := self._mask():
            rect = rect_of_box(box)
            shape = inverted(cleared(self._view.scene.masks.widened(layer, rect).part(rect)))
            doc, title = self._view.scene.doc, f"Add a rectangle on “{layer.name}”"
            self._view.masks.lay(layer, doc, shape, rect, "add", title)

    def _mask(self, *, make: bool = True) -> Layer | None:
        return self._view.masks.target(self._doc, self._view.chosen(), make=make)

    # -- the canvas --------------------------------------------------------------------------------

    def flip_canvas(self, axis: arrange.Axis) -> None:
        """Mirror the whole picture."""
        title = f"Flip the picture {_WORDS[axis]}"
        self._view.commit(title, "arranged", lambda doc: arrange.canvas_flipped(doc, axis), whole=True)

    def turn_canvas(self, quarters: int) -> None:
        """Turn the whole picture clockwise by quarters."""
        turned = partial(arrange.canvas_turned, quarters=quarters)
        self._view.commit("Turn the picture", "arranged", turned, whole=True)

    def crop_canvas(self, box: Box) -> None:
        """Cut the canvas to a box, or widen it."""
        title = f"Crop to {box.width} × {box.height}"
        self._view.commit(title, "cropped", lambda doc: arrange.cropped_to(doc, box), whole=True)

    def crop_to_frame(self) -> None:
        """Cut the canvas to the frame."""
        self.crop_canvas(self._doc.frame)

    def set_frame(self, box: Box) -> None:
        """Put the frame elsewhere."""
        if box != self._doc.frame:
            title = f"Frame of {box.width} × {box.height}"
            self._view.commit(title, "arranged", lambda doc: doc.changed(frame=box))

    def frame_on_canvas(self) -> None:
        """Make the frame as large as the canvas."""
        self.set_frame(box_of_rect(QRect(0, 0, self._doc.width, self._doc.height)))

    # -- helpers -----------------------------------------------------------------------------------

    @property
    def _doc(self) -> PictureDoc:
        return self._view.document()

    def _layer(self, layer_id: str) -> Layer | None:
        return next((layer for layer in self._doc.layers if layer.id == layer_id), None)

    def _free(self, layer_id: str) -> Layer | None:
        layer = self._layer(layer_id)
        if layer is not None and layer.held:
            self._view.refuse(f"“{layer.name}” is held. Let it go in the layers first.")
            return None
        return layer

    def _try_out(self, layer_id: str, change: Callable[[Layer], Layer]) -> None:
        self._view.settle()
        if layer := self._layer(layer_id):
            self._view.preview(self._doc.with_layer(change(layer)))

    def _change(
        self, layer_id: str, title: str, change: Callable[[Layer], Layer], kind: str = "arranged"
    ) -> None:
        def changed(doc: PictureDoc) -> PictureDoc | None:
            now = next((layer for layer in doc.layers if layer.id == layer_id), None)
            return None if now is None else doc.with_layer(change(now))

        self._view.commit(title, kind, changed)

    def _put(
        self,
        title: str,
        kind: str,
        make: Callable[[], Sequence[Bytes]],
        change: Callable[[PictureDoc, Sequence[Packed]], PictureDoc | None],
        chosen: str,
    ) -> None:
        self._view.put(Step(title=title, kind=kind, make=make, change=change))
        self._view.choose(chosen)


def refined(grow_px: int, feather_px: int) -> Callable[[Bytes], Bytes]:
    """Grow a mask, then feather it."""

    def change(values: Bytes) -> Bytes:
        return masks.feather(masks.grow(values, grow_px), feather_px)

    return change
