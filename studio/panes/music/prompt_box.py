"""What is asked of the music model: what to do with which bars, in which key, how many takes, by which model."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from studio.core.piece_settings import PieceSettings
from studio.panes.music.task_menu import TaskChoice, TaskMenu
from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel, button, pad, set_role
from studio.widgets.model_menu import ModelChoice, ModelMenu
from studio.widgets.piece_knobs_fields import InstrumentField
from studio.widgets.piece_knobs_key import Holding, KeyButton, KeyFacts
from studio.widgets.propose_button import ProposeButton

_ADD: Final = {"folder": "Add a model folder…"}
_USUAL: Final = "Ctrl+Return proposes, Esc stops."
MOST_TAKES: Final = 8
MOST_BARS: Final = 64
_CHORDS_TIP: Final = "Notes outside the chord that the chord track has there cannot be written"


class PiecePromptBox(QFrame):
    """Values in and out, signals for what the person wants. It shows the knobs that are turned most often."""

    propose_requested = Signal()
    stop_requested = Signal()
    model_chosen = Signal(str)  # path
    add_model_requested = Signal(str)  # "folder"
    task_wanted = Signal(str)  # a task of core.pieces
    knobs_requested = Signal()
    key_menu_opened = Signal()  # about to show: `show_key_facts` answers
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("promptBox")
        self._running = False
        self._blocked = self._why_not = ""
        self._notice = ("", "muted")
        self._words = self._tail = ""
        self.task = TaskMenu()
        self.bars = QSpinBox()
        self.amount = QSpinBox()
        self.instrument = InstrumentField("The new track's instrument")
        self.sentence = ElidedLabel()
        self.key = KeyButton()
        self.chords = button("Chords", _CHORDS_TIP)
        self._models = ModelMenu("Which model writes the notes", _ADD)
        self._takes = QSpinBox()
        self._knobs = IconButton("knobs", "All knobs: how the notes are, chance, seed (F4)", size=18)
        self._button = ProposeButton()
        self.notice = ElidedLabel("muted")
        self._dress()
        self._lay_out()
        self._connect()
        self.show_settings(PieceSettings())

    def _dress(self) -> None:
        self._number(self.bars, 1, MOST_BARS, " bars", "How many bars the takes go on for", 92)
        self._number(self.amount, 1, 100, " %", "How many of the notes are written anew", 84)
        self._number(self._takes, 1, MOST_TAKES, " takes", "How many takes are made side by side", 88)
        self.amount.setSingleStep(5)
        self.chords.setCheckable(True)
        self.sentence.setAccessibleName("What will be asked")

    @staticmethod
    def _number(field: QSpinBox, least: int, most: int, suffix: str, tip: str, width_px: int) -> None:
        field.setRange(least, most)
        field.setSuffix(suffix)
        field.setFixedWidth(width_px)
        field.setToolTip(tip)
        field.setAccessibleName(tip)
        pad(field)

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 10, 12, 10)
        outer.setSpacing(8)
        asks = QHBoxLayout()
        asks.setSpacing(6)
        for widget in (self.task, self.bars, self.amount, self.instrument):
            asks.addWidget(widget)
        asks.addSpacing(4)
        asks.addWidget(self.sentence, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.key)
        row.addWidget(self.chords)
        row.addWidget(self._models, 1)
        row.addWidget(self._takes)
        row.addWidget(self._knobs)
        row.addWidget(self._button)
        outer.addLayout(asks)
        outer.addLayout(row)

    def _connect(self) -> None:
        self.task.wanted.connect(self.task_wanted)
        for field in (self.bars, self.amount, self._takes):
            field.valueChanged.connect(self._on_changed)
        self.instrument.changed.connect(self._on_changed)
        self.instrument.drums_wanted.connect(lambda: self.task_wanted.emit("drums"))
        self.key.changed.connect(self._on_changed)
        self.key.opening.connect(self.key_menu_opened)
        self.chords.toggled.connect(self._on_changed)
        self._models.model_chosen.connect(self._on_model)
        self._models.add_wanted.connect(self.add_model_requested)
        self._knobs.clicked.connect(self.knobs_requested)
        self._button.clicked.connect(self._on_button)

    # -- values ---------------------------------------------------------------------------

    def settings(self, base: PieceSettings) -> PieceSettings:
        """These knobs with what this box says of them."""
        held = self.key.value()
        amount = base.amount if round(base.amount * 100) == self.amount.value() else self.amount.value() / 100
        said: PieceSettings = base.changed(
            bars=self.bars.value(),
            amount=amount,
            program=self.instrument.value(),
            hold_key=held.on,
            key=held.key,
            scale=held.scale,
            hold_chords=self.chords.isChecked(),
            takes=self._takes.value(),
        )
        return said

    def show_settings(self, settings: PieceSettings) -> None:
        """Show the knobs; `changed` is not told."""
        blocked = self.blockSignals(True)
        self.bars.setValue(settings.bars)
        self.amount.setValue(max(1, round(settings.amount * 100)))
        self.instrument.set_value(settings.program)
        self.key.set_value(Holding(settings.hold_key, settings.key, settings.scale))
        self.chords.setChecked(settings.hold_chords)
        self._takes.setValue(settings.takes)
        self.blockSignals(blocked)
        task = settings.task
        self.amount.setVisible(task == "vary")
        self.instrument.setVisible(task in ("harmonise", "add"))
        self._show_numbers()

    def show_tasks(self, task: str, choices: Sequence[TaskChoice]) -> None:
        """Offer these tasks, one of them chosen."""
        self.task.show_task(task, choices)

    def show_asking(self, words: str, tail: str, why_not: str = "", *, counts_bars: bool = True) -> None:
        """`words` say what Propose will ask, `tail` the same without the task's name; `why_not`: why it cannot now.

        `counts_bars`: how many bars are asked for is said here; else the chosen bars say it.
        """
        self.bars.setVisible(counts_bars)
        self._words, self._tail, self._why_not = words, tail, why_not
        self._show_state()

    def show_key_facts(self, facts: KeyFacts) -> None:
        """The piece's key at the bars in question, and the one its notes are in."""
        self.key.show_facts(facts)

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
        """Why nothing can be proposed at all (no model), shown in place of the sentence; "" frees it."""
        self._blocked = reason
        self._show_state()

    def focus_prompt(self) -> None:
        """Put the keyboard where the asking begins."""
        self.task.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- what happens ---------------------------------------------------------------------

    def _show_state(self) -> None:
        running = self._running
        reason = self._blocked or self._why_not
        blocked = bool(reason) and not running
        ask = f"{self._words} (Ctrl+Return)" if self._words else "Ask the model for takes (Ctrl+Return)"
        self._button.show_state(running=running, blocked=blocked, ask=ask)
        self.sentence.show_text(reason if blocked else self._tail)
        self.sentence.setToolTip(reason if blocked else self._words)
        self.sentence.setAccessibleDescription(self.sentence.toolTip())
        set_role(self.sentence, "warning" if blocked else "")
        text, tone = self._notice
        self.notice.show_text(text or _USUAL)
        set_role(self.notice, tone)

    def _show_numbers(self) -> None:
        self.bars.setSuffix(" bar" if self.bars.value() == 1 else " bars")
        self._takes.setSuffix(" take" if self._takes.value() == 1 else " takes")

    def _on_changed(self) -> None:
        self._show_numbers()
        self.changed.emit()

    def _on_button(self) -> None:
        (self.stop_requested if self._running else self.propose_requested).emit()

    def _on_model(self, path: str) -> None:
        self.model_chosen.emit(path)
        self.changed.emit()
