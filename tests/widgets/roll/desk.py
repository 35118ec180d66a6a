"""A desk for one roll: keeps what is told as a project does, undoes and makes again; a hand for mouse and keys."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from studio.media.music.score import Note, Score, Track
from studio.widgets.roll.view import RollView

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
TWICE = QEvent.Type.MouseButtonDblClick


def piece(*notes: Note, track: str = "m", **more: object) -> Score:
    """A score of one track."""
    return Score(tracks=(Track(id=track, name="Melody").with_notes(notes),), **more)  # type: ignore[arg-type]


class Desk:
    """`steps` are (title, kind) as told; `scores[at]` is the one that holds; `heard` what sounded."""

    def __init__(self, qtbot: QtBot, score: Score, track: str = "m") -> None:
        self.qtbot = qtbot
        self.scores = [score]
        self.at = 0
        self.steps: list[tuple[str, str]] = []
        self.heard: list[tuple[int, int, str]] = []
        self.refusals: list[str] = []
        self.told: list[str] = []
        self.view = RollView()
        # held until it is deleted: else a thread's garbage collection could delete it, off this thread
        qtbot.__dict__.setdefault("roll_desks", []).append(self)
        self.view.resize(900, 640)
        self.view.changed.connect(self._on_changed)
        self.view.notes_sounded.connect(lambda *heard: self.heard.append(heard))
        self.view.refused.connect(self.refusals.append)
        self.view.told.connect(self.told.append)
        self.view.show_score(score, track)
        self.view.show()
        qtbot.waitExposed(self.view)
        self.view.grid.setFocus()

    def _on_changed(self, score: Score, title: str, kind: str) -> None:
        self.scores[self.at + 1 :] = [score]
        self.at += 1
        self.steps.append((title, kind))
        self.view.show_score(score, self.view.track().id)  # as the session's signal does

    @property
    def score(self) -> Score:
        return self.scores[self.at]

    @property
    def notes(self) -> tuple[Note, ...]:
        return self.score.track(self.view.track().id).notes

    def undo(self) -> None:
        if self.at:
            self.at -= 1
            self.view.show_score(self.score, self.view.track().id)

    def redo(self) -> None:
        if self.at + 1 < len(self.scores):
            self.at += 1
            self.view.show_score(self.score, self.view.track().id)

    def gone(self) -> None:
        """Delete the view here and now."""
        self.qtbot.__dict__["roll_desks"].remove(self)
        delete(self.view)

    # -- the hand ------------------------------------------------------------------------------------

    def point(self, tick: float, pitch: int) -> QPointF:
        """The middle of a pitch's row at a tick, over the notes."""
        sight = self.view.state.sight
        return QPointF(sight.x(tick), sight.y(pitch) + sight.row_px // 2)

    def send(
        self,
        kind: QEvent.Type,
        at: QPointF,
        held: Qt.KeyboardModifier = PLAIN,
        over: QWidget | None = None,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        part = over or self.view.grid
        one = NONE if kind == MOVE else button
        buttons = NONE if kind == RELEASE else button
        QApplication.sendEvent(part, QMouseEvent(kind, at, part.mapToGlobal(at), one, buttons, held))

    def drag(
        self,
        *points: QPointF,
        held: Qt.KeyboardModifier = PLAIN,
        over: QWidget | None = None,
        drop: bool = True,
    ) -> None:
        """Press at the first point, move through the others, let go at the last."""
        self.send(PRESS, points[0], held, over)
        for point in points[1:]:
            self.send(MOVE, point, held, over)
        if drop:
            self.send(RELEASE, points[-1], held, over)

    def click(self, at: QPointF, held: Qt.KeyboardModifier = PLAIN, over: QWidget | None = None) -> None:
        self.drag(at, held=held, over=over)

    def twice(self, at: QPointF, over: QWidget | None = None) -> None:
        """A double click as Qt tells it."""
        self.click(at, over=over)
        self.send(TWICE, at, over=over)
        self.send(RELEASE, at, over=over)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = PLAIN) -> None:
        self.qtbot.keyClick(self.view.grid, key, held)

    def picture(self, part: QWidget | None = None) -> NDArray[np.uint8]:
        """What is seen of the notes (or another part), uint8 (height, width, 3)."""
        image = (part or self.view.grid).grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return lines[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def starts(notes: Sequence[Note]) -> list[int]:
    """When they begin."""
    return [note.start for note in notes]


def pitches(notes: Sequence[Note]) -> list[int]:
    """How high they are."""
    return [note.pitch for note in notes]
