"""The piano at the left: says which row is which, sounds a key, chooses all notes of a pitch."""

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from studio.widgets.roll.hearing import pitch_words
from studio.widgets.roll.paint_ground import BLACK
from studio.widgets.roll.side import Side
from studio.widgets.roll.state import RollState

WIDTH_PX: Final = 64
KIT_WIDTH_PX: Final = 124
_NAMES_PX: Final = 12  # rows this high have a name each
_OCTAVES_PX: Final = 5


class PianoKeys(Side):
    """A press sounds the key; a click chooses all its notes (Shift adds to what is chosen)."""

    sounded = Signal(int, int)  # pitch, velocity
    goes_across, goes_down = False, True

    def __init__(self, state: RollState, parent: QWidget | None = None) -> None:
        super().__init__(state, parent)
        self._pressed = -1
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName("Piano keys")
        self.setToolTip("Click a key to hear it and choose all its notes; Shift adds them")

    def show_width(self) -> None:
        """Names of drums need more room."""
        self.setFixedWidth(KIT_WIDTH_PX if self.state.track.drums else WIDTH_PX)
        self.repaint_rest()

    # -- painting ------------------------------------------------------------------------------------

    def paint_rest(self, painter: QPainter, area: QRect) -> None:
        """The keys there."""
        sight = self.state.sight
        painter.fillRect(area, self.state.looks.ground)
        first = max(0, (area.top() + sight.top) // sight.row_px - 1)  # the name of a low row stands out of it
        last = min(len(sight.pitches) - 1, (area.bottom() + sight.top) // sight.row_px + 1)
        for row in range(first, last + 1):
            self._paint_key(painter, sight.pitches[row], row * sight.row_px - sight.top)
        painter.fillRect(QRect(self.width() - 1, area.top(), 1, area.height()), self.state.looks.border)

    def _paint_key(self, painter: QPainter, pitch: int, top: int) -> None:
        look, height = self.state.looks, self.state.sight.row_px
        folded = len(self.state.sight.pitches) < 128
        drums = self.state.track.drums
        black = bool(BLACK[pitch]) and not drums
        row = QRect(0, top, self.width() - 1, height)
        painter.fillRect(row, look.ivory if not drums else look.white_key)
        if black:
            painter.fillRect(QRect(0, top, self._black_px(), height - (1 if folded else 0)), look.ebony)
        if pitch == self._pressed:
            painter.fillRect(row.adjusted(0, 0, 0, -1), look.accent)
        if folded or drums or pitch % 12 in (0, 5):
            line = look.border if drums else look.key_line
            painter.fillRect(QRect(0, top + height - 1, self.width() - 1, 1), line)
        elif black:  # white keys meet in the middle of the black one
            painter.fillRect(QRect(0, top + height // 2, self.width() - 1, 1), look.key_line)
            painter.fillRect(QRect(0, top, self._black_px(), height), look.ebony)
        named = pitch % 12 == 0 and height >= _OCTAVES_PX
        if named or height >= _NAMES_PX:
            self._paint_name(painter, pitch, QRectF(row), black=black)

    def _black_px(self) -> int:
        return self.width() * 3 // 5

    def _paint_name(self, painter: QPainter, pitch: int, row: QRectF, *, black: bool) -> None:
        look, drums = self.state.looks, self.state.track.drums
        words = pitch_words(pitch, self.state.score.keys, 0, drums=drums)
        octave = pitch % 12 == 0 and not drums
        colour = look.text if drums else look.key_text if octave or not black else look.key_text_dark
        painter.setPen(look.accent_text if pitch == self._pressed else colour)
        align = Qt.AlignmentFlag.AlignVCenter
        if row.height() < _NAMES_PX:  # the name of C may stand out of its low row
            row = row.adjusted(0, _NAMES_PX * -0.5, 0, _NAMES_PX * 0.5)
        if drums:
            painter.drawText(row.adjusted(6, 0, -4, 0), align | Qt.AlignmentFlag.AlignLeft, words)
        elif black:
            box = QRectF(4, row.top(), self._black_px() - 8, row.height())
            painter.drawText(box, align | Qt.AlignmentFlag.AlignLeft, words)
        else:
            painter.drawText(row.adjusted(0, 0, -6, 0), align | Qt.AlignmentFlag.AlignRight, words)

    # -- mouse ---------------------------------------------------------------------------------------

    def tip(self, at: QPointF) -> str:
        """The key and how many notes it has."""
        pitch = self.state.sight.pitch_at(at.y())
        count = int((self.state.table.pitch == pitch).sum())
        name = pitch_words(pitch, self.state.score.keys, 0, drums=self.state.track.drums)
        return f"{name} ({pitch}): {count:,} note{'' if count == 1 else 's'}. Click chooses them."

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Sound it, choose its notes."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        state = self.state
        pitch = state.sight.pitch_at(event.position().y())
        flags = state.table.pitch == pitch
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            flags = flags | state.chosen
        state.choose(np.asarray(flags, dtype=np.bool_))
        self._press(pitch)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand that glides over the keys sounds each."""
        if self._pressed >= 0:
            pitch = self.state.sight.pitch_at(event.position().y())
            if pitch != self._pressed:
                self._press(pitch)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """It is up again."""
        self._pressed = -1
        self.repaint_rest()

    def _press(self, pitch: int) -> None:
        self._pressed = pitch
        self.sounded.emit(pitch, 90)
        self.repaint_rest()
