"""Words: which of them can be spelled wrongly, and how many there are, by whom."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from studio.media.spans import HUMAN, Edit, Runs, SpanText

_UNSPACED = (
    "\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef"  # Chinese, Japanese, Korean: no words to see
)
_LETTER = rf"[^\W\d_{_UNSPACED}][\u0300-\u036f]*"  # with the accents that are characters of their own
_JOINERS = "'’‘\u2010\u2011-"
_WORD: Final = re.compile(
    r"(?P<skipped>\b(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.-]+|\w*[\d_]\w*(?:[.,:/-]\w+)*)"
    rf"|(?P<word>(?:{_LETTER})+(?:[{_JOINERS}](?:{_LETTER})+)*)"
)


def spelled_words(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every word that can be spelled wrongly.

    Addresses and anything with digits or underscores are left out. An apostrophe or a hyphen belongs to a word
    only between two letters.
    """
    for found in _WORD.finditer(text):
        if found["word"]:
            yield found.span()


class Figures(Struct, frozen=True):
    """How long a text is, and how many of its characters models wrote."""

    words: int = 0
    characters: int = 0
    by_models: int = 0

    @property
    def mine(self) -> int:
        """Per cent of the characters that the person wrote; only a text without a model character is 100."""
        if not self.by_models:
            return 100
        return min(99, round(100 * (self.characters - self.by_models) / self.characters))

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.words + other.words, self.characters + other.characters, self.by_models + other.by_models
        )


def figures_of(value: SpanText) -> Figures:
    """Count a whole text, paragraph by paragraph, so that other threads come between."""
    words = sum(len(paragraph.split()) for paragraph in value.text.split("\n"))
    return Figures(words, len(value.text), value.written_by_models())


def written_words(after: str, edit: Edit) -> int:
    """How many words of their own a person has more after an edit; `after` is the text it led to.

    What models wrote counts neither when it goes nor when it comes back.
    """
    start, end = edit.at, edit.at + len(edit.inserted)
    head = after[_word_start(after, start) : start]
    tail = after[end : _word_end(after, end)]
    return len(f"{head}{_by_person(edit.inserted, edit.inserted_runs)}{tail}".split()) - len(
        f"{head}{_by_person(edit.removed, edit.removed_runs)}{tail}".split()
    )


def _word_start(text: str, at: int) -> int:
    while at > 0 and not text[at - 1].isspace():
        at -= 1
    return at


def _word_end(text: str, at: int) -> int:
    while at < len(text) and not text[at].isspace():
        at += 1
    return at


def _by_person(text: str, runs: Runs) -> str:
    out: list[str] = []
    place = 0
    for run in runs:
        if run.author == HUMAN:
            out.append(text[place : place + run.length])
        place += run.length
    return "".join(out)
