"""The frame the model draws in, and the cut of the canvas: boxes that are dragged by handles or moved by keys."""

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QKeyEvent, QPainter, QPainterPath

from studio.core.pictures import Box
from studio.media.picture.arrange import cropped_to
from studio.media.picture.document import SIDE_MOST_PX, PictureDoc
from studio.widgets.canvas.box_drag import Handle, cursor_of, dragged, handle_at, handle_points, to_grid
from studio.widgets.canvas.guides import two_tone
from studio.widgets.canvas.kinds import Pointer
from studio.widgets.canvas.scene import box_of_rect, rect_of_box
from studio.widgets.canvas.tool import CanvasTool, Host
from studio.widgets.tones import current_tones

_SNAP_PX: Final = 7.0
_STEPS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def arrow(event: QKeyEvent) -> tuple[int, int] | None:
    """Which way an arrow key goes."""
    return _STEPS.get(Qt.Key(event.key()))


class BoxTool(CanvasTool):
    """Drags `box()`; what that does is the subclass's."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._handle: Handle = ""
        self._from = QPointF()
        self._start = QRect()
        self._now: QRect | None = None

    def box(self) -> QRect:
        """The box as it stands, a drag included."""
        raise NotImplementedError

    def _changed(self, box: QRect) -> None:
        """It is being dragged."""

    def _done(self, box: QRect) -> None:
        """It was let go."""

    def _grid_px(self) -> int:
        return 1

    def _view_box(self) -> QRectF:
        return self.host.viewport.rect_to_view(QRectF(self.box()))

    def cursor(self, at: Pointer) -> QCursor:
        """Says what a drag would do."""
        return QCursor(cursor_of(self._handle if self.busy else handle_at(self._view_box(), at.view)))

    def press(self, at: Pointer) -> None:
        """Take a handle, or the whole box."""
        self.host.settle()
        self._handle = handle_at(self._view_box(), at.view)
        self._from, self._start = at.at, self.box()
        self.busy = bool(self._handle)

    def move(self, at: Pointer) -> None:
        """Drag: Shift keeps the sides' ratio, Ctrl does not snap."""
        if not self.busy:
            return
        doc = self.host.document()
        near = 0.0 if at.ctrl else _SNAP_PX / self.host.viewport.zoom
        self._now = dragged(
            self._start, self._handle, at.at - self._from, grid_px=self._grid_px(), aspect=at.shift,
            snaps=([0, doc.width / 2, doc.width], [0, doc.height / 2, doc.height]), near=near,
        )  # fmt: skip
        self._changed(self._now)

    def release(self, _at: Pointer) -> None:
        """The box stays so."""
        self.busy = False
        now, self._now = self._now, None
        if now is not None:
            self._done(now)

    def cancel(self) -> bool:
        """Back to where the drag began."""
        if not self.busy:
            return False
        self.busy, self._now = False, None
        self._changed(self._start)
        return True

    def key(self, event: QKeyEvent) -> bool:
        """Arrows move the box (Shift: farther), with Alt they move its right and lower edge."""
        step = arrow(event)
        if step is None:
            return False
        box, grid = self.box(), self._grid_px()
        far = 8 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            wide = to_grid(box.width() + step[0] * grid * far, grid)
            high = to_grid(box.height() + step[1] * grid * far, grid)
            box = QRect(box.x(), box.y(), wide, high)
        else:
            box = box.translated(step[0] * grid * far, step[1] * grid * far)
        self._done(box)
        return True

    def _paint_box(self, painter: QPainter, text: str) -> None:
        box = self._view_box()
        tones = current_tones()
        painter.save()
        for point in handle_points(box).values():
            knob = QRectF(point.x() - 4, point.y() - 4, 8, 8)
            painter.setPen(QColor(tones.accent))
            painter.setBrush(QColor("#ffffff"))
            painter.drawRect(knob)
        painter.restore()
        paint_label(painter, box, text)


