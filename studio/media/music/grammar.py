"""Which token of music may come next: bars in order, positions that never go back, nothing outside the masks.

What a take writes obeys by construction: a pitch can only be sampled where it is free for it, and only for as long.
Free means inside the instrument's range, the key's scale and the chord of every step it sounds in, not where a note
that stays sounds the same pitch, and not behind the bars to be written. So no note is doubled or overlaps itself,
every bar is closed, and any sequence the grammar allows ends.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from studio.media.music import grammar_core as core
from studio.media.music import vocabulary as v
from studio.media.music.score import Note
from studio.media.music.tokens_grid import GridNote

VOICES_MOST: Final = 10  # notes of one track that begin together: as many as fingers
Placed = tuple[str, Note]  # a track's id and a note of the score


class Space:
    """Where the pitches of one track may sound: a matrix of steps (from `first` up to `end`) by 128 pitches."""

    def __init__(self, first: int, end: int) -> None:
        self.first = first
        self.free = np.ones((end - first, 128), dtype=np.uint8)

    def keep_range(self, low: int, high: int) -> None:
        """Nothing below `low` or above `high`."""
        self.free[:, :low] = 0
        self.free[:, high + 1 :] = 0

    def keep_classes(self, start: int, end: int, classes: frozenset[int]) -> None:
        """Only these pitch classes from step `start` up to `end`."""
        outside = [pitch for pitch in range(128) if pitch % 12 not in classes]
        first, stop = self._rows(start, end)
        self.free[first:stop, outside] = 0

    def close(self, start: int, end: int) -> None:
        """Nothing sounds from step `start` up to `end`."""
        first, stop = self._rows(start, end)
        self.free[first:stop] = 0

    def occupy(self, note: GridNote) -> None:
        """A note that stays sounds here."""
        first, stop = self._rows(note.start, note.end)
        self.free[first:stop, note.pitch] = 0

    def _rows(self, start: int, end: int) -> tuple[int, int]:
        return max(0, start - self.first), max(0, min(end - self.first, len(self.free)))


class Block(Struct, frozen=True):
    """One bar to be written: in which space, from which step on, how long; `head` are the tokens before its notes.

    `notes`: how many it gets, as far as there is room for them; -1: as many as the model likes.
    """

    space: int
    start: int
    length: int
    head: tuple[int, ...]
    notes: int = -1


class Grammar:
    """Follows one take through its blocks, token by token; the first block's head is already fed.

    `place` turns a block's index and a note in steps of the window into what `notes` holds of it. `room` is how many
    tokens the model can still take, heads included: bars are closed in time for it. Raises ValueError when the heads
    alone do not fit. A step costs a few microseconds and is `grammar_core`'s.
    """

    def __init__(
        self,
        blocks: Sequence[Block],
        spaces: Sequence[Space],
        room: int,
        place: Callable[[int, GridNote], Placed],
        *,
        most_notes: int = 1 << 30,
        voices: int = VOICES_MOST,
    ) -> None:
        self.notes: list[Placed] = []
        self._place = place
        self._blocks = blocks
        self._spaces = spaces
        self._free = [space.free.copy() for space in spaces]
        self._open = [free.sum(axis=1, dtype=np.int16) for free in self._free]
        self._table = core.rows()
        self._mask = np.zeros(v.SAMPLED, dtype=np.bool_)
        self._most_notes = most_notes
        self._state = [0] * core.STATE
        self._state[core.MOST_VOICES] = voices
        self._state[core.SPARE] = room - sum(len(block.head) + 1 for block in blocks[1:]) - 1
        if self._state[core.SPARE] < 0:
            raise ValueError(f"{room} tokens do not hold {len(blocks)} bars")
        self._at = -1
        self._known = False
        self._begin()

    @property
    def done(self) -> bool:
        """Whether every bar is written."""
        return self._at >= len(self._blocks)

    @property
    def block(self) -> int:
        """The index of the block that is being written."""
        return self._at

    def allowed(self) -> core.Mask:
        """Which of the first vocabulary.SAMPLED tokens may come; at least one. Valid until the next `push`."""
        if not self._known:
            space = self._blocks[self._at].space
            core.fill_mask(self._state, self._free[space], self._open[space], self._table, self._mask)
            self._known = True
        return self._mask

    def push(self, token: int) -> tuple[int, ...]:
        """Takes the token that was sampled. What it returns follows unsampled: the head of the next block, mostly
        nothing. Raises ValueError for a token that is not allowed."""
        if self.done or not 0 <= token < v.SAMPLED or not self.allowed()[token]:
            raise ValueError(f"{v.NAMES[token]} cannot come here")
        self._known = False
        if token == v.END:
            return self._begin()
        state, block = self._state, self._blocks[self._at]
        if core.advance(state, self._free[block.space], self._open[block.space], token):
            note = GridNote(
                block.start + state[core.AT], state[core.PITCH], state[core.HELD], state[core.VELOCITY]
            )
            self.notes.append(self._place(self._at, note))
            if len(self.notes) >= self._most_notes:
                state[core.SPARE] = 0
        return ()

    def _begin(self) -> tuple[int, ...]:
        """Opens the next block; its head."""
        self._at += 1
        if self.done:
            return ()
        block = self._blocks[self._at]
        core.open_bar(self._state, block.start - self._spaces[block.space].first, block.length, block.notes)
        return block.head if self._at else ()
