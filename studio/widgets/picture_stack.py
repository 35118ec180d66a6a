"""Lists inside the image knobs: the stack of LoRA adapters, the ControlNets, the reference picture."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.adapter import Adapter
from studio.core.pictures import Control, Reference
from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel, button, label, pad

_WEIGHT_STEP: Final = 0.05


class ExtraChoice(Struct, frozen=True, kw_only=True):
    """A LoRA, ControlNet or IP-Adapter on this computer; `why_not` says why the model cannot use it."""

    path: str
    title: str
    why_not: str = ""


class _Row(QWidget):
    """A model of the list, its weight, and a button that takes it away."""

    changed = Signal()
    removed = Signal()
    picture_wanted = Signal()

    def __init__(self, what: str, low: float, high: float, weight: float, with_picture: bool) -> None:
        super().__init__()
        self.picture = ""
        self.model = QComboBox()
        self.model.setAccessibleName(what)
        self.model.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.model.setMinimumContentsLength(8)
        self.weight = number(f"Weight of the {what}", low, high, weight)
        self.begin = number("From this share of the steps", 0.0, 1.0, 0.0)
        self.end = number("To this share of the steps", 0.0, 1.0, 1.0)
        self.remove = IconButton("trash", f"Take this {what} away", size=16)
        self.take_frame = button(
            "Use frame", "Take what lies in the frame now as the guiding picture", flat=True
        )
        self.shown = ElidedLabel("muted")
        self._lay_out(with_picture)
        self.model.activated.connect(lambda _row: self.changed.emit())
        for box in (self.weight, self.begin, self.end):
            box.valueChanged.connect(lambda _value: self.changed.emit())
        self.remove.clicked.connect(self.removed)
        self.take_frame.clicked.connect(self.picture_wanted)
        self.show_picture("")

    def _lay_out(self, with_picture: bool) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.model, 1)
        row.addWidget(self.weight)
        row.addWidget(self.remove)
        outer.addLayout(row)
        if with_picture:
            second = QHBoxLayout()
            second.setSpacing(6)
            second.addWidget(self.take_frame)
            second.addWidget(self.shown, 1)
            outer.addLayout(second)

    def add_span(self) -> None:
        """Show from where to where of the steps it counts."""
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (label("from", "muted"), self.begin, label("to", "muted"), self.end):
            row.addWidget(widget)
        row.addStretch(1)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addLayout(row)

    def show_picture(self, asset: str) -> None:
        """The guiding picture's asset; "" when there is none yet."""
        self.picture = asset
        self.shown.show_text("a picture is set" if asset else "no picture yet: it does nothing")

    def fill(self, choices: Sequence[ExtraChoice], path: str) -> None:
        """Offer these; one that is not among them (any more) stays, named by its path."""
        self.model.clear()
        for choice in choices:
            self.model.addItem(choice.title, choice.path)
            self.model.setItemData(
                self.model.count() - 1, choice.why_not or choice.path, Qt.ItemDataRole.ToolTipRole
            )
            model = self.model.model()
            if choice.why_not and isinstance(model, QStandardItemModel):
                model.item(self.model.count() - 1).setEnabled(False)
        if path and self.model.findData(path) < 0:
            name = path.replace("\\", "/").rstrip("/").rpartition("/")[2]
            self.model.addItem(f"{name} (not in the list)", path)
        self.model.setCurrentIndex(self.model.findData(path))
        self.model.setToolTip(str(path))


class StackField(QWidget):
    """Rows that are added and taken away; a subclass says what a row is as a value."""

    changed = Signal()
    picture_wanted = Signal(int)  # row
    add_file_requested = Signal()

    def __init__(self, what: str, most: int, empty: str) -> None:
        super().__init__()
        self._what, self._most = what, most
        self._choices: tuple[ExtraChoice, ...] = ()
        self.rows: list[_Row] = []
        self.empty = label(empty, "muted")
        self.empty.setWordWrap(True)
        self.add = button("Add", f"Lay a {what} over the model", "add", flat=True)
        self.add.setAccessibleName(f"Add a {what}")
        self.other = button("From a file…", f"Add a {what} from a file or folder to the list", flat=True)
        self.add.clicked.connect(self._on_add)
        self.other.clicked.connect(self.add_file_requested)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        outer.addLayout(self._list)
        outer.addWidget(self.empty)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add)
        buttons.addWidget(self.other)
        buttons.addStretch(1)
        outer.addLayout(buttons)
        self._show_state()

    def set_choices(self, choices: Sequence[ExtraChoice]) -> None:
        """What there is on this computer."""
        self._choices = tuple(choices)
        for row in self.rows:
            row.fill(self._choices, str(row.model.currentData() or ""))
        self._show_state()

    def set_picture(self, index: int, asset: str) -> None:
        """The guiding picture of a row was put into the project."""
        if 0 <= index < len(self.rows):
            self.rows[index].show_picture(asset)
            self.changed.emit()

    def new_row(self) -> _Row:
        """A row with its usual values."""
        raise NotImplementedError

    def _put(self, path: str) -> _Row:
        row = self.new_row()
        row.fill(self._choices, path)
        row.changed.connect(self.changed)
        row.removed.connect(lambda: self._on_removed(row))
        row.picture_wanted.connect(lambda: self.picture_wanted.emit(self.rows.index(row)))
        self.rows.append(row)
        self._list.addWidget(row)
        self._show_state()
        return row

    def _clear(self) -> None:
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        self._show_state()

    def _on_add(self) -> None:
        used = {row.model.currentData() for row in self.rows}
        free = [choice.path for choice in self._choices if not choice.why_not and choice.path not in used]
        usable = free or [choice.path for choice in self._choices if not choice.why_not]
        if usable:
            self._put(usable[0])
            self.changed.emit()

    def _on_removed(self, row: _Row) -> None:
        self.rows.remove(row)
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._show_state()
        self.changed.emit()

    def _show_state(self) -> None:
        usable = any(not choice.why_not for choice in self._choices)
        self.empty.setVisible(not self.rows and not usable)
        self.add.setEnabled(usable and len(self.rows) < self._most)
        self.add.setToolTip(
            f"Lay a {self._what} over the model"
            if usable
            else f"No {self._what} for this model is on the list yet"
        )


