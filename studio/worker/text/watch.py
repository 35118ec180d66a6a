"""Finds what may not stand in a take: the strings that end it, and banned phrases.

A phrase is banned wherever its characters stand, in capitals or not, also within a longer word.
"""

from collections.abc import Sequence

NOWHERE = -1


class Watch:
    """Looks at the end of a growing text."""

    def __init__(self, stops: Sequence[str], phrases: Sequence[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._phrases = [folded(phrase) for phrase in phrases if phrase]
        self._beginnings = _beginnings(self._stops)
        self._phrase_beginnings = _beginnings(self._phrases)
        self._longest = max(map(len, self._stops + self._phrases), default=0)

    @property
    def on(self) -> bool:
        """There is something to look for."""
        return self._longest > 0

    def stop(self, text: str, grown: int, given: int) -> int:
        """Where the first stop begins that ends in the characters from `grown` on, -1 when none does.

        It lies beyond the first `given` characters.
        """
        places = (text.find(stop, max(given, grown - len(stop) + 1)) for stop in self._stops)
        return min((place for place in places if place >= 0), default=NOWHERE)

    def banned(self, text: str, grown: int) -> int:
        """Where the first banned phrase begins that ends in the characters from `grown` on, -1 when none does."""
        if not self._phrases:
            return NOWHERE
        base = max(0, grown - self._longest + 1)
        tail = folded(text[base:])
        places = (tail.find(phrase, max(0, grown - base - len(phrase) + 1)) for phrase in self._phrases)
        return base + min((place for place in places if place >= 0), default=NOWHERE - base)

    def held(self, text: str) -> int:
        """From where on the text may be the beginning of a stop or a phrase; its length when nowhere."""
        reach = min(self._longest - 1, len(text))
        tail = text[len(text) - reach :] if reach > 0 else ""
        low = folded(tail) if self._phrases else ""
        for start in range(len(tail)):
            if tail[start:] in self._beginnings or (low and low[start:] in self._phrase_beginnings):
                return len(text) - len(tail) + start
        return len(text)


def folded(text: str) -> str:
    """In small letters, character by character, so that places stay the same."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(small if len(small := char.lower()) == 1 else char for char in text)


def _beginnings(texts: Sequence[str]) -> frozenset[str]:
    """All beginnings of the texts but the whole ones."""
    return frozenset(text[:end] for text in texts for end in range(1, len(text)))
