"""Where keys are looked for: the end of a text, folded once, with what rules most keys out gathered once."""

import re
from functools import cached_property
from typing import Final

from studio.media.lore.entries import Unit

WORD: Final = re.compile(r"\w+")
GRAM_CHARS: Final = 4


def folded(text: str, case_sensitive: bool) -> str:
    """The text as keys are compared: one kind of apostrophe, and one case unless told. Line breaks stay."""
    text = text.replace("’", "'")
    return text if case_sensitive else text.casefold()


class Haystack:
    """A text in one folding."""

    def __init__(self, raw: str, text: str) -> None:
        self.raw = raw
        self.text = text
        self._starts: dict[tuple[Unit, int], int] = {}

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of it."""
        return frozenset(WORD.findall(self.text))

    @cached_property
    def grams(self) -> frozenset[str]:
        """Every GRAM_CHARS characters in a row."""
        text = self.text
        return frozenset(text[at : at + GRAM_CHARS] for at in range(len(text) - GRAM_CHARS + 1))

    def start(self, unit: Unit, depth: int) -> int:
        """Where its last `depth` characters or paragraphs begin."""
        if (unit, depth) not in self._starts:
            self._starts[unit, depth] = last_part(self.text, unit, depth)
        return self._starts[unit, depth]


def last_part(text: str, unit: Unit, depth: int) -> int:
    """Where the last `depth` characters or paragraphs of a text begin; a paragraph is a line that is not blank."""
    if depth == 0:
        return len(text)
    if unit == "characters":
        return max(0, len(text) - depth)
    at = len(text)
    while depth and at > 0:
        line = text.rfind("\n", 0, at) + 1
        depth -= bool(text[line:at].strip())
        if not depth:
            return line
        at = line - 1
    return 0


def paragraphs_back(text: str, at: int) -> int:
    """How many paragraphs begin after the one that holds `at`: 0 in the last one."""
    return sum(1 for line in text[at:].split("\n")[1:] if line.strip())
