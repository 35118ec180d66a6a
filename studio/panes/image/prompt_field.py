"""Where the person says what to draw; Ctrl+Up and Ctrl+Down make the marked words weigh more or less."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor

from studio.media.picture.weighting import nudged
from studio.widgets.note_field import NoteField

_HINT: Final = "What should be drawn?"
_TIP: Final = (
    "What should be drawn. Ctrl+Up and Ctrl+Down make the marked words weigh more or less: (red hat:1.2). "
    "{cat|dog} takes one of them, __name__ a line of the wildcard file of that name."
)


class PromptField(NoteField):
    """One to three lines."""

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(_HINT)
        self.setAccessibleName("Prompt")
        self.setToolTip(_TIP)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The two keys for weights."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if (
            steps
            and event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.ControlModifier
        ):
            self.nudge(steps)
        else:
            super().keyPressEvent(event)

    def nudge(self, steps: int) -> None:
        """Make the marked words, or the word at the caret, weigh `steps` tenths more: one step of its undo."""
        cursor = self.textCursor()
        text, start, end = nudged(self.toPlainText(), cursor.selectionStart(), cursor.selectionEnd(), steps)
        if text == self.toPlainText():
            return
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        cursor.endEditBlock()
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
