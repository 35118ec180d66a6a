"""The sampling knobs: one row a field of `Sampling`, its bounds and a plain word on what it does."""

from typing import Annotated, Any, Final, get_args, get_origin

import msgspec
from msgspec import Meta
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.core.jobs import Sampling
from studio.widgets.labels import button, label, pad

EXPLAINED: Final = {
    "temperature": (
        "Temperature",
        "How daring the choice of words is. 0 always takes the likeliest word, 0.8 is lively, above 1.2 wild.",
    ),
    "top_k": ("Top-k", "Choose among this many of the likeliest words only. 0 switches it off."),
    "top_p": (
        "Top-p",
        "Choose among the likeliest words that together make up this share of the chance. 1 switches it off.",
    ),
    "min_p": (
        "Min-p",
        "Drop words less likely than this share of the likeliest one. 0 switches it off; 0.05 keeps sense.",
    ),
    "typical_p": (
        "Typical-p",
        "Prefer words that surprise as much as the text usually does, up to this share. 1 switches it off.",
    ),
    "repetition_penalty": (
        "Repetition penalty",
        "Makes words that were just used less likely. 1 switches it off; above 1.3 sentences get odd.",
    ),
    "penalty_tokens": ("Penalty looks back", "How many tokens back the repetition penalty remembers."),
}
_SMALLEST: Final = 0.01


def bounds(annotation: Any) -> tuple[type, float, float]:
    """Number type, least and greatest value of an annotated field of a job."""
    if get_origin(annotation) is not Annotated:
        raise TypeError(f"{annotation} has no bounds")
    kind, *rest = get_args(annotation)
    meta = next(part for part in rest if isinstance(part, Meta))
    low = meta.ge if meta.ge is not None else (meta.gt or 0) + _SMALLEST
    if meta.le is None:
        raise TypeError(f"{annotation} has no upper bound")
    return kind, float(low), float(meta.le)


class SamplingKnobs(QWidget):
    """A form that is always a valid `Sampling`."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: dict[str, QSpinBox | QDoubleSpinBox] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        outer.addWidget(label("How the next word is chosen", "strong"))
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        outer.addLayout(form)
        for field in msgspec.structs.fields(Sampling):
            self._add_row(form, field)
        row = QHBoxLayout()
        reset = button("Back to the usual", "Set all knobs to their usual values", flat=True)
        reset.clicked.connect(lambda: self.set_values(Sampling()))
        row.addWidget(reset)
        row.addStretch(1)
        outer.addLayout(row)

    def _add_row(self, form: QFormLayout, field: msgspec.structs.FieldInfo) -> None:
        title, tip = EXPLAINED[field.name]
        kind, low, high = bounds(field.type)
        box: QSpinBox | QDoubleSpinBox
        if kind is int:
            box = QSpinBox()
            box.setRange(int(low), int(high))
            box.setValue(field.default)
        else:
            box = QDoubleSpinBox()
            box.setDecimals(2)
            box.setSingleStep(0.05)
            box.setRange(low, high)
            box.setValue(field.default)
        box.setStepType(QAbstractSpinBox.StepType.DefaultStepType)
        box.setFixedWidth(112)
        pad(box)
        box.setToolTip(tip)
        box.setAccessibleName(title)
        box.setAccessibleDescription(tip)
        box.valueChanged.connect(self._on_change)
        name = label(title)
        name.setToolTip(tip)
        name.setBuddy(box)
        form.addRow(name, box)
        self._boxes[field.name] = box

    def _on_change(self) -> None:
        self.changed.emit()

    def values(self) -> Sampling:
        """What the knobs say."""
        said: dict[str, Any] = {}
        for name, box in self._boxes.items():
            said[name] = round(box.value(), 2) if isinstance(box, QDoubleSpinBox) else box.value()
        return Sampling(**said)

    def set_values(self, values: Sampling) -> None:
        """Turn the knobs; `changed` is told once when any moved."""
        before = self.values()
        for name, box in self._boxes.items():
            blocked = box.blockSignals(True)
            box.setValue(getattr(values, name))
            box.blockSignals(blocked)
        if self.values() != before:
            self.changed.emit()
