"""Fields for sampling knobs that are numbers or a choice; each has `value()`, `set_value()` and tells `changed`."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, get_args, get_origin

from msgspec import Meta
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSpinBox

from studio.widgets.labels import pad

SMALLEST: Final = 0.01
DECIMALS: Final = 3
_CHOICE_CHARS: Final = 12  # what of a long choice is seen at least


def bounds(annotation: Any) -> tuple[type, float, float]:
    """Number type, least and greatest value of an annotated field of a job."""
    if get_origin(annotation) is not Annotated:
        raise TypeError(f"{annotation} has no bounds")
    kind, *rest = get_args(annotation)
    meta = next(part for part in rest if isinstance(part, Meta))
    low = meta.ge if meta.ge is not None else (meta.gt or 0) + SMALLEST
    if meta.le is None:
        raise TypeError(f"{annotation} has no upper bound")
    return kind, float(low), float(meta.le)


class WholeField(QSpinBox):
    """A whole number."""

    changed = Signal()

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.setRange(int(low), int(high))
        self.valueChanged.connect(self.changed)
        self.setFixedWidth(112)
        pad(self)

    def set_value(self, value: int) -> None:
        """Show a number."""
        self.setValue(value)


class ShareField(QDoubleSpinBox):
    """A number with up to three decimals; two are shown unless the third says something."""

    changed = Signal()

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.setDecimals(DECIMALS)
        self.setSingleStep(0.05)
        self.setRange(low, high)
        self.valueChanged.connect(self.changed)
        self.setFixedWidth(112)
        pad(self)

    def value(self) -> float:
        """The number, without what binary fractions add."""
        return round(super().value(), DECIMALS)

    def set_value(self, value: float) -> None:
        """Show a number."""
        self.setValue(value)

    def textFromValue(self, value: float) -> str:
        """As few decimals as tell it, two at least."""
        decimals = 2 if round(value, 2) == round(value, DECIMALS) else DECIMALS
        return self.locale().toString(value, "f", decimals)


class ChoiceField(QComboBox):
    """One of a few values, each named in words."""

    changed = Signal()

    def __init__(self, choices: Sequence[tuple[object, str]]) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_CHOICE_CHARS)
        self.set_choices(choices)
        self.currentIndexChanged.connect(self.changed)

    def set_choices(self, choices: Sequence[tuple[object, str]]) -> None:
        """Offer these; `changed` is not told."""
        blocked = self.blockSignals(True)
        self.clear()
        for value, words in choices:
            self.addItem(words, value)
        self.blockSignals(blocked)

    def value(self) -> Any:
        """The value chosen."""
        return self.currentData()

    def set_value(self, value: object) -> None:
        """Choose a value; the first when there is no such one."""
        self.setCurrentIndex(max(0, self.findData(value)))


class MirostatField(ChoiceField):
    """Off, or version 2."""

    def __init__(self) -> None:
        super().__init__([(0, "Off"), (2, "On (version 2)")])
        self.setFixedWidth(150)
