"""Makes words of a prompt weigh more or less: (word:1.1), as the person presses Ctrl+Up and Ctrl+Down."""

import re
from decimal import Decimal
from typing import Final

_STEP: Final = Decimal("0.1")
_LEAST, _MOST = Decimal("0.1"), Decimal("2.0")
_WEIGHTED: Final = re.compile(r"\(([^()]*):([0-9]+(?:\.[0-9]+)?)\)")
_EDGE: Final = " \t\n,.;:()[]{}|"


def nudged(prompt: str, start: int, end: int, steps: int) -> tuple[str, int, int]:
    """The prompt with start..end a tenth (times `steps`) heavier, and where the words stand then.

    With nothing marked it is the word at `start`. Words inside a weight change that one; at 1.0 it goes.
    """
    around = next((m for m in _WEIGHTED.finditer(prompt) if m.start() <= start and end <= m.end()), None)
    if around is not None:
        words, weight = around[1], Decimal(around[2])
        first, last = around.span()
    else:
        first, last = _word_at(prompt, start) if start == end else _trimmed(prompt, start, end)
        words, weight = prompt[first:last], Decimal(1)
    if not words.strip():
        return prompt, start, end
    weight = min(_MOST, max(_LEAST, weight + steps * _STEP))
    new = words if weight == 1 else f"({words}:{weight.normalize():f})"
    at = first + (0 if weight == 1 else 1)
    return prompt[:first] + new + prompt[last:], at, at + len(words)


def _word_at(prompt: str, at: int) -> tuple[int, int]:
    start = end = at
    while start > 0 and prompt[start - 1] not in _EDGE:
        start -= 1
    while end < len(prompt) and prompt[end] not in _EDGE:
        end += 1
    return start, end


def _trimmed(prompt: str, start: int, end: int) -> tuple[int, int]:
    marked = prompt[start:end]
    start += len(marked) - len(marked.lstrip())
    return start, max(start, end - (len(marked) - len(marked.rstrip())))
