"""The note to the model: one to three lines."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

_HINT: Final = "What should the model know? It is read before your text and is no part of it."
_NOTE_LINES: Final = 3


class NoteField(QPlainTextEdit):
    """One to three lines."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("note")
        self.setPlaceholderText(_HINT)
        self.setAccessibleName("Note to the model")
        self.setToolTip(_HINT)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        lines = max(1, min(_NOTE_LINES, round(self.document().size().height())))
        self.setFixedHeight(QFontMetrics(self.font()).lineSpacing() * lines + 20)
        many = self.document().size().height() > _NOTE_LINES
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if many else policy.ScrollBarAlwaysOff)
