"""The passages on which acts are tried, and what an honest answer to each must keep."""

import re
import tomllib
from pathlib import Path

import msgspec

from studio.core.resources import resource_path

_SENTENCE = re.compile(r"(?<=[.!?])[”\"]?\s+(?=[A-Z“])")


class Task(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A free instruction whose result a program can judge.

    Each of `must` (words, "a|b" for either) stands in it, none of `must_not`; it ends with `ends`; its lines are
    `lines`; its length is within `length` times the passage's.
    """

    ask: str
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    ends: str = ""
    lines: tuple[str, ...] = ()
    length: tuple[float, float] = (0.0, 1.5)


class Passage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A passage: what of it a rewriting keeps, what a description names, the tone and the task to try."""

    text: str
    keep: tuple[str, ...]
    subject: tuple[str, ...]
    tone: str
    instruct: Task

    def gap(self) -> tuple[str, str, str]:
        """The text before, in and after its middle sentence; the spaces between go with what follows them."""
        starts = [0, *(hit.end() for hit in _SENTENCE.finditer(self.text))]
        first = starts[len(starts) // 2]
        last = next((start for start in starts if start > first), len(self.text))
        before, middle, after = self.text[:first], self.text[first:last], self.text[last:]
        return (
            before.rstrip(),
            before[len(before.rstrip()) :] + middle.rstrip(),
            middle[len(middle.rstrip()) :] + after,
        )


def load_passages(file: Path | None = None) -> tuple[Passage, ...]:
    """The passages that came with the program."""
    text = (file or resource_path("acts", "passages.toml")).read_text("utf-8")
    return msgspec.convert(tomllib.loads(text)["passage"], tuple[Passage, ...])
