"""Paints the ruler: loop above, bar numbers and markers below."""

import math
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPolygonF

from studio.media.music.score import Word
from studio.widgets.roll.lines import every_bar, lines
from studio.widgets.roll.state import RollState

LOOP_PX: Final = 13
HEIGHT_PX: Final = 46
_MARKER_MOST_PX: Final = 140
_NUMBER_PX: Final = 34
_LOCK_PX: Final = 8


def paint_ruler(painter: QPainter, state: RollState, area: QRect, held: Word | None) -> None:
    """Within `area` of the ruler, without the marker that is held in a hand."""
    look = state.looks
    painter.fillRect(area, look.ground)
    painter.fillRect(QRect(area.left(), 0, area.width(), LOOP_PX), look.black_key)
    _paint_spans(painter, state)
    _paint_numbers(painter, state, area)
    for marker in state.score.markers:
        if marker != held:
            paint_marker(painter, state, marker)
    if state.region is not None:
        left, right = state.sight.x(state.region[0]), state.sight.x(state.region[1])
        painter.fillRect(QRect(left, HEIGHT_PX - 4, right - left, 3), look.take_edge)
    painter.fillRect(QRect(area.left(), HEIGHT_PX - 1, area.width(), 1), look.border)


def _paint_spans(painter: QPainter, state: RollState) -> None:
    look, sight = state.looks, state.sight
    for held in state.track.held:
        left, right = sight.x(held.start), sight.x(held.end)
        painter.fillRect(QRect(left, LOOP_PX, right - left, HEIGHT_PX - LOOP_PX), look.locked)
        if right - left >= _NUMBER_PX + _LOCK_PX:
            _paint_lock(painter, state, left + _NUMBER_PX - 6)
    if state.range is not None:
        last = min(state.range[1], len(state.bars) - 1)
        first, end = state.bars.span(min(state.range[0], last), last)
        left, right = sight.x(first), sight.x(end)
        painter.fillRect(QRect(left, LOOP_PX, right - left, HEIGHT_PX - LOOP_PX), look.loop)
    if state.region is not None:
        left, right = sight.x(state.region[0]), sight.x(state.region[1])
        painter.fillRect(QRect(left, LOOP_PX, right - left, HEIGHT_PX - LOOP_PX), look.region)
    if state.loop is not None:
        left, right = sight.x(state.loop[0]), sight.x(state.loop[1])
        painter.fillRect(QRect(left, 2, right - left, LOOP_PX - 3), look.loop)
        painter.fillRect(QRect(left, 2, 3, LOOP_PX - 3), look.accent)
        painter.fillRect(QRect(right - 3, 2, 3, LOOP_PX - 3), look.accent)


def _paint_lock(painter: QPainter, state: RollState, left: int) -> None:
    """A small padlock beside the number of the bar it begins with."""
    bottom = HEIGHT_PX - 5
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(state.looks.lock, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(left + 1.5, bottom - 9.5, 5, 8), 0, 180 * 16)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(QRect(left, bottom - 6, 8, 6), state.looks.lock)


def _paint_numbers(painter: QPainter, state: RollState, area: QRect) -> None:
    """Every bar's number as far as there is room; beats as short strokes."""
    look, sight = state.looks, state.sight
    span = int(sight.tick(area.left() - _NUMBER_PX)), math.ceil(sight.tick(area.right()))
    found = lines(sight, state.bars, state.score.meters, state.snap, span)
    for x in sight.xs(found.beats).tolist():
        painter.fillRect(x, HEIGHT_PX - 5, 1, 4, look.beat_line)
    painter.setPen(look.muted)
    every, last = every_bar(sight, state.bars, _NUMBER_PX), len(state.bars) - 1
    for x, number in zip(sight.xs(found.bars).tolist(), found.numbers.tolist(), strict=True):
        painter.fillRect(x, HEIGHT_PX - 15, 1, 14, look.bar_line)
        if number % every == 0 and number <= last:
            painter.drawText(QPointF(x + 4, HEIGHT_PX - 5), str(number + 1))


def marker_rect(state: RollState, marker: Word, metrics: QFontMetrics) -> QRectF:
    """Where a marker's flag is."""
    wide = min(_MARKER_MOST_PX, metrics.horizontalAdvance(marker.text) + 14)
    return QRectF(state.sight.x(marker.tick), LOOP_PX + 1, wide, 14)


def paint_marker(painter: QPainter, state: RollState, marker: Word) -> None:
    """One marker's flag."""
    look = state.looks
    metrics = painter.fontMetrics()
    flag = marker_rect(state, marker, metrics)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.marker)
    tip = QPointF(flag.right() + 4, flag.center().y())
    painter.drawPolygon(
        QPolygonF([flag.topLeft(), flag.topRight(), tip, flag.bottomRight(), flag.bottomLeft()])
    )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(QRectF(flag.left(), flag.top(), 2, HEIGHT_PX - flag.top() - 1), look.marker_edge)
    painter.setPen(look.text)
    words = metrics.elidedText(marker.text, Qt.TextElideMode.ElideRight, int(flag.width()) - 8)
    painter.drawText(
        flag.adjusted(6, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words
    )
    painter.setPen(look.muted)
