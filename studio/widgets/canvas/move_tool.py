"""Moves the chosen layer: by dragging, by arrow keys; it snaps to the canvas's edges and middle and to other layers."""

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QPainter

from studio.media.picture.arrange import moved
from studio.media.picture.document import Layer, PictureDoc
from studio.widgets.canvas.box_drag import dragged
from studio.widgets.canvas.box_tools import arrow
from studio.widgets.canvas.kinds import Pointer
from studio.widgets.canvas.scene import rect_of, rect_of_box
from studio.widgets.canvas.tool import CanvasTool, Host
from studio.widgets.tones import current_tones

_SNAP_PX: Final = 7.0
_FAR_PX: Final = 10


class MoveTool(CanvasTool):
    """Ctrl while dragging does not snap; Shift keeps to one direction."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._from = QPointF()
        self._layer: Layer | None = None
        self._by = (0, 0)

    def cursor(self, _at: Pointer) -> QCursor:
        """Four arrows."""
        return QCursor(Qt.CursorShape.SizeAllCursor)

    def _movable(self) -> Layer | None:
        doc, chosen = self.host.document(), self.host.chosen()
        layer = next((one for one in doc.layers if one.id == chosen), None)
        if layer is None:
            self.host.refuse("Choose a layer first, then move it.")
        elif layer.held:
            self.host.refuse(f"“{layer.name}” is held. Let it go in the layers first, then move it.")
        else:
            return layer
        return None

    def press(self, at: Pointer) -> None:
        """Take the layer."""
        self.host.settle()
        self._layer = self._movable()
        self._from, self._by = at.at, (0, 0)
        self.busy = self._layer is not None

    def move(self, at: Pointer) -> None:
        """Show it where it would go."""
        if self._layer is None:
            return
        by = at.at - self._from
        if at.shift:
            by = QPointF(by.x(), 0) if abs(by.x()) >= abs(by.y()) else QPointF(0, by.y())
        near = 0.0 if at.ctrl else _SNAP_PX / self.host.viewport.zoom
        start = rect_of(self._layer)
        now = dragged(start, "inside", by, snaps=self._places(), near=near)
        self._by = (now.left() - start.left(), now.top() - start.top())
        if at.shift:
            self._by = (self._by[0], 0) if by.y() == 0 else (0, self._by[1])
        self.host.preview(self._moved(self.host.document()))

    def release(self, _at: Pointer) -> None:
        """It stays there: one step."""
        layer, self._layer, self.busy = self._layer, None, False
        if layer is not None and self._by != (0, 0):
            self._tell(layer, *self._by)
        else:
            self.host.preview(None)

    def cancel(self) -> bool:
        """Back to where it was."""
        was, self._layer, self.busy = self.busy, None, False
        self.host.preview(None)
        return was

    def key(self, event: QKeyEvent) -> bool:
        """Arrows move by a pixel, with Shift by ten."""
        step = arrow(event)
        if step is None:
            return False
        layer = self._movable()
        if layer is not None:
            far = _FAR_PX if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._tell(layer, step[0] * far, step[1] * far)
        return True

    def _tell(self, layer: Layer, dx: int, dy: int) -> None:
        def change(doc: PictureDoc) -> PictureDoc | None:
            now = next((one for one in doc.layers if one.id == layer.id), None)
            return None if now is None else doc.with_layer(moved(now, dx, dy))

        self.host.commit(f"Move “{layer.name}”", "arranged", change)

    def _moved(self, doc: PictureDoc) -> PictureDoc:
        assert self._layer is not None
        return doc.with_layer(moved(self._layer, *self._by))

    def _places(self) -> tuple[list[float], list[float]]:
        """Where edges and middles of other things are."""
        doc = self.host.document()
        rects = [QRect(0, 0, doc.width, doc.height), rect_of_box(doc.frame)]
        rects += [rect_of(one) for one in doc.layers if one.visible and one is not self._layer and one.asset]
        xs = [x for r in rects for x in (r.left(), r.left() + r.width() / 2, r.left() + r.width())]
        ys = [y for r in rects for y in (r.top(), r.top() + r.height() / 2, r.top() + r.height())]
        return xs, ys

    def paint(self, painter: QPainter) -> None:
        """The chosen layer's outline."""
        chosen = self.host.chosen()
        layer = next((one for one in self.host.scene.doc.layers if one.id == chosen), None)
        if layer is not None:
            box = self.host.viewport.rect_to_view(QRectF(rect_of(layer)))
            painter.save()
            painter.setPen(QColor(current_tones().accent))
            painter.drawRect(box)
            painter.restore()
