"""The notes of a track as arrays: which are in sight, which lies under the pointer, what an edit changed."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.media.music.score import END_MOST, Held, Note
from studio.widgets.roll.geometry import Ints

Flags: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.intp]


class NoteTable:
    """Frozen, like the notes it stands for; all arrays are as long as `notes` and in their order (by start)."""

    def __init__(
        self,
        notes: tuple[Note, ...],
        numbers: Ints,  # (notes, 4): start, end, pitch, velocity
        flags: Flags,  # (notes, 2): by a model, locked
    ) -> None:
        self.notes = notes
        self._numbers = numbers
        self._flags = flags
        columns = np.ascontiguousarray(numbers.T)
        self.start, self.end, self.pitch, self.velocity = columns[0], columns[1], columns[2], columns[3]
        self.model, self.locked = flags[:, 0], flags[:, 1]
        self.longest = int((self.end - self.start).max()) if notes else 0

    @classmethod
    def of(cls, notes: Iterable[Note]) -> "NoteTable":
        """The table of these notes, which are sorted."""
        kept = tuple(notes)
        return cls(kept, _numbers(kept), _flags(kept))

    def __len__(self) -> int:
        return len(self.notes)

    @property
    def extent(self) -> tuple[int, int]:
        """From where the first note begins to where the last one ends; there is one."""
        return int(self.start[0]), int(self.end.max())

    def none(self) -> Flags:
        """No note chosen."""
        return np.zeros(len(self.notes), dtype=np.bool_)

    def within(self, first: float, last: float) -> Places:
        """The notes that sound between two ticks, in order."""
        low = int(np.searchsorted(self.start, first - self.longest))
        high = int(np.searchsorted(self.start, last, "right"))
        return low + np.flatnonzero(self.end[low:high] >= first)

    def within_any(self, spans: Sequence[Held]) -> Flags:
        """The notes that sound in any of these stretches, which are sorted and apart."""
        if not spans:
            return self.none()
        starts = np.array([*(span.start for span in spans), END_MOST + 1])
        ends = np.array([span.end for span in spans])
        out: Flags = starts[np.searchsorted(ends, self.start, "right")] < self.end
        return out

    def at(self, tick: float, pitch: int, slack: float = 0.0) -> int:
        """The note under a point: the one that began last, `slack` ticks around it as well; -1 for none."""
        found = self.within(tick - slack, tick + slack)
        found = found[self.pitch[found] == pitch]
        if not len(found):
            return -1
        inside = found[(self.start[found] <= tick) & (self.end[found] > tick)]
        if len(inside):
            return int(inside[-1])
        away = np.minimum(abs(self.start[found] - tick), abs(self.end[found] - tick))
        return int(found[int(away.argmin())])

    def place(self, note: Note) -> int:
        """Where a note is; -1 if it is not here."""
        at = bisect_left(self.notes, note)
        return at if at < len(self.notes) and self.notes[at] == note else -1

    def marked(self, notes: Iterable[Note]) -> Flags:
        """These notes, as flags; those that are not here are left out."""
        wanted = notes if isinstance(notes, (set, frozenset)) else set(notes)
        if len(wanted) * 8 > len(self.notes):
            return np.fromiter((note in wanted for note in self.notes), np.bool_, len(self.notes))
        out = self.none()
        for note in wanted:
            at = self.place(note)
            while 0 <= at < len(self.notes) and self.notes[at] == note:
                out[at] = True
                at += 1
        return out

    def chosen(self, flags: Flags) -> tuple[Note, ...]:
        """The notes that are marked."""
        return tuple(self.notes[at] for at in np.flatnonzero(flags).tolist())

    def replaced(self, notes: tuple[Note, ...]) -> tuple["NoteTable", "Change"]:
        """The table after an edit; what is the same at both ends is taken over, not read again."""
        change = Change.between(self.notes, notes)
        middle = notes[change.first : len(notes) - change.same_last]
        old_last = len(self.notes) - change.same_last
        numbers = np.concatenate(
            (self._numbers[: change.first], _numbers(middle), self._numbers[old_last:]), dtype=np.int32
        )
        flags = np.concatenate((self._flags[: change.first], _flags(middle), self._flags[old_last:]))
        return NoteTable(notes, numbers, flags), change


class Change:
    """What an edit changed in a sorted tuple of notes: all but the first `first` and the last `same_last`."""

    def __init__(self, first: int, same_last: int) -> None:
        self.first = first
        self.same_last = same_last

    @classmethod
    def between(cls, old: Sequence[Note], new: Sequence[Note]) -> "Change":
        """Most notes of an edited piece are the same objects: comparing 20,000 takes under a millisecond."""
        shorter = min(len(old), len(new))
        first = 0
        while first < shorter and (old[first] is new[first] or old[first] == new[first]):
            first += 1
        last = 0
        while last < shorter - first and (
            old[-1 - last] is new[-1 - last] or old[-1 - last] == new[-1 - last]
        ):
            last += 1
        return cls(first, last)

    def flags(self, old: Flags, old_notes: Sequence[Note], new_notes: Sequence[Note]) -> Flags:
        """Which notes are marked after it: those that were, wherever they stand now."""
        out = np.zeros(len(new_notes), dtype=np.bool_)
        out[: self.first] = old[: self.first]
        if self.same_last:
            out[-self.same_last :] = old[-self.same_last :]
        old_last = len(old_notes) - self.same_last
        marked = {old_notes[self.first + int(at)] for at in np.flatnonzero(old[self.first : old_last])}
        for at in range(self.first, len(new_notes) - self.same_last):
            out[at] = new_notes[at] in marked
        return out


def _numbers(notes: Sequence[Note]) -> Ints:
    out = np.empty((len(notes), 4), dtype=np.int32)
    if notes:
        out[:, 0] = [note.start for note in notes]
        out[:, 1] = [note.duration for note in notes]
        out[:, 2] = [note.pitch for note in notes]
        out[:, 3] = [note.velocity for note in notes]
        out[:, 1] += out[:, 0]
    return out


def _flags(notes: Sequence[Note]) -> Flags:
    out = np.zeros((len(notes), 2), dtype=np.bool_)
    if notes:
        out[:, 0] = [note.author != "" for note in notes]
        out[:, 1] = [note.locked for note in notes]
    return out
