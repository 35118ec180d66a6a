"""The brush and the eraser of masks, with the outline of what they will touch."""

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QCursor, QKeyEvent, QPainter

from studio.media.picture.document import Layer
from studio.widgets.canvas.guides import two_tone
from studio.widgets.canvas.kinds import Pointer
from studio.widgets.canvas.stroke import Stroke
from studio.widgets.canvas.tool import CanvasTool, Host

_SMALL_PX: Final = 6.0


class BrushTool(CanvasTool):
    """Each stroke is one step. Shift at the press draws a straight line from where the last stroke ended."""

    def __init__(self, host: Host, *, rubs: bool) -> None:
        super().__init__(host)
        self._rubs = rubs
        self._stroke: Stroke | None = None
        self._layer: Layer | None = None
        self._at: QPointF | None = None
        self._last_end: QPointF | None = None

    def cursor(self, _at: Pointer) -> QCursor:
        """A cross for what is too small for an outline."""
        small = self.host.brush().size_px * self.host.viewport.zoom < _SMALL_PX
        return QCursor(Qt.CursorShape.CrossCursor if small else Qt.CursorShape.BlankCursor)

    def press(self, at: Pointer) -> None:
        """Begin a stroke on the mask."""
        host = self.host
        layer = host.masks.target(host.document(), host.chosen(), make=not self._rubs)
        stroke = layer and host.masks.stroke(layer, host.scene.doc, host.brush(), rubs=self._rubs)
        if not layer or not stroke:
            return
        self._layer, self._stroke, self.busy = layer, stroke, True
        if at.shift and self._last_end is not None:
            self._touched(stroke.go_to(self._last_end, at.pressure))
        self.move(at)

    def move(self, at: Pointer) -> None:
        """Paint on."""
        if self._stroke is not None:
            self._touched(self._stroke.go_to(at.at, at.pressure))
            self._last_end = at.at
        self.hover(at)

    def release(self, at: Pointer) -> None:
        """The stroke is a step."""
        stroke, layer = self._stroke, self._layer
        self._stroke, self._layer, self.busy = None, None, False
        if stroke is not None:
            self._touched(stroke.finish())
        if stroke is not None and layer is not None and not stroke.touched.isEmpty():
            word = "Erase on" if self._rubs else "Brush on"
            self.host.masks.tell(layer, f"{word} “{layer.name}”")
        elif stroke is not None:
            self.host.preview(None)
        self.hover(at)

    def cancel(self) -> bool:
        """Take the stroke back."""
        if self._stroke is None:
            return False
        self._touched(self._stroke.undo())
        self._stroke, self._layer, self.busy = None, None, False
        self.host.preview(None)
        return True

    def _touched(self, rect: QRect) -> None:
        if not rect.isEmpty():
            self.host.scene.tint_changed.emit(rect)

    def hover(self, at: Pointer) -> None:
        """The outline follows."""
        self._repaint_outline()
        self._at = at.at
        self._repaint_outline()

    def leave(self) -> None:
        """No outline without a pointer."""
        self._repaint_outline()
        self._at = None

    def _outline(self) -> QRectF:
        assert self._at is not None
        radius = self.host.brush().size_px / 2
        return QRectF(self._at.x() - radius, self._at.y() - radius, 2 * radius, 2 * radius)

    def _repaint_outline(self) -> None:
        if self._at is not None:
            self.host.repaint_rect(self._outline())

    def paint(self, painter: QPainter) -> None:
        """A ring, dark and light."""
        if self._at is None:
            return
        ring = self.host.viewport.rect_to_view(self._outline())
        if ring.width() >= _SMALL_PX:
            two_tone(painter, lambda pen: pen.drawEllipse(ring))

    def key(self, event: QKeyEvent) -> bool:
        """The outline may have another size now."""
        if event.key() in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            self.host.repaint_all()
        return False
