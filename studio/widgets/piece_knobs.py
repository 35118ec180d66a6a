"""All knobs of the music pane in one panel, by group, with the presets above them; what does nothing now is grey."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from studio.core.piece_settings import BOUND, KINDS, PieceSettings, TrackWish
from studio.core.pieces import TASKS
from studio.media.music.asking import TITLES
from studio.widgets.knob_fields import ChoiceField, ShareField, WholeField, bounds
from studio.widgets.labels import button, label, set_role
from studio.widgets.piece_knob_words import (
    EVERY,
    EXPLAINED,
    GROUPS,
    ROLE_WORDS,
    TASK_WORDS,
    TASKS_OF,
)
from studio.widgets.piece_knobs_fields import InstrumentField, LevelField, TaskField, YesNoField
from studio.widgets.piece_knobs_key import Holding, KeyButton, KeyFacts
from studio.widgets.preset_bar import PresetBar, PresetName
from studio.widgets.seed_field import SeedField

_NAME_WIDTH_PX: Final = 78
_LEAST_CHARS: Final = 10  # of a choice, seen in a narrow panel
_TELLING: Final = ("key", "program")  # their names and tooltips say the value as well
_PLAIN: Final = ("bars", "amount", "hold_chords", "each_bar", "role", "program", "temperature", "top_p", "top_k",
                 "seed", "takes", "task")  # fmt: skip


class PieceKnobs(QWidget):
    """A form that is always a valid `PieceSettings`."""

    changed = Signal()
    opened = Signal()
    key_menu_opened = Signal()  # about to show: `show_key_facts` answers
    preset_chosen = Signal(str)  # id
    preset_save_requested = Signal(str)  # title
    preset_renamed = Signal(str, str)  # id, title
    preset_deleted = Signal(str)  # id
    preset_import_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = PieceSettings()
        self._scope = ""
        self.fields: dict[str, Any] = {}
        self._names: dict[str, QLabel] = {}
        self.bar = PresetBar()
        self.sentence = label("", "muted")
        self.reset = button("Back to the usual", "Set all knobs to their usual values", flat=True)
        self._build()
        self._show_values()

    # -- values ---------------------------------------------------------------------------

    def values(self) -> PieceSettings:
        """What the knobs say."""
        return self._values

    def set_values(self, values: PieceSettings) -> None:
        """Turn the knobs; `changed` is told once when any moved."""
        if values != self._values:
            self._values = values
            self._show_values()
            self.changed.emit()

    def show_seed(self, seed: int) -> None:
        """The seed that was used last: the lock keeps it."""
        self.fields["seed"].show_last(seed)

    def show_asking(self, words: str, reasons: Mapping[str, str]) -> None:
        """What will be asked, in words, and why tasks cannot be asked now ("" when they can)."""
        self.sentence.setText(words)
        self.fields["task"].set_reasons(reasons)

    def show_key_facts(self, facts: KeyFacts) -> None:
        """The piece's key at the bars in question, and the one its notes are in."""
        self.fields["key"].show_facts(facts)

    def set_tracks(self, tracks: Sequence[tuple[str, str]]) -> None:
        """The tracks whose notes may be wished otherwise than all: (id, name)."""
        field: ChoiceField = self.fields["scope"]
        choices: list[tuple[object, str]] = [("", EVERY), *tracks]
        shown = [(field.itemData(row), field.itemText(row)) for row in range(field.count())]
        if shown != choices:
            field.set_choices(choices)
            blocked = field.blockSignals(True)
            field.set_value(self._scope)
            field.blockSignals(blocked)
            self._on_scope()

    # -- presets --------------------------------------------------------------------------

    def set_presets(self, presets: Sequence[PresetName]) -> None:
        """Fill the menu of presets."""
        self.bar.set_presets(presets)
        self.bar.show_values(self.preset())

    def say(self, text: str, role: str = "muted") -> None:
        """A line about the presets; "" takes it away."""
        self.bar.say(text, role)

    def preset(self) -> PieceSettings:
        """What a preset keeps of the knobs: all but the task, the seed, the takes and what belongs to one piece."""
        return _with_bound(self._values, PieceSettings())

    def use_preset(self, knobs: PieceSettings) -> None:
        """Turn the knobs to a preset; what none keeps stays."""
        self.set_values(_with_bound(knobs, self._values))

    # -- making ---------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Presets are read anew whenever the panel is seen."""
        self.opened.emit()
        super().showEvent(event)

    def _build(self) -> None:
        types = {field.name: field.type for field in msgspec.structs.fields(PieceSettings)}
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 12, 8, 12)
        column.setSpacing(8)
        column.addWidget(self.bar)
        for group, names in GROUPS.items():
            heading = label(group, "strong")
            heading.setContentsMargins(0, 8, 0, 0)
            column.addWidget(heading)
            form = QFormLayout()
            form.setHorizontalSpacing(8)
            form.setVerticalSpacing(6)
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
            for name in names:
                self._add_row(form, name, types.get(name))
            column.addLayout(form)
            if group == "What":
                self.sentence.setWordWrap(True)
                self.sentence.setAccessibleName("What will be asked")
                column.addWidget(self.sentence)
        column.addWidget(self.reset)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        area.setMinimumWidth(inner.minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.setAccessibleName("Knobs of the music")
        self._connect()

    def _connect(self) -> None:
        self.bar.chosen.connect(self._on_preset)
        self.bar.save_requested.connect(self.preset_save_requested)
        self.bar.rename_requested.connect(self.preset_renamed)
        self.bar.delete_requested.connect(self.preset_deleted)
        self.bar.import_requested.connect(self.preset_import_requested)
        self.reset.clicked.connect(lambda: self.use_preset(PieceSettings()))
        self.fields["key"].opening.connect(self.key_menu_opened)
        self.fields["program"].drums_wanted.connect(
            lambda: self.set_values(self._values.changed(task="drums"))
        )

    def _add_row(self, form: QFormLayout, name: str, annotation: Any) -> None:
        title, tip = EXPLAINED[name]
        field = _field(name, annotation)
        field.setAccessibleDescription(tip)
        if isinstance(field, QComboBox):
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            field.setMinimumContentsLength(_LEAST_CHARS)
        if name not in _TELLING:
            field.setAccessibleName(title)
        field.changed.connect(self._on_scope if name == "scope" else self._on_changed)
        words = label(title)
        words.setMinimumWidth(_NAME_WIDTH_PX)
        words.setBuddy(field)
        form.addRow(words, field)
        self.fields[name] = field
        self._names[name] = words

    # -- what the person does ---------------------------------------------------------------

    def _on_changed(self) -> None:
        held: Holding = self.fields["key"].value()
        said: dict[str, Any] = {name: self.fields[name].value() for name in _PLAIN}
        said |= {"hold_key": held.on, "key": held.key, "scale": held.scale}
        levels = {kind: self.fields[kind].value() for kind in KINDS}
        if self._scope:
            others = tuple(wish for wish in self._values.tracks if wish.track != self._scope)
            own = TrackWish(track=self._scope, **levels)
            of_all = {kind: getattr(self._values, kind) for kind in KINDS}
            said["tracks"] = others if levels == of_all else (*others, own)
        else:
            said |= levels
        values = self._values.changed(**said)
        if values != self._values:
            self._values = values
            self._show_state()
            self.changed.emit()

    def _on_scope(self) -> None:
        self._scope = self.fields["scope"].value() or ""
        self._show_values()

    def _on_preset(self, preset_id: str) -> None:
        preset = self.bar.named(preset_id)
        if preset is not None and isinstance(preset.knobs, PieceSettings):
            self.use_preset(preset.knobs)
            self.say(preset.about)
            self.preset_chosen.emit(preset_id)

    # -- showing --------------------------------------------------------------------------

    def _show_values(self) -> None:
        values = self._values
        shown: dict[str, Any] = {name: getattr(values, name) for name in _PLAIN}
        shown["key"] = Holding(values.hold_key, values.key, values.scale)
        of = values.wish(self._scope) if self._scope else values
        shown |= {kind: getattr(of, kind) for kind in KINDS}
        for name, value in shown.items():
            field = self.fields[name]
            blocked = field.blockSignals(True)
            field.set_value(value)
            field.blockSignals(blocked)
        self._show_state()

    def _show_state(self) -> None:
        """Say softly what does nothing for the next takes."""
        task = self._values.task
        for name, words in self._names.items():
            idle = task not in TASKS_OF.get(name, (task,))
            set_role(words, "muted" if idle else "")
            tip = EXPLAINED[name][1] + (f"\n{TASK_WORDS[name]}" if idle else "")
            words.setToolTip(tip)
            if name not in _TELLING:
                self.fields[name].setToolTip(tip)
        self.bar.show_values(self.preset())


def _with_bound(settings: PieceSettings, other: PieceSettings) -> PieceSettings:
    """The settings with what belongs to the moment and the piece as the other has it."""
    out: PieceSettings = settings.changed(**{name: getattr(other, name) for name in BOUND})
    return out


def _field(name: str, annotation: Any) -> Any:
    """The field that shows this knob."""
    match name:
        case "task":
            return TaskField([(task, TITLES[task]) for task in TASKS])
        case "key":
            return KeyButton()
        case "hold_chords" | "each_bar":
            return YesNoField()
        case "scope":
            return ChoiceField([("", EVERY)])
        case "role":
            return ChoiceField(ROLE_WORDS)
        case "program":
            return InstrumentField("The new track's instrument")
        case "seed":
            return SeedField(width_px=120)
    if name in KINDS:
        return LevelField(name)
    kind, low, high = bounds(annotation)
    return WholeField(low, high) if kind is int else ShareField(low, high)
