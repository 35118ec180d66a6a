"""The chord lane: chords over the bars; a double click writes one, a drag moves or stretches it."""

from typing import Final, Literal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.core.errors import StudioError
from studio.media.music.edits_time import clear_chords, put_chords
from studio.media.music.score import TICKS, Chord, Score
from studio.widgets.roll.lane_field import LaneField
from studio.widgets.roll.side import Side
from studio.widgets.roll.state import RollState

HEIGHT_PX: Final = 24
_NEAR_PX: Final = 5
_FIELD_PX: Final = 90
Doing = Literal["", "body", "first", "last"]


class ChordLane(Side):
    """Chords give way to the one that is put over them."""

    committed = Signal(object, str, str)  # Score, title, kind
    refused = Signal(str)
    pressed = Signal()

    def __init__(self, state: RollState, parent: QWidget | None = None) -> None:
        super().__init__(state, parent)
        self._doing: Doing = ""
        self._from = QPointF()
        self._held: Chord | None = None
        self._now: Chord | None = None
        self.field = LaneField(self, "Chord")
        self.setFixedHeight(HEIGHT_PX)
        self.setMouseTracking(True)
        self.setAccessibleName("Chords")
        self.setToolTip("Double-click to write a chord, as in Dm7 or G/B; drag it to move or stretch it")

    # -- painting ------------------------------------------------------------------------------------

    def paint_rest(self, painter: QPainter, area: QRect) -> None:
        """The chords there, without the one in a hand."""
        look, sight = self.state.looks, self.state.sight
        painter.fillRect(area, look.ground)
        first, last = sight.tick(area.left() - 2), sight.tick(area.right() + 2)
        for chord in self.state.score.chords:
            if chord.tick > last:
                break
            if chord.tick + chord.duration >= first and chord != self._held:
                self._paint_chord(painter, chord, held=False)
        painter.fillRect(QRect(area.left(), self.height() - 1, area.width(), 1), look.border)

    def paint_over(self, painter: QPainter, _area: QRect) -> None:
        """The chord in a hand."""
        if self._now is not None:
            self._paint_chord(painter, self._now, held=True)

    def _box(self, chord: Chord) -> QRect:
        left = self.state.sight.x(chord.tick)
        right = self.state.sight.x(chord.tick + chord.duration)
        return QRect(left + 1, 2, max(2, right - left - 1), HEIGHT_PX - 6)

    def _paint_chord(self, painter: QPainter, chord: Chord, *, held: bool) -> None:
        look, box = self.state.looks, self._box(chord)
        painter.setPen(QPen(look.accent if held else look.border, 1))
        painter.setBrush(look.chord)
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        metrics = painter.fontMetrics()
        spare = box.width() - metrics.horizontalAdvance(chord.symbol)
        room = box.adjusted(min(6, max(2, spare // 2)), 0, -1, 0)
        if room.width() > 8:
            painter.setPen(look.muted if chord.symbol == "N" else look.chord_text)
            words = metrics.elidedText(chord.symbol, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    # -- mouse ---------------------------------------------------------------------------------------

    def chord_at(self, at: QPointF) -> Chord | None:
        """The chord under a point."""
        tick = self.state.sight.tick(at.x())
        found = (one for one in self.state.score.chords if one.tick <= tick < one.tick + one.duration)
        return next(found, None)

    def _part(self, chord: Chord, at: QPointF) -> Doing:
        box = self._box(chord)
        if box.width() > 3 * _NEAR_PX and at.x() - box.left() < _NEAR_PX:
            return "first"
        return "last" if box.right() - at.x() < _NEAR_PX else "body"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a chord."""
        self.pressed.emit()
        chord = self.chord_at(event.position())
        if chord is not None and event.button() == Qt.MouseButton.LeftButton:
            self._doing, self._from = self._part(chord, event.position()), event.position()
            self._held = self._now = chord
            self.repaint_rest()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move or stretch it."""
        at, held = event.position(), self._held
        if held is None:
            over = self.chord_at(at)
            edge = over is not None and self._part(over, at) != "body"
            self.setCursor(Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.ArrowCursor)
            return
        sight, end = self.state.sight, held.tick + held.duration
        moved = sight.tick(at.x()) - sight.tick(self._from.x())
        edge_tick = end if self._doing == "last" else held.tick
        here = self.state.snap.near(edge_tick + moved, self.state.bars)
        if self._doing == "body":
            self._now = Chord(max(0, here), held.duration, held.symbol)
        elif self._doing == "first" and here < end:
            self._now = Chord(max(0, here), end - max(0, here), held.symbol)
        elif self._doing == "last" and here > held.tick:
            self._now = Chord(held.tick, here - held.tick, held.symbol)
        self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """It stays there."""
        held, now = self._held, self._now
        self._let_go()
        if held is not None and now is not None and held != now:
            self._tell(put_chords(self._without(held), [now]), f"Move the chord {now.symbol}")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Write another symbol, or a new chord for the rest of the bar."""
        self._let_go()
        chord = self.chord_at(event.position())
        if chord is None:
            chord = self._room(int(self.state.sight.tick(event.position().x())))
        self.ask(chord)

    def ask(self, chord: Chord) -> None:
        """Let its symbol be written; an empty one takes it away."""
        box = self._box(chord)
        place = QRect(max(0, box.left()), 0, max(_FIELD_PX, box.width()), HEIGHT_PX)
        self.field.ask(place, chord.symbol, lambda symbol: self._write(chord, symbol))

    def _room(self, tick: int) -> Chord:
        """An unnamed chord in the bar there, between the chords that are."""
        bars = self.state.bars
        first, last = bars.span(bars.at(tick), bars.at(tick))
        for one in self.state.score.chords:
            if one.tick + one.duration <= tick:
                first = max(first, one.tick + one.duration)
            elif one.tick > tick:
                last = min(last, one.tick)
        return Chord(first, max(TICKS // 4, last - first), "")

    def _write(self, chord: Chord, symbol: str) -> None:
        if symbol == chord.symbol:
            return
        cleared = self._without(chord)
        if not symbol:
            self._tell(cleared, f"Remove the chord {chord.symbol}")
            return
        try:
            score = put_chords(cleared, [Chord(chord.tick, chord.duration, symbol)])
        except StudioError as error:
            self.refused.emit(f"{error.what} {error.do}".strip())
        else:
            self._tell(score, f"Chord {symbol}")

    def _without(self, chord: Chord) -> Score:
        return clear_chords(self.state.score, chord.tick, chord.tick + chord.duration)

    def _tell(self, score: Score, title: str) -> None:
        if score.chords != self.state.score.chords:
            self.committed.emit(score, title, "arranged")

    def _let_go(self) -> None:
        self._doing, self._held, self._now = "", None, None
        self.repaint_rest()

    def cancel(self) -> bool:
        """Escape: as it was before the drag."""
        was = self._held is not None
        self._let_go()
        return was

    def busy(self) -> bool:
        """A drag is under way."""
        return self._held is not None

    def tip(self, at: QPointF) -> str:
        """The whole symbol."""
        chord = self.chord_at(at)
        return f"{chord.symbol}: double-click to change it" if chord is not None else ""
