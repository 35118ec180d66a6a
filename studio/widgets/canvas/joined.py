"""Joins a canvas with its panels: what one tells, the others show or do. All are widgets; nothing else is known."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, QTimer
from PySide6.QtGui import QImage

from studio.media.picture.adjust import histogram
from studio.media.picture.document import Adjust, Layer, PictureDoc
from studio.widgets.canvas.adjust_panel import AdjustPanel
from studio.widgets.canvas.background import Newest
from studio.widgets.canvas.box_tools import CropTool
from studio.widgets.canvas.kinds import Tool
from studio.widgets.canvas.layer_row import THUMB_PX
from studio.widgets.canvas.layers_panel import LayersPanel
from studio.widgets.canvas.pixels import image_of_grey, rgba_of
from studio.widgets.canvas.scene import rect_of
from studio.widgets.canvas.tool_bar import CanvasTools
from studio.widgets.canvas.tool_options import ToolOptions
from studio.widgets.canvas.view import CanvasView

_COUNT_PX = 256
_LATER_MS = 120  # thumbnails need not follow every move of a slider


class Joined(QObject):
    """Owned by the canvas; made by `join`."""

    def __init__(
        self,
        view: CanvasView,
        layers: LayersPanel,
        adjust: AdjustPanel,
        tools: CanvasTools,
        options: ToolOptions,
    ) -> None:
        super().__init__(view)
        self._view, self._layers, self._adjust, self._tools, self._options = (
            view,
            layers,
            adjust,
            tools,
            options,
        )
        self._drawn: dict[str, object] = {}
        self._counted: tuple[object, ...] = ()
        self._newest = Newest(self)
        self._newest.done.connect(self._on_counted)
        self._later = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._later.timeout.connect(self._show_thumbs)
        self._join_layers()
        self._join_adjust()
        self._join_tools()
        self._join_options()
        view.document_changed.connect(self._on_document)
        view.assets_changed.connect(self._later.start)
        view.selection_changed.connect(self._on_selection)
        self._on_document(view.document())
        self._on_selection()

    @property
    def settled(self) -> bool:
        """Nothing is counted or waits to be drawn."""
        return self._newest.idle and not self._later.isActive()

    def _join_layers(self) -> None:
        view, steps, panel = self._view, self._view.steps, self._layers
        panel.chosen.connect(view.choose)
        panel.renamed.connect(steps.rename)
        panel.shown.connect(steps.show_layer)
        panel.held.connect(steps.hold)
        panel.faded_live.connect(steps.fade_live)
        panel.faded.connect(steps.fade)
        panel.reordered.connect(steps.reorder)
        panel.add_requested.connect(steps.add_layer)
        panel.duplicate_requested.connect(steps.duplicate)
        panel.merge_requested.connect(steps.merge_down)
        panel.flatten_requested.connect(steps.flatten_visible)
        panel.flip_requested.connect(steps.flip)
        panel.turn_requested.connect(steps.turn)
        panel.remove_requested.connect(steps.remove)

    def _join_adjust(self) -> None:
        steps, view = self._view.steps, self._view
        self._adjust.adjusted_live.connect(lambda how: steps.adjust_live(view.chosen(), how))
        self._adjust.adjusted.connect(lambda how: steps.adjust(view.chosen(), how))

    def _join_tools(self) -> None:
        view, tools = self._view, self._tools
        tools.tool_chosen.connect(view.set_tool)
        tools.guides_chosen.connect(view.set_guides)
        tools.guides_chosen.connect(tools.set_guides)
        tools.tint_shown.connect(view.show_tint)
        tools.fit_requested.connect(view.fit)
        tools.actual_size_requested.connect(view.actual_size)
        tools.zoom_in_requested.connect(view.zoom_in)
        tools.zoom_out_requested.connect(view.zoom_out)

    def _join_options(self) -> None:
        view, steps, options = self._view, self._view.steps, self._options
        options.brush_changed.connect(view.set_brush)
        options.invert_requested.connect(steps.invert_mask)
        options.clear_requested.connect(steps.clear_mask)
        options.mask_frame_requested.connect(lambda: steps.mask_box(view.document().frame))
        options.refine_tried.connect(steps.try_refined)
        options.refine_requested.connect(steps.refine_mask)
        options.refine_left.connect(steps.leave_refined)
        options.frame_on_canvas_requested.connect(steps.frame_on_canvas)
        options.crop_to_frame_requested.connect(steps.crop_to_frame)
        options.crop_requested.connect(self._crop)
        options.crop_left.connect(lambda: self._crop_tool().cancel())
        options.flip_requested.connect(lambda axis: steps.flip(view.chosen(), axis))
        options.turn_requested.connect(lambda quarters: steps.turn(view.chosen(), quarters))
        options.onion_changed.connect(view.set_onion)
        options.actual_size_requested.connect(view.actual_size)
        view.zoom_changed.connect(options.set_zoom)
        view.live_changed.connect(lambda shown: options.show_onion(shown, view.onion()))
        options.set_zoom(view.zoom())

    def _crop_tool(self) -> CropTool:
        tool = self._view.tool_named("crop")
        assert isinstance(tool, CropTool)
        return tool

    def _crop(self) -> None:
        self._crop_tool().apply()

    # -- what the canvas tells ---------------------------------------------------------------------

    def _on_document(self, doc: PictureDoc) -> None:
        self._layers.set_layers(doc.layers, self._view.chosen())
        self._options.set_frame(doc.frame.width, doc.frame.height)
        self._show_look()
        self._later.start()

    def _on_selection(self) -> None:
        tool: Tool = self._view.tool()
        self._layers.choose(self._view.chosen())
        self._tools.set_tool(tool)
        self._options.set_tool(tool)
        self._options.set_brush(self._view.brush())
        self._show_look()
        self._count()

    def _chosen(self) -> Layer | None:
        layers: Sequence[Layer] = self._view.scene.doc.layers
        return next((layer for layer in layers if layer.id == self._view.chosen()), None)

    def _show_look(self) -> None:
        layer = self._chosen()
        if layer is None or layer.kind != "raster":
            self._adjust.show_layer("", None)
        else:
            self._adjust.show_layer(layer.name, layer.adjust)

    def _count(self) -> None:
        """The histogram of the chosen layer before it is adjusted, from a small copy, off this thread."""
        layer = self._chosen()
        if layer is None or layer.kind != "raster" or not layer.asset:
            self._counted = ()
            return
        key = (layer.asset, layer.crop)
        if key == self._counted:
            return
        image = self._view.scene.images.small(layer.changed(adjust=Adjust()), _COUNT_PX)
        if image is not None:
            self._newest.ask("count", key, lambda: histogram(rgba_of(image)).tolist())

    def _on_counted(self, key: tuple[object, ...], counts: list[list[int]]) -> None:
        layer = self._chosen()
        if layer is not None and key == (layer.asset, layer.crop):
            self._counted = key
            self._adjust.show_histogram(counts)

    def _show_thumbs(self) -> None:
        """Only of layers that look different now."""
        self._count()
        for layer in self._view.scene.doc.layers:
            look = layer.changed(x=0, y=0, name="", opacity=1.0, visible=True, held=False)
            if self._drawn.get(layer.id) == look:
                continue
            image = self._thumb(layer)
            if image is not None or not layer.asset:
                self._drawn[layer.id] = look
            self._layers.set_thumb(layer.id, image)

    def _thumb(self, layer: Layer) -> QImage | None:
        if layer.kind == "raster":
            if not layer.asset:
                return None
            image, _level = self._view.scene.images.level(
                layer, 2 * THUMB_PX / max(layer.width, layer.height)
            )
            return image
        pixels = self._view.scene.masks.of(layer)
        if pixels is None:
            return None
        doc = self._view.scene.doc
        part = pixels.part(rect_of(layer.changed(x=0, y=0, width=doc.width, height=doc.height)))
        every = max(1, max(part.shape) // (4 * THUMB_PX))
        small = image_of_grey(np.ascontiguousarray(part[::every, ::every]))
        side = 2 * THUMB_PX
        return small.scaled(
            QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )


def join(
    view: CanvasView, layers: LayersPanel, adjust: AdjustPanel, tools: CanvasTools, options: ToolOptions
) -> Joined:
    """Connect them; the canvas keeps the connection alive."""
    return Joined(view, layers, adjust, tools, options)
