"""What is asked of the music model: what to do with which bars, in which key, how many takes, by which model."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from studio.core.piece_settings import PieceSettings
from studio.panes.music.task_menu import TaskChoice, TaskMenu
from studio.widgets.ask_box import AskBox, number, row_of
from studio.widgets.labels import ElidedLabel, button, set_role
from studio.widgets.piece_knobs_fields import InstrumentField
from studio.widgets.piece_knobs_key import Holding, KeyButton, KeyFacts
from studio.widgets.propose_button import ASK

_ADD: Final = {"folder": "Add a model folder…"}
_KNOBS: Final = "All knobs: how the notes are, chance, seed (F4)"
_TAKES: Final = PieceSettings().takes
MOST_BARS: Final = 64
_CHORDS_TIP: Final = "Notes outside the chord that the chord track has there cannot be written"


class PiecePromptBox(AskBox):
    """Values in and out, signals for what the person wants. It shows the knobs that are turned most often."""

    task_wanted = Signal(str)  # a task of core.pieces
    key_menu_opened = Signal()  # about to show: `show_key_facts` answers

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Which model writes the notes", _ADD, _KNOBS, _TAKES, parent)
        self._why_not = self._words = self._tail = ""
        self.task = TaskMenu()
        self.bars = number(1, MOST_BARS, " bars", "How many bars the takes go on for", 92)
        self.amount = number(1, 100, " %", "How many of the notes are written anew", 84)
        self.amount.setSingleStep(5)
        self.instrument = InstrumentField("The new track's instrument")
        self.sentence = ElidedLabel()
        self.sentence.setAccessibleName("What will be asked")
        self.key = KeyButton()
        self.chords = button("Chords", _CHORDS_TIP)
        self.chords.setCheckable(True)
        self._lay_out()
        self._connect()
        self.show_settings(PieceSettings())

    def _lay_out(self) -> None:
        asks = row_of(self.task, self.bars, self.amount, self.instrument)
        asks.addSpacing(4)
        asks.addWidget(self.sentence, 1)
        row = row_of(
            self.key, self.chords, self._models, self._takes, self._knobs, self._button, wide=self._models
        )
        self._stack(10, asks, row)

    def _connect(self) -> None:
        self.task.wanted.connect(self.task_wanted)
        for field in (self.bars, self.amount):
            field.valueChanged.connect(self._on_changed)
        self.instrument.changed.connect(self._on_changed)
        self.instrument.drums_wanted.connect(lambda: self.task_wanted.emit("drums"))
        self.key.changed.connect(self._on_changed)
        self.key.opening.connect(self.key_menu_opened)
        self.chords.toggled.connect(self._on_changed)

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

    def focus_prompt(self) -> None:
        """Put the keyboard where the asking begins."""
        self.task.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- what happens ---------------------------------------------------------------------

    def _show_state(self) -> None:
        reason = self._blocked or self._why_not
        blocked = bool(reason) and not self._running
        self._show_button(blocked, f"{self._words} (Ctrl+Return)" if self._words else ASK)
        self.sentence.show_text(reason if blocked else self._tail)
        self.sentence.setToolTip(reason if blocked else self._words)
        self.sentence.setAccessibleDescription(self.sentence.toolTip())
        set_role(self.sentence, "warning" if blocked else "")
        self._show_notice(*self._notice)

    def _show_numbers(self) -> None:
        self.bars.setSuffix(" bar" if self.bars.value() == 1 else " bars")

    def _on_changed(self) -> None:
        self._show_numbers()
        self.changed.emit()