class FrameTool(BoxTool):
    """The box on the canvas that the next takes are drawn for; beyond the canvas they widen it."""

    def box(self) -> QRect:
        """The frame of the document that is shown."""
        return rect_of_box(self.host.scene.doc.frame)

    def _grid_px(self) -> int:
        return self.host.grid_px()

    def _changed(self, box: QRect) -> None:
        self.host.preview(self._with_frame(self.host.document(), box_of_rect(box)))

    def _done(self, box: QRect) -> None:
        frame = box_of_rect(box)
        self.host.commit(
            f"Frame of {frame.width} × {frame.height}", "arranged", lambda doc: self._with_frame(doc, frame)
        )

    def _with_frame(self, doc: PictureDoc, frame: Box) -> PictureDoc:
        out: PictureDoc = doc.changed(frame=frame)
        return out

    def paint(self, painter: QPainter) -> None:
        """Handles; the outline itself is always there."""
        frame = self.box()
        self._paint_box(painter, f"{frame.width()} × {frame.height()}")


class CropTool(BoxTool):
    """Cuts the canvas, or widens it: drag, then Return; Escape gives up."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._box: QRect | None = None

    def box(self) -> QRect:
        """The cut being prepared; at first the whole canvas."""
        doc = self.host.document()
        return self._now or self._box or QRect(0, 0, doc.width, doc.height)

    def _changed(self, box: QRect) -> None:
        self._box = box
        self.host.repaint_all()

    def _done(self, box: QRect) -> None:
        self._changed(
            QRect(box.topLeft(), box.size().boundedTo(QRect(0, 0, SIDE_MOST_PX, SIDE_MOST_PX).size()))
        )

    def apply(self) -> None:
        """Cut now."""
        box, self._box = self.box(), None
        doc = self.host.document()
        if box != QRect(0, 0, doc.width, doc.height):
            cut = box_of_rect(box)
            title = f"Crop to {cut.width} × {cut.height}"
            self.host.commit(title, "cropped", lambda now: cropped_to(now, cut), whole=True)
        self.host.repaint_all()

    @property
    def begun(self) -> bool:
        """A cut is being prepared."""
        return self.busy or self._box is not None

    def cancel(self) -> bool:
        """Give up the cut."""
        was = super().cancel() or self._box is not None
        self._box = None
        self.host.repaint_all()
        return was

    def key(self, event: QKeyEvent) -> bool:
        """Return cuts."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.apply()
            return True
        return super().key(event)

    def paint(self, painter: QPainter) -> None:
        """What would go is dimmed."""
        doc = self.host.document()
        canvas = self.host.viewport.rect_to_view(QRectF(0, 0, doc.width, doc.height))
        dim = QPainterPath()
        dim.addRect(canvas)
        cut = QPainterPath()
        cut.addRect(self._view_box())
        painter.fillPath(dim.subtracted(cut), QColor(0, 0, 0, 120))
        view_box = self._view_box()
        two_tone(painter, lambda pen: pen.drawRect(view_box))
        box = self.box()
        waits = "" if self._box is None else "  ·  Return crops, Esc gives up"
        self._paint_box(painter, f"{box.width()} × {box.height()}{waits}")


def paint_label(painter: QPainter, box: QRectF, text: str) -> None:
    """A small label at the lower left corner of a box of the view, inside when there is no room below."""
    tones = current_tones()
    size = painter.fontMetrics().size(0, text)
    area = QRectF(box.left(), box.bottom() + 6, size.width() + 12, size.height() + 4)
    if area.bottom() > painter.viewport().bottom() / max(1.0, painter.device().devicePixelRatio()):
        area.moveBottom(box.bottom() - 6)
        area.moveLeft(box.left() + 6)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tones.raised))
    painter.drawRoundedRect(area, 4, 4)
    painter.setPen(QColor(tones.text))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
