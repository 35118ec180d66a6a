"""What holds for every entry of a lorebook that does not say otherwise."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QFrame, QSpinBox, QVBoxLayout, QWidget

from studio.media.lore.entries import LoreSettings, Unit
from studio.widgets.labels import label, pad

_UNITS: Final[tuple[tuple[Unit, str], ...]] = (("paragraphs", "paragraphs"), ("characters", "characters"))


class LoreSettingsForm(QFrame):
    """A small form that is always a valid `LoreSettings`."""

    changed = Signal(object)  # LoreSettings

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("knobs")
        self._depth, self._unit = QSpinBox(), QComboBox()
        self._budget, self._rounds, self._place = QSpinBox(), QSpinBox(), QSpinBox()
        self._case, self._whole = QCheckBox("Tell capitals apart"), QCheckBox("Keys are whole words")
        self._dress()
        self._lay_out()
        for box in (self._depth, self._budget, self._rounds, self._place):
            box.valueChanged.connect(self._tell)
        self._unit.currentIndexChanged.connect(self._tell)
        self._case.toggled.connect(self._tell)
        self._whole.toggled.connect(self._tell)

    def _dress(self) -> None:
        for box, low, high, suffix in (
            (self._depth, 0, 1_000_000, ""),
            (self._budget, 0, 100_000, " tokens"),
            (self._rounds, 0, 10, " rounds"),
            (self._place, -1, 1000, " paragraphs back"),
        ):
            box.setRange(low, high)
            box.setSuffix(suffix)
            pad(box)
        self._place.setSpecialValueText("before the text")
        for value, words in _UNITS:
            self._unit.addItem(words, value)
        for widget, name, tip in (
            (self._depth, "Looks back", "How far before the caret keys are looked for"),
            (self._unit, "Unit of looking back", "What is counted"),
            (self._budget, "Budget", "The room all entries together may take; the highest order goes first"),
            (
                self._rounds,
                "Entries bring in others",
                "How many times the texts of entries are looked through for keys of others",
            ),
            (self._place, "Place", "How near the caret entries stand that come and go"),
            (self._case, "Tell capitals apart", "Whether Fox and fox are two keys"),
            (self._whole, "Keys are whole words", "Whether fox is found in foxglove"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        outer.addWidget(label("For all entries that do not say otherwise", "strong"))
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        outer.addLayout(form)
        for words, widget in (
            ("Looks back", self._depth),
            ("in", self._unit),
            ("Budget", self._budget),
            ("Entries bring in others", self._rounds),
            ("Place", self._place),
        ):
            name = label(words)
            name.setBuddy(widget)
            form.addRow(name, widget)
        form.addRow(self._case)
        form.addRow(self._whole)

    def set_values(self, values: LoreSettings) -> None:
        """Show these; not told."""
        blocked = self.blockSignals(True)
        self._depth.setValue(values.scan_depth)
        self._unit.setCurrentIndex(self._unit.findData(values.scan_unit))
        self._budget.setValue(values.budget_tokens)
        self._rounds.setValue(values.recursion)
        self._place.setValue(values.depth)
        self._case.setChecked(values.case_sensitive)
        self._whole.setChecked(values.whole_words)
        self.blockSignals(blocked)

    def values(self) -> LoreSettings:
        """What the form says."""
        return LoreSettings(
            scan_depth=self._depth.value(),
            scan_unit=self._unit.currentData(),
            budget_tokens=self._budget.value(),
            recursion=self._rounds.value(),
            depth=self._place.value(),
            case_sensitive=self._case.isChecked(),
            whole_words=self._whole.isChecked(),
        )

    def _tell(self) -> None:
        self.changed.emit(self.values())
