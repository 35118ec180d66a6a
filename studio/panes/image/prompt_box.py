"""What is asked of the image model: words, how, how many, by which model."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from studio.panes.image.mode_menu import ModeMenu
from studio.panes.image.prompt_field import PromptField
from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel, pad, set_role
from studio.widgets.model_menu import ModelChoice, ModelMenu
from studio.widgets.propose_button import ProposeButton

_ADD: Final = {"folder": "Add a model folder…", "file": "Add a model file…"}
_USUAL: Final = "Ctrl+Return proposes, Esc stops."
MOST_TAKES: Final = 8


class PicturePromptBox(QFrame):
    """Values in and out, signals for what the person wants."""

    propose_requested = Signal()
    stop_requested = Signal()
    model_chosen = Signal(str)  # path
    add_model_requested = Signal(str)  # "folder" | "file"
    mode_wanted = Signal(str)  # a mode of core.pictures; "" follows what lies in the frame
    knobs_requested = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("promptBox")
        self._running = False
        self._blocked = ""
        self._notice = ("", "muted")
        self.prompt = PromptField()
        self.mode = ModeMenu()
        self._models = ModelMenu("Which model draws", _ADD)
        self._takes = QSpinBox()
        self._knobs = IconButton("knobs", "All knobs: steps, guidance, size, seed, adapters (F4)", size=18)
        self._button = ProposeButton()
        self.notice = ElidedLabel("muted")
        self._dress()
        self._lay_out()
        self._connect()
        self._show_state()

    def _dress(self) -> None:
        self._takes.setRange(1, MOST_TAKES)
        self._takes.setValue(4)
        self._takes.setSuffix(" takes")
        self._takes.setFixedWidth(84)
        self._takes.setToolTip("How many takes are made side by side")
        self._takes.setAccessibleName("How many takes are made side by side")
        pad(self._takes)

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 12, 12, 12)
        outer.setSpacing(8)
        outer.addWidget(self.prompt)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.mode)
        row.addWidget(self._models, 1)
        row.addWidget(self._takes)
        row.addWidget(self._knobs)
        row.addWidget(self._button)
        outer.addLayout(row)

    def _connect(self) -> None:
        self._models.model_chosen.connect(self._on_model)
        self._models.add_wanted.connect(self.add_model_requested)
        self.prompt.textChanged.connect(self.changed)
        self._takes.valueChanged.connect(self._on_takes)
        self._knobs.clicked.connect(self.knobs_requested)
        self._button.clicked.connect(self._on_button)
        self.mode.wanted.connect(self.mode_wanted)

    # -- values ---------------------------------------------------------------------------

    def words(self) -> str:
        """The prompt."""
        return self.prompt.toPlainText().strip()

    def set_words(self, words: str) -> None:
        """Show another prompt."""
        if words != self.prompt.toPlainText():
            self.prompt.setPlainText(words)

    def takes(self) -> int:
        """How many takes are wanted."""
        return self._takes.value()

    def set_takes(self, count: int) -> None:
        """Want so many."""
        self._takes.setValue(count)

    def model(self) -> str:
        """The chosen model's path; "" when there is none."""
        return self._models.path()

    def set_models(self, models: list[ModelChoice], chosen: str) -> None:
        """Fill the model menu and show the chosen one."""
        self._models.set_models(models, chosen)

    def set_running(self, on: bool) -> None:
        """While takes are made the button stops them."""
        self._running = on
        self._show_state()

    def is_running(self) -> bool:
        """Whether the button is a stop button."""
        return self._running

    def set_notice(self, text: str, tone: str = "muted") -> None:
        """A word in `notice`; it never blocks anything. Empty shows the usual one."""
        self._notice = (text, tone if text else "muted")
        self._show_state()

    def set_blocked(self, reason: str) -> None:
        """Why nothing can be proposed, shown beside the grey button; "" frees it."""
        self._blocked = reason
        self._show_state()

    def focus_prompt(self) -> None:
        """Put the caret into the prompt."""
        self.prompt.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- what happens ---------------------------------------------------------------------

    def _show_state(self) -> None:
        running = self._running
        blocked = bool(self._blocked) and not running
        self._button.show_state(running=running, blocked=blocked)
        text, tone = (self._blocked, "warning") if blocked else self._notice
        self.notice.show_text(text or _USUAL)
        set_role(self.notice, tone)

    def _on_button(self) -> None:
        (self.stop_requested if self._running else self.propose_requested).emit()

    def _on_model(self, path: str) -> None:
        self.model_chosen.emit(path)
        self.changed.emit()

    def _on_takes(self, count: int) -> None:
        self._takes.setSuffix(" take" if count == 1 else " takes")
        self.changed.emit()
