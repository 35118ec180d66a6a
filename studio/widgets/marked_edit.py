"""What can be seen of a text beyond its letters: heat, hits of a search, spelling, locks, a word's making."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, Signal
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget

from studio.media.spans import HUMAN
from studio.widgets.fonts import READING_PT
from studio.widgets.lock_guard import LOCK_TIP
from studio.widgets.page_edit import PageEdit
from studio.widgets.spell_marks import Checker, Suggest


class MarkedEdit(PageEdit):
    """Places are characters; the marks move with the text."""

    token_clicked = Signal(int, QPoint)  # the character's place, the point on the screen
    spelling_added = Signal(str)
    spelling_ignored = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, size_pt: float = READING_PT) -> None:
        super().__init__(parent, size_pt=size_pt)
        self.suggest: Suggest | None = None
        self._inspect = False

    def set_heat(self, values: Sequence[tuple[int, int, float]] | None) -> None:
        """Tint tokens (start, end, surprise in nats); None for no tint. What is edited loses its tint."""
        self.marks.set_heat(values or ())
        self.viewport().update()

    def set_marks(self, ranges: Sequence[tuple[int, int]], current: int = -1) -> None:
        """Mark what a search found; `current` is the index of the hit it stands at."""
        self.marks.set_hits(ranges, current)
        self.viewport().update()

    def set_inspect(self, on: bool) -> None:
        """Whether a plain click on a model's word tells `token_clicked`."""
        self._inspect = on

    def set_spelling(self, checker: Checker | None) -> None:
        """Who knows whether a word is right; None for no marks. Set again, all is asked anew."""
        self.spelling.set_checker(checker)

    def look_inside(self, at: int, point: QPoint) -> bool:
        """Tell `token_clicked` when a model wrote the character; gives whether it did."""
        by_model = self.is_by_model(at)
        if by_model:
            self.token_clicked.emit(at, point)
        return by_model

    def is_by_model(self, at: int) -> bool:
        """Whether the character at a place came from a take."""
        return any(run.author != HUMAN for run in self.text.value.slice_runs(at, at + 1))

    def viewportEvent(self, event: QEvent) -> bool:
        """Say that a passage is locked where the mouse rests on it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self.hit(QPointF(event.pos()), exactly=True)
            if at >= 0 and self.text.value.is_locked(at, at + 1):
                QToolTip.showText(event.globalPos(), LOCK_TIP, self)
                return True
        return super().viewportEvent(event)
