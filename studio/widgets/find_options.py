"""The small buttons that say how to look for something."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from studio.media.find import Options


class FindOptions(QWidget):
    """Case, whole words, regular expression."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._case = toggle("Aa", "Match case", "Large and small letters must be the same")
        self._words = toggle("ab|", "Whole words", "Only where a word begins and ends")
        self._regex = toggle(".*", "Regular expression", "$1 in the replacement stands for the first group")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in (self._case, self._words, self._regex):
            row.addWidget(button)
            button.toggled.connect(self.changed)

    def options(self, pattern: str) -> Options:
        """What is looked for, and how."""
        return Options(
            pattern=pattern,
            regex=self._regex.isChecked(),
            case=self._case.isChecked(),
            whole_words=self._words.isChecked(),
        )

    def set_options(self, options: Options) -> None:
        """Take over how to look, not what for; told once when it is new."""
        if options == self.options(options.pattern):
            return
        was = self.blockSignals(True)
        self._case.setChecked(options.case)
        self._words.setChecked(options.whole_words)
        self._regex.setChecked(options.regex)
        self.blockSignals(was)
        self.changed.emit()


def toggle(text: str, name: str, tip: str = "") -> QToolButton:
    """A small button that stays pressed."""
    button = QToolButton()
    button.setText(text)
    button.setCheckable(True)
    button.setAccessibleName(name)
    button.setToolTip(f"{name}: {tip[:1].lower()}{tip[1:]}" if tip else name)
    button.setMinimumWidth(30)
    return button
