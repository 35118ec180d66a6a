"""The slim line under the text: how much, by whom, saved or not."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.media.spans import Edit, SpanText
from studio.panes.text.counts import count_words, recount, share_mine
from studio.widgets.labels import label, set_role

_REST_MS = 150


class StatusLine(QWidget):
    """Counts follow the text a moment later, so that keystrokes need not wait for them."""

    def __init__(self, notice: QWidget, parent: QWidget | None = None) -> None:
        """`notice` is shown in the middle."""
        super().__init__(parent)
        self._words = 0
        self._value = SpanText()
        self._caret = 0
        self._counts = label("", "muted")
        self._mine = label("", "muted")
        self._place = label("", "muted")
        self._saved = label("", "muted")
        self._mine.setToolTip("How much of the text you wrote yourself; the rest came from accepted takes")
        self._place.setToolTip("Where the caret stands, in characters")
        self._counts.setAccessibleName("Length of the text")
        self._saved.setAccessibleName("Saved state")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 4)
        row.setSpacing(24)
        row.addWidget(self._counts)
        row.addWidget(self._mine)
        row.addWidget(notice, 1)
        row.addWidget(self._place)
        row.addWidget(self._saved)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REST_MS)
        self._timer.timeout.connect(self._show)
        self.set_saved(True)

    def load(self, value: SpanText) -> None:
        """Count a whole text."""
        self._value = value
        self._words = count_words(value.text)
        self._show()

    def follow(self, value: SpanText, edit: Edit) -> None:
        """Count what an edit changed."""
        self._value = value
        self._words = recount(self._words, value.text, edit)
        if not self._timer.isActive():
            self._timer.start()

    def set_caret(self, at: int) -> None:
        """Where the caret stands."""
        self._caret = at
        if not self._timer.isActive():
            self._timer.start()

    def set_saved(self, saved: bool) -> None:
        """Whether all of it is on disk."""
        self._saved.setText("Saved" if saved else "Saving…")
        set_role(self._saved, "muted" if saved else "accent")

    def text(self) -> str:
        """All that the line says."""
        return "  ".join(part.text() for part in (self._counts, self._mine, self._place, self._saved))

    @Slot()
    def _show(self) -> None:
        characters = len(self._value.text)
        words = "1 word" if self._words == 1 else f"{self._words:,} words"
        letters = "1 character" if characters == 1 else f"{characters:,} characters"
        self._counts.setText(f"{words}   {letters}")
        mine = share_mine(characters, self._value.written_by_models())
        self._mine.setText(f"{mine} % mine" if characters else "")
        self._place.setText(f"at {self._caret:,}")
