"""Paints what lies under the notes: rows, lines, tints."""

import math
from typing import Final

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from studio.widgets.roll.geometry import Ints
from studio.widgets.roll.lines import lines
from studio.widgets.roll.rects import boxes, fill
from studio.widgets.roll.state import RollState

BLACK: Final = np.isin(np.arange(128) % 12, (1, 3, 6, 8, 10))
_ROW_LINES_PX: Final = 7


def paint_ground(painter: QPainter, state: RollState, area: QRect) -> None:
    """Rows, lines and tints within `area` of the view; nothing below the last row."""
    rows = QRect(area)
    rows.setBottom(min(area.bottom(), state.sight.content[1] - state.sight.top - 1))
    if rows != area:
        painter.fillRect(area, state.looks.ground)
    if not rows.isEmpty():
        _rows(painter, state, rows)
        paint_tints(painter, state, rows)
        paint_lines(painter, state, rows)


def _rows(painter: QPainter, state: RollState, area: QRect) -> None:
    sight, look = state.sight, state.looks
    painter.fillRect(area, look.white_key)
    first = max(0, (area.top() + sight.top) // sight.row_px)
    last = min(len(sight.pitches) - 1, (area.bottom() + sight.top) // sight.row_px)
    if last < first:
        return
    rows = np.arange(first, last + 1, dtype=np.int32)
    pitches = np.array(sight.pitches[first : last + 1], dtype=np.int32)
    tops = rows * sight.row_px - sight.top
    black = tops[BLACK[pitches]] if not state.track.drums else tops[rows % 2 == 1]
    fill(painter, _bands(area, black, sight.row_px), look.black_key)
    if sight.row_px >= _ROW_LINES_PX:
        fill(painter, _bands(area, tops + sight.row_px - 1, 1), look.row_line)
    octaves = tops[pitches % 12 == 0] + sight.row_px - 1
    fill(painter, _bands(area, octaves, 1), look.octave_line)


def _bands(area: QRect, tops: Ints, height: int) -> Ints:
    left = np.full(len(tops), area.left(), dtype=np.int32)
    return boxes(left, tops, area.width(), height)


def paint_tints(painter: QPainter, state: RollState, area: QRect) -> None:
    """A locked track or its locked bars, the range that is chosen or made anew."""
    if state.track.locked:
        painter.fillRect(area, state.looks.locked)
    painter.setBrushOrigin(-state.sight.left, -state.sight.top)  # the hatch scrolls with the notes
    for held in state.track.held:
        left, right = state.sight.x(held.start), state.sight.x(held.end)
        box = QRect(left, area.top(), right - left, area.height()).intersected(area)
        painter.fillRect(box, state.looks.locked)
        painter.fillRect(box, state.looks.held)
    for span, colour in ((state.region, state.looks.region), (_ticks_of_range(state), state.looks.rubber)):
        if span is not None:
            left, right = state.sight.x(span[0]), state.sight.x(span[1])
            painter.fillRect(QRect(left, area.top(), right - left, area.height()).intersected(area), colour)


def _ticks_of_range(state: RollState) -> tuple[int, int] | None:
    if state.range is None:
        return None
    last = min(state.range[1], len(state.bars) - 1)
    return state.bars.span(min(state.range[0], last), last)


def paint_lines(painter: QPainter, state: RollState, area: QRect) -> None:
    """Bars, beats and the grid."""
    sight, look = state.sight, state.looks
    span = int(sight.tick(area.left() - 2)), math.ceil(sight.tick(area.right() + 2))
    found = lines(sight, state.bars, state.score.meters, state.snap, span)
    for ticks, colour in (
        (found.steps, look.step_line),
        (found.beats, look.beat_line),
        (found.bars, look.bar_line),
    ):
        xs = sight.xs(ticks)
        tops = np.full(len(xs), area.top(), dtype=np.int32)
        fill(painter, boxes(xs, tops, 1, area.height()), colour)
