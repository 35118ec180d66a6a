"""Shows in the roll what notes would become, before it is done, and gives the roll back afterwards."""

from collections.abc import Iterable

from msgspec import Struct
from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtWidgets import QWidget

from studio.media.music.score import Note
from studio.widgets.roll.model import NoteTable
from studio.widgets.roll.view import RollView


def stand_beside(dialog: QWidget, view: QWidget) -> None:
    """Put a dialog right of what it changes, as far as the screen allows, also when it grows."""
    dialog.adjustSize()
    corner = view.mapToGlobal(view.rect().topRight())
    _InSight(dialog).place(corner)


class _InSight(QObject):
    """Keeps a dialog on the screen while its content makes it larger."""

    def __init__(self, dialog: QWidget) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        dialog.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """It has another size."""
        if event.type() == QEvent.Type.Resize:
            self.place(self._dialog.pos())
        return super().eventFilter(watched, event)

    def place(self, at: QPoint) -> None:
        """Put its upper left corner there, or as near as it is wholly seen."""
        dialog, room = self._dialog, self._dialog.screen().availableGeometry()
        x, y = min(at.x(), room.right() - dialog.width()), min(at.y(), room.bottom() - dialog.height())
        dialog.move(max(room.left(), x), max(room.top(), y))


class _Laid(Struct, frozen=True):
    """What lay over the notes before."""

    notes: tuple[Note, ...] | None
    span: tuple[int, int] | None
    compares: bool


class RollPreview:
    """What would be other lies over the notes, as a take does."""

    def __init__(self, roll: RollView) -> None:
        self._roll = roll
        self._before: _Laid | None = None
        self._ours: NoteTable | None = None

    def show(self, after: Iterable[Note]) -> int:
        """Lay those of the track's notes over it that are not in it now; tells how many."""
        state, now = self._roll.state, set(self._roll.track().notes)
        new = [note for note in after if note not in now]
        if self._before is None:
            take = tuple(state.take.notes) if state.take is not None else None
            self._before = _Laid(take, state.span, state.compares)
        self._roll.set_take_compare(False)
        self._roll.set_ghost(new or None)
        self._ours = state.take
        return len(new)

    def end(self) -> None:
        """Show again what was shown before, unless a take has come meanwhile."""
        before, self._before = self._before, None
        if before is not None and self._roll.state.take is self._ours:
            self._roll.set_ghost(before.notes, before.span)
            self._roll.set_take_compare(before.compares)
        self._ours = None
