"""What a tool of the roll is, and what it may ask of the roll."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QCursor, QPainter

from studio.media.music.edits_placing import Done
from studio.media.music.score import Score
from studio.widgets.roll.kinds import Pointer, RollKind
from studio.widgets.roll.state import RollState


class Host(Protocol):
    """The roll, as its tools see it."""

    state: RollState

    def commit(self, change: Callable[[Score], Done], title: str, kind: RollKind) -> None:
        """Take a step; what was dragged is let go."""

    def sound(self, pitch: int, velocity: int) -> None:
        """Let a note be heard."""

    def refuse(self, why: str) -> None:
        """Say why something cannot be done."""

    def follow_pointer(self, at: Pointer) -> None:
        """Scroll when a drag leaves the view."""

    def last_drawn(self) -> tuple[int, int]:
        """Length in ticks and velocity of the note that was drawn or chosen last."""

    def repaint_over(self) -> None:
        """Paint what tools draw over the notes anew."""


class RollTool:
    """Told what the pointer does; `busy` from press to release."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.busy = False

    def cursor(self, _at: Pointer) -> QCursor:
        """How the pointer looks there."""
        return QCursor(Qt.CursorShape.ArrowCursor)

    def press(self, at: Pointer) -> None:
        """The button went down."""

    def move(self, at: Pointer) -> None:
        """It moved while down."""

    def release(self, at: Pointer) -> None:
        """It went up."""

    def twice(self, _at: Pointer) -> bool:
        """A double click; False: it is a press like any other."""
        return False

    def cancel(self) -> bool:
        """Escape: give up what was begun; False when there was nothing."""
        was, self.busy = self.busy, False
        if was:
            self.host.state.drag(None)
            self.host.repaint_over()
        return was

    def paint(self, painter: QPainter, area: QRect) -> None:
        """Draw over the notes."""
