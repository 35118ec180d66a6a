"""The slim line under the roll: what is chosen, where the pointer is, the key, saved or not."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.widgets.labels import ElidedLabel, label, set_role


class MusicStatus(QWidget):
    """Values in; nothing out."""

    def __init__(self, notice: QWidget, parent: QWidget | None = None) -> None:
        """`notice` is shown at the left: what the prompt has to say."""
        super().__init__(parent)
        self._chosen = ElidedLabel("muted")
        self._place = label("", "muted")
        self._key = label("", "muted")
        self._saved = label("", "muted")
        for part, name, tip in (
            (self._chosen, "Chosen notes", "What is chosen in the roll"),
            (self._place, "Place of the pointer", "Bar, beat and pitch under the pointer"),
            (self._key, "Key", "The key of the piece where you look"),
            (self._saved, "Saved state", "Whether all of it is on disk"),
        ):
            part.setAccessibleName(name)
            part.setToolTip(tip)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 4)
        row.setSpacing(20)
        row.addWidget(notice, 1)
        row.addWidget(self._chosen, 1)
        row.addWidget(self._place)
        row.addWidget(self._key)
        row.addWidget(self._saved)
        self.set_saved(True)

    def show_chosen(self, words: str) -> None:
        """What is chosen, or a word about the note that was clicked."""
        self._chosen.show_text(words)

    def show_place(self, words: str) -> None:
        """Where the pointer is; "" when it is elsewhere."""
        self._place.setText(words)

    def show_key(self, words: str) -> None:
        """The key ("D minor"); "" when there is none."""
        self._key.setText(words)

    def set_saved(self, saved: bool) -> None:
        """Whether all of it is on disk."""
        self._saved.setText("Saved" if saved else "Saving…")
        set_role(self._saved, "muted" if saved else "accent")

    def text(self) -> str:
        """All that the line says."""
        parts = (self._chosen, self._place, self._key, self._saved)
        return "  ".join(part.text() for part in parts if part.text())
