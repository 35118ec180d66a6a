"""A field that opens over a lane: a word is written there, Return takes it, Escape does not."""

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class LaneField(QLineEdit):
    """Hidden until `ask`."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self._answer: Callable[[str], None] | None = None
        self.setObjectName("laneField")
        self.setAccessibleName(name)
        self.setToolTip(f"{name}: Return takes it, Esc leaves it as it was")
        self.setMaxLength(60)
        self.hide()

    def ask(self, place: QRect, text: str, answer: Callable[[str], None]) -> None:
        """Open there; `answer` is told what was written."""
        self._answer = answer
        self.setText(text)
        self.setGeometry(place)
        self.show()
        self.selectAll()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return takes it, Escape does not."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._close(taken=True)
        elif event.key() == Qt.Key.Key_Escape:
            self._close(taken=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Going elsewhere takes it, too."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._close(taken=True)

    def _close(self, *, taken: bool) -> None:
        answer, self._answer = self._answer, None
        if answer is None:
            return
        self.hide()
        if taken:
            answer(self.text().strip())
