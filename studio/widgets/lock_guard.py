"""Which keys would change locked text."""

from operator import attrgetter
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor

from studio.media.spans import SpanText
from studio.widgets.authored_text import AuthoredText

REFUSED: Final = "This passage is locked. Unlock it with Ctrl+L."
LOCK_TIP: Final = "Locked: nothing changes it, neither you nor a model. Ctrl+L unlocks it."

_Key = QKeySequence.StandardKey
_Move = QTextCursor.MoveOperation
_DELETIONS: Final = (
    (_Key.DeleteStartOfWord, _Move.PreviousWord),
    (_Key.DeleteEndOfWord, _Move.NextWord),
    (_Key.DeleteEndOfLine, _Move.EndOfBlock),
    (_Key.Backspace, _Move.PreviousCharacter),
    (_Key.Delete, _Move.NextCharacter),
)
_WRITES: Final = (_Key.Cut, _Key.Paste, _Key.InsertLineSeparator, _Key.InsertParagraphSeparator)


def would_break(event: QKeyEvent, text: AuthoredText, cursor: QTextCursor) -> bool:
    """Whether a key, pressed now, would change locked text."""
    value = text.value
    if not any(map(attrgetter("locked"), value.runs)):  # at C speed: a key in a long text passes here
        return False
    reach = _reach(event, cursor)
    if reach is None:
        return False
    places = text.positions
    start, end = places.points(reach.selectionStart()), places.points(reach.selectionEnd())
    return touches(value, start, end)


def touches(value: SpanText, start: int, end: int) -> bool:
    """Whether replacing characters start..end changes locked text."""
    return value.is_locked(start, end)


def _reach(event: QKeyEvent, cursor: QTextCursor) -> QTextCursor | None:
    """What the key would replace; None for a key that changes nothing. (May be a little too little: what
    slips through is taken back.)"""
    for key, move in _DELETIONS:
        if event.matches(key):
            reach = QTextCursor(cursor)
            if not reach.hasSelection():
                reach.movePosition(move, QTextCursor.MoveMode.KeepAnchor)
                return reach if reach.hasSelection() else None
            return reach
    if event.key() == Qt.Key.Key_Backspace and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
        reach = QTextCursor(cursor)
        if not reach.hasSelection():
            reach.movePosition(_Move.PreviousCharacter, QTextCursor.MoveMode.KeepAnchor)
        return reach
    if any(event.matches(key) for key in _WRITES):
        return QTextCursor(cursor)
    control = Qt.KeyboardModifier.ControlModifier
    alt = Qt.KeyboardModifier.AltModifier
    held = event.modifiers() & (control | alt)
    writes = (
        bool(event.text()) and event.text().isprintable() and held in (Qt.KeyboardModifier(0), control | alt)
    )
    return QTextCursor(cursor) if writes else None
