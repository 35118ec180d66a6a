"""A progression of chords laid over bars: written, checked sign by sign, shown bar by bar before it is laid."""

import re
from typing import Final

from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QTextEdit, QWidget

from studio.core.errors import StudioError
from studio.dialogs.time_step import TimeStepDialog, bar_field, bars_words
from studio.media.music.chords import diatonic_chords, lay_progression, normal_symbol, read_progression
from studio.media.music.edits_time import put_chords
from studio.media.music.score import Chord, Key, Score
from studio.media.music.theory import key_at, key_name
from studio.widgets.labels import button, label
from studio.widgets.tones import current_tones

_WORD: Final = re.compile(r"[^\s|,𝄀]+")
_SHOWN_BARS: Final = 8
_FIRM: Final = "\u00a0"  # a bar is not broken in two lines
_NOT_CHORDS: Final = frozenset(("%", ".", "-"))


class ChordsDialog(TimeStepDialog):
    """ "Dm Gm A7 Dm" is a chord a bar; "| Dm Gm | A7 |" has bars by lines. It repeats to fill the bars."""

    def __init__(
        self,
        score: Score,
        bars: tuple[int, int] | None,
        here: int = 0,
        last: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """`bars` (from 0) were chosen, or None: from bar `here` on, as far as the progression goes or the piece."""
        super().__init__("Chords", "Lay the chords", score, parent)
        first, stop = bars or (here, max(here, len(score.bars()) - 1))
        self._follows = bars is None and stop == here  # an end of its own: as long as the progression
        self.first = bar_field(score, first, "First bar", "The first bar that gets chords")
        self.last = bar_field(score, stop, "Last bar", "The last bar that gets chords")
        self.field = QPlainTextEdit(last)
        self.field.setProperty("lines", "3")
        self.field.setTabChangesFocus(True)
        self.field.setPlaceholderText("Dm Gm A7 Dm")
        self.field.setAccessibleName("Progression")
        self.field.setToolTip(
            "A chord a bar, as in Dm Gm A7 Dm. Lines make bars of their own: | Dm Gm | A7 | % |\n"
            "% repeats the bar before, N means no chord, a slash names the bass: C/E"
        )
        self._keys = QWidget()
        self._key_row = QHBoxLayout(self._keys)
        self._key_row.setContentsMargins(0, 0, 0, 0)
        self._key_row.setSpacing(2)
        self._key: Key | None = None
        self.add_row("&Bars", self.first, label("to", "muted"), self.last)
        self.form.addRow("&Chords", self.field)
        self.form.addRow("", self._keys)
        self.form.setRowVisible(self._keys, False)
        self.first.valueChanged.connect(self.look)
        self.last.valueChanged.connect(self._on_last)
        self.field.textChanged.connect(self._on_words)
        self.field.moveCursor(QTextCursor.MoveOperation.End)
        self.field.setFocus()
        self._on_words()

    def progression(self) -> str:
        """What was written, to be offered again."""
        return self.field.toPlainText().strip()

    def span(self) -> tuple[int, int]:
        """The bars, from 0."""
        return self.first.value() - 1, self.last.value() - 1

    def change(self, score: Score) -> Score:
        """With the chords over the bars. Raises StudioError."""
        return put_chords(score, self.laid())

    def laid(self) -> tuple[Chord, ...]:
        """The chords. Raises StudioError."""
        first, last = self.span()
        bars = read_progression(self.field.toPlainText())
        if last < first:
            raise StudioError(
                "The last bar lies before the first.", do="Choose a later last bar.", code="bars"
            )
        return lay_progression(bars, self.bars(last + 1).starts[first : last + 2])

    @property
    def words(self) -> str:
        """ "Chords over bars 1 to 8"."""
        return f"Chords over {bars_words(*self.span())}"

    def begun(self) -> bool:
        """Some chord was written."""
        return bool(self.field.toPlainText().strip())

    def describe(self) -> str:
        """The first bars as they will be."""
        first, last = self.span()
        try:
            bars = read_progression(self.field.toPlainText())
        except StudioError:
            return ""
        if last < first:
            return ""
        shown = [
            f"{first + at + 1}:{_FIRM}{_FIRM.join(bars[at % len(bars)])}"
            for at in range(min(last - first + 1, _SHOWN_BARS))
        ]
        more = f"{_FIRM}…" if last - first + 1 > _SHOWN_BARS else ""
        count = last - first + 1
        times = f"The progression of {len(bars)} repeats." if len(bars) < count else ""
        cut = f"Only the first {count} of {len(bars)} fit." if len(bars) > count else ""
        return f"{'   '.join(shown)}{more}\n{times or cut}".strip()

    def look(self) -> None:
        """Also: mark the signs that are no chords, offer the chords of the key."""
        super().look()
        self._mark_wrong()
        self._offer()

    def wrong(self) -> tuple[tuple[int, int], ...]:
        """Where in the text signs stand that are no chords: (from, to)."""
        out = []
        for word in _WORD.finditer(self.field.toPlainText()):
            try:
                if word[0] not in _NOT_CHORDS:
                    normal_symbol(word[0])
            except StudioError:
                out.append(word.span())
        return tuple(out)

    def _mark_wrong(self) -> None:
        marks = []
        for start, end in self.wrong():
            mark = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.field.document())
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            look = QTextCharFormat()
            look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            look.setUnderlineColor(current_tones().danger)
            mark.cursor, mark.format = cursor, look
            marks.append(mark)
        self.field.setExtraSelections(marks)

    def _offer(self) -> None:
        """The chords of the key that holds at the first bar, each to be pressed."""
        key = key_at(self.score.keys, self.start_of(self.first.value() - 1))
        if key is None or (
            self._key is not None and (key.tonic, key.mode) == (self._key.tonic, self._key.mode)
        ):
            return
        self._key = key
        while (item := self._key_row.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for symbol in diatonic_chords(key):
            one = button(symbol, f"Write {symbol}, a chord of {key_name(key)}", flat=True)
            one.setObjectName("tightButton")
            one.clicked.connect(lambda _=False, symbol=symbol: self.write(symbol))
            self._key_row.addWidget(one)
        self._key_row.addStretch(1)
        self.form.setRowVisible(self._keys, True)

    def write(self, symbol: str) -> None:
        """Put a chord in where the caret stands."""
        cursor = self.field.textCursor()
        before = self.field.toPlainText()[: cursor.selectionStart()]
        space = " " if before and not before[-1].isspace() and before[-1] != "|" else ""
        cursor.insertText(f"{space}{symbol}")
        self.field.setFocus()

    def _on_last(self) -> None:
        self._follows = False
        self.look()

    def _on_words(self) -> None:
        if self._follows:
            try:
                count = len(read_progression(self.field.toPlainText()))
            except StudioError:
                count = 0
            if count:
                self.last.blockSignals(True)
                self.last.setValue(self.first.value() + count - 1)
                self.last.blockSignals(False)
        self.look()
