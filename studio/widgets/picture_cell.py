"""One take of the grid: its picture, and a line below that says which and how it stands."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.core.pictures import ImageJob
from studio.core.takes import Take
from studio.widgets.picture_stage import PictureStage, Viewpoint
from studio.widgets.picture_words import doing_text, size_text
from studio.widgets.take_card import standing
from studio.widgets.tones import Tones, current_tones

CAPTION_PX: Final = 26
_RING_PX: Final = 6
_REJECTED_OPACITY: Final = 0.35


class PictureCell(PictureStage):
    """Signals say only what happened here; the grid knows whose cell it is."""

    pressed = Signal()
    entered = Signal()  # double click

    def __init__(self, viewpoint: Viewpoint, number: int, parent: QWidget | None = None) -> None:
        super().__init__(viewpoint, parent)
        self.take: Take | None = None
        self.asked = ""
        self._number = number
        self._chosen = False
        self._step, self._steps = 0, 0
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    # -- values ---------------------------------------------------------------------------

    def show_take(self, take: Take) -> None:
        """Show a take as it stands; the pixels come by themselves."""
        self.take = take
        self.sees_pixels = take.status != "streaming"
        self._describe()
        self.update()

    def show_step(self, step: int, steps: int) -> None:
        """How far a growing picture is."""
        self._step, self._steps = step, steps
        self._describe()
        self.update()

    def set_number(self, number: int) -> None:
        """Its place in the grid, from 1."""
        self._number = number
        self._describe()
        self.update()

    def set_chosen(self, on: bool) -> None:
        """The chosen one has a ring and is where Tab goes."""
        if on != self._chosen:
            self._chosen = on
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if on else Qt.FocusPolicy.ClickFocus)
            self.update()

    def standing(self) -> tuple[str, str]:
        """How the take stands, in words, and the tone that says it."""
        if self.take is None:
            return "", "muted"
        words, role = standing(self.take, doing_text(self._step, self._steps))
        if self.take.picture is not None and self.take.picture.preview and self.take.verdict is None:
            words = f"{words}, only a preview"
        return words, role

    # -- painting -------------------------------------------------------------------------

    def proportions(self) -> QSizeF:
        """Of the picture as it is or will be: a preview is as large as what it becomes."""
        if self.take is not None and self.take.picture is not None:
            return QSizeF(self.take.picture.width, self.take.picture.height)
        if not self.image().isNull():
            return QSizeF(self.image().size())
        job = self.take.recipe.job if self.take is not None else None
        return QSizeF(job.width, job.height) if isinstance(job, ImageJob) else QSizeF(1, 1)

    def place(self) -> QRectF:
        """All but the ring and the line."""
        return QRectF(self.rect()).adjusted(_RING_PX, _RING_PX, -_RING_PX, -CAPTION_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, picture, line, ring."""
        tones = current_tones()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        verdict = self.take.verdict if self.take is not None else None
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ground = {"accepted": tones.success_wash, "rejected": tones.background}.get(
            verdict or "", tones.raised
        )
        edge = tones.accent if self._chosen else tones.border
        painter.setPen(QPen(QColor(edge), 2 if self._chosen else 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(frame, 8, 8)
        if self.image().isNull():
            self._paint_nothing(painter, tones)
        else:
            painter.setOpacity(_REJECTED_OPACITY if verdict == "rejected" else 1.0)
            self.paint_picture(painter, self._shown, self.picture_rect(), tones)
            painter.setOpacity(1.0)
        self._paint_caption(painter, tones)

    def _paint_nothing(self, painter: QPainter, tones: Tones) -> None:
        rect = self._rect_at(1.0, QPointF(0.5, 0.5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tones.sunken))
        painter.drawRoundedRect(rect, 4, 4)
        if self.take is not None and self.take.status == "failed":
            painter.setPen(QColor(tones.danger))
            wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.place().adjusted(12, 8, -12, -8), wrap, self.take.error or "failed")

    def _paint_caption(self, painter: QPainter, tones: Tones) -> None:
        line = QRectF(self.rect()).adjusted(12, self.height() - CAPTION_PX, -12, -2)
        strong = QFont(self.font())
        strong.setWeight(QFont.Weight.DemiBold)
        painter.setFont(strong)
        painter.setPen(QColor(tones.text))
        number = str(self._number)
        align = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, align | Qt.AlignmentFlag.AlignLeft, number)
        left = line.adjusted(QFontMetricsF(strong).horizontalAdvance(number) + 8, 0, 0, 0)
        painter.setFont(self.font())
        size = size_text(self.take) if self.take else ""
        metrics = QFontMetricsF(self.font())
        words, role = self.standing()
        room = left.width() - (metrics.horizontalAdvance(size) + 12 if size else 0)
        painter.setPen(QColor(tones.role(role)))
        elided = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0.0, room))
        painter.drawText(left, align | Qt.AlignmentFlag.AlignLeft, elided)
        painter.setPen(QColor(tones.muted))
        if room > 0:
            painter.drawText(left, align | Qt.AlignmentFlag.AlignRight, size)

    def _describe(self) -> None:
        self.setAccessibleName(f"Take {self._number}")
        job = self.take.recipe.job if self.take is not None else None
        prompt = job.prompt_of(self.take.recipe.index) if self.take and isinstance(job, ImageJob) else ""
        words = self.standing()[0]
        self.setAccessibleDescription(". ".join(part for part in (words, prompt) if part))
        self.setToolTip(self.take.error if self.take is not None and self.take.status == "failed" else prompt)

    # -- the mouse ------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press chooses it, and takes hold of it."""
        self.pressed.emit()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Only this one, or all again."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.entered.emit()
