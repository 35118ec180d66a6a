"""Paints a paragraph of a text with authors: grounds, letters, waves, the caret; and gives its letters' formats."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate
from operator import attrgetter
from typing import Any, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QTextBlock,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
)

from studio.media.spans import HUMAN, Runs
from studio.widgets.authored_text import AuthoredText
from studio.widgets.page_layout import LINE_HEIGHT
from studio.widgets.page_marks import HEAT_ROLES, PageMarks
from studio.widgets.positions import utf16_length, utf16_places
from studio.widgets.tones import Tones

_BAR_PX: Final = 2
_LINE_END_PX: Final = 6.0
_WAVE_PX: Final = 4

Misspelt = Callable[[QTextBlock], list[tuple[int, int]]]  # places in the paragraph, in characters


class PagePaint:
    """Knows where the looks of each character come from; keeps nothing of the text itself."""

    def __init__(
        self, text: AuthoredText, marks: PageMarks, misspelt: Misspelt, tones: Tones, caret_width_px: int = 2
    ) -> None:
        self._text = text
        self._marks = marks
        self._misspelt = misspelt
        self._caret_width_px = caret_width_px
        self._tones = tones
        self._show_authors = True
        self._runs: Runs = ()
        self._starts: list[int] = [0]
        self._any_locked = False
        self._by_model = QTextCharFormat()
        self._ghostly = QTextCharFormat()
        self.ghost_at = -1  # where ghost text stands, in UTF-16 places of the document
        self.set_tones(tones)

    def set_tones(self, tones: Tones) -> None:
        """Change all colours."""
        self._tones = tones
        self._wave: QPixmap | None = None
        self._by_model = QTextCharFormat()
        self._by_model.setForeground(QColor(tones.model_text))
        self._ghostly = QTextCharFormat()
        ghost = QColor(tones.model_text)
        ghost.setAlphaF(0.7)
        self._ghostly.setForeground(ghost)
        self._ghostly.setFontItalic(True)

    def set_show_authors(self, on: bool) -> bool:
        """Tint what models wrote or not; gives whether that is a change."""
        changed = on != self._show_authors
        self._show_authors = on
        return changed

    # -- formats --------------------------------------------------------------------------

    def formats(self, block: QTextBlock) -> list[QTextLayout.FormatRange]:
        """The letter formats of a paragraph, in places of its layout."""
        layout = block.layout()
        out: list[QTextLayout.FormatRange] = []
        if self._show_authors:
            for start, end, author, _locked in self._runs_of(block):
                if author != HUMAN:
                    out += [_format(self._by_model, *part) for part in _around_preedit(layout, start, end)]
        area = layout.preeditAreaText()
        if area:
            at, length = layout.preeditAreaPosition(), utf16_length(area)
            if block.position() + at == self.ghost_at:
                out.append(_format(self._ghostly, at, at + length))
            else:  # an input method has its own looks
                out += [f for f in layout.formats() if at <= f.start and f.start + f.length <= at + length]  # type: ignore[attr-defined,unused-ignore]
        return out

    def _runs_of(self, block: QTextBlock) -> Iterator[tuple[int, int, str, bool]]:
        """(first, last, author, locked) of each run in a paragraph, in UTF-16 units from its start."""
        runs = self._text.value.runs
        if runs is not self._runs:
            self._runs = runs
            self._starts = [0, *accumulate(map(attrgetter("length"), runs))]
            self._any_locked = any(map(attrgetter("locked"), runs))
        if not runs or (len(runs) == 1 and runs[0].author == HUMAN and not runs[0].locked):
            return
        places, unit = self._text.positions, block.position()
        start, end = places.points(unit), places.points(unit + block.length() - 1)
        index = bisect_right(self._starts, start) - 1
        while index < len(runs) and self._starts[index] < end:
            first = places.units(max(start, self._starts[index])) - unit
            last = places.units(min(end, self._starts[index + 1])) - unit
            yield first, last, runs[index].author, runs[index].locked
            index += 1

    # -- painting -------------------------------------------------------------------------

    def paint(
        self,
        painter: QPainter,
        block: QTextBlock,
        at: QPointF,
        context: QAbstractTextDocumentLayout.PaintContext,
    ) -> None:
        """Paint one paragraph, its top left corner at `at`."""
        layout = block.layout()
        self._paint_locks(painter, block, at)
        self._paint_marks(painter, block, at)
        for selection in context.selections:
            cursor = selection.cursor
            start = cursor.selectionStart() - block.position()
            end = cursor.selectionEnd() - block.position()
            self._fill(painter, block, at, start, end, selection.format.background().color())
        painter.setPen(QPen(context.palette.color(QPalette.ColorRole.Text)))
        layout.draw(painter, at, [], context.clip)
        self._paint_waves(painter, block, at)
        self._paint_caret(painter, block, at, context.cursorPosition)

    def _paint_locks(self, painter: QPainter, block: QTextBlock, at: QPointF) -> None:
        bar = QColor(self._tones.lock_bar)
        if self._runs is self._text.value.runs and not self._any_locked:
            return
        for start, end, _author, locked in self._runs_of(block):
            if not locked:
                continue
            self._fill(painter, block, at, start, end, QColor(self._tones.lock_wash))
            for rect in _rects(block.layout(), start, end):
                painter.fillRect(QRectF(at.x() - 6, at.y() + rect.y(), _BAR_PX, rect.height()), bar)

    def _paint_marks(self, painter: QPainter, block: QTextBlock, at: QPointF) -> None:
        places, unit = self._text.positions, block.position()
        low, high = places.points(unit), places.points(unit + block.length() - 1)
        tones = self._tones

        def fill(start: int, end: int, colour: QColor) -> None:
            first, last = places.units(max(start, low)) - unit, places.units(min(end, high)) - unit
            self._fill(painter, block, at, first, last, colour)

        for start, end, step in self._marks.heat(low, high):
            fill(start, end, QColor(tones.role(HEAT_ROLES[step])))
        for start, end, current in self._marks.hits(low, high):
            fill(start, end, QColor(tones.mark_current if current else tones.mark))
        start, end, strength = self._marks.flash
        if strength and start < high + 1 and end > low:
            colour = QColor(tones.flash)
            colour.setAlphaF(strength)
            fill(start, end, colour)

    def _fill(
        self, painter: QPainter, block: QTextBlock, at: QPointF, start: int, end: int, colour: QColor
    ) -> None:
        """Paint the ground of units start..end of a paragraph; behind its last letter for the line end."""
        length = block.length() - 1
        if end <= 0 or start > length or start >= end:
            return
        layout = block.layout()
        for first, last in _around_preedit(layout, max(0, start), min(end, length)):
            for rect in _rects(layout, first, last):
                painter.fillRect(rect.translated(at), colour)
        if end > length and layout.lineCount():
            line = layout.lineAt(layout.lineCount() - 1)
            right = line.naturalTextRect().right() if length else 0.0
            top, height = _line_room(line.y(), line.height())
            painter.fillRect(QRectF(at.x() + right, at.y() + top, _LINE_END_PX, height), colour)

    def _paint_waves(self, painter: QPainter, block: QTextBlock, at: QPointF) -> None:
        wrong = self._misspelt(block)
        if not wrong:
            return
        layout, text = block.layout(), block.text()
        places = utf16_places(text, [place for pair in wrong for place in pair])
        wave = self._wave_tile(painter.device().devicePixelRatioF())
        for start, end in zip(places[::2], places[1::2], strict=True):
            for first, last in _around_preedit(layout, start, end):
                for left, right, line in _pieces(layout, first, last):
                    spot = QRectF(
                        at.x() + left, at.y() + line.y() + line.ascent() + 2, right - left, _WAVE_PX
                    )
                    painter.drawTiledPixmap(spot, wave)

    def _wave_tile(self, ratio: float) -> QPixmap:
        """One turn of the wave; drawing it point by point took most of a repaint."""
        if self._wave is None or self._wave.devicePixelRatioF() != ratio:
            tile = QPixmap(round(_WAVE_PX * ratio), round(_WAVE_PX * ratio))
            tile.setDevicePixelRatio(ratio)
            tile.fill(Qt.GlobalColor.transparent)
            painter = QPainter(tile)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._tones.danger), 1.1))
            half = _WAVE_PX / 2
            painter.drawPolyline([QPointF(-half, 0.5), QPointF(half, _WAVE_PX - 0.5), QPointF(3 * half, 0.5)])
            painter.end()
            self._wave = tile
        return self._wave

    def _paint_caret(self, painter: QPainter, block: QTextBlock, at: QPointF, cursor: int) -> None:
        """`cursor` is Qt's: a place of the document, -1 for none, below for a place in an input method's text."""
        layout = block.layout()
        area = layout.preeditAreaPosition() if layout.preeditAreaText() else -1
        if cursor < -1:
            place = area - (cursor + 2) if area >= 0 else -1
        else:
            place = cursor - block.position()
            if not 0 <= place < block.length():
                return
            if area >= 0 and place > area:
                place += utf16_length(layout.preeditAreaText())
        if place >= 0:
            layout.drawCursor(painter, at, place, self._caret_width_px)


def _format(style: QTextCharFormat, start: int, end: int) -> QTextLayout.FormatRange:
    out = QTextLayout.FormatRange()
    out.start, out.length, out.format = start, end - start, style
    return out


def _around_preedit(layout: QTextLayout, start: int, end: int) -> list[tuple[int, int]]:
    """Units start..end of a paragraph as places of its layout, which holds the preedit text as well."""
    area = layout.preeditAreaText()
    if not area:
        return [(start, end)] if start < end else []
    at, length = layout.preeditAreaPosition(), utf16_length(area)
    if end <= at:
        parts = [(start, end)]
    elif start >= at:
        parts = [(start + length, end + length)]
    else:
        parts = [(start, at), (at + length, end + length)]
    return [part for part in parts if part[0] < part[1]]


def _pieces(layout: QTextLayout, start: int, end: int) -> Iterator[tuple[float, float, QTextLine]]:
    """(left, right, line) of the stretches of lines that places start..end of a layout fill."""
    if layout.lineCount() == 0:
        return
    for number in range(layout.lineForTextPosition(start).lineNumber(), layout.lineCount()):
        line = layout.lineAt(number)
        first, last = line.textStart(), line.textStart() + line.textLength()
        if first >= end:
            return
        left, right = _x(line, max(start, first)), _x(line, min(end, last))
        yield min(left, right), max(left, right), line


def _rects(layout: QTextLayout, start: int, end: int) -> Iterator[QRectF]:
    for left, right, line in _pieces(layout, start, end):
        top, height = _line_room(line.y(), line.height())
        yield QRectF(left, top, right - left, height)


def _line_room(y_px: float, height_px: float) -> tuple[float, float]:
    """Top and height of a line with its share of the room between lines."""
    return y_px - height_px * (LINE_HEIGHT - 1) / 2, height_px * LINE_HEIGHT


def _x(line: QTextLine, place: int) -> float:
    found: Any = line.cursorToX(place)
    return float(found[0] if isinstance(found, tuple) else found)
