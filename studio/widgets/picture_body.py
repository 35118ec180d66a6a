"""The picture of one take: while it is drawn, and when it is there."""

from typing import ClassVar, Final

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QMenu, QSizePolicy, QWidget

from studio.core.pictures import ImageJob
from studio.core.takes import Take
from studio.widgets.picture_images import Fitted, fitted
from studio.widgets.picture_menu import fill_picture_menu
from studio.widgets.picture_words import doing_text, size_text
from studio.widgets.take_bodies import CardFacts, Say, StripWords
from studio.widgets.tones import Tones, current_tones, follow_tones

_MARGIN_PX: Final = 8
_LEAST_PX: Final = 88
_REJECTED_OPACITY: Final = 0.35
_NOTE_PX: Final = 10
PICTURE_WORDS: Final = StripWords(
    empty=("No takes yet.\nSay what should be drawn, then press Ctrl+Return: the model proposes pictures."),
    running="The model is getting ready to draw…",
)


class PictureTakeBody(QWidget):
    """Shows what a take looks like so far, enlarged smoothly, and then the picture itself, fitted."""

    STRIP_WORDS: ClassVar[StripWords] = PICTURE_WORDS
    wished = Signal(str, str)  # see take_wishes: a wish and its detail

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pictureBody")
        self.setAccessibleName("Picture of the take")
        self.setMinimumHeight(_LEAST_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._take: Take | None = None
        self._shown = Fitted()
        self._asked = ""
        self._step, self._steps = 0, 0
        self._pressed_at: QPointF | None = None
        follow_tones(self._on_tones)

    # -- values ---------------------------------------------------------------------------

    def show_take(self, take: Take) -> None:
        """Show a take as it stands; its last preview stays until the picture itself comes."""
        if self._take is None or take.id != self._take.id:
            self.clear_take()
        self._take = take
        if take.status != "streaming" and take.picture is not None and self._asked != take.picture.asset:
            self._asked = take.picture.asset
            self.wished.emit("image", "")
        self._describe()
        self.update()

    def clear_take(self) -> None:
        """Show nothing, until the next take."""
        self._take, self._asked = None, ""
        self._step, self._steps = 0, 0
        self._shown.set_image(QImage())
        self.update()

    def show_image(self, image: QImage) -> None:
        """The picture; a preview as long as the take grows."""
        self._shown.set_image(image)
        self._describe()
        self.update()

    def show_step(self, step: int, steps: int) -> None:
        """How far the take is."""
        self._step, self._steps = step, steps
        self._describe()

    def image(self) -> QImage:
        """What is shown now: null when nothing is."""
        return self._shown.image

    def flush(self) -> None:
        """Nothing is held back here."""

    def is_empty(self) -> bool:
        """Whether there is no picture yet; a preview is not one."""
        return self._take is None or self._take.picture is None

    def doing(self) -> str:
        """At which step a growing picture is."""
        return doing_text(self._step, self._steps)

    def measure_text(self) -> str:
        """How large it is; while it grows its step matters more."""
        return size_text(self._take) if self._take and self._take.status != "streaming" else ""

    def enter(self) -> None:
        """Open it large."""
        if self._take is not None:
            self.wished.emit("open", "")

    def fill_menu(self, menu: QMenu, facts: CardFacts, say: Say) -> None:
        """All that can be asked of a picture."""
        fill_picture_menu(menu, facts, say, shown=self._take is not None and self._take.picture is not None)

    # -- painting -------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """A thumb's size."""
        return QSize(200, 200)

    def place(self) -> QRectF:
        """Where the picture lies, in the widget's pixels."""
        inner = QRectF(self.rect()).adjusted(_MARGIN_PX, 2, -_MARGIN_PX, -2)
        return fitted(self._proportions(), inner)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, or a quiet place for it."""
        tones = current_tones()
        painter = QPainter(self)
        rect = self.place()
        if self._shown.image.isNull():
            self._paint_place(painter, rect, tones)
            return
        rejected = self._take is not None and self._take.verdict == "rejected"
        self._shown.paint(painter, rect, tones, _REJECTED_OPACITY if rejected else 1.0)
        if self._take is not None and self._take.picture is not None and self._take.picture.preview:
            self._paint_note(painter, rect, "preview", tones)

    def _proportions(self) -> QSizeF:
        take = self._take
        if take is not None and take.picture is not None:
            return QSizeF(take.picture.width, take.picture.height)
        job = take.recipe.job if take is not None else None
        if isinstance(job, ImageJob) and job.mode in ("text", "image"):
            return QSizeF(job.width, job.height)
        return QSizeF(self._shown.image.size()) if not self._shown.image.isNull() else QSizeF(1, 1)

    def _paint_place(self, painter: QPainter, rect: QRectF, tones: Tones) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tones.border), 1))
        painter.setBrush(QColor(tones.sunken))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        take = self._take
        if take is not None and take.status == "stopped" and take.picture is None:
            painter.setPen(QColor(tones.muted))
            words = "stopped before anything\ncould be seen"
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)

    def _paint_note(self, painter: QPainter, rect: QRectF, words: str, tones: Tones) -> None:
        font = QFont(self.font())
        font.setPixelSize(_NOTE_PX)
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(words) + 12
        plate = QRectF(rect.left() + 6, rect.bottom() - 22, width, 16)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tones.warning_wash))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(QColor(tones.warning))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)

    def _describe(self) -> None:
        job = self._take.recipe.job if self._take else None
        prompt = job.prompt_of(self._take.recipe.index) if self._take and isinstance(job, ImageJob) else ""
        growing = self._take is not None and self._take.status == "streaming"
        words = ". ".join(part for part in (prompt, self.doing() if growing else "") if part)
        self.setAccessibleDescription(words)
        self.setToolTip(prompt)

    def _on_tones(self, _tones: Tones) -> None:
        self.update()

    # -- the mouse ------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag may begin here; the card hears the press too."""
        if event.button() == Qt.MouseButton.LeftButton and self._can_leave():
            self._pressed_at = event.position()
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Far enough with the button down: the picture is dragged out."""
        if self._pressed_at is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        moved = (event.position() - self._pressed_at).manhattanLength()
        if moved >= QApplication.startDragDistance():
            self._pressed_at = None
            self.wished.emit("drag", "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """No drag came of it."""
        self._pressed_at = None
        event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open it large."""
        self._pressed_at = None
        if event.button() == Qt.MouseButton.LeftButton:
            self.enter()

    def _can_leave(self) -> bool:
        return self._take is not None and self._take.picture is not None
