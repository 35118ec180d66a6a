"""All knobs of the image pane in one panel, by group, with the presets above them; what a model cannot do is grey."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from studio.core.pictures import Mode
from studio.media.picture.schedulers import choices, works
from studio.media.picture.settings import PicturePreset, PictureSettings
from studio.widgets.knob_fields import ChoiceField, ShareField, WholeField, bounds
from studio.widgets.labels import button, label, set_role
from studio.widgets.picture_knob_words import ABILITY, CHOICES, EXPLAINED, GROUPS, MODE_OF, MODE_WORDS
from studio.widgets.picture_stack import AdaptersField, ControlsField, ExtraChoice, ReferenceField
from studio.widgets.preset_bar import PresetBar, PresetName
from studio.widgets.seed_field import SeedField
from studio.widgets.size_field import SizeField

_WIDE: Final = ("negative", "adapters", "controls", "reference", "size")
_BOUND: Final = ("seed", "takes", "controls", "reference")  # no preset keeps these
_NEGATIVE_HEIGHT_PX: Final = 56
_NAME_WIDTH_PX: Final = 84


class PictureModel(Struct, frozen=True, kw_only=True):
    """What the knobs need to know of a model: its ways and what it cannot do (ability or mode -> why not, or "")."""

    path: str = ""
    title: str = ""
    abilities: dict[str, str] = {}
    modes: dict[str, str] = {}
    size: tuple[int, int] = (512, 512)
    grid_px: int = 8
    steps: int = 20
    guidance: float = 5.0
    schedulers: tuple[str, ...] = ()

    def usual(self) -> PictureSettings:
        """The knobs as they usually stand for this model."""
        width, height = self.size
        return PictureSettings(steps=self.steps, guidance=self.guidance, width=width, height=height)


class NegativeField(QPlainTextEdit):
    """What should not be in the picture: a few lines."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("note")
        self.setTabChangesFocus(True)
        self.setFixedHeight(_NEGATIVE_HEIGHT_PX)
        self.setPlaceholderText("blurry, text, frame …")
        self.textChanged.connect(self.changed)

    def value(self) -> str:
        """The words."""
        return self.toPlainText().strip()

    def set_value(self, text: str) -> None:
        """Show the words."""
        if text != self.value():
            self.setPlainText(text)


