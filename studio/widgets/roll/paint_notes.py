"""Paints notes, all of one colour in one stroke: those that rest, those of others, takes, and what is dragged."""

from typing import Final

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from studio.widgets.roll.geometry import Ints
from studio.widgets.roll.looks import Shades, strength
from studio.widgets.roll.model import Flags, NoteTable, Places
from studio.widgets.roll.rects import boxes, fill, outline
from studio.widgets.roll.state import RollState

_EDGE_ROW_PX: Final = 7  # lower rows have no edges, only gaps
_NOTCHED_ROW_PX: Final = 10
_NOTCHED_PX: Final = 5
_CHOSEN, _PLAIN = 2, 3


def paint_notes(painter: QPainter, state: RollState, area: QRect) -> None:
    """Everything that rests, within `area` of the view."""
    first, last = state.sight.tick(area.left() - 2), state.sight.tick(area.right() + 2)
    others = state.others.within(first, last)
    fill(painter, rects_of(state, state.others, others, area), state.looks.others)
    places = state.table.within(first, last)
    resting = state.resting()
    if resting is not None:
        places = places[resting[places]]
    if state.take is not None and state.compares:
        _paint_compared(painter, state, places, area)
        return
    paint_table(painter, state, places, area)
    if state.take is not None:
        _paint_take(painter, state, state.take, state.take.within(first, last), area)


def rects_of(state: RollState, table: NoteTable, places: Places, area: QRect) -> Ints:
    """Their rectangles in the view; notes in rows that are folded away or out of `area` have none."""
    rects, seen = _seen(state, table.start[places], table.end[places], table.pitch[places], area)
    return rects[seen]


def _seen(state: RollState, start: Ints, end: Ints, pitch: Ints, area: QRect) -> tuple[Ints, Flags]:
    sight = state.sight
    left = sight.xs(start)
    width = np.maximum(2, sight.xs(end) - left - 1)
    row = sight.rows[pitch]
    top = row * sight.row_px - sight.top
    gap = 1 if sight.row_px > 5 else 0
    rects = boxes(left, top, width, sight.row_px - gap)
    return rects, (row >= 0) & (top + sight.row_px > area.top()) & (top <= area.bottom())


def paint_table(painter: QPainter, state: RollState, places: Places, area: QRect) -> None:
    """Notes of the track: fill by author and velocity (or by surprise), edge, what is locked and what is chosen."""
    table = state.table
    rects, seen = _seen(state, table.start[places], table.end[places], table.pitch[places], area)
    places, rects = places[seen], rects[seen]
    edges = table.model[places].astype(np.uint8)
    if state.surprise is not None:
        edges[:] = _PLAIN
    edges[state.chosen[places]] = _CHOSEN
    _paint(painter, state, rects, state.shades[places], edges, state.fixed[places])


def paint_draft(painter: QPainter, state: RollState, area: QRect) -> None:
    """What is being dragged: chosen, and where it would be."""
    draft = state.draft
    if draft is None or not len(draft.start):
        return
    first, last = state.sight.tick(area.left() - 2), state.sight.tick(area.right() + 2)
    near = np.flatnonzero((draft.end >= first) & (draft.start <= last))
    rects, seen = _seen(state, draft.start[near], draft.end[near], draft.pitch[near], area)
    near, rects = near[seen], rects[seen]
    shades = strength(draft.velocity[near]) + draft.model[near].astype(np.uint8) * np.uint8(8)
    edges = np.full(len(near), _CHOSEN, dtype=np.uint8)
    _paint(painter, state, rects, shades, edges, None)


def _paint(
    painter: QPainter, state: RollState, rects: Ints, shades: Shades, edges: Shades, locked: Flags | None
) -> None:
    inner = rects
    if state.sight.row_px >= _EDGE_ROW_PX:
        _paint_each(painter, *_notched(rects, edges, state.sight.row_px), state.looks.edges)
        inset = np.where(edges == _CHOSEN, 2, 1).astype(np.int32)
        inner = rects.copy()
        inner[:, 0] += inset
        inner[:, 1] += inset
        inner[:, 2] -= inset
        inner[:, 3] -= inset
        kept = (inner[:, 2] >= inner[:, 0]) & (inner[:, 3] >= inner[:, 1])
        inner, shades, edges = inner[kept], shades[kept], edges[kept]
        locked = locked[kept] if locked is not None else None
    _paint_each(painter, inner, shades, state.looks.notes)
    if state.sight.row_px < _EDGE_ROW_PX:
        fill(painter, inner[edges == _CHOSEN], state.looks.edges[_CHOSEN])
    if locked is not None and locked.any():
        painter.setBrushOrigin(-state.sight.left, -state.sight.top)
        fill(painter, inner[locked], state.looks.hatch)


def _notched(rects: Ints, edges: Shades, row_px: int) -> tuple[Ints, Shades]:
    """Those that are large enough as two rectangles each, which leave the four corner pixels out."""
    large = rects[:, 2] - rects[:, 0] >= _NOTCHED_PX
    if row_px < _NOTCHED_ROW_PX or not large.any():
        return rects, edges
    small, small_edges = rects[~large], edges[~large]
    wide, high, edges = rects[large], rects[large], edges[large]
    wide[:, 1] += 1
    wide[:, 3] -= 1
    high[:, 0] += 1
    high[:, 2] -= 1
    return np.concatenate((small, wide, high)), np.concatenate((small_edges, edges, edges))


def _paint_each(painter: QPainter, rects: Ints, kinds: Shades, colours: tuple[QColor, ...]) -> None:
    order = np.argsort(kinds, kind="stable")
    sorted_rects = rects[order]
    at = 0
    for kind, count in enumerate(np.bincount(kinds).tolist()):
        if count:
            fill(painter, sorted_rects[at : at + count], colours[kind])
            at += count


def _paint_take(painter: QPainter, state: RollState, take: NoteTable, places: Places, area: QRect) -> None:
    rects = rects_of(state, take, places, area)
    fill(painter, rects, state.looks.take_fill)
    outline(painter, rects, state.looks.take_edge)


def _paint_compared(painter: QPainter, state: RollState, places: Places, area: QRect) -> None:
    """The original and a take: what both have, what the take leaves out, what it brings."""
    assert state.take is not None
    first, last = state.sight.tick(area.left() - 2), state.sight.tick(area.right() + 2)
    paint_table(painter, state, places[~state.gone[places]], area)
    gone = rects_of(state, state.table, places[state.gone[places]], area)
    fill(painter, gone, state.looks.others)
    outline(painter, gone, state.looks.gone)
    theirs = state.take.within(first, last)
    come = rects_of(state, state.take, theirs[state.come[theirs]], area)
    fill(painter, come, state.looks.come)
