"""What is asked of the image model: words, how, how many, by which model."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from studio.panes.image.mode_menu import ModeMenu
from studio.panes.image.prompt_field import PromptField
from studio.widgets.ask_box import AskBox, row_of

_ADD: Final = {"folder": "Add a model folder…", "file": "Add a model file…"}
_KNOBS: Final = "All knobs: steps, guidance, size, seed, adapters (F4)"
_TAKES: Final = 4


class PicturePromptBox(AskBox):
    """Values in and out, signals for what the person wants."""

    mode_wanted = Signal(str)  # a mode of core.pictures; "" follows what lies in the frame

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Which model draws", _ADD, _KNOBS, _TAKES, parent)
        self.prompt = PromptField()
        self.mode = ModeMenu()
        row = row_of(self.mode, self._models, self._takes, self._knobs, self._button, wide=self._models)
        self._stack(12, self.prompt, row)
        self.prompt.textChanged.connect(self.changed)
        self.mode.wanted.connect(self.mode_wanted)
        self._show_state()

    def words(self) -> str:
        """The prompt."""
        return self.prompt.toPlainText().strip()

    def set_words(self, words: str) -> None:
        """Show another prompt."""
        if words != self.prompt.toPlainText():
            self.prompt.setPlainText(words)

    def focus_prompt(self) -> None:
        """Put the caret into the prompt."""
        self.prompt.setFocus(Qt.FocusReason.ShortcutFocusReason)
