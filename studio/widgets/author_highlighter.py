"""Colours what models wrote, paragraph by paragraph, as it is laid out."""

from bisect import bisect_right
from itertools import accumulate
from operator import attrgetter

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat

from studio.media.spans import HUMAN, Runs
from studio.widgets.authored_text import AuthoredText
from studio.widgets.tones import Tones


class AuthorHighlighter(QSyntaxHighlighter):
    """Tints the characters that came from takes; a changed paragraph is all it looks at."""

    def __init__(self, text: AuthoredText, document: object) -> None:
        super().__init__(document)  # type: ignore[call-overload]
        self._text = text
        self._shown = True
        self._format = QTextCharFormat()
        self._runs: Runs = ()
        self._starts: list[int] = []

    def set_tones(self, tones: Tones) -> None:
        """Change the tint."""
        self._format = QTextCharFormat()
        self._format.setForeground(QColor(tones.model_text))
        self.rehighlight()

    def set_shown(self, shown: bool) -> None:
        """Show the tint or not."""
        if shown != self._shown:
            self._shown = shown
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Tint one paragraph."""
        runs = self._text.value.runs
        if not self._shown or not runs or (len(runs) == 1 and runs[0].author == HUMAN):
            return
        if runs is not self._runs:
            self._runs = runs
            self._starts = [0, *accumulate(map(attrgetter("length"), runs))]
        positions = self._text.positions
        block_unit = self.currentBlock().position()
        start = positions.points(block_unit)
        end = start + len(text)
        index = bisect_right(self._starts, start) - 1
        while index < len(runs) and self._starts[index] < end:
            if runs[index].author != HUMAN:
                first = positions.units(max(start, self._starts[index]))
                last = positions.units(min(end, self._starts[index + 1]))
                self.setFormat(first - block_unit, last - first, self._format)
            index += 1
