"""Empty bars put in, and bars taken out, through all tracks."""

from PySide6.QtWidgets import QWidget

from studio.core.errors import StudioError
from studio.dialogs.time_step import TimeStepDialog, bar_field, bars_words, count_field, counted
from studio.media.music.edits_bars import delete_bars, insert_bars
from studio.media.music.score import Score
from studio.widgets.labels import label

COUNT_MOST = 999


class InsertBarsDialog(TimeStepDialog):
    """How many empty bars before which bar; one past the last puts them at the end."""

    def __init__(self, score: Score, bar: int, count: int = 1, parent: QWidget | None = None) -> None:
        """`bar` counts from 0."""
        super().__init__("Insert bars", "Insert", score, parent)
        last = len(score.bars())
        self.bar = bar_field(score, min(bar, last), "Before bar", f"{last + 1} puts them at the end", 1)
        self.count = count_field(1, COUNT_MOST, min(count, COUNT_MOST), "How many", "How many empty bars")
        self.form.addRow("&Before bar", self.bar)
        self.form.addRow("&How many", self.count)
        self.bar.valueChanged.connect(self.look)
        self.count.valueChanged.connect(self.look)
        self.count.setFocus()
        self.count.selectAll()
        self.look()

    def span(self) -> tuple[int, int]:
        """The bars that will be empty, from 0."""
        first = self.bar.value() - 1
        return first, first + self.count.value() - 1

    def change(self, score: Score) -> Score:
        """With the bars."""
        return insert_bars(score, self.bar.value() - 1, self.count.value())

    same = "Nothing stands behind the piece's end: there is room already."

    @property
    def words(self) -> str:
        """ "Insert 2 bars before bar 5"."""
        return f"Insert {counted(self.count.value(), 'bar')} before bar {self.bar.value()}"

    def describe(self) -> str:
        """What moves."""
        last = len(self.bars())
        if self.bar.value() > last:
            return "They come at the end."
        return f"{bars_words(self.bar.value() - 1, last - 1).capitalize()} and all that stands over them move back."


class DeleteBarsDialog(TimeStepDialog):
    """From which bar to which; says how many notes go with them."""

    def __init__(self, score: Score, bars: tuple[int, int], parent: QWidget | None = None) -> None:
        """`bars`: first and last, from 0."""
        super().__init__("Delete bars", "Delete", score, parent)
        first, last = bars
        self.first = bar_field(score, first, "First bar", "The first bar that goes", 0)
        self.last = bar_field(score, last, "Last bar", "The last bar that goes", 0)
        self.add_row("&Bars", self.first, label("to", "muted"), self.last)
        self.first.valueChanged.connect(self.look)
        self.last.valueChanged.connect(self.look)
        self.look()

    def span(self) -> tuple[int, int]:
        """The bars, from 0."""
        return self.first.value() - 1, self.last.value() - 1

    def change(self, score: Score) -> Score:
        """Without the bars."""
        first, last = self.span()
        if last < first:
            raise StudioError(
                "The last bar lies before the first.", do="Choose a later last bar.", code="bars"
            )
        return delete_bars(score, first, last)

    @property
    def words(self) -> str:
        """ "Delete bars 3 to 5"."""
        return f"Delete {bars_words(*self.span())}"

    def describe(self) -> str:
        """How many notes go."""
        first, last = self.span()
        if last < first:
            return ""
        begin, end = self.bars(last + 1).span(first, last)
        going = [sum(begin <= note.start < end for note in track.notes) for track in self.score.tracks]
        notes, tracks = sum(going), sum(bool(one) for one in going)
        if not notes:
            return "No note begins in them. What follows moves up."
        return (
            f"{counted(notes, 'note')} of {counted(tracks, 'track')} go with them and stay in the history."
            " What follows moves up."
        )
