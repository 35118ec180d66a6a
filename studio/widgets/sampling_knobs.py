"""All sampling knobs in one panel, by group, with the presets above them."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from studio.core.sampling import Sampling
from studio.widgets.knob_fields import MirostatField, ShareField, WholeField, bounds
from studio.widgets.knob_lists import BiasesField, OrderField, PhrasesField
from studio.widgets.knob_words import EXPLAINED, GROUPS, NEEDS, OFF, STEP_TITLES
from studio.widgets.labels import button, label, set_look, set_role
from studio.widgets.preset_bar import PresetBar, PresetName

Field = WholeField | ShareField | MirostatField | PhrasesField | BiasesField | OrderField

_WIDE: Final = ("dry_breakers", "banned_phrases", "logit_bias", "order")
_SIZE: Final = QSize(452, 640)
_NAME_WIDTH: Final = 150
_ROOM: Final = 140  # of the screen's height is left beside the panel


class SamplingKnobs(QWidget):
    """A form that is always a valid `Sampling`. Its fields are built when it is first shown."""

    changed = Signal()
    opened = Signal()
    preset_chosen = Signal(str)  # id
    preset_save_requested = Signal(str)  # title
    preset_renamed = Signal(str, str)  # id, title
    preset_deleted = Signal(str)  # id
    preset_import_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = Sampling()
        self._presets: list[PresetName] = []
        self._names: dict[str, QLabel] = {}
        self.fields: dict[str, Field] = {}
        self.bar: PresetBar | None = None

    # -- values ---------------------------------------------------------------------------

    def values(self) -> Sampling:
        """What the knobs say."""
        return self._values

    def set_values(self, values: Sampling) -> None:
        """Turn the knobs; `changed` is told once when any moved."""
        if values == self._values:
            return
        self._values = values
        self._show_values()
        self.changed.emit()

    def preset(self) -> Sampling:
        """What a preset keeps of the knobs: all."""
        return self._values

    def use_preset(self, knobs: Sampling) -> None:
        """Turn the knobs to a preset."""
        self.set_values(knobs)

    def set_presets(self, presets: Sequence[PresetName]) -> None:
        """Fill the menu of presets."""
        self._presets = list(presets)
        if self.bar is not None:
            self.bar.set_presets(presets)
            self.bar.show_values(self._values)

    def say(self, text: str, role: str = "muted") -> None:
        """A line about the presets; "" takes it away."""
        if self.bar is not None:
            self.bar.say(text, role)

    def _on_changed(self) -> None:
        said: dict[str, Any] = {name: field.value() for name, field in self.fields.items()}
        values = Sampling(**said)
        if values != self._values:
            self._values = values
            self._show_state()
            self.changed.emit()

    # -- making ---------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Build the fields when they are first seen."""
        self.build()
        self.opened.emit()
        super().showEvent(event)

    def build(self) -> None:
        """Make the fields, once."""
        if self.bar is not None:
            return
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 8, 12)
        outer.setSpacing(12)
        outer.addWidget(label("How the next word is chosen", "strong"))
        self.bar = self._make_bar()
        outer.addWidget(self.bar)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        types = {field.name: field.type for field in msgspec.structs.fields(Sampling)}
        for group, names in GROUPS.items():
            column.addWidget(label(group, "strong"))
            form = QFormLayout()
            form.setHorizontalSpacing(16)
            form.setVerticalSpacing(8)
            column.addLayout(form)
            for name in names:
                self._add_row(form, name, types[name])
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        outer.addWidget(area, 1)
        row = QHBoxLayout()
        self.reset = button("Back to the usual", "Set all knobs to their usual values", flat=True)
        self.reset.clicked.connect(lambda: self.set_values(Sampling()))
        row.addWidget(self.reset)
        row.addStretch(1)
        outer.addLayout(row)
        self._show_values()

    def _make_bar(self) -> PresetBar:
        bar = PresetBar()
        bar.chosen.connect(self._on_preset)
        bar.save_requested.connect(self.preset_save_requested)
        bar.rename_requested.connect(self.preset_renamed)
        bar.delete_requested.connect(self.preset_deleted)
        bar.import_requested.connect(self.preset_import_requested)
        bar.set_presets(self._presets)
        return bar

    def _add_row(self, form: QFormLayout, name: str, annotation: Any) -> None:
        title, tip = EXPLAINED[name]
        field = _field(name, annotation)
        field.setToolTip(tip)
        field.setAccessibleName(title)
        field.setAccessibleDescription(tip)
        field.changed.connect(self._on_changed)
        words = label(title)
        words.setToolTip(tip)
        words.setMinimumWidth(_NAME_WIDTH)
        words.setBuddy(field)
        if name in _WIDE:
            form.addRow(words)
            form.addRow(field)
        else:
            form.addRow(words, field)
        self.fields[name] = field
        self._names[name] = words

    # -- showing --------------------------------------------------------------------------

    def _show_values(self) -> None:
        for name, field in self.fields.items():
            blocked = field.blockSignals(True)
            field.set_value(getattr(self._values, name))
            field.blockSignals(blocked)
        self._show_state()

    def _show_state(self) -> None:
        """Grey what does nothing now, and name the preset these values are."""
        off = {name for name, value in OFF.items() if getattr(self._values, name) == value}
        idle = {name for name, needed in NEEDS.items() if off.issuperset(needed)}
        for name, field in self.fields.items():
            grey = name in off or name in idle
            set_role(self._names[name], "muted" if grey else "")
            set_look(field, "off", grey)
            field.setEnabled(name not in idle)
        order = self.fields.get("order")
        if isinstance(order, OrderField):
            order.set_off(
                step for step, (_, needed) in STEP_TITLES.items() if needed and off.issuperset(needed)
            )
        if self.bar is not None:
            self.bar.show_values(self._values)

    def _on_preset(self, preset_id: str) -> None:
        preset = self.bar.named(preset_id) if self.bar is not None else None
        if preset is not None and isinstance(preset.knobs, Sampling):
            self.use_preset(preset.knobs)
            self.say(preset.about)
            self.preset_chosen.emit(preset_id)

    def sizeHint(self) -> QSize:
        """As much as is good to see at once; the rest scrolls."""
        screen = self.screen().availableGeometry() if self.screen() else None
        height = min(_SIZE.height(), screen.height() - _ROOM) if screen else _SIZE.height()
        return QSize(_SIZE.width(), height)


def _field(name: str, annotation: Any) -> Field:
    """The field that shows this knob."""
    match name:
        case "mirostat":
            return MirostatField()
        case "order":
            return OrderField()
        case "logit_bias":
            return BiasesField()
        case "dry_breakers" | "banned_phrases":
            return PhrasesField(EXPLAINED[name][0])
    kind, low, high = bounds(annotation)
    return WholeField(low, high) if kind is int else ShareField(low, high)
