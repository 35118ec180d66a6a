"""What changed between two texts, word by word; who wrote each word stays known."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, Literal

from msgspec import Struct

from studio.media.spans import Edit, Runs, SpanText

_WORDS: Final = re.compile(r"\n|[^\S\n]+|[\u3040-\u30ff\u3400-\u9fff]|\w+(?:['’]\w+)*|[^\w\s]")
_WORDS_AND_SPACES: Final = re.compile(
    r"\n|(?:[\u3040-\u30ff\u3400-\u9fff]|\w+(?:['’]\w+)*|[^\w\s])[^\S\n]*|[^\S\n]+"
)
_PARAGRAPHS: Final = re.compile(r"[^\n]*\n|[^\n]+")
_MOST_WORDS: Final = 3_000  # of a changed stretch; a longer one is shown as replaced whole
_BLANK: Final = re.compile(r"\s*\Z")

PieceKind = Literal["same", "removed", "added"]


class Piece(Struct, frozen=True, kw_only=True):
    """A stretch that both texts have, or only the old (`removed`) or only the new one (`added`).

    `runs` are its authors: of the new text for `same` and `added`, of the old one for `removed`.
    `old_at` and `new_at` are its places in the two texts, in characters.
    """

    kind: PieceKind
    text: str
    runs: Runs
    old_at: int
    new_at: int


class _Change(Struct, frozen=True):
    """old[a:b] became new[c:d], in characters; equal when `same`."""

    same: bool
    a: int
    b: int
    c: int
    d: int


def diff(old: SpanText, new: SpanText) -> tuple[Piece, ...]:
    """The pieces that make up both texts, in order; removed ones stand before what replaced them.

    Joined, `same` + `removed` pieces are the old text and `same` + `added` ones the new text. Paragraphs are
    matched first, then the words of those that differ (difflib), so a novel takes a moment, not minutes.
    """
    return _pieces(old, new, _joined(_by_paragraph(old.text, new.text)))


def diff_of(old: SpanText, new: SpanText, edits: Iterable[Edit]) -> tuple[Piece, ...]:
    """`diff` when it is known how one became the other: `edits`, first to last, in places of the old text."""
    changes: list[_Change] = []
    at, grown = 0, 0
    for edit in edits:
        end = edit.at + len(edit.removed)
        changes.append(_Change(True, at, edit.at, at + grown, edit.at + grown))
        after = grown + len(edit.inserted) - len(edit.removed)
        changes.append(_Change(False, edit.at, end, edit.at + grown, end + after))
        at, grown = end, after
    changes.append(_Change(True, at, len(old.text), at + grown, len(new.text)))
    return _pieces(
        old, new, _joined(change for change in changes if change.b > change.a or change.d > change.c)
    )


def _pieces(old: SpanText, new: SpanText, changes: Iterable[_Change]) -> tuple[Piece, ...]:
    old_runs, new_runs = old.slicer(), new.slicer()

    def piece(kind: PieceKind, change: _Change) -> Piece:
        text, runs, start, end = (
            (old.text, old_runs, change.a, change.b)
            if kind == "removed"
            else (new.text, new_runs, change.c, change.d)
        )
        old_at = change.b if kind == "added" else change.a
        return Piece(kind=kind, text=text[start:end], runs=runs(start, end), old_at=old_at, new_at=change.c)

    pieces: list[Piece] = []
    for change in changes:
        if change.same:
            pieces.append(piece("same", change))
            continue
        if change.b > change.a:
            pieces.append(piece("removed", change))
        if change.d > change.c:
            pieces.append(piece("added", change))
    return tuple(pieces)


def changed_words(pieces: Sequence[Piece]) -> tuple[int, int]:
    """How many words were added and how many removed."""
    count = {"added": 0, "removed": 0}
    for piece in pieces:
        if piece.kind != "same":
            count[piece.kind] += len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|\w+(?:['’-]\w+)*", piece.text))
    return count["added"], count["removed"]


def _by_paragraph(old: str, new: str) -> Iterator[_Change]:
    """Paragraphs that are the same, and the words of all others."""
    old_parts, new_parts = _PARAGRAPHS.findall(old), _PARAGRAPHS.findall(new)
    old_at, new_at = _places(old_parts), _places(new_parts)
    for tag, i, j, k, m in _matched(old_parts, new_parts):
        a, b, c, d = old_at[i], old_at[j], new_at[k], new_at[m]
        if tag == "equal":
            yield _Change(True, a, b, c, d)
        elif j - i == m - k:  # as many as before: one became the other, and no long stretch has to be matched
            for n in range(j - i):
                yield from _by_word(old_parts[i + n], new_parts[k + n], old_at[i + n], new_at[k + n])
        else:
            yield from _by_word(old[a:b], new[c:d], a, c)


def _by_word(old: str, new: str, a: int, c: int) -> Iterator[_Change]:
    """The changes of one stretch that begins at `a` in the old text and `c` in the new one.

    Words with the space behind them are matched first: spaces by themselves fit everywhere, which takes difflib
    many times as long.
    """
    old_parts, new_parts = _WORDS_AND_SPACES.findall(old), _WORDS_AND_SPACES.findall(new)
    old_at, new_at = _places(old_parts), _places(new_parts)
    if max(len(old_parts), len(new_parts)) > _MOST_WORDS:
        yield _Change(False, a, a + len(old), c, c + len(new))
        return
    for tag, i, j, k, m in _matched(old_parts, new_parts):
        if tag == "equal":
            yield _Change(True, a + old_at[i], a + old_at[j], c + new_at[k], c + new_at[m])
        else:
            was, now = old[old_at[i] : old_at[j]], new[new_at[k] : new_at[m]]
            yield from _by_mark(was, now, a + old_at[i], c + new_at[k])


def _by_mark(old: str, new: str, a: int, c: int) -> Iterator[_Change]:
    """The same for words, spaces and marks each by itself."""
    old_parts, new_parts = _WORDS.findall(old), _WORDS.findall(new)
    too_long = len(old_parts) > _MOST_WORDS or len(new_parts) > _MOST_WORDS
    if not old_parts or not new_parts or too_long:
        yield _Change(False, a, a + len(old), c, c + len(new))
        return
    old_at, new_at = _places(old_parts), _places(new_parts)
    for tag, i, j, k, m in _matched(old_parts, new_parts):
        same = tag == "equal" and not (_lonely(old_parts[i:j]) and i > 0 and j < len(old_parts))
        yield _Change(same, a + old_at[i], a + old_at[j], c + new_at[k], c + new_at[m])


def _lonely(parts: Sequence[str]) -> bool:
    """A space alone between two changes: reads better as part of them."""
    return len(parts) == 1 and parts[0] != "\n" and _BLANK.match(parts[0]) is not None


def _matched(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """difflib's opcodes; equal beginnings and ends are put aside first."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    if start:
        yield "equal", 0, start, 0, start
    middle = SequenceMatcher(None, old[start : len(old) - end], new[start : len(new) - end], autojunk=False)
    for tag, i, j, k, m in middle.get_opcodes():
        yield tag, i + start, j + start, k + start, m + start
    if end:
        yield "equal", len(old) - end, len(old), len(new) - end, len(new)


def _places(parts: Sequence[str]) -> list[int]:
    """Where each part begins, and the end of the last."""
    places = [0]
    for part in parts:
        places.append(places[-1] + len(part))
    return places


def _joined(changes: Iterable[_Change]) -> list[_Change]:
    """Neighbours of one sort put together."""
    out: list[_Change] = []
    for change in changes:
        if out and out[-1].same == change.same:
            last = out[-1]
            out[-1] = _Change(change.same, last.a, change.b, last.c, change.d)
        else:
            out.append(change)
    return out
