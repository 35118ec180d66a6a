"""The roll's keys: arrows move and transpose, Alt and arrows resize, Tab goes from note to note."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from studio.media.music.score import TICKS
from studio.widgets.roll.commands import RollCommands
from studio.widgets.roll.geometry import STEP
from studio.widgets.roll.grid import NoteGrid
from studio.widgets.roll.kinds import Tool

_MODS: Final = Qt.KeyboardModifier
_TOOLS: Final[dict[int, Tool]] = {
    Qt.Key.Key_V: "select",
    Qt.Key.Key_B: "draw",
    Qt.Key.Key_L: "lasso",
    Qt.Key.Key_E: "erase",
    Qt.Key.Key_X: "split",
    Qt.Key.Key_H: "pan",
}
_ACROSS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_UP: Final = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_SIZES: Final = (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_Underscore, Qt.Key.Key_0)
_OTHERS: Final = (
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
    Qt.Key.Key_Insert,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)
_STRONGER: Final = 5


class Strip(Protocol):
    """A part of the roll beside the notes."""

    def busy(self) -> bool:
        """A drag is under way."""

    def cancel(self) -> bool:
        """Give it up; False when there was none."""


class RollKeys:
    """Answers whether a key was the roll's. After Escape, Tab leaves the roll."""

    def __init__(self, grid: NoteGrid, commands: RollCommands, strips: Sequence[Strip]) -> None:
        """`strips`: parts whose drag Escape gives up as well."""
        self._grid = grid
        self._state = grid.state
        self._commands = commands
        self._tab_leaves = False
        self._strips = strips

    def is_ours(self, event: QKeyEvent) -> bool:
        """The window's shortcuts do not get these keys while the roll has the focus."""
        key, held = Qt.Key(event.key()), _held(event)
        if key == Qt.Key.Key_Escape:
            return self._busy() or bool(self._state.chosen.any())
        if self._command(event) is not None:
            return True
        if key in _ACROSS or key in _UP:
            return held in (_MODS.NoModifier, _MODS.ShiftModifier, _MODS.AltModifier)
        if held not in (_MODS.NoModifier, _MODS.ShiftModifier):
            return False
        return key in _TOOLS or key in _SIZES or key in _OTHERS

    def press(self, event: QKeyEvent) -> bool:
        """Do what the key asks for."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            return self._escape()
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return self._tab(-1 if key == Qt.Key.Key_Backtab else 1)
        if not self.is_ours(event):
            return False
        self._tab_leaves = False
        if self._busy():  # a hand holds notes: keys wait
            return True
        command = self._command(event)
        if command is not None:
            command()
            self.show_caret()
        elif key in _ACROSS or key in _UP:
            self._arrow(key, event.modifiers())
        elif key in _TOOLS:
            self._grid.set_tool(_TOOLS[key])
        elif key in _SIZES:
            self._zoom(key)
        else:
            self._other(key)
        return True

    def _command(self, event: QKeyEvent) -> Callable[[], None] | None:
        commands = {
            QKeySequence.StandardKey.SelectAll: self._commands.select_all,
            QKeySequence.StandardKey.Copy: self._commands.copy,
            QKeySequence.StandardKey.Cut: self._commands.cut,
            QKeySequence.StandardKey.Paste: self._commands.paste,
        }
        return next((do for keys, do in commands.items() if event.matches(keys)), None)

    def _busy(self) -> bool:
        return self._grid.busy() or any(strip.busy() for strip in self._strips)

    def _escape(self) -> bool:
        """Give up a drag; else choose nothing; then Tab leaves."""
        if any([self._grid.cancel(), *(strip.cancel() for strip in self._strips)]):
            return True
        was, self._tab_leaves = self._state.chosen.any(), True
        self._commands.select_none()
        return bool(was)

    def _arrow(self, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
        shift, alt = bool(held & _MODS.ShiftModifier), bool(held & _MODS.AltModifier)
        if not self._state.chosen.any():
            self._scroll(key)
        elif key in _ACROSS and alt:
            self._commands.resize(_ACROSS[key] * self._step())
        elif key in _ACROSS:
            self._commands.move(_ACROSS[key] * (self._bar() if shift else self._step()))
        elif alt:
            self._commands.change_velocity(_UP[key] * _STRONGER)
        else:
            self._commands.transpose(_UP[key] * (12 if shift else 1))
        self.show_caret()

    def _step(self) -> int:
        step = self._state.snap.step
        return step if step > 1 else TICKS // 48

    def _bar(self) -> int:
        at = int(self._state.table.start[self._state.chosen].min())
        bars = self._state.bars
        first, last = bars.span(bars.at(at), bars.at(at))
        return last - first

    def _scroll(self, key: Qt.Key) -> None:
        sight = self._state.sight
        dx, dy = _ACROSS.get(key, 0) * 60, -_UP.get(key, 0) * sight.row_px * 2
        self._state.scroll_to(sight.left + dx, sight.top + dy)

    def _zoom(self, key: Qt.Key) -> None:
        middle = self._state.sight.width / 2
        if key == Qt.Key.Key_0:
            fit_notes(self._grid)
        else:
            larger = key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal)
            self._state.zoom_time(STEP if larger else 1 / STEP, middle)

    def _other(self, key: Qt.Key) -> None:
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._commands.delete()
        elif key == Qt.Key.Key_Insert:
            self._insert()
        elif len(self._state.table):
            self._go(0 if key == Qt.Key.Key_Home else len(self._state.table) - 1)

    def _insert(self) -> None:
        """A note behind the caret's, of its pitch; without one at the playhead or the first bar in sight."""
        state, table = self._state, self._state.table
        length, velocity = self._grid.last_drawn()
        if 0 <= state.caret < len(table):
            pitch, start = int(table.pitch[state.caret]), int(table.end[state.caret])
        else:
            seen = state.playhead if state.playhead >= 0 else state.sight.span[0]
            pitch, start = state.sight.pitch_at(state.sight.height / 2), state.snap.before(seen, state.bars)
        self._commands.insert(pitch, start, length, velocity)
        self._grid.sound(pitch, velocity)
        self.show_caret()

    # -- the caret -----------------------------------------------------------------------------------

    def _tab(self, way: int) -> bool:
        table, caret = self._state.table, self._state.caret
        if self._tab_leaves or not len(table) or self._busy():
            return False
        if not 0 <= caret < len(table):
            seen = np.flatnonzero(table.start >= self._state.sight.span[0])
            at = int(seen[0]) if len(seen) else 0
        else:
            at = caret + way
        if not 0 <= at < len(table):
            return False
        self._go(at)
        return True

    def _go(self, at: int) -> None:
        self._state.choose_one(at)
        self.show_caret()
        self._grid.sound(int(self._state.table.pitch[at]), int(self._state.table.velocity[at]))

    def show_caret(self) -> None:
        """Scroll so that the caret's note is in sight."""
        state = self._state
        if 0 <= state.caret < len(state.table):
            table, at, sight = state.table, state.caret, state.sight
            left, right = sight.x(int(table.start[at])), sight.x(int(table.end[at]))
            reveal(self._grid, QRect(left, sight.y(int(table.pitch[at])), right - left, sight.row_px))


