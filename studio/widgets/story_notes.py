"""One long text of a story that the model is told: memory, author's note or running summary."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSpinBox, QVBoxLayout, QWidget

from studio.widgets.labels import button, label, pad

_CHARS_A_TOKEN = 4


class NoteField(QWidget):
    """A text with a word above it on what it is for, and its length below."""

    changed = Signal(str)

    def __init__(self, name: str, tip: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit = QPlainTextEdit()
        self._edit.setAccessibleName(name)
        self._edit.setAccessibleDescription(tip)
        self._edit.setToolTip(tip)
        self._edit.setPlaceholderText(hint)
        self._edit.setTabChangesFocus(True)
        self._length = label("", "muted")
        self._tip = label(tip, "muted")
        self._tip.setWordWrap(True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 12, 8, 8)
        outer.setSpacing(8)
        outer.addWidget(self._tip)
        outer.addWidget(self._edit, 1)
        outer.addWidget(self._length)
        self._edit.textChanged.connect(self._on_changed)
        self._count()

    def text(self) -> str:
        """What stands in it."""
        return self._edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Show another text; not told. The same text leaves caret and undo as they are."""
        if text == self.text():
            return
        blocked = self._edit.blockSignals(True)
        self._edit.setPlainText(text)
        self._edit.blockSignals(blocked)
        self._count()

    def focus_text(self) -> None:
        """Put the keyboard into it."""
        self._edit.setFocus()

    def _on_changed(self) -> None:
        self._count()
        self.changed.emit(self.text())

    def _count(self) -> None:
        text = self.text()
        words = len(text.split())
        about = f", about {max(1, round(len(text) / _CHARS_A_TOKEN)):,} tokens" if words else ""
        self._length.setText(f"{words:,} word{'' if words == 1 else 's'}{about}")


class AuthorsNoteField(NoteField):
    """The author's note and how near the caret it stands."""

    depth_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Author's note",
            "Steers the next words: it is read close before the caret, so it weighs more than memory.",
            "[ Style: quiet, short sentences. Mira is afraid but will not say so. ]",
            parent,
        )
        self._depth = QSpinBox()
        self._depth.setRange(-1, 1000)
        self._depth.setSpecialValueText("before the text")
        self._depth.setSuffix(" paragraphs back")
        self._depth.setToolTip("How many paragraphs before the caret it stands; -1 is before the whole text")
        self._depth.setAccessibleName("Place of the author's note, in paragraphs before the caret")
        pad(self._depth)
        self._depth.valueChanged.connect(self.depth_changed)
        name = label("Place")
        name.setBuddy(self._depth)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(name)
        row.addWidget(self._depth)
        row.addStretch(1)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.addLayout(row)

    def set_depth(self, depth: int) -> None:
        """Show a place; not told."""
        blocked = self._depth.blockSignals(True)
        self._depth.setValue(depth)
        self._depth.blockSignals(blocked)

    def depth(self) -> int:
        """The place that is shown."""
        return self._depth.value()


class SummaryField(NoteField):
    """The running summary, what it stands for, and the button that has the model write it on."""

    summarise_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Running summary",
            "Stands for the part of the story that the model no longer has room to read. It is yours to edit.",
            "Nothing is summarised yet.",
            parent,
        )
        self._covers = label("", "muted")
        self._covers.setWordWrap(True)
        self._why_not = label("", "muted")
        self._why_not.setWordWrap(True)
        self._button = button(
            "Summarise what no longer fits",
            "Have the model go on with this summary; you can edit it",
            "spark",
        )
        row = QHBoxLayout()
        row.addWidget(self._button)
        row.addStretch(1)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.addWidget(self._covers)
        column.addLayout(row)
        column.addWidget(self._why_not)
        self._button.clicked.connect(self.summarise_requested)
        self.set_covers(0)
        self.set_blocked("")

    def set_covers(self, words: int) -> None:
        """Say what it stands for."""
        self._covers.setText(
            f"It covers the first {words:,} words of the story." if words else "It covers nothing yet."
        )

    def set_blocked(self, reason: str) -> None:
        """Why the model cannot summarise now; "" when it can."""
        self._button.setEnabled(not reason)
        self._button.setToolTip(reason or "Have the model go on with this summary; you can edit it")
        self._why_not.setText(reason)
        self._why_not.setVisible(bool(reason))
