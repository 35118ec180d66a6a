"""The metre from a bar on, or a change of metre taken away."""

from typing import Final

from PySide6.QtWidgets import QComboBox, QWidget

from studio.dialogs.time_step import TimeStepDialog, bar_field, count_field, counted
from studio.media.music.edits_time import BEATS_MOST, UNITS, remove_meter, set_meter
from studio.media.music.score import Meter, Score
from studio.media.music.transport import meter_at
from studio.widgets.labels import label

USUAL: Final = ((2, 4), (3, 4), (4, 4), (5, 4), (6, 8), (7, 8), (9, 8), (12, 8), (2, 2))


class MeterDialog(TimeStepDialog):
    """Beats of a kind a bar. Bar lines move; notes do not."""

    def __init__(self, score: Score, bar: int, parent: QWidget | None = None) -> None:
        """`bar` counts from 0."""
        super().__init__("Metre", "Set the metre", score, parent)
        self.bar = bar_field(score, bar, "From bar", "The bar from which on the metre holds")
        self.usual = QComboBox()
        self.usual.setAccessibleName("Metre")
        self.usual.setToolTip("The usual metres, or another one")
        for beats, unit in USUAL:
            self.usual.addItem(f"{beats}/{unit}", (beats, unit))
        self.usual.addItem("Other", None)
        self.beats = count_field(1, BEATS_MOST, 4, "Beats a bar", "How many beats a bar has")
        self.unit = QComboBox()
        self.unit.setAccessibleName("Length of a beat")
        self.unit.setToolTip("The note that is one beat")
        for length in UNITS:
            self.unit.addItem(f"1/{length}", length)
        self.form.addRow("From &bar", self.bar)
        self.add_row("&Metre", self.usual)
        self._other = self.add_row("", self.beats, label("beats of", "muted"), self.unit)
        self._typed = False
        self._follow()
        self.bar.valueChanged.connect(self._follow)
        self.usual.currentIndexChanged.connect(self._on_usual)
        self.beats.valueChanged.connect(self._on_other)
        self.unit.currentIndexChanged.connect(self._on_other)
        self.usual.setFocus()

    def meter(self) -> tuple[int, int]:
        """Beats and unit as chosen."""
        chosen = self.usual.currentData()
        if chosen is not None:
            return int(chosen[0]), int(chosen[1])
        return self.beats.value(), int(self.unit.currentData())

    def change(self, score: Score) -> Score:
        """With the metre, or without the change that stands at the bar."""
        bar = self.bar.value() - 1
        if self.removing:
            return remove_meter(score, self.start_of(bar))
        held, (beats, unit) = self._held(), self.meter()
        if (held.beats, held.unit) == (beats, unit):
            return score
        return set_meter(score, bar, beats, unit)

    @property
    def words(self) -> str:
        """ "3/4 from bar 5"."""
        if self.removing:
            return f"Remove the metre of bar {self.bar.value()}"
        beats, unit = self.meter()
        return f"{beats}/{unit} from bar {self.bar.value()}"

    def describe(self) -> str:
        """The metre that holds there now, and how many bars there will be."""
        held = self._held()
        before, after = len(self.bars()), len(self.change(self.score).bars())
        count = f" {counted(before, 'bar')} become {after:,}." if before != after else ""
        return (
            f"Now {held.beats}/{held.unit} holds there.{count} Bar lines move, every note stays where it sounds;"
            " a later change of metre stays at its place."
        )

    def removable(self) -> str:
        """A change that stands at the bar can be taken away; the first metre can not."""
        tick = self.start_of(self.bar.value() - 1)
        if tick and any(meter.tick == tick for meter in self.score.meters):
            return f"Remove the change at bar {self.bar.value()}"
        return ""

    def _held(self) -> Meter:
        return meter_at(self.score.meters, self.start_of(self.bar.value() - 1))

    def _follow(self) -> None:
        if not self._typed:
            held = self._held()
            at = next((n for n, one in enumerate(USUAL) if one == (held.beats, held.unit)), len(USUAL))
            for field in (self.usual, self.beats, self.unit):
                field.blockSignals(True)
            self.usual.setCurrentIndex(at)
            self.beats.setValue(held.beats)
            self.unit.setCurrentIndex(UNITS.index(held.unit) if held.unit in UNITS else UNITS.index(4))
            for field in (self.usual, self.beats, self.unit):
                field.blockSignals(False)
        self._show()

    def _on_usual(self) -> None:
        self._typed = True
        self._show()

    def _on_other(self) -> None:
        self._typed = True
        self.look()

    def _show(self) -> None:
        self.form.setRowVisible(self._other, self.usual.currentData() is None)
        self.look()
