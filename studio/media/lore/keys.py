"""One key against a text: as written, as whole words, or as a regular expression that cannot hang the window."""

import re
import time
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from studio.media.lore.haystack import GRAM_CHARS, WORD, Haystack, folded

if TYPE_CHECKING:
    import regex

_SLASHED: Final = re.compile(r"/(.+)/([a-zA-Z]*)", re.DOTALL)
_NO_SPACES: Final = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
_MAX_PATTERN_CHARS: Final = 1000
REGEX_TIMEOUT_S: Final = 0.02  # one expression on one text
REGEX_TOTAL_S: Final = 0.2  # all those of a scan that took longer than usual
_USUAL_S: Final = 0.002


def is_pattern(key: str) -> bool:
    """Whether a key is written as a regular expression, /like this/i."""
    return _SLASHED.fullmatch(key) is not None


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _runs_together(text: str) -> bool:
    """Whether a script in it is written without spaces between words."""
    return any(char > "\u0dff" and unicodedata.name(char, "").startswith(_NO_SPACES) for char in text)


class PlainKey:
    """A key that is found as it is written.

    `mark` is a word (or, found anywhere, four characters) that every text with the key in it holds; "" when none.
    """

    def __init__(self, key: str, case_sensitive: bool, whole_words: bool) -> None:
        self.shown = key
        self._text = folded(key.strip(), case_sensitive)
        self.whole = whole_words and not _runs_together(self._text)
        self.mark = ""
        if not self.whole:
            self.mark = self._text[:GRAM_CHARS] if len(self._text) >= GRAM_CHARS else ""
        elif word := WORD.search(self._text):
            self.mark = word.group()

    def find(self, hay: Haystack, start: int) -> int:
        """Where it last stands from `start` on; -1 when it does not."""
        if not self._text or self._text not in hay.text:  # `in` is several times as fast as `rfind`
            return -1
        at = hay.text.rfind(self._text, start)
        while at >= 0 and self.whole and not self._stands_alone(hay.text, at):
            at = hay.text.rfind(self._text, start, at + len(self._text) - 1)
        return at

    def _stands_alone(self, text: str, at: int) -> bool:
        end = at + len(self._text)
        left = at > 0 and _is_word(text[at - 1]) and _is_word(text[at])
        right = end < len(text) and _is_word(text[end]) and _is_word(text[end - 1])
        return not left and not right


class PatternKey:
    """A key that is a regular expression, written as JavaScript writes them; compiled when first needed."""

    def __init__(self, key: str) -> None:
        self.shown = key
        self.wrong = ""
        self._found: regex.Pattern[str] | None = None
        self._compiled = False

    def find(self, hay: Haystack, start: int, clock: "RegexClock") -> int:
        """Where it first stands from `start` on; -1 when it does not or cannot be tried (`wrong` says why)."""
        pattern = self._pattern()
        if pattern is None:
            return -1
        if clock.spent_s > REGEX_TOTAL_S:
            self.wrong = f"{self.shown} was not tried: this book's regular expressions take too long"
            return -1
        return self._search(pattern, hay.raw[start:], start, clock)

    def _search(self, pattern: "regex.Pattern[str]", text: str, start: int, clock: "RegexClock") -> int:
        self.wrong = ""
        try:
            with clock:
                match = pattern.search(text, timeout=REGEX_TIMEOUT_S)
        except TimeoutError:
            self.wrong = f"{self.shown} takes too long; write it simpler"
            return -1
        except (MemoryError, RecursionError):
            self.wrong = f"{self.shown} needs too much memory; write it simpler"
            return -1
        return -1 if match is None else start + match.start()

    def _pattern(self) -> "regex.Pattern[str] | None":
        if not self._compiled:
            self._compiled = True
            self._found = self._compile()
        return self._found

    def _compile(self) -> "regex.Pattern[str] | None":
        import regex  # 30 ms that only a book with regular expressions pays

        matched = _SLASHED.fullmatch(self.shown)
        source, flags = matched.groups() if matched else (self.shown, "")
        if len(source) > _MAX_PATTERN_CHARS:
            self.wrong = f"{self.shown[:40]}… is longer than {_MAX_PATTERN_CHARS} characters"
            return None
        known = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL}
        value = regex.VERSION0
        for flag in flags.lower():
            value |= known.get(flag, regex.VERSION0)
        try:
            return regex.compile(source, value)
        except (regex.error, ValueError, OverflowError, RecursionError, MemoryError) as error:
            self.wrong = f"{self.shown} is not a regular expression: {error}"
        except Exception as error:  # noqa: BLE001  a foreign pattern must not end a proposal
            self.wrong = f"{self.shown} is not a regular expression that can be used: {error}"
        return None


class RegexClock:
    """How long those regular expressions of a scan have taken that were slow; a thousand quick ones are fine."""

    def __init__(self, now_s: Callable[[], float] = time.perf_counter) -> None:
        self._now_s = now_s
        self._began_s = 0.0
        self.spent_s = 0.0

    def __enter__(self) -> None:
        self._began_s = self._now_s()

    def __exit__(self, *_error: object) -> None:
        took_s = self._now_s() - self._began_s
        self.spent_s += took_s if took_s > _USUAL_S else 0.0


AnyKey = PlainKey | PatternKey


def prepared(key: str, case_sensitive: bool, whole_words: bool) -> AnyKey:
    """A key made ready to be looked for."""
    return PatternKey(key) if is_pattern(key) else PlainKey(key, case_sensitive, whole_words)
