"""The slim line under the text: how much, by whom, saved or not."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from studio.media.spans import HUMAN, Edit, Runs, SpanText
from studio.panes.text.counts import count_words, recount, share_mine
from studio.widgets.labels import label, set_role

_REST_MS = 150
_GOAL_PX = 72
_COUNTED_CHARS = 200_000  # of a longer selection only the characters are told


class StatusLine(QWidget):
    """Counts follow the text a moment later, so that keystrokes need not wait for them."""

    def __init__(self, notice: QWidget, parent: QWidget | None = None) -> None:
        """`notice` is shown in the middle."""
        super().__init__(parent)
        self._words = 0
        self._by_models = 0
        self._selected = (0, 0)
        self._value = SpanText()
        self._caret = 0
        self._counts = label("", "muted")
        self._mine = label("", "muted")
        self._place = label("", "muted")
        self._saved = label("", "muted")
        self._today = label("", "muted")
        self._goal = QProgressBar()
        self._mine.setToolTip("How much of the text you wrote yourself; the rest came from accepted takes")
        self._place.setToolTip("Where the caret stands, in characters")
        self._counts.setAccessibleName("Length of the text")
        self._saved.setAccessibleName("Saved state")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 4)
        row.setSpacing(24)
        row.addWidget(self._counts)
        row.addWidget(self._mine)
        row.addWidget(self._today)
        row.addWidget(self._goal)
        row.addWidget(notice, 1)
        row.addWidget(self._place)
        row.addWidget(self._saved)
        self._goal.setFixedWidth(_GOAL_PX)
        self._goal.setTextVisible(False)
        self._goal.setAccessibleName("Words of today's goal")
        self._goal.hide()
        self._today.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REST_MS)
        self._timer.timeout.connect(self._show)
        self.set_saved(True)

    def load(self, value: SpanText) -> None:
        """Count a whole text."""
        self._value = value
        self._words = count_words(value.text)
        self._by_models = value.written_by_models()
        self._selected = (0, 0)
        self._show()

    def follow(self, value: SpanText, edit: Edit) -> None:
        """Count what an edit changed."""
        self._value = value
        self._words = recount(self._words, value.text, edit)
        self._by_models += _by_models(edit.inserted_runs) - _by_models(edit.removed_runs)
        if not self._timer.isActive():
            self._timer.start()

    def set_caret(self, at: int) -> None:
        """Where the caret stands."""
        self._caret = at
        if not self._timer.isActive():
            self._timer.start()

    def set_selected(self, start: int, end: int) -> None:
        """What is selected; nothing when both are the same."""
        if (start, end) != self._selected and (start != end or self._selected[0] != self._selected[1]):
            self._selected = (start, end)
            if not self._timer.isActive():
                self._timer.start()

    def set_goal(self, today: int, goal: int) -> None:
        """How many words were written today, of how many wanted; a goal of 0 shows neither."""
        for widget in (self._today, self._goal):
            widget.setVisible(goal > 0)
        if goal > 0:
            self._today.setText(f"{today:,} / {goal:,} today")
            self._goal.setRange(0, goal)
            self._goal.setValue(max(0, min(today, goal)))
            self._goal.setToolTip(f"You have written {today:,} of the {goal:,} words you want to write today")

    def figures(self) -> tuple[int, int, int]:
        """Words, characters, and characters that models wrote, of the text as it stands."""
        return self._words, len(self._value.text), self._by_models

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
        words, letters = _many(self._words, "word"), _many(characters, "character")
        start, end = self._selected
        self._counts.setText(self._selection(start, end) if start < end else f"{words}   {letters}")
        mine = share_mine(characters, self._by_models)
        self._mine.setText(f"{mine} % mine" if characters else "")
        self._place.setText(f"at {self._caret:,}")

    def _selection(self, start: int, end: int) -> str:
        letters = _many(end - start, "character")
        if end - start > _COUNTED_CHARS:
            return f"{letters} selected"
        return f"{_many(count_words(self._value.text[start:end]), 'word')}, {letters} selected"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _by_models(runs: Runs) -> int:
    return sum(run.length for run in runs if run.author != HUMAN)
