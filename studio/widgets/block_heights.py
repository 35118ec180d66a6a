"""The heights of a document's paragraphs: where each begins and which lies at a place, for thousands of them."""

from collections.abc import Sequence
from typing import Final

_CHUNK: Final = 256


class BlockHeights:
    """A list of heights in px. Finding, setting and replacing cost microseconds at 10,000 entries."""

    def __init__(self) -> None:
        self._chunks: list[list[float]] = [[]]
        self._sums: list[float] = [0.0]
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def total(self) -> float:
        """All heights together."""
        return sum(self._sums)

    def reset(self, heights: Sequence[float]) -> None:
        """Start over with these."""
        chunks = [list(heights[at : at + _CHUNK]) for at in range(0, len(heights), _CHUNK)]
        self._chunks = chunks or [[]]
        self._sums = [sum(chunk) for chunk in self._chunks]
        self._count = len(heights)

    def get(self, index: int) -> float:
        """The height of one. Raises IndexError outside."""
        chunk, offset = self._find(index)
        return self._chunks[chunk][offset]

    def set(self, index: int, height: float) -> float:
        """Change one; gives how much taller it became."""
        chunk, offset = self._find(index)
        grown = height - self._chunks[chunk][offset]
        if grown:
            self._chunks[chunk][offset] = height
            self._sums[chunk] = sum(self._chunks[chunk])  # summed anew: no drift
        return grown

    def replace(self, first: int, count: int, heights: Sequence[float]) -> None:
        """Take `count` entries from `first` on away and put others there."""
        if count == len(heights) == 1:
            self.set(first, heights[0])
            return
        low, offset = self._find(first) if first < self._count else (len(self._chunks) - 1, -1)
        if offset < 0:
            offset = len(self._chunks[low])
        high, left = low, offset + count - len(self._chunks[low])
        while left > 0 and high + 1 < len(self._chunks):
            high += 1
            left -= len(self._chunks[high])
        whole = [height for chunk in self._chunks[low : high + 1] for height in chunk]
        whole[offset : offset + count] = heights
        cut = [whole[at : at + _CHUNK] for at in range(0, len(whole), _CHUNK)]
        if not cut and len(self._chunks) == high - low + 1:
            cut = [[]]
        self._chunks[low : high + 1] = cut
        self._sums[low : high + 1] = [sum(chunk) for chunk in cut]
        self._count += len(heights) - count

    def top(self, index: int) -> float:
        """Where entry `index` begins; `len` gives the end of all."""
        place = 0.0
        for chunk, height in zip(self._chunks, self._sums, strict=True):
            if index <= len(chunk):
                return place + sum(chunk[:index])
            index -= len(chunk)
            place += height
        return place

    def at(self, place_px: float) -> int:
        """The entry that lies at a place; the nearest one outside. -1 when there is none."""
        first, last = 0, len(self._chunks) - 1
        for chunk, height in enumerate(self._sums):
            if place_px < height or chunk == last:
                for offset, one in enumerate(self._chunks[chunk]):
                    if place_px < one:
                        return first + offset
                    place_px -= one
                return first + len(self._chunks[chunk]) - 1
            first += len(self._chunks[chunk])
            place_px -= height
        return self._count - 1

    def _find(self, index: int) -> tuple[int, int]:
        if index < 0:
            raise IndexError(index)
        for chunk, heights in enumerate(self._chunks):
            if index < len(heights):
                return chunk, index
            index -= len(heights)
        raise IndexError(index)
