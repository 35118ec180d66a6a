"""How long the documents of a folder are and what shapes its pictures have, counted for a chart."""

import math
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from studio.media.dataset.buckets import Size, bucket_for
from studio.media.dataset.found import Document

BARS_MOST: Final = 20
_ROUND: Final = (1, 2, 5)
_WIDE: Final = 50  # times as long as the shortest: from there on bars grow with the length
SHAPES: Final[tuple[Size, ...]] = (
    (1, 3),
    (1, 2),
    (9, 16),
    (2, 3),
    (3, 4),
    (1, 1),
    (4, 3),
    (3, 2),
    (16, 9),
    (2, 1),
    (3, 1),
)


class Histogram(Struct, frozen=True):
    """`counts[i]` values lie from `edges[i]` up to `edges[i + 1]`, the last edge among them; none for no values."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


def lengths(values: Sequence[float], most: int = BARS_MOST) -> Histogram:
    """At most `most` bars with round edges, even ones, or growing by a factor where values are very different."""
    if not values:
        return Histogram((), ())
    low, high = min(values), max(values)
    if low > 0 and high / low > _WIDE:
        return counted(values, _growing(low, high, most))
    return counted(values, _even(low, high, most))


def counted(values: Sequence[float], edges: Sequence[float]) -> Histogram:
    """How many values lie between the edges; what lies outside is not counted."""
    from bisect import bisect_right

    counts = [0] * max(0, len(edges) - 1)
    for value in values:
        at = bisect_right(edges, value) - 1
        if value == edges[-1]:
            at -= 1
        if 0 <= at < len(counts):
            counts[at] += 1
    return Histogram(tuple(edges), tuple(counts))


def shapes(documents: Sequence[Document]) -> tuple[tuple[str, int], ...]:
    """How many pictures have about the shape 3:4, 1:1 and so on, from the tallest to the widest; those there are."""
    counts = [0] * len(SHAPES)
    for document in documents:
        if document.width and document.height:
            counts[bucket_for(document.width, document.height, SHAPES)] += 1
    return tuple(
        (f"{width}:{height}", count) for (width, height), count in zip(SHAPES, counts, strict=True) if count
    )


def _even(low: float, high: float, most: int) -> list[float]:
    """Multiples of a round number (1, 2 or 5 times a power of ten) that is 1 at least."""
    step = _rounded((high - low) / most)
    first = math.floor(low / step)
    last = max(first + 1, math.ceil(high / step))
    if last - first > most:  # its edges may stand askew to the values
        step = _rounded(step * 1.01)
        first, last = math.floor(low / step), max(math.floor(low / step) + 1, math.ceil(high / step))
    return [step * at for at in range(first, last + 1)]


def _rounded(least: float) -> float:
    """The next round number from `least` on, 1 at least."""
    if least <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next((power * each for each in (*_ROUND, 10) if power * each >= least), power * 10)


def _growing(low: float, high: float, most: int) -> list[float]:
    """1, 2, 5, 10, 20, 50 and so on, or powers of ten where those are too many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    edges = [each * 10.0**power for power in powers for each in _ROUND]
    first = max(at for at, edge in enumerate(edges) if edge <= low)
    last = min(at for at, edge in enumerate(edges) if edge >= high)
    edges = edges[first : last + 1]
    if len(edges) - 1 > most:
        edges = [10.0**power for power in powers]
    return edges
