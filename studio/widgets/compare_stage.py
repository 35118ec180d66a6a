"""Two pictures in one place: parted by a line, one after the other, or what differs between them."""

from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.widgets.picture_images import Fitted
from studio.widgets.picture_stage import PictureStage, Viewpoint
from studio.widgets.tones import Tones, current_tones

CompareMode = Literal["slider", "toggle", "difference", "side"]
_GRIP_PX: Final = 14
_HANDLE_PX: Final = 9


class CompareStage(PictureStage):
    """The first picture is the stage's own; the second lies over it, fitted likewise."""

    split_changed = Signal(float)

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(viewpoint, parent)
        self._second = Fitted()
        self._apart = Fitted()
        self._names = ("", "")
        self._mode: CompareMode = "slider"
        self._split = 0.5
        self._shows_second = False
        self._sliding = False
        self.setMouseTracking(True)

    # -- values ---------------------------------------------------------------------------

    def set_second(self, image: QImage) -> None:
        """The picture that is compared with; null shows none."""
        self._second.set_image(image)
        self.update()

    def set_apart(self, image: QImage) -> None:
        """What differs, as a picture."""
        self._apart.set_image(image)
        self.update()

    def set_names(self, first: str, second: str) -> None:
        """What the two are called."""
        self._names = (first, second)
        self.update()

    def set_mode(self, mode: CompareMode) -> None:
        """How the two are shown."""
        self._mode = mode
        self.update()

    def split(self) -> float:
        """Where the line stands, 0..1 of what is seen of the pictures."""
        return self._split

    def set_split(self, split: float) -> None:
        """Move the line: left of it is the first picture."""
        split = min(1.0, max(0.0, split))
        if split != self._split:
            self._split = split
            self.split_changed.emit(split)
            self.update()

    def shows_second(self) -> bool:
        """Which of the two is seen while they are toggled."""
        return self._shows_second

    def set_shows_second(self, on: bool) -> None:
        """Show the second instead of the first."""
        if on != self._shows_second:
            self._shows_second = on
            self.update()

    def proportions(self) -> QSizeF:
        """The first picture's; the second's while there is no first."""
        image = self._shown.image if not self._shown.image.isNull() else self._second.image
        return QSizeF(image.size())

    # -- painting -------------------------------------------------------------------------

    def seen(self) -> QRectF:
        """The part of the place where one of the pictures is."""
        rects = [self._rect_of(shown) for shown in (self._shown, self._second) if not shown.image.isNull()]
        both = rects[0].united(rects[-1]) if rects else QRectF()
        return both & self.place()

    def line_x(self) -> float:
        """Where the line stands, in the widget's pixels."""
        seen = self.seen()
        return seen.left() + self._split * seen.width()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """By mode."""
        tones = current_tones()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tones.sunken))
        match self._mode:
            case "slider":
                self._paint_parted(painter, tones)
            case "toggle":
                shown = self._second if self._shows_second else self._shown
                self.paint_picture(painter, shown, self._rect_of(shown), tones)
                self._plate(painter, self._names[self._shows_second], tones, right=self._shows_second)
            case "difference":
                self.paint_picture(painter, self._apart, self.picture_rect(), tones)
            case "side":
                return

    def _rect_of(self, shown: Fitted) -> QRectF:
        return self.rect_for(QSizeF(shown.image.size()))

    def _paint_parted(self, painter: QPainter, tones: Tones) -> None:
        place, x = self.place(), self.line_x()
        left = QRectF(place.left(), place.top(), x - place.left(), place.height())
        right = QRectF(x, place.top(), place.right() - x, place.height())
        for part, shown in ((left, self._shown), (right, self._second)):
            painter.save()
            painter.setClipRect(part)
            self.paint_picture(painter, shown, self._rect_of(shown), tones)
            painter.restore()
        if not self._shown.image.isNull() and not self._second.image.isNull():
            self._paint_line(painter, x, tones)
        painter.save()
        painter.setClipRect(left)
        self._plate(painter, self._names[0], tones, right=False)
        painter.setClipRect(right)
        self._plate(painter, self._names[1], tones, right=True)
        painter.restore()

    def _paint_line(self, painter: QPainter, x: float, tones: Tones) -> None:
        seen = self.seen()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tones.surface), 4))
        painter.drawLine(QPointF(x, seen.top()), QPointF(x, seen.bottom()))
        painter.setPen(QPen(QColor(tones.accent), 2))
        painter.drawLine(QPointF(x, seen.top()), QPointF(x, seen.bottom()))
        painter.setPen(QPen(QColor(tones.surface), 2))
        painter.setBrush(QColor(tones.accent))
        painter.drawEllipse(QPointF(x, seen.center().y()), _HANDLE_PX, _HANDLE_PX)

    def _plate(self, painter: QPainter, words: str, tones: Tones, *, right: bool) -> None:
        """A small sign at the edge that says whose picture this is."""
        seen = self.seen()
        if not words or seen.isEmpty():
            return
        metrics = painter.fontMetrics()
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(seen.width() / 2) - 24)
        width = metrics.horizontalAdvance(words) + 14
        x = seen.right() - width - 8 if right else seen.left() + 8
        plate = QRectF(x, seen.top() + 8, width, metrics.height() + 6)
        ground = QColor(tones.raised)
        ground.setAlphaF(0.88)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(plate, 5, 5)
        painter.setPen(QColor(tones.text))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)

    # -- the mouse ------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Near the line, or anywhere while all is seen: move the line. While toggling: hold for the second."""
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self._mode == "slider" and self._holds_line(event.position()):
            self._sliding = True
            self._slide_to(event.position())
        elif left and self._mode == "toggle":
            self.set_shows_second(not self._shows_second)
        else:
            super().mousePressEvent(event)
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The line, or the picture."""
        if self._sliding:
            self._slide_to(event.position())
            return
        near = self._mode == "slider" and abs(event.position().x() - self.line_x()) <= _GRIP_PX
        self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._mode == "toggle" and event.button() == Qt.MouseButton.LeftButton:
            self.set_shows_second(not self._shows_second)
        self._sliding = False
        super().mouseReleaseEvent(event)

    def _holds_line(self, at: QPointF) -> bool:
        return self.viewpoint.zoom <= 1.0 or abs(at.x() - self.line_x()) <= _GRIP_PX

    def _slide_to(self, at: QPointF) -> None:
        seen = self.seen()
        if seen.width() > 0:
            self.set_split((at.x() - seen.left()) / seen.width())
