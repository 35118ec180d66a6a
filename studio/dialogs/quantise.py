"""How notes are drawn to a grid."""

from typing import Final

from PySide6.QtWidgets import QCheckBox, QWidget

from studio.dialogs.notes_dialog import NotesDialog
from studio.media.music.groove import GRIDS
from studio.media.music.wishes import QuantiseWish
from studio.widgets.knob_fields import ChoiceField, WholeField

_SWING: Final = (50, 75)  # per cent


class QuantiseDialog(NotesDialog):
    """Grid, strength, swing, and whether ends are drawn as well."""

    def __init__(self, about: str, last: QuantiseWish | None = None, parent: QWidget | None = None) -> None:
        super().__init__("Quantise", about, "Quantise", parent)
        wish = last or QuantiseWish()
        self._grid = ChoiceField([(ticks, name) for name, ticks in GRIDS.items()])
        self._strength, self._swing = WholeField(0, 100), WholeField(*_SWING)
        self._ends = QCheckBox("Also where notes end")
        for share in (self._strength, self._swing):
            share.setSuffix(" %")
            share.setSingleStep(5)
        self._row("&Grid", self._grid, "The lines that notes are drawn to; each bar begins them anew")
        self._row("&Strength", self._strength, "How far they go there: 100 % is all the way")
        self._row(
            "S&wing",
            self._swing,
            "Where in each pair of steps the second stands: 50 % is straight, 67 % as triplets",
        )
        self._row("", self._ends, "Draw the ends of notes to the grid too; else they keep their lengths")
        self._ends.setAccessibleName("Also where notes end")
        self._grid.set_value(wish.grid_ticks)
        self._strength.set_value(round(wish.strength * 100))
        self._swing.set_value(round(wish.swing * 100))
        self._ends.setChecked(wish.ends)
        for field in (self._grid, self._strength, self._swing):
            field.changed.connect(self._tell)
        self._ends.toggled.connect(self._tell)

    def choice(self) -> QuantiseWish:
        """What stands in the dialog; 67 % is taken as two thirds, which is what triplets are."""
        swing = self._swing.value()
        return QuantiseWish(
            grid_ticks=int(self._grid.value()),
            strength=self._strength.value() / 100,
            swing=2 / 3 if swing == 67 else swing / 100,
            ends=self._ends.isChecked(),
        )
