"""A bar of what fills a model's context: one colour a kind of part, the free room behind them."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.widgets.tones import Tones, current_tones, follow_tones

HEIGHT_PX: Final = 14
_RADIUS_PX: Final = 4.0
_COLOURS: Final = {
    "memory": "accent",
    "summary": "success",
    "lore": "warning",
    "note": "danger",
    "text": "model_text",
    "selection": "focus",
    "suffix": "faint",
    "lead": "muted",
    "frame": "border_strong",
}


class Stretch(Struct, frozen=True, kw_only=True):
    """A piece of the bar: what it is, and how many tokens it takes."""

    kind: str
    title: str
    tokens: int


def colour_of(kind: str, tones: Tones) -> QColor:
    """The colour a kind of part has in the bar and in the table."""
    return QColor(tones.role(_COLOURS.get(kind, "muted")))


class ContextBar(QWidget):
    """Values in; the tooltip names what is under the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stretches: tuple[Stretch, ...] = ()
        self._room_tokens = 0
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What fills the context")
        follow_tones(self._retone)

    def sizeHint(self) -> QSize:
        """Any width."""
        return QSize(200, HEIGHT_PX)

    def show_parts(self, stretches: Sequence[Stretch], room_tokens: int) -> None:
        """Show these, in order, in a room of so many tokens."""
        self._stretches = tuple(stretch for stretch in stretches if stretch.tokens > 0)
        self._room_tokens = max(room_tokens, sum(stretch.tokens for stretch in self._stretches), 1)
        said = ", ".join(f"{stretch.title} {stretch.tokens}" for stretch in self._stretches)
        self.setAccessibleDescription(f"Tokens: {said}" if said else "Nothing yet")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The stretches, each at least one pixel wide."""
        tones = current_tones()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QPainterPath()
        frame.addRoundedRect(QRectF(self.rect()), _RADIUS_PX, _RADIUS_PX)
        painter.setClipPath(frame)
        painter.fillRect(self.rect(), QColor(tones.sunken))
        for stretch, left, right in self._places():
            painter.fillRect(
                QRectF(left, 0, max(right - left - 1, 1.0), self.height()), self._colour(stretch)
            )
        painter.end()

    def _colour(self, stretch: Stretch) -> QColor:
        return colour_of(stretch.kind, current_tones())

    def _places(self) -> list[tuple[Stretch, float, float]]:
        out, left = [], 0.0
        for stretch in self._stretches:
            right = left + stretch.tokens / self._room_tokens * self.width()
            out.append((stretch, left, right))
            left = right
        return out

    def event(self, event: object) -> bool:
        """Name what is under the mouse."""
        if isinstance(event, QHelpEvent):
            x = event.pos().x()
            hit = next((s for s, left, right in self._places() if left <= x < right), None)
            used = sum(stretch.tokens for stretch in self._stretches)
            free = f"{self._room_tokens - used:,} tokens are free"
            QToolTip.showText(event.globalPos(), f"{hit.title}: {hit.tokens:,} tokens" if hit else free, self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    def _retone(self, _tones: Tones) -> None:
        self.update()
