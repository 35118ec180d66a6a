"""Joins a piano roll with its bar: what one tells, the other shows or does; says where the pointer is."""

from typing import cast

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtGui import QMouseEvent

from studio.widgets.roll.bar import RollBar
from studio.widgets.roll.hearing import pitch_words, place_words
from studio.widgets.roll.kinds import Tool
from studio.widgets.roll.view import RollView


class Joined(QObject):
    """Owned by the roll; made by `join`."""

    pointed = Signal(str)  # bar, beat and pitch under the pointer; "" when it left

    def __init__(self, roll: RollView, bar: RollBar) -> None:
        super().__init__(roll)
        self._roll, self._bar = roll, bar
        bar.tool_chosen.connect(roll.set_tool)
        bar.snap_chosen.connect(roll.set_snap)
        bar.folded.connect(roll.set_folded)
        bar.others_shown.connect(roll.show_others)
        bar.following.connect(roll.set_following)
        bar.fit_requested.connect(roll.fit)
        bar.zoom_in_requested.connect(roll.zoom_in)
        bar.zoom_out_requested.connect(roll.zoom_out)
        roll.tool_changed.connect(self._on_tool)
        bar.set_tool(roll.tool())
        roll.set_snap(bar.snap())
        roll.grid.installEventFilter(self)

    @Slot(str)
    def _on_tool(self, tool: str) -> None:
        self._bar.set_tool(cast("Tool", tool))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Only listens."""
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self.pointed.emit(self._words(event.position().x(), event.position().y()))
        elif event.type() == QEvent.Type.Leave:
            self.pointed.emit("")
        return super().eventFilter(watched, event)

    def _words(self, x: float, y: float) -> str:
        state = self._roll.state
        tick = max(0, int(state.sight.tick(x)))
        pitch = state.sight.pitch_at(y)
        beat = state.snap.before(tick, state.bars)
        where = place_words(beat, state.bars, state.score.meters)
        if pitch < 0:
            return where
        return f"{where}, {pitch_words(pitch, state.score.keys, tick, drums=state.track.drums)}"


def join(roll: RollView, bar: RollBar) -> Joined:
    """Connect them; the roll keeps the connection alive."""
    return Joined(roll, bar)