class PictureKnobs(QWidget):
    """A form that is always a valid `PictureSettings`. The number of takes stands elsewhere and is passed through."""

    changed = Signal()
    opened = Signal()
    picture_wanted = Signal(str, int)  # "controls" | "reference", row: what lies in the frame shall guide
    add_extra_requested = Signal(str)  # "adapters" | "controls" | "reference": a file of the person's
    preset_chosen = Signal(str)  # id
    preset_save_requested = Signal(str)  # title
    preset_renamed = Signal(str, str)  # id, title
    preset_deleted = Signal(str)  # id
    preset_import_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = PictureSettings()
        self._model = PictureModel()
        self._presets: list[PresetName] = []
        self._mode: Mode = "text"
        self.fields: dict[str, Any] = {}
        self._names: dict[str, QLabel] = {}
        self.bar = PresetBar()
        self.reset = button("Back to the usual", "Set all knobs to this model's usual values", flat=True)
        self._build()
        self._show_values()

    # -- values ---------------------------------------------------------------------------

    def values(self) -> PictureSettings:
        """What the knobs say."""
        return self._values

    def set_values(self, values: PictureSettings) -> None:
        """Turn the knobs; `changed` is told once when any moved."""
        if values == self._values:
            return
        self._values = values
        self._show_values()
        self.changed.emit()

    def settings(self) -> PictureSettings:
        """What the knobs say, without what the model cannot do: what a job is made from."""
        usual = PictureSettings()
        off = {name for name, ability in ABILITY.items() if self._model.abilities.get(ability)}
        can: PictureSettings = self._values.changed(
            **{name: getattr(usual, name) for name in off if name != "guidance"}
        )
        return can

    def set_settings(self, settings: PictureSettings) -> None:
        """The same as `set_values`."""
        self.set_values(settings)

    def set_model(self, model: PictureModel) -> None:
        """The model that draws now. Knobs that stood at the last one's usual values go to this one's."""
        before, self._model = self._model, model
        size: SizeField = self.fields["size"]
        size.set_native(model.size, model.grid_px)
        schedulers: ChoiceField = self.fields["scheduler"]
        schedulers.set_choices(
            [("", "The model's own"), *((name, _spaced(name)) for name in choices(model.schedulers))]
        )
        adopted = PicturePreset.of(self._values, before.usual()).over(model.usual())
        scheduler = adopted.scheduler if works(adopted.scheduler, model.schedulers) else ""
        self.set_values(adopted.changed(scheduler=scheduler))
        self.set_presets(self._presets)
        self._show_values()

    def set_mode(self, mode: Mode) -> None:
        """What the next takes will be: knobs that do nothing then are grey."""
        self._mode = mode
        self._show_state()

    def set_extras(self, kind: str, choices: Sequence[ExtraChoice]) -> None:
        """The LoRAs ("adapters"), ControlNets ("controls") or IP-Adapters ("reference") on this computer."""
        self.fields[kind].set_choices(choices)

    def set_guide(self, kind: str, row: int, asset: str) -> None:
        """The picture asked for by `picture_wanted` is in the project under this name."""
        self.fields[kind].set_picture(row, asset)

    def show_seed(self, seed: int) -> None:
        """The seed that was used last: the lock keeps it."""
        self.fields["seed"].show_last(seed)

    def set_presets(self, presets: Sequence[PresetName]) -> None:
        """Fill the menu of presets."""
        self._presets = list(presets)
        usual = self._model.usual()
        self.bar.set_presets(
            [
                msgspec.structs.replace(preset, knobs=self._plain(preset.knobs.over(usual)))
                for preset in presets
                if isinstance(preset.knobs, PicturePreset)
            ]
        )
        self.bar.show_values(self._plain(self._values))

    def say(self, text: str, role: str = "muted") -> None:
        """A line about the presets; "" takes it away."""
        self.bar.say(text, role)

    def preset(self) -> PicturePreset:
        """What a preset keeps of the knobs: all but the seed, the takes and what belongs to one project."""
        return PicturePreset.of(self._plain(self._values), self._model.usual())

    def use_preset(self, knobs: PicturePreset) -> None:
        """Turn the knobs to a preset; the seed, the takes and what belongs to the project stay."""
        self._become(knobs.over(self._model.usual()))

    def _become(self, settings: PictureSettings) -> None:
        self.set_values(settings.changed(**{name: getattr(self._values, name) for name in _BOUND}))

    def _plain(self, settings: PictureSettings) -> PictureSettings:
        usual = PictureSettings()
        plain: PictureSettings = settings.changed(**{name: getattr(usual, name) for name in _BOUND})
        return plain

    # -- making ---------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Presets are read anew whenever the panel is seen."""
        self.opened.emit()
        super().showEvent(event)

    def _build(self) -> None:
        types = {field.name: field.type for field in msgspec.structs.fields(PictureSettings)}
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.bar)
        for group, names in GROUPS.items():
            heading = label(group, "strong")
            heading.setContentsMargins(0, 8, 0, 0)
            column.addWidget(heading)
            form = QFormLayout()
            form.setHorizontalSpacing(12)
            form.setVerticalSpacing(6)
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
            column.addLayout(form)
            for name in names:
                self._add_row(form, name, types.get(name))
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
        self.setAccessibleName("Knobs of the picture")
        self._connect()

    def _connect(self) -> None:
        self.bar.chosen.connect(self._on_preset)
        self.bar.save_requested.connect(self.preset_save_requested)
        self.bar.rename_requested.connect(self.preset_renamed)
        self.bar.delete_requested.connect(self.preset_deleted)
        self.bar.import_requested.connect(self.preset_import_requested)
        self.reset.clicked.connect(self._on_reset)
        for kind in ("adapters", "controls", "reference"):
            field = self.fields[kind]
            field.picture_wanted.connect(lambda row, kind=kind: self.picture_wanted.emit(kind, row))
            field.add_file_requested.connect(lambda kind=kind: self.add_extra_requested.emit(kind))

    def _add_row(self, form: QFormLayout, name: str, annotation: Any) -> None:
        title, tip = EXPLAINED[name]
        field = _field(name, annotation)
        field.setToolTip(tip)
        field.setAccessibleName(title)
        field.setAccessibleDescription(tip)
        field.changed.connect(self._on_changed)
        words = label(title)
        words.setToolTip(tip)
        words.setMinimumWidth(_NAME_WIDTH_PX)
        words.setBuddy(field)
        if name in _WIDE:
            form.addRow(words)
            form.addRow(field)
        else:
            form.addRow(words, field)
        self.fields[name] = field
        self._names[name] = words

    # -- what the person does ---------------------------------------------------------------

    def _on_changed(self) -> None:
        said: dict[str, Any] = {name: field.value() for name, field in self.fields.items()}
        said["width"], said["height"] = said.pop("size")
        values = self._values.changed(**said)
        if values != self._values:
            self._values = values
            self._show_state()
            self.changed.emit()

    def _on_reset(self) -> None:
        self._become(self._model.usual())

    def _on_preset(self, preset_id: str) -> None:
        preset = self.bar.named(preset_id)
        if preset is not None and isinstance(preset.knobs, PictureSettings):
            self._become(preset.knobs)
            self.say(preset.about)
            self.preset_chosen.emit(preset_id)

    # -- showing --------------------------------------------------------------------------

    def _show_values(self) -> None:
        for name, field in self.fields.items():
            value = (
                (self._values.width, self._values.height) if name == "size" else getattr(self._values, name)
            )
            blocked = field.blockSignals(True)
            field.set_value(value)
            field.blockSignals(blocked)
        self._show_state()

    def _show_state(self) -> None:
        """Grey what the model cannot do (the tooltip says why) and what does nothing for the next takes."""
        for name, field in self.fields.items():
            why = self._why_not(name)
            idle = self._mode not in MODE_OF.get(name, (self._mode,))
            field.setEnabled(not why)
            set_role(self._names[name], "muted" if why or idle else "")
            tip = EXPLAINED[name][1]
            more = why or (MODE_WORDS[MODE_OF[name][0]] if idle else "")
            for widget in (field, self._names[name]):
                widget.setToolTip(f"{tip}\n{more}" if more else tip)
        self.bar.show_values(self._plain(self._values))

    def _why_not(self, name: str) -> str:
        abilities: Mapping[str, str] = self._model.abilities
        why = abilities.get(ABILITY.get(name, ""), "")
        modes = [self._model.modes.get(mode, "") for mode in MODE_OF.get(name, ())]
        return why or (modes[0] if modes and all(modes) else "")


def _spaced(scheduler: str) -> str:
    """A choice as words: DPMSolverMultistepScheduler:karras -> DPMSolver Multistep, Karras."""
    name, _colon, spacing = scheduler.partition(":")
    name = name.removesuffix("Scheduler").removesuffix("Discrete")
    out = "".join(
        f" {char}" if at and char.isupper() and name[at - 1].islower() else char
        for at, char in enumerate(name)
    )
    return f"{out}, {spacing.capitalize()}" if spacing else out


def _field(name: str, annotation: Any) -> Any:
    """The field that shows this knob."""
    match name:
        case "size":
            return SizeField()
        case "seed":
            return SeedField(width_px=120)
        case "negative":
            return NegativeField()
        case "adapters":
            return AdaptersField()
        case "controls":
            return ControlsField()
        case "reference":
            return ReferenceField()
        case "scheduler":
            return ChoiceField([("", "The model's own")])
    if name in CHOICES:
        return ChoiceField(CHOICES[name])
    kind, low, high = bounds(annotation)
    return WholeField(low, high) if kind is int else ShareField(low, high)
