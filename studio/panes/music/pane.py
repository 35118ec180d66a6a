"""The music pane: transport, piano roll with its bar, the takes beside it, and what is asked of the model."""

from typing import Final

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from studio.panes.music.prompt_box import PiecePromptBox
from studio.panes.music.status_line import MusicStatus
from studio.widgets.piece_body import PieceTakeBody
from studio.widgets.piece_knobs import PieceKnobs
from studio.widgets.progress_line import ProgressLine
from studio.widgets.roll.bar import RollBar
from studio.widgets.roll.view import RollView
from studio.widgets.take_strip import TakeStrip
from studio.widgets.tracks.panel import TracksPanel
from studio.widgets.transport_bar import TransportBar

STRIP_PX: Final = 232


class MusicPane(QWidget):
    """Values in, signals out: those of its parts, which the desks listen to.

    `knobs` and `tracks` belong to the pane and stand in docks of the window.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.transport = TransportBar()
        self.bar = RollBar()
        self.roll = RollView()
        self.strip = TakeStrip(body_factory=PieceTakeBody)
        self.tracks = TracksPanel()
        self.prompt = PiecePromptBox()
        self.knobs = PieceKnobs()
        self.progress = ProgressLine()
        self.status = MusicStatus(self.prompt.notice)
        self._bench = QWidget()
        self._beside = QWidget()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._beside)
        column.setContentsMargins(6, 4, 4, 0)
        column.addWidget(self.strip)
        self.strip.set_vertical(True)
        self._splitter.addWidget(self.roll)
        self._splitter.addWidget(self._beside)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self._splitter.setSizes([800, STRIP_PX])
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(4)
        bench = QVBoxLayout(self._bench)
        bench.setContentsMargins(16, 8, 16, 4)
        bench.addWidget(self.prompt)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.transport)
        outer.addWidget(self.bar)
        outer.addWidget(self._splitter, 1)
        outer.addWidget(self.progress)
        outer.addWidget(self._bench)
        outer.addWidget(self.status)
        for before, behind in (
            (self.transport, self.bar),
            (self.bar, self.roll),
            (self.roll, self.strip),
            (self.strip, self.prompt),
        ):
            self.setTabOrder(before, behind)

    # -- values ------------------------------------------------------------------------------------

    def set_progress(self, done: float | None) -> None:
        """How much of the running job is done; 0.0: nobody knows yet; None: nothing runs."""
        if done is None or done > 0:
            self.progress.set_progress(done)
        else:
            self.progress.set_busy(True)

    def set_running(self, on: bool) -> None:
        """While takes are made the prompt box offers to stop."""
        self.prompt.set_running(on)
        self.strip.set_running(on)
        if not on:
            self.set_progress(None)

    def set_saved(self, saved: bool) -> None:
        """Whether all of the piece is on disk."""
        self.status.set_saved(saved)

    def set_title(self, title: str) -> None:
        """Name the piece to those who cannot see it."""
        self.roll.setAccessibleDescription(title)

    def set_distraction_free(self, on: bool) -> None:
        """Nothing but the notes and the transport."""
        for widget in (self._bench, self.status, self.bar, self._beside):
            widget.setVisible(not on)

    def layout_state(self) -> QByteArray:
        """How the room is divided."""
        return self._splitter.saveState()

    def restore_state(self, state: bytes) -> None:
        """Divide the room as before."""
        self._splitter.restoreState(QByteArray(state))
