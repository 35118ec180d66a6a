"""What lies over the letters of a text: heat, search hits, a flash. None of it belongs to the text."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from studio.media.spans import Edit
from studio.widgets.moving_ranges import MovingRanges

HEAT_STEPS: Final = (0.7, 2.0, 3.5, 5.5)  # nats; a token of probability 1/2 has 0.7, of 1/250 has 5.5
HEAT_ROLES: Final = ("heat_1", "heat_2", "heat_3", "heat_4", "heat_5")
_LABELS: Final = ("expected", "likely", "open", "unusual", "surprising")


def heat_step(surprise_nats: float) -> int:
    """The legend's step of a surprise, 0 to 4."""
    return bisect_right(HEAT_STEPS, surprise_nats)


def heat_legend() -> tuple[tuple[str, str], ...]:
    """(colour role, words) for each step, calm to startling."""
    return tuple(zip(HEAT_ROLES, _LABELS, strict=True))


class PageMarks:
    """Ranges in characters; they move with the text."""

    def __init__(self) -> None:
        self._heat: MovingRanges[int] = MovingRanges()
        self._hits: MovingRanges[bool] = MovingRanges()
        self.flash: tuple[int, int, float] = (0, 0, 0.0)  # start, end, strength 0 to 1

    def set_heat(self, values: Iterable[tuple[int, int, float]]) -> None:
        """Start, end and surprise in nats of each token."""
        self._heat = MovingRanges((start, end, heat_step(nats)) for start, end, nats in values)

    def set_hits(self, ranges: Sequence[tuple[int, int]], current: int) -> None:
        """What a search found; `current` is the index of the one it stands at, -1 for none."""
        self._hits = MovingRanges((start, end, index == current) for index, (start, end) in enumerate(ranges))

    def follow(self, edit: Edit) -> None:
        """The text changed: ranges that were touched vanish, later ones move."""
        self._heat.follow(edit)
        self._hits.follow(edit)

    def clear(self) -> None:
        """Another text."""
        self._heat, self._hits = MovingRanges(), MovingRanges()
        self.flash = (0, 0, 0.0)

    def heat(self, start: int, end: int) -> Sequence[tuple[int, int, int]]:
        """(start, end, step) of the tokens within start..end."""
        return self._heat.within(start, end) if len(self._heat) else ()

    def hits(self, start: int, end: int) -> Sequence[tuple[int, int, bool]]:
        """(start, end, is the current one) of the hits within start..end."""
        return self._hits.within(start, end) if len(self._hits) else ()

    def heat_everywhere(self) -> Sequence[tuple[int, int, int]]:
        """All that is tinted."""
        return self._heat.everything()

    def hits_everywhere(self) -> Sequence[tuple[int, int, bool]]:
        """All hits that are left."""
        return self._hits.everything()
