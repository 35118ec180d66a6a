"""Ranges of characters that move with the text: what an edit touches is dropped, what follows it is pushed on."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from studio.media.spans import Edit

Tag = TypeVar("Tag")


class MovingRanges(Generic[Tag]):
    """Sorted ranges that do not overlap, each with a tag.

    Entries from `_split` on are held without the last moves, so that an edit costs no more than the way from the
    edit before it.
    """

    def __init__(self, ranges: Iterable[tuple[int, int, Tag]] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._tags: list[Tag] = []
        for start, end, tag in sorted(ranges, key=lambda entry: entry[:2]):
            if start < end and (not self._ends or start >= self._ends[-1]):
                self._starts.append(start)
                self._ends.append(end)
                self._tags.append(tag)
        self._split = len(self._starts)
        self._shift = 0

    def __len__(self) -> int:
        return len(self._starts)

    def within(self, start: int, end: int) -> Sequence[tuple[int, int, Tag]]:
        """The ranges that share a character with start..end, as they stand now."""
        first, last = self._first_ending_after(start), self._first_starting_from(end)
        return [
            (self._starts[index] + shift, self._ends[index] + shift, self._tags[index])
            for index in range(first, last)
            for shift in (self._shift if index >= self._split else 0,)
        ]

    def everything(self) -> Sequence[tuple[int, int, Tag]]:
        """All ranges as they stand now."""
        return self.within(0, self._ends[-1] + abs(self._shift) + 1) if self._ends else ()

    def follow(self, edit: Edit) -> None:
        """The text changed."""
        if not self._starts:
            return
        end = edit.at + len(edit.removed)
        if end > edit.at:
            first, last = self._first_ending_after(edit.at), self._first_starting_from(end)
        else:  # inserted: only a range that is broken into is touched
            first = self._first_ending_after(edit.at)
            last = self._first_starting_from(edit.at)
        self._move_split(last)
        if first < last:
            del self._starts[first:last], self._ends[first:last], self._tags[first:last]
            self._split = first
        self._shift += len(edit.inserted) - len(edit.removed)

    def _move_split(self, to: int) -> None:
        shift = self._shift
        if to > self._split:
            for index in range(self._split, to):
                self._starts[index] += shift
                self._ends[index] += shift
        else:
            for index in range(to, self._split):
                self._starts[index] -= shift
                self._ends[index] -= shift
        self._split = to

    def _first_ending_after(self, place: int) -> int:
        found = bisect_right(self._ends, place, 0, self._split)
        if found < self._split:
            return found
        return bisect_right(self._ends, place - self._shift, self._split)

    def _first_starting_from(self, place: int) -> int:
        found = bisect_left(self._starts, place, 0, self._split)
        if found < self._split:
            return found
        return bisect_left(self._starts, place - self._shift, self._split)
