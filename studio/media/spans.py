"""A text in which every character knows its author.

An author is "" for the person, or the id of the take it came from. Positions count
characters (code points) from 0.
"""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from operator import attrgetter

from msgspec import Struct

HUMAN = ""


class Run(Struct, frozen=True, kw_only=True):
    """`length` characters in a row by one author."""

    length: int
    author: str = HUMAN


Runs = tuple[Run, ...]


class Edit(Struct, frozen=True, kw_only=True):
    """Replace `removed` at `at` by `inserted`; both sides know their authors, so it can be undone exactly.

    Adjacent runs never share an author and the lengths of a side's runs add up to its text.
    """

    at: int
    removed: str = ""
    removed_runs: Runs = ()
    inserted: str = ""
    inserted_runs: Runs = ()

    def inverse(self) -> "Edit":
        """The edit that takes this one back."""
        return Edit(
            at=self.at,
            removed=self.inserted,
            removed_runs=self.inserted_runs,
            inserted=self.removed,
            inserted_runs=self.removed_runs,
        )


def whole(text: str) -> str:
    """The text with each lone surrogate (half a character, which no file can hold) replaced by U+FFFD.

    Lengths and positions stay.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


def runs_of(text: str, author: str = HUMAN) -> Runs:
    """The runs of a text that has one author."""
    return (Run(length=len(text), author=author),) if text else ()


def merged(runs: Iterable[Run]) -> Runs:
    """The same authors with empty runs dropped and neighbours joined."""
    out: list[Run] = []
    for run in runs:
        if run.length == 0:
            continue
        if out and out[-1].author == run.author:
            out[-1] = Run(length=out[-1].length + run.length, author=run.author)
        else:
            out.append(run)
    return tuple(out)


class SpanText(Struct, frozen=True, kw_only=True):
    """A whole text with its authors."""

    text: str = ""
    runs: Runs = ()

    def slice_runs(self, start: int, end: int) -> Runs:
        """The authors of characters start..end."""
        runs = self.runs
        first, offset = self._run_at(start)
        if start >= end or first == len(runs):
            return ()
        last, over = self._run_at(end)
        if first == last:
            return (Run(length=over - offset, author=runs[first].author),)
        tail = (Run(length=over, author=runs[last].author),) if over else ()
        head = Run(length=runs[first].length - offset, author=runs[first].author)
        return (head, *runs[first + 1 : last], *tail)

    def _run_at(self, at: int) -> tuple[int, int]:
        """The index of the run that holds character `at`, and how far into it; at the end: (count, 0)."""
        ends = list(accumulate(map(attrgetter("length"), self.runs)))  # at C speed: 0.2 ms for 10,000 runs
        index = bisect_right(ends, at)
        return (index, at - (ends[index - 1] if index else 0)) if index < len(ends) else (index, 0)

    def edit(self, at: int, removed: int, inserted: str, runs: Runs | None = None) -> Edit:
        """The edit that replaces `removed` characters at `at`.

        The inserted text is the person's unless `runs` says; lone surrogates in it become U+FFFD.
        Raises ValueError outside the text.
        """
        inserted = whole(inserted)
        if not 0 <= at <= at + removed <= len(self.text):
            raise ValueError(f"edit {at}+{removed} lies outside a text of {len(self.text)} characters")
        return Edit(
            at=at,
            removed=self.text[at : at + removed],
            removed_runs=self.slice_runs(at, at + removed),
            inserted=inserted,
            inserted_runs=runs_of(inserted) if runs is None else merged(runs),
        )

    def apply(self, edit: Edit) -> "SpanText":
        """The text after an edit. Raises ValueError when the edit was made for another text.

        Only the runs at the two seams are rebuilt: 1 MB with 10,000 runs takes about a millisecond.
        """
        end = edit.at + len(edit.removed)
        if self.text[edit.at : end] != edit.removed or not 0 <= edit.at <= len(self.text):
            raise ValueError(f"the edit at {edit.at} does not fit this text")
        if sum(run.length for run in edit.inserted_runs) != len(edit.inserted):
            raise ValueError("an edit's authors do not cover its text")
        first, offset = self._run_at(edit.at)
        last, over = self._run_at(end)
        if self.slice_runs(edit.at, end) != edit.removed_runs:
            raise ValueError(f"the edit at {edit.at} takes away text of other authors")
        low, high = max(0, first - (offset == 0)), min(len(self.runs), last + 1)
        seam = [*self.runs[low:first]]
        if offset:
            seam.append(Run(length=offset, author=self.runs[first].author))
        seam.extend(edit.inserted_runs)
        if last < len(self.runs):
            rest = self.runs[last]
            seam.append(Run(length=rest.length - over, author=rest.author))
        runs = (*self.runs[:low], *merged(seam), *self.runs[high:])
        return SpanText(text=self.text[: edit.at] + edit.inserted + self.text[end:], runs=runs)

    def written_by_models(self) -> int:
        """How many characters came from takes."""
        return sum(run.length for run in self.runs if run.author != HUMAN)


def moved(at: int, edits: Iterable[Edit]) -> int:
    """Where a caret at `at` stands after `edits`; inside replaced text it goes to the replacement's end.

    Text inserted exactly at the caret pushes it on.
    """
    for edit in edits:
        if edit.at > at:
            continue
        end = edit.at + len(edit.removed)
        at = edit.at + len(edit.inserted) + max(0, at - end)
    return at
