"""What a prompt's signs mean: alternatives {a|b}, wildcards __name__, weights (word:1.2).

Alternatives and wildcards are written as in the Dynamic Prompts extension, weights as in AUTOMATIC1111's
`prompt_parser.parse_prompt_attention`. A backslash makes the sign after it an ordinary one.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Final

from studio.core.errors import StudioError
from studio.core.seeds import hashed, take_seeds

UP: Final = 1.1
DOWN: Final = 1 / 1.1
WEIGHT_MOST: Final = 10.0
CHARS_MOST: Final = 20_000
PICKS_MOST: Final = 2_000
DEPTH_MOST: Final = 32
OPEN_MOST: Final = 100  # more open brackets at once than any weight can use: the rest are left out

_SPECIAL = re.compile(r"\\.|\{|__([^\s_{}|$](?:[^\s{}|$]*?[^\s_{}|$])??)__", re.DOTALL)
_BRACES = re.compile(r"\\.|[{|}]", re.DOTALL)
_HOW_MANY = re.compile(r"\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?\s*\$\$")
_SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)::")
_TOKEN = re.compile(r"\\[()\[\]\\]|\\|\(|\[|:\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)|\)|\]|[^\\()\[\]:]+|:")
_BREAK = re.compile(r"\s*\bBREAK\b\s*")
_ESCAPED = "{}|_$"


def expand(prompt: str, seed: int, wildcards: Mapping[str, Sequence[str]]) -> str:
    """Choose among {a|b|c}, {2$$a|b|c} (two of them), {1-2$$ and $$a|b|c}, {3::often|rarely} and __name__.

    The same seed chooses the same. A wildcard's lines may hold alternatives and wildcards themselves. Raises
    StudioError: "wildcard" (no such list, or an empty one), "wildcard_loop", "prompt" (grows without end).
    """
    text = _Chooser(seed, wildcards).read(prompt, ())
    _check_length(text)
    return text


def expanded(prompt: str, seed: int, takes: int, wildcards: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What each take reads: `ImageJob.prompts`; () when there is nothing to choose. Raises StudioError."""
    if _SPECIAL.search(prompt) is None:
        return ()
    texts = tuple(expand(prompt, own, wildcards) for own in take_seeds(seed, takes))
    return texts if any(text != prompt for text in texts) else ()


class _Chooser:
    """Reads one prompt; every choice is the next number of the seed's row."""

    def __init__(self, seed: int, wildcards: Mapping[str, Sequence[str]]) -> None:
        self._seed, self._wildcards = seed, wildcards
        self._picks = 0

    def read(self, text: str, inside: tuple[str, ...], depth: int = 0) -> str:
        """The text with its alternatives chosen; `inside` are the wildcards it came from."""
        if depth > DEPTH_MOST:
            raise _endless(f"more than {DEPTH_MOST} braces stand in each other")
        _check_length(text)
        done, at = [], 0
        while (sign := _SPECIAL.search(text, at)) is not None:
            done.append(text[at : sign.start()])
            at = sign.end()
            if sign[0] == "{":
                end, options = _options(text, at)
                if end < 0:
                    done.append("{")
                else:
                    done.append(self._alternatives(options, inside, depth))
                    at = end
            elif sign[0][0] == "\\":
                done.append(sign[0][1] if sign[0][1] in _ESCAPED else sign[0])
            else:
                done.append(self._wildcard(sign[1], inside, depth))
        return "".join((*done, text[at:]))

    def _alternatives(self, options: list[str], inside: tuple[str, ...], depth: int) -> str:
        number = _HOW_MANY.match(options[0])
        if number is None:
            return self.read(self._pick(_shares(options)), inside, depth + 1)
        options[0] = options[0][number.end() :]
        least = int(number[1])
        most = int(number[2]) if number[2] else least
        joiner, found, rest = options[0].partition("$$")
        if found:
            options[0] = rest
        left = _shares([option.strip() for option in options])
        chosen = []
        for _ in range(min(len(left), least + self._next(abs(most - least) + 1) if most > least else least)):
            option = self._pick(left)
            left.pop(next(i for i, (text, _share) in enumerate(left) if text == option))
            chosen.append(self.read(option, inside, depth + 1))
        return (joiner if found else ", ").join(chosen)

    def _wildcard(self, name: str, inside: tuple[str, ...], depth: int) -> str:
        if name in inside:
            raise StudioError(
                f"The wildcard __{name}__ comes back to itself: {' → '.join((*inside, name))}.",
                do=f"Take __{inside[-1]}__ or __{name}__ out of one of these lists.",
                code="wildcard_loop",
            )
        lines = self._wildcards.get(name)
        if not lines:
            near = difflib.get_close_matches(name, list(self._wildcards), 1)
            why = "is empty" if lines is not None else "is not there"
            hint = f"Did you mean __{near[0]}__?" if near and near[0] != name else ""
            raise StudioError(
                f"The wildcard list “{name}” {why}.",
                do=hint or f"Make a text file “{name}.txt” with one line a choice in the wildcards folder.",
                code="wildcard",
            )
        return self.read(self._pick(_shares(lines)), (*inside, name), depth + 1)

    def _pick(self, options: Sequence[tuple[str, float]]) -> str:
        total = sum(share for _text, share in options)
        place = (self._next(1 << 53) + 0.5) / (1 << 53) * total
        for text, share in options:
            place -= share
            if place < 0:
                return text
        return options[-1][0]

    def _next(self, count: int) -> int:
        """The next choice, 0..count - 1."""
        self._picks += 1
        if self._picks > PICKS_MOST:
            raise _endless(f"more than {PICKS_MOST:,} choices")
        return hashed(f"{self._seed}:{self._picks}") % count


