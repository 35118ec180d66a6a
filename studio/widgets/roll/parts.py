"""The roll put together: keys at the left, ruler and chords above, velocities below, scroll bars around."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QScrollBar, QWidget

from studio.widgets.roll.chord_lane import ChordLane
from studio.widgets.roll.grid import NoteGrid
from studio.widgets.roll.keys import PianoKeys
from studio.widgets.roll.legend import RollLegend
from studio.widgets.roll.ruler import Ruler
from studio.widgets.roll.state import RollState
from studio.widgets.roll.velocity_lane import VelocityLane


class RollParts(QWidget):
    """Lays the parts out and keeps the scroll bars; what is done in them the roll's view connects."""

    seen_changed = Signal()  # scrolled, zoomed or resized

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = RollState(self)
        self.grid = NoteGrid(self.state)
        self.piano = PianoKeys(self.state)
        self.ruler = Ruler(self.state)
        self.chords = ChordLane(self.state)
        self.velocities = VelocityLane(self.state)
        self.legend = RollLegend(self.state)
        self._across = QScrollBar(Qt.Orientation.Horizontal)
        self._down = QScrollBar(Qt.Orientation.Vertical)
        self._corners = [Corner(self.state, words) for words in ("", "Chords", "Velocity", "")]
        self._lay_out()
        self._across.setAccessibleName("Scroll in time")
        self._down.setAccessibleName("Scroll in pitch")
        self._across.valueChanged.connect(self._on_bars)
        self._down.valueChanged.connect(self._on_bars)
        self.state.looked.connect(self._on_looked)
        for strip in (self.ruler, self.chords, self.velocities):
            strip.pressed.connect(self._take_focus)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self.legend, 0, 0, 1, 3)
        for row, (corner, part) in enumerate(
            zip(self._corners[:2], (self.ruler, self.chords), strict=True), start=1
        ):
            grid.addWidget(corner, row, 0)
            grid.addWidget(part, row, 1)
        grid.addWidget(self.piano, 3, 0)
        grid.addWidget(self.grid, 3, 1)
        grid.addWidget(self._down, 3, 2)
        grid.addWidget(self._corners[2], 4, 0)
        grid.addWidget(self.velocities, 4, 1)
        grid.addWidget(self._corners[3], 5, 0)
        grid.addWidget(self._across, 5, 1)
        grid.setRowStretch(3, 1)
        grid.setColumnStretch(1, 1)

    def _take_focus(self) -> None:
        """Keys go to the notes, also after a touch beside them: Escape gives it up."""
        self.grid.setFocus(Qt.FocusReason.MouseFocusReason)

    def _on_bars(self) -> None:
        self.state.scroll_to(self._across.value(), self._down.value())

    def _on_looked(self, _dx: int, _dy: int) -> None:
        sight = self.state.sight
        right, bottom = sight.most
        for bar, most, page, value in (
            (self._across, right, sight.width, sight.left),
            (self._down, bottom, sight.height, sight.top),
        ):
            with QSignalBlocker(bar):
                bar.setRange(0, most)
                bar.setPageStep(page)
                bar.setSingleStep(40)
                bar.setValue(value)
        self.seen_changed.emit()


class Corner(QWidget):
    """Fills the place left of a strip, with its name."""

    def __init__(self, state: RollState, words: str) -> None:
        super().__init__()
        self._state = state
        self._words = words
        state.rest_changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The strip's name on the ground of the window."""
        painter, look = QPainter(self), self._state.looks
        painter.fillRect(self.rect(), look.ground)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), look.border)
        painter.fillRect(0, self.height() - 1 if self._words == "Chords" else 0, self.width(), 1, look.border)
        font = self.font()
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(look.faint)
        align = Qt.AlignmentFlag.AlignTop if self.height() > 40 else Qt.AlignmentFlag.AlignVCenter
        place = self.rect().adjusted(8, 6 if self.height() > 40 else 0, -4, 0)
        painter.drawText(place, align | Qt.AlignmentFlag.AlignLeft, self._words)
        painter.end()
