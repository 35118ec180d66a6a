"""Which words of the paragraphs in view are spelt wrongly, asked for in small slices of idle time."""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QTextBlock

from studio.media.words import spelled_words
from studio.widgets.positions import utf16_length

SLICE_MS: Final = 4.0
_REST_MS: Final = 12  # between two slices: keys and paints go first
_MOST_WORDS: Final = 60_000

Checker = Callable[[str], bool]
Suggest = Callable[
    [str, Callable[[list[str]], None]], None
]  # a word, and whom to tell, later, in this thread


class SpellMarks(QObject):
    """Remembers a verdict for each word; a paragraph that is painted asks for the words that have none."""

    def __init__(self, parent: QObject, repaint: Callable[[], None], typed_at: Callable[[], int]) -> None:
        """`typed_at` gives the caret's UTF-16 place while the person writes there, else -1."""
        super().__init__(parent)
        self._repaint = repaint
        self._typed_at = typed_at
        self._checker: Checker | None = None
        self._verdicts: dict[str, bool] = {}
        self._asked: dict[str, None] = {}
        self._timer = QTimer(self, singleShot=True, interval=_REST_MS)
        self._timer.timeout.connect(self._check_some)

    def set_checker(self, checker: Checker | None) -> None:
        """Who knows the words; None for no marks. All verdicts are forgotten."""
        self._checker = checker
        self._verdicts.clear()
        self._asked.clear()
        self._repaint()

    def accept(self, word: str) -> None:
        """This word is right from now on."""
        self._verdicts[word] = True
        self._repaint()

    def is_wrong(self, word: str) -> bool:
        """Whether the word was looked at and found wrong."""
        return self._checker is not None and self._verdicts.get(word) is False

    def misspelt(self, block: QTextBlock) -> list[tuple[int, int]]:
        """The wrong words of a paragraph: first and last place, in characters. Unknown ones are asked for."""
        if self._checker is None:
            return []
        text = block.text()
        typed = self._typed_place(block, text)
        wrong = []
        for start, end in spelled_words(text):
            word = text[start:end]
            verdict = self._verdicts.get(word)
            if verdict:
                continue
            if start < typed <= end:
                continue  # it is being written
            if verdict is None:
                self._asked[word] = None
            else:
                wrong.append((start, end))
        if self._asked and not self._timer.isActive():
            self._timer.start()
        return wrong

    def word_at(self, text: str, at: int) -> tuple[int, int]:
        """First and last place of the word around a place of a text; twice the place when there is none."""
        start = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        for first, last in spelled_words(text[start : len(text) if end < 0 else end]):
            if start + first <= at <= start + last:
                return start + first, start + last
        return at, at

    def _typed_place(self, block: QTextBlock, text: str) -> int:
        unit = self._typed_at() - block.position()
        if not 0 <= unit < block.length():
            return -1
        if utf16_length(text) == len(text):
            return unit
        return len(text.encode("utf-16-le", "surrogatepass")[: unit * 2].decode("utf-16-le", "ignore"))

    def _check_some(self) -> None:
        checker = self._checker
        if checker is None:
            return
        if len(self._verdicts) > _MOST_WORDS:
            self._verdicts.clear()
        found = False
        until_s = time.perf_counter() + SLICE_MS / 1000
        while self._asked and time.perf_counter() < until_s:
            word = next(iter(self._asked))
            del self._asked[word]
            right = bool(checker(word))
            self._verdicts[word] = right
            found |= not right
        if found:
            self._repaint()
        if self._asked:
            self._timer.start()
