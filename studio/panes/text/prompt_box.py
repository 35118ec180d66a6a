"""What is asked of the model: a note, which model, how many takes, how long, and the button."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.core.jobs import Act, Sampling
from studio.widgets.act_menu import ActChoice, ActMenu
from studio.widgets.ask_box import AskBox, number, row_of
from studio.widgets.model_menu import ModelChoice
from studio.widgets.note_field import NoteField
from studio.widgets.sampling_knobs import SamplingKnobs
from studio.widgets.seed_field import SeedField

_ADD: Final = {"folder": "Add a model folder…"}
_ASKS: Final = {
    "tone": (
        "Which tone?",
        "The tone the passage should have: gentle, tense, comic, or any word of your own",
    ),
    "instruct": (
        "What should become of the passage?",
        "Tell the model what to do with the selected passage, e.g. “tell it as a letter”",
    ),
}
_KNOBS: Final = "Sampling knobs: how the next word is chosen"
_LENGTH: Final = "How long a take may get; a word is about 1.3 tokens"


class ProposeValues(Struct, frozen=True, kw_only=True):
    """What the box says. `seed` None is a new one every time; `tokens` is the length of a take.

    `act` is what is asked for; `instruction` is the person's own line for acts that take one.
    """

    note: str = ""
    model: str = ""
    takes: int = 3
    tokens: int = 80
    seed: int | None = None
    sampling: Sampling = Sampling()
    act: Act = "continue"
    instruction: str = ""


class PromptBox(AskBox):
    """Values in and out, signals for what the person wants."""

    act_wanted = Signal(str, str)  # act, tone or "": chosen in the menu
    check_requested = Signal()
    tones_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        usual = ProposeValues()
        super().__init__("Which model proposes", _ADD, _KNOBS, usual.takes, parent)
        self._hint = ""
        self.note = NoteField()
        self.acts = ActMenu()
        self.instruction = QLineEdit()
        self._tokens = number(8, 4096, " tokens", _LENGTH, 104)
        self._tokens.setSingleStep(20)
        self._tokens.setValue(usual.tokens)
        self._seed = SeedField()
        self.knobs = SamplingKnobs()
        self._popover = QFrame(self, Qt.WindowType.Popup)
        self._dress()
        self._lay_out()
        self._connect()
        self._show_state()

    # -- making ---------------------------------------------------------------------------

    def _dress(self) -> None:
        self.instruction.setObjectName("instruction")
        self.instruction.setMaxLength(2_000)
        self.instruction.setMinimumHeight(self.note.height())
        self.instruction.setAccessibleName("Your own words for the act")
        self.instruction.hide()
        self._popover.setObjectName("knobs")
        inner = QVBoxLayout(self._popover)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.knobs)

    def _lay_out(self) -> None:
        upper = QHBoxLayout()
        upper.setSpacing(8)
        upper.addWidget(self.instruction, 1, Qt.AlignmentFlag.AlignTop)
        upper.addWidget(self.note, 1)
        row = row_of(
            self.acts,
            self._models,
            self._takes,
            self._tokens,
            self._seed,
            self._knobs,
            self._button,
            wide=self._models,
        )
        self._stack(12, upper, row)

    def _connect(self) -> None:
        self.note.textChanged.connect(self._on_change)
        self._tokens.valueChanged.connect(self._on_change)
        self._seed.changed.connect(self._on_change)
        self.knobs.changed.connect(self._on_change)
        self.knobs_requested.connect(self.open_knobs)
        self.acts.act_wanted.connect(self.act_wanted)
        self.acts.check_requested.connect(self.check_requested)
        self.acts.tones_requested.connect(self.tones_requested)
        self.instruction.textChanged.connect(self._on_change)
        self.instruction.returnPressed.connect(self.propose_requested)

    # -- values ---------------------------------------------------------------------------

    def values(self) -> ProposeValues:
        """What the box says now."""
        return ProposeValues(
            note=self.note.toPlainText().strip(),
            model=self._models.path(),
            takes=self._takes.value(),
            tokens=self._tokens.value(),
            seed=self._seed.value(),
            sampling=self.knobs.values(),
            act=self.acts.act(),
            instruction=self.instruction.text().strip(),
        )

    def set_values(self, values: ProposeValues) -> None:
        """Fill the box; `changed` is not told."""
        blocked = self.blockSignals(True)
        self.note.setPlainText(values.note)
        self._takes.setValue(values.takes)
        self._tokens.setValue(values.tokens)
        self.knobs.set_values(values.sampling)
        self.instruction.setText(values.instruction)
        self.choose_act(values.act)
        self._seed.set_value(values.seed)
        self._models.select(values.model)
        self.blockSignals(blocked)

    def set_acts(self, acts: Sequence[ActChoice], tones: Sequence[str]) -> None:
        """Fill the menu of acts."""
        self.acts.set_acts(acts, tones)
        self._show_act()

    def set_selected(self, characters: int) -> None:
        """How much is selected in the text: acts on a passage need one."""
        if self.acts.set_selected(characters):
            self._show_act()

    def choose_act(self, act: Act, instruction: str | None = None) -> None:
        """Ask for this from now on; what can't be asked leaves it at Continue."""
        self.acts.choose(act)
        if instruction is not None:
            self.instruction.setText(instruction)
        self._show_act()

    def focus_instruction(self) -> None:
        """Put the caret into the act's own line, its words selected."""
        self.instruction.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.instruction.selectAll()

    def _show_act(self) -> None:
        hint, tip = _ASKS.get(self.acts.act(), ("", ""))
        self.instruction.setVisible(bool(hint))
        self.instruction.setPlaceholderText(hint)
        if hint:
            self.instruction.setAccessibleName(hint)
        self.instruction.setToolTip(tip)
        self._show_state()

    def set_models(self, models: list[ModelChoice], chosen: str = "") -> None:
        """Fill the model menu; `chosen` (else the one before, else the first usable) is shown."""
        usable = [model.path for model in models if model.usable]
        wanted = chosen or self._models.path()
        super().set_models(models, wanted if wanted in usable else next(iter(usable), ""))

    def set_hint(self, text: str) -> None:
        """What the notice says while there is nothing to tell: which keys do what right now; "" the usual ones."""
        if text != self._hint:
            self._hint = text
            self._show_state()

    def show_seed(self, seed: int) -> None:
        """The seed that was used last: the lock keeps it."""
        self._seed.show_last(seed)

    def close_knobs(self) -> None:
        """Put the sampling knobs away."""
        self._popover.close()

    def focus_note(self) -> None:
        """Put the caret into the note."""
        self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- what happens ---------------------------------------------------------------------

    def _show_state(self) -> None:
        blocked = bool(self._blocked) and not self._running
        self._show_button(blocked, f"Ask the model: {self.acts.asks()} (Ctrl+Return)")
        text, tone = (self._blocked, "warning") if blocked else self._notice
        self._show_notice(text or self._hint, tone)

    def _on_change(self) -> None:
        self.changed.emit()

    def open_knobs(self) -> None:
        """Show the sampling knobs above their button."""
        self._popover.adjustSize()
        size: QSize = self._popover.sizeHint()
        corner = self._knobs.mapToGlobal(QPoint(self._knobs.width(), 0))
        top = self.screen().availableGeometry().top() + 8
        self._popover.resize(size.width(), min(size.height(), corner.y() - 8 - top))
        self._popover.move(corner.x() - size.width(), corner.y() - self._popover.height() - 8)
        self._popover.show()
