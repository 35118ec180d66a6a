"""What is asked of the model: a note, which model, how many takes, how long, and the button."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from studio.core.jobs import Act, Sampling
from studio.widgets.act_menu import ActChoice, ActMenu
from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel, pad, set_role
from studio.widgets.model_menu import ModelChoice, ModelMenu
from studio.widgets.note_field import NoteField
from studio.widgets.propose_button import ProposeButton
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
_USUAL_NOTICE: Final = "Ctrl+Return proposes, Esc stops."


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


class PromptBox(QFrame):
    """Shared by all panes: values in and out, signals for what the person wants."""

    propose_requested = Signal()
    stop_requested = Signal()
    model_chosen = Signal(str)  # path
    add_model_requested = Signal()
    act_wanted = Signal(str, str)  # act, tone or "": chosen in the menu
    check_requested = Signal()
    tones_requested = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("promptBox")
        self._running = False
        self._blocked = ""
        self._notice = ("", "muted")
        self._hint = ""
        self.note = NoteField()
        self.acts = ActMenu()
        self.instruction = QLineEdit()
        self._models = ModelMenu("Which model proposes", _ADD)
        self._takes = QSpinBox()
        self._tokens = QSpinBox()
        self._seed = SeedField()
        self._knobs_button = IconButton("knobs", "Sampling knobs: how the next word is chosen", size=18)
        self._button = ProposeButton()
        self.notice = ElidedLabel("muted")
        self.knobs = SamplingKnobs()
        self._popover = QFrame(self, Qt.WindowType.Popup)
        self._dress()
        self._lay_out()
        self._connect()
        self._show_state()

    # -- making ---------------------------------------------------------------------------

    def _dress(self) -> None:
        usual = ProposeValues()
        for box, low, high, value, unit, tip in (
            (self._takes, 1, 8, usual.takes, (" take", " takes"), "How many takes are made side by side"),
            (
                self._tokens,
                8,
                4096,
                usual.tokens,
                (" tokens", " tokens"),
                "How long a take may get; a word is about 1.3 tokens",
            ),
        ):
            box.setRange(low, high)
            box.setSuffix(unit[1])
            box.setValue(value)
            pad(box)
            box.setToolTip(tip)
            box.setAccessibleName(tip)
        self._tokens.setSingleStep(20)
        self._takes.setFixedWidth(84)
        self._tokens.setFixedWidth(104)
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
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 12, 12, 12)
        outer.setSpacing(8)
        upper = QHBoxLayout()
        upper.setSpacing(8)
        upper.addWidget(self.instruction, 1, Qt.AlignmentFlag.AlignTop)
        upper.addWidget(self.note, 1)
        outer.addLayout(upper)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.acts)
        row.addWidget(self._models, 1)
        for widget in (self._takes, self._tokens):
            row.addWidget(widget)
        row.addWidget(self._seed)
        row.addWidget(self._knobs_button)
        row.addWidget(self._button)
        outer.addLayout(row)

    def _connect(self) -> None:
        self._models.model_chosen.connect(self._on_model)
        self._models.add_wanted.connect(lambda _what: self.add_model_requested.emit())
        self.note.textChanged.connect(self._on_change)
        self._takes.valueChanged.connect(self._on_takes)
        self._tokens.valueChanged.connect(self._on_change)
        self._seed.changed.connect(self._on_change)
        self.knobs.changed.connect(self._on_change)
        self._knobs_button.clicked.connect(self.open_knobs)
        self._button.clicked.connect(self._on_button)
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
        self._models.set_models(models, wanted if wanted in usable else next(iter(usable), ""))

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

    def set_hint(self, text: str) -> None:
        """What the notice says while there is nothing to tell: which keys do what right now; "" the usual ones."""
        if text != self._hint:
            self._hint = text
            self._show_state()

    def set_blocked(self, reason: str) -> None:
        """Why nothing can be proposed, shown beside the grey button; "" frees it."""
        self._blocked = reason
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
        running = self._running
        blocked = bool(self._blocked) and not running
        self._button.show_state(
            running=running, blocked=blocked, ask=f"Ask the model: {self.acts.asks()} (Ctrl+Return)"
        )
        text, tone = (self._blocked, "warning") if blocked else self._notice
        self.notice.show_text(text or self._hint or _USUAL_NOTICE)
        set_role(self.notice, tone)

    def _on_button(self) -> None:
        if self._running:
            self.stop_requested.emit()
        else:
            self.propose_requested.emit()

    def _on_model(self, path: str) -> None:
        self.model_chosen.emit(path)
        self.changed.emit()

    def _on_takes(self, count: int) -> None:
        self._takes.setSuffix(" take" if count == 1 else " takes")
        self.changed.emit()

    def _on_change(self) -> None:
        self.changed.emit()

    def open_knobs(self) -> None:
        """Show the sampling knobs above their button."""
        self._popover.adjustSize()
        size: QSize = self._popover.sizeHint()
        corner = self._knobs_button.mapToGlobal(QPoint(self._knobs_button.width(), 0))
        top = self.screen().availableGeometry().top() + 8
        self._popover.resize(size.width(), min(size.height(), corner.y() - 8 - top))
        self._popover.move(corner.x() - size.width(), corner.y() - self._popover.height() - 8)
        self._popover.show()
