"""Chords found in the notes, shown before they are laid into the chord track."""

from collections.abc import Sequence
from typing import Final, Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from studio.core.errors import StudioError
from studio.dialogs.time_step import TimeStepDialog, bar_field, bars_words
from studio.media.music.chords import NO_CHORD
from studio.media.music.edits_time import clear_chords, put_chords
from studio.media.music.score import Chord, Score
from studio.widgets.labels import label

Per = Literal["beat", "bar"]
_SHOWN: Final = 24  # chords that are listed


class FindChordsDialog(TimeStepDialog):
    """Asks for the chords of the whole piece (`wanted`), shows and lays those of the chosen bars."""

    wanted = Signal(str)  # Per; answered by show_found

    def __init__(self, score: Score, bars: tuple[int, int] | None, parent: QWidget | None = None) -> None:
        """`bars` (from 0) were chosen; None: all."""
        super().__init__("Find the chords", "Lay them into the chord track", score, parent)
        first, last = bars or (0, len(score.bars()) - 1)
        self._found: dict[str, tuple[Chord, ...]] = {}
        self.per = QComboBox()
        self.per.addItem("Wherever they change", "beat")
        self.per.addItem("One a bar", "bar")
        self.per.setAccessibleName("How often")
        self.per.setToolTip(
            "Every change that is heard from beat to beat, or the chord that holds longest in each bar"
        )
        self.first = bar_field(score, first, "First bar", "The first bar that gets chords", 0)
        self.last = bar_field(score, last, "Last bar", "The last bar that gets chords", 0)
        self.add_row("&Bars", self.first, label("to", "muted"), self.last)
        self.form.addRow("&Chords", self.per)
        self.first.valueChanged.connect(self.look)
        self.last.valueChanged.connect(self.look)
        self.per.currentIndexChanged.connect(self.look)
        self.look()

    def per_what(self) -> Per:
        """A chord wherever it changes, or one a bar."""
        return "bar" if self.per.currentData() == "bar" else "beat"

    def show_found(self, per: str, chords: Sequence[Chord]) -> None:
        """The chords of the whole piece that were asked for."""
        self._found[per] = tuple(chords)
        self.look()

    def span(self) -> tuple[int, int]:
        """The bars, from 0."""
        return self.first.value() - 1, self.last.value() - 1

    def cut(self) -> tuple[Chord, ...]:
        """The chords of the chosen bars, cut at their ends; silence between them is none."""
        first, last = self.span()
        if last < first:
            return ()
        begin, end = self.bars(last + 1).span(first, last)
        parts = []
        for chord in self._found.get(self.per_what(), ()):
            start, stop = max(chord.tick, begin), min(chord.tick + chord.duration, end)
            if start < stop:
                parts.append(Chord(start, stop - start, chord.symbol))
        return tuple(parts)

    def change(self, score: Score) -> Score:
        """With the chords in place of those of the bars. Raises StudioError."""
        first, last = self.span()
        if last < first:
            raise StudioError(
                "The last bar lies before the first.", do="Choose a later last bar.", code="bars"
            )
        chords = self.cut()
        if not any(chord.symbol != NO_CHORD for chord in chords):
            raise StudioError("No chord is heard in these bars.", do="Choose others.", code="no_chord")
        return put_chords(clear_chords(score, *self.bars(last + 1).span(first, last)), chords)

    @property
    def words(self) -> str:
        """ "Find the chords of bars 1 to 8"."""
        return f"Find the chords of {bars_words(*self.span())}"

    def describe(self) -> str:
        """The chords, by name."""
        names = [chord.symbol for chord in self.cut()]
        return "  ".join(names[:_SHOWN]) + (f"  … ({len(names):,})" if len(names) > _SHOWN else "")

    def look(self) -> None:
        """While the notes are listened to, the button waits."""
        per = self.per_what()
        if per in self._found:
            super().look()
        else:
            self.about.setText("")
            self.show_reason("Listening to the notes …", "muted")
            self.wanted.emit(per)