class AdaptersField(StackField):
    """The stack of LoRA adapters."""

    def __init__(self) -> None:
        super().__init__("LoRA", 16, "No LoRA for this model is on the list yet.")

    def new_row(self) -> _Row:
        """An adapter as it was trained."""
        return _Row("LoRA", -4.0, 4.0, 1.0, with_picture=False)

    def value(self) -> tuple[Adapter, ...]:
        """The adapters, from the lowest."""
        return tuple(
            Adapter(path=str(row.model.currentData()), weight=_told(row.weight))
            for row in self.rows
            if row.model.currentData()
        )

    def set_value(self, adapters: Sequence[Adapter]) -> None:
        """Show these; `changed` is not told."""
        _quietly(self, lambda: self._show(adapters))

    def _show(self, adapters: Sequence[Adapter]) -> None:
        self._clear()
        for adapter in adapters:
            self._put(adapter.path).weight.setValue(adapter.weight)


class ControlsField(StackField):
    """ControlNets with their pictures."""

    def __init__(self) -> None:
        super().__init__("ControlNet", 4, "No ControlNet for this model is on the list yet.")

    def new_row(self) -> _Row:
        """A control over all steps."""
        row = _Row("ControlNet", 0.0, 2.0, 1.0, with_picture=True)
        row.add_span()
        return row

    def value(self) -> tuple[Control, ...]:
        """The controls that have a picture."""
        return tuple(
            Control(
                model=str(row.model.currentData()),
                picture=row.picture,
                weight=_told(row.weight),
                begin=_told(row.begin),
                end=_told(row.end),
            )
            for row in self.rows
            if row.picture and row.model.currentData()
        )

    def set_value(self, controls: Sequence[Control]) -> None:
        """Show these; `changed` is not told."""
        _quietly(self, lambda: self._show(controls))

    def _show(self, controls: Sequence[Control]) -> None:
        self._clear()
        for control in controls:
            row = self._put(control.model)
            row.weight.setValue(control.weight)
            row.begin.setValue(control.begin)
            row.end.setValue(control.end)
            row.show_picture(control.picture)


class ReferenceField(StackField):
    """One reference picture, or none."""

    def __init__(self) -> None:
        super().__init__("reference", 1, "No IP-Adapter for this model is on the list yet.")

    def new_row(self) -> _Row:
        """A reference as strong as usual."""
        return _Row("reference", 0.0, 2.0, 0.6, with_picture=True)

    def value(self) -> Reference | None:
        """The reference, when it has a picture."""
        row = self.rows[0] if self.rows else None
        if row is None or not row.picture or not row.model.currentData():
            return None
        return Reference(model=str(row.model.currentData()), picture=row.picture, weight=_told(row.weight))

    def set_value(self, reference: Reference | None) -> None:
        """Show it; `changed` is not told."""
        _quietly(self, lambda: self._show(reference))

    def _show(self, reference: Reference | None) -> None:
        self._clear()
        if reference is not None:
            row = self._put(reference.model)
            row.weight.setValue(reference.weight)
            row.show_picture(reference.picture)


def number(name: str, low: float, high: float, value: float) -> QDoubleSpinBox:
    """A narrow field for a weight or a share."""
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setSingleStep(_WEIGHT_STEP)
    box.setDecimals(2)
    box.setValue(value)
    box.setFixedWidth(76)
    box.setAccessibleName(name)
    box.setToolTip(name)
    pad(box)
    return box


def _told(box: QDoubleSpinBox) -> float:
    return round(box.value(), 2)


def _quietly(widget: QWidget, act: Callable[[], None]) -> None:
    blocked = widget.blockSignals(True)
    act()
    widget.blockSignals(blocked)
