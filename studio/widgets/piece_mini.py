"""A small piano roll of a take, growing while it is written, over a faint picture of what it would replace."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.media.music.score import Note
from studio.widgets.roll.looks import STRENGTHS, Looks, looks, mix, strength
from studio.widgets.roll.rects import boxes, fill
from studio.widgets.tones import Tones, follow_tones

_LEAST_PX: Final = 48
_LANES_MOST: Final = 4  # of more tracks all lie over each other
_SPAN_LEAST: Final = 14  # semitones from the lowest to the highest row
_BAR_LEAST_PX: Final = 4  # bar lines closer than this are left out
_NOTE_MOST_PX: Final = 6
_PAD_PX: Final = 3
_REJECTED_OPACITY: Final = 0.35
_NEW, _KEPT = 0, 1
_Numbers = NDArray[np.int32]


class MiniBars(Struct, frozen=True, kw_only=True):
    """What a take is laid over: where its bars begin and end in ticks, the tracks it writes from the top down, and
    what stood there, by tracks. `around`: what sounds in the other tracks, faint behind a track that is new.
    """

    starts: tuple[int, ...] = (0, 1)
    tracks: tuple[str, ...] = ()
    was: Mapping[str, Sequence[Note]] = {}
    around: Sequence[Note] = ()


class _Lane:
    """The notes of one track, or of all: rows of start, end, pitch, velocity and whether they stood there before.

    Nothing is worked out before it is painted: of eight cards three are in sight.
    """

    def __init__(self, was: Sequence[Note], around: Sequence[Note] = ()) -> None:
        self._was, self._around = was, around
        self._notes: list[Note] = []
        self._known: set[tuple[int, int, int, int]] | None = None
        self._table: NDArray[np.int32] = np.empty((0, 5), dtype=np.int32)

    @cached_property
    def faint(self) -> _Numbers:
        """What lies behind the take."""
        return _numbers([*self._was, *self._around])

    def add(self, notes: Sequence[Note]) -> None:
        """More notes of the take."""
        self._notes += notes

    def table(self) -> NDArray[np.int32]:
        """The notes of the take; only what is new is read."""
        fresh = self._notes[len(self._table) :]
        if fresh:
            if self._known is None:
                self._known = {_sound(note) for note in self._was}
            kept = np.array([[_sound(note) in self._known] for note in fresh], dtype=np.int32)
            self._table = np.concatenate((self._table, np.concatenate((_numbers(fresh), kept), axis=1)))
        return self._table


class MiniRoll(QWidget):
    """Values in; it hears nothing. New notes are painted as a model's, those that stood there before are quiet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(_LEAST_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._bars = MiniBars()
        self._lanes: list[_Lane] = []
        self._lane_of: dict[str, _Lane] = {}
        self._last = -1
        self._dim = False
        self._looks: Looks
        self._ground, self._kept, self._faint, self._line = QColor(), QColor(), QColor(), QColor()
        follow_tones(self._retone)

    def sizeHint(self) -> QSize:
        """A strip's card."""
        return QSize(180, 84)

    # -- values ------------------------------------------------------------------------------------

    def show_bars(self, bars: MiniBars) -> None:
        """Begin anew, with no note of the take yet."""
        self._bars = bars
        tracks = bars.tracks or ("",)
        if len(tracks) <= _LANES_MOST:
            self._lanes = [_Lane(bars.was.get(track, ()), bars.around) for track in tracks]
            self._lane_of = dict(zip(tracks, self._lanes, strict=True))
        else:
            every = [note for track in tracks for note in bars.was.get(track, ())]
            self._lanes = [_Lane(every, bars.around)]
            self._lane_of = dict.fromkeys(tracks, self._lanes[0])
        self._last = -1
        self.update()

    def add(self, track: str, notes: Sequence[Note]) -> None:
        """More notes of the take; of a track that it does not write: nothing."""
        lane = self._lane_of.get(track)
        if lane is not None and notes:
            lane.add(notes)
            self._last = notes[-1].start
            self.update()

    def set_writing(self, on: bool) -> None:
        """Whether a line shows how far it has come."""
        if not on and self._last >= 0:
            self._last = -1
            self.update()

    def set_dim(self, on: bool) -> None:
        """A take that was set aside is pale."""
        if on != self._dim:
            self._dim = on
            self.update()

    # -- painting ----------------------------------------------------------------------------------

    def _retone(self, tones: Tones) -> None:
        self._looks = looks(tones)
        self._ground = QColor(tones.sunken)
        self._line = mix(tones.border_strong, tones.sunken, 0.3)
        self._kept = mix(tones.muted, tones.sunken, 0.75)
        self._faint = mix(tones.faint, tones.sunken, 0.38)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, bars, what was, what is new, and how far it has come."""
        painter = QPainter(self)
        painter.setOpacity(_REJECTED_OPACITY if self._dim else 1.0)
        painter.fillRect(self.rect(), self._ground)
        self._paint_bars(painter)
        count = max(1, len(self._lanes))
        for at, lane in enumerate(self._lanes):
            top, bottom = at * self.height() // count, (at + 1) * self.height() // count
            if at:
                painter.fillRect(QRect(0, top, self.width(), 1), self._kept)
            self._paint_lane(painter, lane, top, bottom)
        if self._last >= 0:
            painter.fillRect(QRect(self._x(self._last), 0, 1, self.height()), self._looks.take_edge)

    def _x(self, tick: int) -> int:
        first, last = self._bars.starts[0], self._bars.starts[-1]
        inner = self.width() - 2 * _PAD_PX
        return _PAD_PX + round((tick - first) * inner / max(1, last - first))

    def _paint_bars(self, painter: QPainter) -> None:
        starts = self._bars.starts
        step = max(1, -(-_BAR_LEAST_PX * len(starts) // max(1, self.width())))
        for start in starts[1:-1][step - 1 :: step]:
            painter.fillRect(QRect(self._x(start), 0, 1, self.height()), self._line)

    def _paint_lane(self, painter: QPainter, lane: _Lane, top: int, bottom: int) -> None:
        table = lane.table()
        pitches = np.concatenate((lane.faint[:, 2], table[:, 2]))
        low, high = (int(pitches.min()), int(pitches.max())) if len(pitches) else (60, 60)
        spare = max(0, _SPAN_LEAST - (high - low + 1))
        low, high = low - spare // 2, high + spare - spare // 2
        room = bottom - top - 2 * _PAD_PX
        row = room / (high - low + 1)

        def rects(numbers: _Numbers) -> _Numbers:
            first, last = self._bars.starts[0], self._bars.starts[-1]
            scale = (self.width() - 2 * _PAD_PX) / max(1, last - first)
            left = _PAD_PX + np.floor((numbers[:, 0] - first) * scale).astype(np.int32)
            right = _PAD_PX + np.floor((np.minimum(numbers[:, 1], last) - first) * scale).astype(np.int32)
            y = top + _PAD_PX + np.floor((high - numbers[:, 2]) * row).astype(np.int32)
            high_px = max(2, min(_NOTE_MOST_PX, round(row)))
            return boxes(left, y, np.maximum(2, right - left - 1), high_px)

        fill(painter, rects(lane.faint), self._faint)
        kept = table[:, 4] == _KEPT
        fill(painter, rects(table[kept]), self._kept)
        new = table[~kept]
        shades = strength(new[:, 3])
        for shade in np.unique(shades).tolist():
            fill(painter, rects(new[shades == shade]), self._looks.notes[STRENGTHS + shade])


def _numbers(notes: Sequence[Note]) -> _Numbers:
    out = np.empty((len(notes), 4), dtype=np.int32)
    if notes:
        out[:, 0] = [note.start for note in notes]
        out[:, 1] = [note.end for note in notes]
        out[:, 2] = [note.pitch for note in notes]
        out[:, 3] = [note.velocity for note in notes]
    return out


def _sound(note: Note) -> tuple[int, int, int, int]:
    return note.start, note.pitch, note.duration, note.velocity