def _options(text: str, start: int) -> tuple[int, list[str]]:
    """Where the braces that opened before `start` end, and what stands between their bars; -1 when nowhere."""
    parts: list[str] = []
    begin, depth = start, 0
    for sign in _BRACES.finditer(text, start):
        if sign[0] == "{":
            depth += 1
        elif sign[0] == "}" and depth:
            depth -= 1
        elif sign[0] == "}":
            return sign.end(), [*parts, text[begin : sign.start()]]
        elif sign[0] == "|" and not depth:
            parts.append(text[begin : sign.start()])
            begin = sign.end()
    return -1, []


def _shares(options: Sequence[str]) -> list[tuple[str, float]]:
    """Each option with how often it comes: `3::often`."""
    shares = []
    for option in options:
        share = _SHARE.match(option)
        shares.append((option[share.end() :], float(share[1])) if share else (option, 1.0))
    return shares if any(share > 0 for _text, share in shares) else [(text, 1.0) for text, _ in shares]


def weighted(prompt: str) -> tuple[tuple[str, float], ...]:
    """The pieces of a prompt with their weights, in order, neighbours of one weight joined.

    (word) weighs 1.1, ((word)) 1.21, [word] 1/1.1, (word:1.5) 1.5; \\( is a bracket; BREAK reads as a comma. Brackets
    may be left open. No weight is further from 0 than 10. Source: AUTOMATIC1111, modules/prompt_parser.py.
    """
    pieces: list[list[str | float]] = []
    opened: dict[str, list[int]] = {"(": [], "[": []}

    def close(bracket: str, factor: float) -> None:
        for piece in pieces[opened[bracket].pop() :]:
            piece[1] = float(piece[1]) * factor

    for token in _TOKEN.finditer(prompt):
        text = token[0]
        if text in opened:
            if len(opened[text]) < OPEN_MOST:
                opened[text].append(len(pieces))
        elif token[1] is not None and opened["("]:
            close("(", float(token[1]))
        elif text == ")" and opened["("]:
            close("(", UP)
        elif text == "]" and opened["["]:
            close("[", DOWN)
        else:
            plain_text = text[1:] if text[0] == "\\" else _BREAK.sub(", ", text)
            if plain_text:
                pieces.append([plain_text, 1.0])
    for bracket, factor in (("(", UP), ("[", DOWN)):
        while opened[bracket]:
            close(bracket, factor)
    return _joined([(str(text), _bounded(float(weight))) for text, weight in pieces])


def plain(prompt: str) -> str:
    """The words without their weights."""
    return "".join(text for text, _weight in weighted(prompt))


def _joined(pieces: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    joined: list[tuple[str, float]] = []
    for text, weight in pieces:
        if joined and joined[-1][1] == weight:
            joined[-1] = (joined[-1][0] + text, weight)
        else:
            joined.append((text, weight))
    return tuple(joined)


def _bounded(weight: float) -> float:
    return max(-WEIGHT_MOST, min(WEIGHT_MOST, weight))


def _check_length(text: str) -> None:
    if len(text) > CHARS_MOST:
        raise _endless(f"more than {CHARS_MOST:,} characters")


def _endless(why: str) -> StudioError:
    return StudioError(f"The prompt grows too long: {why}.", do="Use fewer nested choices.", code="prompt")
