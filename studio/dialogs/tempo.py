"""The tempo from a bar on, or a change of tempo taken away."""

from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from studio.dialogs.time_step import TimeStepDialog, bar_field
from studio.media.music.edits_time import FASTEST, SLOWEST, remove_tempo, set_tempo
from studio.media.music.score import Score, Tempo
from studio.widgets.labels import pad


class _Field(QDoubleSpinBox):
    """As few figures as tell it."""

    def textFromValue(self, value: float) -> str:
        """96 rather than 96.00."""
        text = self.locale().toString(value, "f", self.decimals())
        point = self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text


class TempoDialog(TimeStepDialog):
    """Quarters a minute from a bar on."""

    def __init__(self, score: Score, bar: int, parent: QWidget | None = None) -> None:
        """`bar` counts from 0."""
        super().__init__("Tempo", "Set the tempo", score, parent)
        self.bar = bar_field(score, bar, "From bar", "The bar from which on the tempo holds")
        self.tempo = _Field()
        self.tempo.setRange(SLOWEST, FASTEST)
        self.tempo.setDecimals(2)
        self.tempo.setFixedWidth(96)
        self.tempo.setAccessibleName("Quarters a minute")
        self.tempo.setToolTip(f"Quarters a minute, {SLOWEST:g} to {FASTEST:g}")
        pad(self.tempo)
        self.form.addRow("From &bar", self.bar)
        self.form.addRow("&Quarters a minute", self.tempo)
        self._typed = False
        self._follow()
        self.bar.valueChanged.connect(self._follow)
        self.tempo.valueChanged.connect(self._on_tempo)
        self.tempo.setFocus()
        self.tempo.selectAll()

    def change(self, score: Score) -> Score:
        """With the tempo, or without the change that stands at the bar."""
        tick = self.start_of(self.bar.value() - 1)
        if self.removing:
            return remove_tempo(score, tick)
        if round(self.tempo.value(), 2) == round(tempo_at(score, tick).per_minute, 2):
            return score  # MIDI's microseconds would say 120.00 as 119.999
        return set_tempo(score, tick, self.tempo.value())

    @property
    def words(self) -> str:
        """ "Tempo 96 from bar 5"."""
        if self.removing:
            return f"Remove the tempo of bar {self.bar.value()}"
        return f"Tempo {self.tempo.value():g} from bar {self.bar.value()}"

    def describe(self) -> str:
        """The tempo that holds there now."""
        held = tempo_at(self.score, self.start_of(self.bar.value() - 1))
        since = self.bars().at(held.tick) + 1
        return f"Now {held.per_minute:.4g} holds there, since bar {since}. Notes stay in their bars."

    def removable(self) -> str:
        """A change that stands at the bar can be taken away; the first tempo can not."""
        tick = self.start_of(self.bar.value() - 1)
        if tick and any(tempo.tick == tick for tempo in self.score.tempos):
            return f"Remove the change at bar {self.bar.value()}"
        return ""

    def _follow(self) -> None:
        if not self._typed:
            held = tempo_at(self.score, self.start_of(self.bar.value() - 1))
            self.tempo.blockSignals(True)
            self.tempo.setValue(held.per_minute)
            self.tempo.blockSignals(False)
        self.look()

    def _on_tempo(self) -> None:
        self._typed = True
        self.look()


def tempo_at(score: Score, tick: int) -> Tempo:
    """The tempo that holds at a tick."""
    return next(tempo for tempo in reversed(score.tempos) if tempo.tick <= tick or tempo == score.tempos[0])
