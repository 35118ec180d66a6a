"""The next word, sentence or paragraph of a text that is taken in piece by piece."""

import re
from collections.abc import Callable, Iterator
from typing import Literal

Unit = Literal["word", "sentence", "paragraph"]

_WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # scripts that put no space between words
_WORD = re.compile(rf"\s*(?:[{_WIDE}][^\s\w]*|[^\s{_WIDE}]+)")
_SENTENCE_END = re.compile(r"""[.!?…。！？]+["'”’»)\]]*(?=\s|$)|[。！？]+["'”’»」』）]*""")
_SHORT = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|Jr|Sr|vs|etc|e\.g|i\.e|[A-Z])\.$")
_GOES_ON = re.compile(r"\s+[a-z]")
_PARAGRAPH = re.compile(r"\s*[^\n]*\S[^\n]*\n*")


def next_word(text: str) -> int:
    """How many characters the next word takes, with the white space before it and the marks after it.

    A text of white space only is one piece, here and below.
    """
    found = _WORD.match(text)
    return found.end() if found else len(text)


def next_sentence(text: str) -> int:
    """How many characters the next sentence takes; it ends with its paragraph at the latest."""
    begin = len(text) - len(text.lstrip())
    line = text.find("\n", begin)
    end = len(text) if line < 0 else line
    return next(sentence_ends(text[:end]), end) if begin < len(text) else begin


def next_paragraph(text: str) -> int:
    """How many characters the rest of the paragraph takes, line breaks after it included."""
    found = _PARAGRAPH.match(text)
    return found.end() if found else len(text)


def sentence_ends(text: str) -> Iterator[int]:
    """The places at which sentences end, first to last.

    Closing quotes belong to their sentence; an abbreviation, and a spoken sentence whose line goes on in
    lower case ("Run!" said Tom), end none.
    """
    for hit in _SENTENCE_END.finditer(text):
        if _SHORT.search(text[max(0, hit.start() - 6) : hit.end()]) or _GOES_ON.match(text, hit.end()):
            continue
        if text[: hit.end()].strip(" .…"):
            yield hit.end()


def last_sentence_end(text: str) -> int:
    """The place after the last whole sentence; the whole length when there is none."""
    return max(sentence_ends(text), default=len(text))


PIECES: dict[Unit, Callable[[str], int]] = {
    "word": next_word,
    "sentence": next_sentence,
    "paragraph": next_paragraph,
}
