"""How far notes are let go of the grid, as hands would."""

from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.dialogs.notes_dialog import NotesDialog
from studio.media.music.wishes import HumaniseWish
from studio.widgets.icons import IconButton
from studio.widgets.knob_fields import ChoiceField, WholeField

SEED_MOST: Final = 999_999


class HumaniseDialog(NotesDialog):
    """Timing, velocity and the seed that chance starts from."""

    def __init__(self, about: str, last: HumaniseWish | None = None, parent: QWidget | None = None) -> None:
        super().__init__("Humanise", about, "Humanise", parent)
        wish = last or HumaniseWish()
        self._timing, self._velocity, self._seed = (
            WholeField(0, 120),
            WholeField(0, 40),
            WholeField(0, SEED_MOST),
        )
        self._unit = ChoiceField([("ms", "milliseconds"), ("ticks", "ticks (480 a quarter)")])
        other = IconButton("retry", "Another seed: other chances, as wide")
        other.clicked.connect(lambda: self._seed.set_value((self._seed.value() + 1) % (SEED_MOST + 1)))
        self._row(
            "&Timing", self._timing, "How early or late they come, usually; few are up to twice as far off"
        )
        self._row("", self._unit, "What timing is measured in; milliseconds hold at every tempo")
        self._unit.setAccessibleName("Unit of timing")
        self._row("&Velocity", self._velocity, "How much louder or softer they become, usually")
        self._row("See&d", _beside(self._seed, other), "The same seed gives the same")
        self._seed.setAccessibleName("Seed")
        self._seed.setToolTip("The number chance starts from: the same seed gives the same")
        self._timing.set_value(round(wish.timing))
        self._unit.set_value(wish.unit)
        self._velocity.set_value(wish.velocity)
        self._seed.set_value(min(wish.seed, SEED_MOST))
        for field in (self._timing, self._unit, self._velocity, self._seed):
            field.changed.connect(self._tell)

    def choice(self) -> HumaniseWish:
        """What stands in the dialog."""
        return HumaniseWish(
            timing=float(self._timing.value()),
            unit=self._unit.value(),
            velocity=self._velocity.value(),
            seed=self._seed.value(),
        )


def _beside(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return holder
