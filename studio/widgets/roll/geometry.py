"""Which part of the roll is seen: ticks and pitches to pixels and back, zoom and scroll."""

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.media.music.score import TICKS

Ints: TypeAlias = NDArray[np.int32]
PITCHES: Final = tuple(range(127, -1, -1))  # from the top row down
ROW_LEAST_PX: Final = 4
ROW_MOST_PX: Final = 40
ZOOM_MOST: Final = 960 / TICKS  # pixels a tick
ZOOM_START: Final = 72 / TICKS
STEP: Final = 1.2


class Sight:
    """Whole pixels of the view for scroll and rows, so that what was painted can be shifted and still be right.

    `zoom` is pixels a tick, `row_px` a row's height, `left` and `top` how far it is scrolled, `end` the last tick
    that can be scrolled to.
    """

    def __init__(self) -> None:
        self.zoom = ZOOM_START
        self.row_px = 14
        self.left = 0
        self.top = 0
        self.width = 1
        self.height = 1
        self.end = TICKS * 4 * 16
        self.pitches: Sequence[int] = PITCHES
        self.rows: Ints = np.empty(0, dtype=np.int32)
        self.show_pitches(PITCHES)

    def show_pitches(self, pitches: Sequence[int]) -> None:
        """The rows from the top down; -1 in `rows` for a pitch that has none."""
        middle = self.pitch_at(self.height / 2) if len(self.rows) else 72
        self.pitches = tuple(pitches)
        self.rows = np.full(128, -1, dtype=np.int32)
        self.rows[list(self.pitches)] = np.arange(len(self.pitches), dtype=np.int32)
        self.centre_pitch(middle)

    # -- there and back ------------------------------------------------------------------------------

    def x(self, tick: float) -> int:
        """The view's x of a tick."""
        return math.floor(tick * self.zoom) - self.left

    def xs(self, ticks: Ints) -> Ints:
        """The same for many."""
        out: Ints = np.floor(ticks * self.zoom).astype(np.int32) - np.int32(self.left)
        return out

    def tick(self, x: float) -> float:
        """The tick at the view's x."""
        return max(0.0, (x + self.left) / self.zoom)

    def y(self, pitch: int) -> int:
        """The top of a pitch's row in the view; a pitch without a row: the row below which it would be."""
        row = int(self.rows[pitch])
        if row < 0:
            row = sum(1 for one in self.pitches if one > pitch)
        return row * self.row_px - self.top

    def pitch_at(self, y: float) -> int:
        """The pitch at the view's y; the nearest one outside."""
        row = math.floor((y + self.top) / self.row_px)
        return self.pitches[min(len(self.pitches) - 1, max(0, row))]

    @property
    def span(self) -> tuple[int, int]:
        """The first and last tick in sight."""
        return int(self.tick(0)), math.ceil(self.tick(self.width))

    # -- how large, how far --------------------------------------------------------------------------

    @property
    def content(self) -> tuple[int, int]:
        """Width and height of it all, in pixels."""
        return math.ceil(self.end * self.zoom), len(self.pitches) * self.row_px

    @property
    def most(self) -> tuple[int, int]:
        """How far it can be scrolled."""
        width, height = self.content
        return max(0, width - self.width), max(0, height - self.height)

    def resize(self, width: int, height: int) -> None:
        """The view has another size."""
        self.width, self.height = max(1, width), max(1, height)
        self._settle()

    def scroll_to(self, left: float, top: float) -> tuple[int, int]:
        """Scroll; answers by how much it moved."""
        before = self.left, self.top
        self.left, self.top = round(left), round(top)
        self._settle()
        return self.left - before[0], self.top - before[1]

    def zoom_time(self, factor: float, x: float) -> None:
        """Wider or narrower; the tick at `x` stays there."""
        tick = (x + self.left) / self.zoom
        self.zoom = min(ZOOM_MOST, max(self.least_zoom, self.zoom * factor))
        self.left = round(tick * self.zoom - x)
        self._settle()

    def zoom_rows(self, steps: float, y: float) -> None:
        """Higher or lower rows; the pitch at `y` stays there."""
        row = (y + self.top) / self.row_px
        wanted = self.row_px * STEP**steps
        wanted = math.ceil(wanted) if steps > 0 else math.floor(wanted)
        self.row_px = int(min(ROW_MOST_PX, max(ROW_LEAST_PX, wanted)))
        self.top = round(row * self.row_px - y)
        self._settle()

    @property
    def least_zoom(self) -> float:
        """With it everything fits."""
        return min(ZOOM_START, self.width / max(1, self.end))

    def fit(self, first: int, last: int, low: int, high: int) -> None:
        """Show these ticks and these pitches, as large as fits."""
        self.zoom = min(ZOOM_MOST, max(self.least_zoom, self.width / max(1, last - first)))
        rows = sum(1 for pitch in self.pitches if low <= pitch <= high)
        self.row_px = int(min(24, max(ROW_LEAST_PX, self.height // max(1, rows))))
        self.left = round(first * self.zoom)
        self.centre_pitch((low + high) // 2)

    def centre_pitch(self, pitch: int) -> None:
        """Bring a pitch to the middle."""
        self.top += self.y(pitch) - (self.height - self.row_px) // 2
        self._settle()

    def _settle(self) -> None:
        self.zoom = max(self.zoom, self.least_zoom)
        right, bottom = self.most
        self.left = min(right, max(0, self.left))
        self.top = min(bottom, max(0, self.top))
