"""Which token of a take a character of an edited text came from."""

from bisect import bisect_right
from collections.abc import Sequence

from studio.core.takes import Token
from studio.media.spans import SpanText

_CONTEXT = 24


def token_at(tokens: Sequence[Token], place: int) -> int | None:
    """The index of the token that wrote character `place` of a take; None outside of them."""
    index = bisect_right([token.end for token in tokens], place)
    return index if place >= 0 and index < len(tokens) else None


def token_span(tokens: Sequence[Token], index: int) -> tuple[int, int]:
    """First and last place of a token in its take."""
    return (tokens[index - 1].end if index else 0), tokens[index].end


def place_in_take(take_text: str, draft: str, place: int) -> int | None:
    """Where character `place` of the person's draft of a take stands in the take itself; None when it does not."""
    if not 0 <= place < len(draft):
        return None
    if draft == take_text:
        return place
    from difflib import SequenceMatcher  # seldom needed: the window opens without it

    for block in SequenceMatcher(None, draft, take_text, autojunk=False).get_matching_blocks():
        if block.a <= place < block.a + block.size:
            return block.b + place - block.a
    return None


def found_in_take(take_text: str, value: SpanText, place: int) -> int | None:
    """Where the character at `place` of a text stands in its take, by what is written round it.

    Only the characters of the same author in a row count; None when they are not in the take, or more than once.
    """
    start = end = 0
    for run in value.runs:
        start, end = end, end + run.length
        if place < end:
            break
    for low, high in ((start, end), (max(start, place - _CONTEXT), min(end, place + _CONTEXT))):
        piece = value.text[low:high]
        if piece and take_text.count(piece) == 1:
            return take_text.index(piece) + place - low
    return None


def surprises(
    take_text: str, tokens: Sequence[Token], value: SpanText, author: str
) -> list[tuple[int, int, float]]:
    """(start, end, surprise in nats) for what a take wrote into a text.

    Runs of the author are looked for in the take one after the other; those that are not found are left out.
    """
    out: list[tuple[int, int, float]] = []
    at = seen = 0
    for run in value.runs:
        start, at = at, at + run.length
        if run.author != author:
            continue
        found = take_text.find(value.text[start:at], seen)
        if found < 0:
            found = take_text.find(value.text[start:at])
        if found >= 0:
            seen = found + run.length
            out += _clipped(tokens, found, seen, start - found)
    return out


def _clipped(tokens: Sequence[Token], start: int, end: int, shift: int) -> list[tuple[int, int, float]]:
    out: list[tuple[int, int, float]] = []
    low = 0
    for token in tokens:
        if token.end > start and low < end and token.end > low:
            out.append((max(low, start) + shift, min(token.end, end) + shift, -token.logprob))
        low = token.end
    return out
