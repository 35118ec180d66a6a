"""The row above the canvas: what can be set about the tool in hand, how large the picture is seen."""

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QToolButton, QWidget

from studio.widgets.canvas.kinds import BRUSH_MOST_PX, Brush, Tool
from studio.widgets.canvas.refine import RefinePopover
from studio.widgets.canvas.slide_row import SlideRow, percent, pixels
from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel, button, label

LEAST_PX = 30  # of a slider: with the window at 1280 pixels all of the row must be seen


class ToolOptions(QWidget):
    """Values in, wishes out."""

    brush_changed = Signal(object)  # Brush
    invert_requested = Signal()
    clear_requested = Signal()
    mask_frame_requested = Signal()
    refine_tried = Signal(int, int)  # grow, feather: shown, not kept
    refine_requested = Signal(int, int)
    refine_left = Signal()
    frame_on_canvas_requested = Signal()
    crop_to_frame_requested = Signal()
    crop_requested = Signal()
    crop_left = Signal()
    flip_requested = Signal(str)
    turn_requested = Signal(int)
    onion_changed = Signal(float)
    actual_size_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._brush = Brush()
        self._stack = QStackedWidget()
        self._pages = {
            "brush": self._brush_page(),
            "select": self._select_page(),
            "frame": self._frame_page(),
            "crop": self._crop_page(),
            "move": self._move_page(),
            "pan": _page([ElidedLabel("muted")]),
        }
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._onion = SlideRow(
            "Take", "How much of the shown take covers the picture; hold \\ to see the picture without it", 0.0, 1.0,
            1.0, words=percent, value_px=0, least_px=LEAST_PX,
        )  # fmt: skip
        self._onion.setMaximumWidth(140)
        self._onion.moved.connect(self.onion_changed)
        self._zoom = QToolButton()
        self._zoom.setToolTip("How large the picture is seen; click for 100 %")
        self._zoom.setAccessibleName("Zoom")
        self._zoom.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._zoom.setAutoRaise(True)
        self._zoom.setFixedWidth(58)
        self._zoom.clicked.connect(self.actual_size_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 4, 3)
        row.setSpacing(6)
        row.addWidget(self._stack, 1)
        row.addWidget(self._onion)
        row.addWidget(self._zoom)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Options of the tool")
        self.show_onion(False)
        self.set_tool("brush")

    # -- values ------------------------------------------------------------------------------------

    def set_tool(self, tool: Tool) -> None:
        """Show the options of a tool."""
        page = {"eraser": "brush", "lasso": "select", "rectangle": "select"}.get(tool, tool)
        self._stack.setCurrentWidget(self._pages[page])

    def set_brush(self, brush: Brush) -> None:
        """Show a brush."""
        self._brush = brush
        for row, value in (
            (self._size, brush.size_px), (self._soft, brush.softness), (self._opacity, brush.opacity),
        ):  # fmt: skip
            if not row.held:
                row.set_value(value)
        self._pressure.setChecked(brush.pressure)

    def set_zoom(self, zoom: float) -> None:
        """Show how large the picture is seen."""
        self._zoom.setText(f"{zoom * 100:.{0 if zoom >= 0.0995 else 1}f} %")

    def show_zoom(self, shown: bool) -> None:
        """Whether the zoom is told here: where a line below the canvas tells it, it need not be."""
        self._zoom.setVisible(shown)

    def set_frame(self, width: int, height: int) -> None:
        """Show the frame's size."""
        self._frame_size.setText(f"Frame {width} × {height}")

    def show_onion(self, shown: bool, opacity: float = 1.0) -> None:
        """While a take is shown over the picture."""
        self._onion.set_value(opacity)
        self._onion.setVisible(shown)
        self._pressure.setVisible(not shown)  # the row must fit beside the takes

    # -- pages -------------------------------------------------------------------------------------

    def _brush_page(self) -> QWidget:
        self._size = SlideRow(
            "Size", "The brush's width in pixels of the picture ([ and ])", 1, BRUSH_MOST_PX, 48, words=pixels,
            bend=2.5, value_px=48, least_px=LEAST_PX,
        )  # fmt: skip
        self._soft = SlideRow(
            "Soft", "How soft its edge is", 0, 1, 0.3, words=percent, value_px=40, least_px=LEAST_PX
        )
        self._opacity = SlideRow(
            "Opacity", "How much one stroke covers", 0.01, 1, 1, words=percent, value_px=40, least_px=LEAST_PX
        )
        self._pressure = IconButton("pen", "A pen's pressure changes the size")
        self._pressure.setCheckable(True)
        self._size.moved.connect(lambda value: self._change(size_px=float(max(1, round(value)))))
        self._soft.moved.connect(lambda value: self._change(softness=value))
        self._opacity.moved.connect(lambda value: self._change(opacity=value))
        self._pressure.clicked.connect(lambda on: self._change(pressure=on))
        for one in (self._size, self._soft, self._opacity):
            one.setMaximumWidth(220)
        return _page([self._size, self._soft, self._opacity, self._pressure, *self._mask_buttons()])

    def _change(self, **changes: object) -> None:
        self._brush = self._brush.changed(**changes)
        self.brush_changed.emit(self._brush)

    def _select_page(self) -> QWidget:
        hint = ElidedLabel("muted")
        hint.show_text("Drag an outline: it becomes the mask. Shift adds to the mask, Alt takes away.")
        return _page([hint, *self._mask_buttons()], first=True)

    def _mask_buttons(self) -> list[QWidget]:
        invert = IconButton("invert", "Invert the mask")
        clear = IconButton("trash", "Clear the mask")
        box = IconButton("frame", "Add the whole frame to the mask")
        refine = IconButton("soft", "Grow, shrink or soften the mask, and see it before")
        _tell(invert, self.invert_requested)
        _tell(clear, self.clear_requested)
        _tell(box, self.mask_frame_requested)
        refine.clicked.connect(lambda: self._open_refine(refine))
        return [refine, invert, box, clear]

    def _open_refine(self, at: QWidget) -> None:
        popover = self.refine_popover()
        popover.move(at.mapToGlobal(QPoint(0, at.height() + 4)))
        popover.show()

    def refine_popover(self) -> RefinePopover:
        """Grow and feather, with the mask shown so; it deletes itself when closed."""
        popover = RefinePopover(self)
        popover.tried.connect(self.refine_tried)
        popover.chosen.connect(self.refine_requested)
        popover.left.connect(self.refine_left)
        return popover

    def _frame_page(self) -> QWidget:
        self._frame_size = label("", "strong")
        hint = ElidedLabel("muted")
        hint.show_text(
            "Drag it or its edges; Shift keeps its shape. Arrows move it, Alt with arrows sizes it."
        )
        whole = button("Whole canvas", "Make the frame as large as the canvas", flat=True)
        cut = button("Crop to frame", "Cut or widen the canvas to the frame", flat=True)
        _tell(whole, self.frame_on_canvas_requested)
        _tell(cut, self.crop_to_frame_requested)
        return _page([self._frame_size, hint, whole, cut])

    def _crop_page(self) -> QWidget:
        hint = ElidedLabel("muted")
        hint.show_text("Drag the edges, inwards to cut, outwards to widen. No pixel of a layer is lost.")
        crop = button("Crop", "Cut the canvas now (Return)", primary=True)
        leave = button("Give up", "Leave the canvas as it is (Esc)", flat=True)
        _tell(crop, self.crop_requested)
        _tell(leave, self.crop_left)
        return _page([hint, leave, crop], first=True)

    def _move_page(self) -> QWidget:
        hint = ElidedLabel("muted")
        hint.show_text("Drag the chosen layer, or use the arrow keys; Ctrl does not snap.")
        buttons: list[QWidget] = []
        for name, tip, axis in (
            ("flip-x", "Flip the layer left to right", "x"),
            ("flip-y", "Flip the layer top to bottom", "y"),
        ):
            flip = IconButton(name, tip)
            flip.clicked.connect(lambda _=False, axis=axis: self.flip_requested.emit(axis))
            buttons.append(flip)
        for name, tip, quarters in (
            ("turn-left", "Turn the layer to the left", 3),
            ("turn-right", "Turn the layer to the right", 1),
        ):
            turn = IconButton(name, tip)
            turn.clicked.connect(lambda _=False, quarters=quarters: self.turn_requested.emit(quarters))
            buttons.append(turn)
        return _page([hint, *buttons], first=True)


def _tell(one: QWidget, signal: SignalInstance) -> None:
    one.clicked.connect(lambda _=False: signal.emit())  # type: ignore[attr-defined]


def _page(widgets: list[QWidget], *, first: bool = False) -> QWidget:
    """Widgets in a row; with `first` the first one takes the room there is."""
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(5)
    for index, widget in enumerate(widgets):
        stretch = 1 if isinstance(widget, (SlideRow, ElidedLabel)) or (first and index == 0) else 0
        row.addWidget(widget, stretch, Qt.AlignmentFlag.AlignVCenter)
    if not any(isinstance(widget, ElidedLabel) for widget in widgets):
        row.addStretch(1)
    return page
