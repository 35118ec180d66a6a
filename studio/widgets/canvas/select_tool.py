"""Lasso and rectangle: an outline that becomes part of the mask, or is taken out of it."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QCursor, QImage, QPainter, QPainterPath

from studio.widgets.canvas.guides import two_tone
from studio.widgets.canvas.kinds import Pointer
from studio.widgets.canvas.mask_edits import Mix
from studio.widgets.canvas.pixels import Bytes, grey_of
from studio.widgets.canvas.tool import CanvasTool, Host


class SelectTool(CanvasTool):
    """Drag an outline: alone it is the new mask, with Shift it is added, with Alt taken away."""

    def __init__(self, host: Host, *, free: bool) -> None:
        super().__init__(host)
        self._free = free
        self._points: list[QPointF] = []

    def cursor(self, _at: Pointer) -> QCursor:
        """A cross."""
        return QCursor(Qt.CursorShape.CrossCursor)

    def press(self, at: Pointer) -> None:
        """Begin the outline."""
        self._points = [at.at]
        self.busy = True

    def move(self, at: Pointer) -> None:
        """The outline goes on."""
        if self._free:
            self._points.append(at.at)
        else:
            self._points = [self._points[0], at.at]
        self.host.repaint_all()

    def release(self, at: Pointer) -> None:
        """What it encloses becomes part of the mask."""
        path = self._path()
        self.cancel()
        area = path.boundingRect()
        host = self.host
        rect = area.toAlignedRect().intersected(host.masks.area(host.document()))
        if rect.width() < 2 or rect.height() < 2:
            return
        mix: Mix = "subtract" if at.alt else "add" if at.shift else "replace"
        layer = host.masks.target(host.document(), host.chosen(), make=mix != "subtract")
        if layer is not None:
            verb = {"replace": "Select", "add": "Add", "subtract": "Take away"}[mix]
            title = f"{verb} a {'lasso' if self._free else 'rectangle'} on “{layer.name}”"
            host.masks.lay(layer, host.scene.doc, shape_of(path, rect), rect, mix, title)

    def cancel(self) -> bool:
        """Forget the outline."""
        was, self.busy, self._points = self.busy, False, []
        self.host.repaint_all()
        return was

    def _path(self) -> QPainterPath:
        path = QPainterPath()
        if len(self._points) > 1 and self._free:
            path.addPolygon(self._points)
            path.closeSubpath()
        elif len(self._points) > 1:
            one, other = self._points
            whole = QRectF(one, other).normalized()
            # a rectangle takes whole pixels: nothing half chosen along its edges
            path.addRect(QRectF(QPointF(round(whole.left()), round(whole.top())),
                                QPointF(round(whole.right()), round(whole.bottom()))))  # fmt: skip
        return path

    def paint(self, painter: QPainter) -> None:
        """The outline so far."""
        if len(self._points) > 1:
            viewport = self.host.viewport
            shown = [viewport.to_view(point) for point in self._points]
            if self._free:
                two_tone(painter, lambda pen: pen.drawPolygon(shown))
            else:
                two_tone(painter, lambda pen: pen.drawRect(QRectF(shown[0], shown[-1]).normalized()))


def shape_of(path: QPainterPath, rect: QRect) -> Bytes:
    """What a path encloses, uint8 as large as `rect` of the canvas, its edges smooth."""
    image = QImage(rect.size(), QImage.Format.Format_Alpha8)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-rect.topLeft())
    painter.fillPath(path, Qt.GlobalColor.black)
    painter.end()
    return grey_of(image)
