"""The words of the piano roll: its tools, its grid, and what the pointer says."""

from fractions import Fraction
from typing import Final, Literal, get_args

from msgspec import Struct
from PySide6.QtCore import QPointF

from studio.media.music.score import TICKS, Bars
from studio.widgets.modifiers import Modified

Tool = Literal["select", "draw", "lasso", "erase", "split", "pan"]
TOOLS: Final[tuple[Tool, ...]] = get_args(Tool)
RollKind = Literal["drawn", "adjusted", "arranged", "locked", "unlocked"]
LOCKED_TRACK: Final = "This track is locked. Unlock it first, then change its notes."
LOCKED_NOTE: Final = "This note is locked. Unlock it first, then change it."
LOCKED_BARS: Final = "These bars are locked. Unlock them first, then change their notes."
DIVISIONS: Final = (1, 2, 4, 8, 16, 32)  # of a whole note


class Snap(Struct, frozen=True):
    """The grid that notes stand on: a whole note's 1/`division`, or two thirds of that; 0 is no grid."""

    division: int = 16
    triplet: bool = False

    @property
    def step(self) -> int:
        """Its width in ticks; 1 without a grid."""
        if not self.division:
            return 1
        return TICKS * 4 // self.division * (2 if self.triplet else 3) // 3

    @property
    def title(self) -> str:
        """As it is called: "1/16", "1/8 triplet", "Off"."""
        if not self.division:
            return "Off"
        return f"1/{self.division}{' triplet' if self.triplet else ''}"

    def near(self, tick: float, bars: Bars) -> int:
        """The closest line of the grid; each bar begins it anew."""
        _, last = self._bar(tick, bars)
        low = self.before(tick, bars)
        high = min(last, low + self.step)
        return low if tick - low < high - tick else high

    def before(self, tick: float, bars: Bars) -> int:
        """The line at or before a tick."""
        first, _ = self._bar(tick, bars)
        return first + int((tick - first) // self.step) * self.step

    def _bar(self, tick: float, bars: Bars) -> tuple[int, int]:
        at = bars.at(max(0, int(tick)))
        first, last = bars.span(at, at)
        return (first, last) if tick < last else (first, 1 << 40)


SNAPS: Final = (
    *(Snap(division) for division in DIVISIONS),
    *(Snap(division, triplet=True) for division in DIVISIONS[1:]),
    Snap(0),
)


class Pointer(Modified, frozen=True, kw_only=True):
    """Where a mouse or pen is: its tick and pitch (-1: no row there), and where in the view."""

    tick: float
    pitch: int
    view: QPointF


def length_words(ticks: int) -> str:
    """A length as musicians say it ("quarter", "dotted eighth", "5 quarters")."""
    for dots, (over, under) in ((0, (1, 1)), (1, (3, 2)), (2, (2, 3))):
        plain = ticks * under / over
        for name, whole in _LENGTHS:
            if plain == whole:
                return f"{('', 'dotted ', 'triplet ')[dots]}{name}"
    quarters = Fraction(ticks, TICKS).limit_denominator(48)
    if quarters.denominator == 1:
        return f"{quarters.numerator} quarters"
    return f"{float(quarters):.2f} quarters"


_LENGTHS: Final = (
    ("whole", TICKS * 4),
    ("half", TICKS * 2),
    ("quarter", TICKS),
    ("eighth", TICKS // 2),
    ("sixteenth", TICKS // 4),
    ("thirty-second", TICKS // 8),
)