def reveal(grid: NoteGrid, box: QRect) -> None:
    """Scroll as little as needed to see a rectangle of the view (its start, when it is too large)."""
    sight = grid.state.sight
    margin = 32
    dx = min(0, box.left() - margin) or max(0, min(box.right() + margin - sight.width, box.left() - margin))
    dy = min(0, box.top() - margin) or max(0, min(box.bottom() + margin - sight.height, box.top() - margin))
    if dx or dy:
        grid.state.scroll_to(sight.left + dx, sight.top + dy)


def fit_notes(grid: NoteGrid) -> None:
    """Show all notes of the track, or of the take laid over it where it has none, as large as fits."""
    state, table = grid.state, grid.state.table
    if not len(table) and state.take is not None:
        table = state.take
    if len(table):
        last = max(int(table.end.max()), state.end)
        low, high = int(table.pitch.min()), int(table.pitch.max())
        state.sight.fit(0, state.bars.starts[state.bars.at(last - 1) + 1], low - 2, high + 2)
    else:
        state.sight.fit(0, state.bars.starts[min(8, len(state.bars))], 48, 84)
    state.looked.emit(0, 0)


def _held(event: QKeyEvent) -> Qt.KeyboardModifier:
    return event.modifiers() & ~_MODS.KeypadModifier
