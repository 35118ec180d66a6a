"""The canvas of the open picture: shows its document, carries the tools, and tells every step a person takes."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from studio.core.pictures import GRID_PX, Box
from studio.media.picture.document import Adjust, PictureDoc
from studio.widgets.canvas.box_tools import CropTool, FrameTool
from studio.widgets.canvas.brush_tool import BrushTool
from studio.widgets.canvas.kinds import Brush, Tool
from studio.widgets.canvas.lock_guard import LockCheck, binds, check
from studio.widgets.canvas.mask_edits import MaskEdits
from studio.widgets.canvas.move_tool import MoveTool
from studio.widgets.canvas.outbox import Outbox, Packed, Step
from studio.widgets.canvas.pan_tool import PanTool
from studio.widgets.canvas.pixels import Bytes
from studio.widgets.canvas.pointing import Hand
from studio.widgets.canvas.scene import rect_of_box, seen_layers
from studio.widgets.canvas.select_tool import SelectTool
from studio.widgets.canvas.steps import CanvasSteps
from studio.widgets.canvas.tool import CanvasTool

STILL_READ: Final = "A layer is still being read. Try again in a moment."


class CanvasView(Hand):
    """Values in, signals out: the document that comes back through `show_document` is what was told by `changed`,
    or an older one after undo."""

    changed = Signal(object, str, str, object)  # PictureDoc, what was done, kind of revision, {asset: png}
    packed = Signal(object)  # {asset: png} of the step told next: its pixels are asked for before
    refused = Signal(str)
    document_changed = Signal(object)  # PictureDoc: told or shown, also while a step is tried out
    prepared_more = Signal()  # `prepared` may answer otherwise now
    assets_changed = Signal()  # pixels that were being read are there
    frame_changed = Signal(object)  # Box, also while it is dragged

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._doc = PictureDoc()
        self._outbox = Outbox(self)
        self.masks = MaskEdits(self.scene, self._outbox, self)
        self.steps = CanvasSteps(self)
        tools: dict[Tool, CanvasTool] = {
            "move": MoveTool(self),
            "brush": BrushTool(self, rubs=False),
            "eraser": BrushTool(self, rubs=True),
            "lasso": SelectTool(self, free=True),
            "rectangle": SelectTool(self, free=False),
            "frame": FrameTool(self),
            "crop": CropTool(self),
            "pan": PanTool(self),
        }
        self._take_tools(tools)
        self._chosen = ""
        self._grid_px = GRID_PX
        self._outbox.told.connect(self._on_told)
        self.scene.images.ready.connect(lambda _look: self.prepared_more.emit())
        self.masks.refused.connect(self.refused)
        self.masks.chosen.connect(self.choose)
        self.masks.previewed.connect(self.preview)

    # -- the document ------------------------------------------------------------------------------

    def show_document(self, doc: PictureDoc, image_of: Callable[[str], QImage | None] | None = None) -> None:
        """Show a picture. `image_of` reads assets; None while one is being read, then `image_ready` is called."""
        if image_of is not None:
            self.scene.read_by(image_of)
        if doc == self._doc:
            if not self._hand().busy:
                self._show(doc)
            return
        if not self._outbox.empty:
            self._outbox.drop()
            self.masks.clear_pending()
        self._hand().cancel()
        self._doc = doc
        self.scene.masks.keep_only({layer.id for layer in doc.layers})
        self._show(doc)
        self._keep_chosen()

    def image_ready(self, name: str) -> None:
        """An asset that was being read is there."""
        self.scene.asset_ready(name)
        self.assets_changed.emit()

    def document(self) -> PictureDoc:
        """The picture as it was last told or shown."""
        return self._doc

    def preview(self, doc: PictureDoc | None) -> None:
        """Show a document that is being tried out; None goes back to the one that holds."""
        self._show(doc or self._doc)

    def _show(self, doc: PictureDoc) -> None:
        before = self.scene.doc
        self.scene.show(doc)
        if before.frame != doc.frame:
            self.repaint_all()
            self.frame_changed.emit(doc.frame)
        if before != doc:
            self.document_changed.emit(doc)
            if self._tool == "move":
                self.repaint_all()

    def commit(
        self,
        title: str,
        kind: str,
        change: Callable[[PictureDoc], PictureDoc | None],
        *,
        whole: bool = False,
    ) -> None:
        """Take a step that needs no new picture; in its turn when strokes are still being packed.

        Refused when it would change what shows under a lock; the `whole` picture's locks go with it.
        """
        if binds(self._doc) and not whole:
            self.settle()  # what it is compared with must hold
            self._commit_guarded(title, kind, change(self._doc))
        elif self._outbox.empty:
            self._tell(change(self._doc), title, kind, {})
        else:
            self.put(Step(title=title, kind=kind, make=list, change=lambda doc, _packed: change(doc)))

    def _commit_guarded(self, title: str, kind: str, doc: PictureDoc | None) -> None:
        """What takes long to compare is compared by the thread, in its turn."""
        try:
            found = None if doc is None else check(self.scene, self._doc, doc)
        except LookupError:
            self._give_up(STILL_READ)
            return
        if found is None:
            self._tell(doc, title, kind, {})
        elif found.quick:
            if found.holds():
                self._tell(doc, title, kind, {})
            else:
                self._give_up(found.refusal())
        else:
            verdict: list[bool] = []

            def make() -> list[Bytes]:
                verdict.append(found.holds())
                return []

            def told(_doc: PictureDoc, _packed: Sequence[Packed]) -> PictureDoc | None:
                if not verdict[0]:
                    self._give_up(found.refusal())
                return doc if verdict[0] else None

            self.put(Step(title=title, kind=kind, make=make, change=told))

    def lock_check(self, doc: PictureDoc, fresh: dict[str, Bytes]) -> LockCheck | None:
        """What a step to `doc` may change under locks, to be compared once the `fresh` pictures are there.

        Raises LookupError while pixels are being read.
        """
        return check(self.scene, self._doc, doc, fresh) if binds(self._doc) else None

    def _give_up(self, why: str) -> None:
        """Nothing is changed: what was tried out, and what the panels show, goes back."""
        self.refuse(why)
        self.preview(None)
        self._keep_chosen()
        self.document_changed.emit(self._doc)

    def put(self, step: Step) -> None:
        """Take a step whose pictures are to be packed."""
        self._outbox.put(step)

    def busy(self) -> bool:
        """Something is still being packed or drawn: `flush` tells it."""
        return not (self._outbox.empty and self.scene.images.settled and self.masks.settled)

    def flush(self) -> None:
        """Tell now what is still being packed; a stroke under way ends here."""
        self._let_go()
        self._outbox.flush()

    def settle(self) -> None:
        """Tell now what is still being packed, so that a step can be tried out on it."""
        self._outbox.flush()

    def _on_told(self, step: Step, packed: Sequence[Packed]) -> None:
        doc = step.change(self._doc, packed)
        self._tell(doc, step.title, step.kind, {one.name: one.png for one in packed})

    def _tell(self, doc: PictureDoc | None, title: str, kind: str, assets: dict[str, bytes]) -> None:
        if doc is None or doc == self._doc:  # nothing came of it: painted over what was white already
            self.preview(None)
            return
        self._doc = doc
        if assets:
            self.packed.emit(assets)
        self._show(doc)
        self._keep_chosen()
        self.changed.emit(doc, title, kind, assets)

    def refuse(self, why: str) -> None:
        """Say why something cannot be done."""
        self.refused.emit(why)

    # -- what is chosen ----------------------------------------------------------------------------

    def chosen(self) -> str:
        """The chosen layer's id, or ""."""
        return self._chosen

    def choose(self, layer_id: str) -> None:
        """Choose a layer."""
        if layer_id != self._chosen:
            self._chosen = layer_id
            self.update()
            self.selection_changed.emit()

    def _keep_chosen(self) -> None:
        ids = [layer.id for layer in self._doc.layers]
        if self._chosen not in ids and not any(layer.id == self._chosen for layer in self.scene.doc.layers):
            self.choose(ids[-1] if ids else "")

    def _brush_taken(self, brush: Brush) -> None:
        self.masks.warm(brush)

    def grid_px(self) -> int:
        """What sides of the frame are multiples of."""
        return self._grid_px

    def set_grid(self, grid_px: int) -> None:
        """The model's grid: sides of the frame are multiples of it."""
        self._grid_px = max(1, grid_px)

    # -- pixels for the model ----------------------------------------------------------------------

    def composite(self, box: Box, width: int, height: int) -> QImage:
        """What is seen within `box` of the canvas, without masks, at that size; transparent where nothing is."""
        return self.scene.composite(seen_layers(self._doc), rect_of_box(box), QSize(width, height))

    def coverage(self, box: Box, width: int, height: int) -> QImage:
        """The same as far as opacity goes, without the layers' adjustments, which take long and leave it alone."""
        layers = [layer.changed(adjust=Adjust()) for layer in seen_layers(self._doc)]
        return self.scene.composite(layers, rect_of_box(box), QSize(width, height))

    def is_masked(self, box: Box) -> bool:
        """Whether a visible mask has anything there."""
        return self.scene.has_mask(rect_of_box(box))

    def mask_of(self, box: Box, width: int, height: int) -> QImage | None:
        """All visible masks there as one grey image; None when nothing is masked."""
        return self.scene.mask("mask", rect_of_box(box), QSize(width, height))

    def lock_of(self, box: Box, width: int, height: int) -> QImage | None:
        """All visible locks there as one grey image; None when nothing is locked."""
        return self.scene.mask("lock", rect_of_box(box), QSize(width, height))

    def flatten(self) -> QImage:
        """The whole picture as it is seen."""
        doc = self._doc
        area = QRect(0, 0, doc.width, doc.height)
        return self.scene.composite(seen_layers(doc), area, area.size())

    def prepared(self) -> bool:
        """Putting it together takes no time; else what does is begun beside this thread: `prepared_more` tells."""
        waits = [layer for layer in seen_layers(self._doc) if not self.scene.images.prepared(layer)]
        return not waits

    def complete(self) -> bool:
        """All its pixels are there: what is put together now lacks nothing."""
        scene = self.scene
        pictures = all(scene.images.whole(layer) is not None for layer in seen_layers(self._doc))
        tools = [
            layer for layer in self._doc.layers if layer.kind != "raster" and layer.visible and layer.asset
        ]
        return pictures and all(scene.masks.of(layer) is not None for layer in tools)

    def layer_image(self, layer_id: str) -> QImage | None:
        """One layer's picture alone, adjusted; None while it is read or when it is empty."""
        layer = self._doc.layer(layer_id)
        return self.scene.images.whole(layer) if layer.asset else None
