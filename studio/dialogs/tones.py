"""The list of tones to choose from, one a line."""

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from studio.widgets.labels import label

MOST = 40
LONGEST = 80


class TonesDialog(QDialog):
    """Words in, words out; an empty list stands for the usual one."""

    def __init__(self, tones: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Tones")
        self._words = QPlainTextEdit("\n".join(tones))
        self._words.setAccessibleName("Tones, one a line")
        self._words.setToolTip("One tone a line; an empty list brings the usual ones back")
        self._words.setTabChangesFocus(True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label("One tone a line. An empty list brings the usual ones back.", "muted"))
        layout.addWidget(self._words, 1)
        layout.addWidget(buttons)
        self.resize(360, 320)

    def tones(self) -> tuple[str, ...]:
        """The lines that say something, each once."""
        lines = (" ".join(line.split())[:LONGEST] for line in self._words.toPlainText().splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))[:MOST]
