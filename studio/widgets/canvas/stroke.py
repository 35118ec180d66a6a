"""One stroke of the brush or eraser: stamps along the way, laid over what the mask was before it."""

import math
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect

from studio.media.picture import masks
from studio.widgets.canvas.kinds import Brush
from studio.widgets.canvas.stamps import Stamps

Bytes: TypeAlias = NDArray[np.uint8]
_THINNEST: Final = 0.15  # of the size, at no pressure


class Stroke:
    """Paints into `mask`, uint8 (height, width), whose left top pixel is at `left`, `top` of the canvas.

    Only what a stamp touches is computed: the stroke's own coverage grows by the greater of old and new, so its
    opacity is not added up within it, and the mask there is what it was before with that over it.
    """

    def __init__(self, mask: Bytes, left: int, top: int, brush: Brush, stamps: Stamps, *, rubs: bool) -> None:
        self._mask = mask
        self._before = mask.copy()
        self._cover = np.zeros(mask.shape, dtype=np.uint8)  # not zeros_like: that touches every page
        self._left = left
        self._top = top
        self._brush = brush
        self._stamps = stamps
        self._mix = masks.taken if rubs else masks.added
        self._last: tuple[float, float, float] | None = None
        self._on_px = 0.0
        self.touched = QRect()

    def go_to(self, at: QPointF, pressure: float = 1.0) -> QRect:
        """Paint from where it was to here; the rectangle of the canvas that changed."""
        x, y = at.x(), at.y()
        dirty = self._dab(x, y, pressure) if self._last is None else self._line(*self._last, x, y, pressure)
        self._last = (x, y, pressure)
        self._mix_in(dirty)
        self.touched = self.touched.united(dirty)
        return dirty

    def finish(self) -> QRect:
        """Paint to the very place where it ended, between two dabs perhaps."""
        if self._last is None:
            return QRect()
        dirty = self._dab(*self._last)
        self._mix_in(dirty)
        self.touched = self.touched.united(dirty)
        return dirty

    def _line(
        self, x: float, y: float, pressure: float, to_x: float, to_y: float, to_pressure: float
    ) -> QRect:
        """Dabs at even distances from the last one, so that slow and fast hands paint the same."""
        length = math.hypot(to_x - x, to_y - y)
        dirty, along = QRect(), self._on_px
        while along <= length:
            share = along / length if length else 0.0
            now = pressure + (to_pressure - pressure) * share
            dirty = dirty.united(self._dab(x + (to_x - x) * share, y + (to_y - y) * share, now))
            along += self._step_px(now)
        self._on_px = along - length
        return dirty

    def _step_px(self, pressure: float) -> float:
        return max(1.0, self._size_px(pressure) * self._brush.spacing)

    def _size_px(self, pressure: float) -> float:
        if not self._brush.pressure:
            return self._brush.size_px
        return max(1.0, self._brush.size_px * (_THINNEST + (1.0 - _THINNEST) * min(1.0, max(0.0, pressure))))

    def _dab(self, x: float, y: float, pressure: float) -> QRect:
        brush = self._brush
        if self._last is None:
            self._on_px = self._step_px(pressure)
        stamp, left, top = self._stamps.stamp(self._size_px(pressure), brush.softness, brush.opacity, x, y)
        where = QRect(left, top, stamp.shape[1], stamp.shape[0]).intersected(self._area())
        if where.isEmpty():
            return QRect()
        part = stamp[
            where.top() - top : where.bottom() + 1 - top, where.left() - left : where.right() + 1 - left
        ]
        cover = self._cover[self._slices(where)]
        np.maximum(cover, part, out=cover)
        return where

    def _mix_in(self, dirty: QRect) -> None:
        if not dirty.isEmpty():
            part = self._slices(dirty)
            self._mask[part] = self._mix(self._before[part], self._cover[part])

    def undo(self) -> QRect:
        """The mask as it was before; what changed by that."""
        if not self.touched.isEmpty():
            part = self._slices(self.touched)
            self._mask[part] = self._before[part]
        return self.touched

    def _area(self) -> QRect:
        height, width = self._mask.shape
        return QRect(self._left, self._top, width, height)

    def _slices(self, rect: QRect) -> tuple[slice, slice]:
        left, top = rect.left() - self._left, rect.top() - self._top
        return slice(top, top + rect.height()), slice(left, left + rect.width())
