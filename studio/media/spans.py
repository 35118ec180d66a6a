"""A text in which every character knows its author.

An author is "" for the person, or the id of the take it came from. Positions count
characters (code points) from 0.
"""

from collections.abc import Iterable

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
        out: list[Run] = []
        at = 0
        for run in self.runs:
            low, high = max(start, at), min(end, at + run.length)
            if low < high:
                out.append(Run(length=high - low, author=run.author))
            at += run.length
            if at >= end:
                break
        return tuple(out)

    def edit(self, at: int, removed: int, inserted: str, runs: Runs | None = None) -> Edit:
        """The edit that replaces `removed` characters at `at`.

        The inserted text is the person's unless `runs` says. Raises ValueError outside the text.
        """
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
        """The text after an edit. Raises ValueError when the edit was made for another text."""
        end = edit.at + len(edit.removed)
        if self.text[edit.at : end] != edit.removed:
            raise ValueError(f"the edit at {edit.at} does not fit this text")
        runs = (
            *self.slice_runs(0, edit.at),
            *edit.inserted_runs,
            *self.slice_runs(end, len(self.text)),
        )
        return SpanText(text=self.text[: edit.at] + edit.inserted + self.text[end:], runs=merged(runs))

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
