"""What dialogs about chosen notes share: a form, which notes it is about, and a word to whoever shows it live."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QVBoxLayout, QWidget

from studio.media.music.wishes import NotesWish
from studio.widgets.labels import deciding, label


class NotesDialog(QDialog):
    """`choice()` tells what stands in it; `changed` tells it at every touch, so that it can be shown in the roll."""

    changed = Signal(object)  # NotesWish

    def __init__(self, title: str, about: str, go_on: str, parent: QWidget | None = None) -> None:
        """`about` says which notes: "12 chosen notes", "all 40 notes of Piano"."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(16)
        self._said = label("", "muted")
        self._said.setWordWrap(True)
        buttons = deciding(go_on)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label(about, "muted"))
        column.addLayout(self._form)
        column.addWidget(self._said)
        column.addWidget(buttons)
        self.setMinimumWidth(340)

    def choice(self) -> NotesWish:
        """What stands in the dialog."""
        raise NotImplementedError

    def show_effect(self, words: str) -> None:
        """What it would do ("8 notes would move. 1 locked note stays.")."""
        self._said.setText(words)

    def _row(self, words: str, field: QWidget, tip: str) -> None:
        field.setToolTip(tip)
        field.setAccessibleName(words.replace("&", ""))
        self._form.addRow(words, field)

    def _tell(self) -> None:
        self.changed.emit(self.choice())
