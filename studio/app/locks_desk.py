"""Locks and unlocks passages of the open text: Ctrl+L."""

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.text_desk import TextDesk
from studio.media.spans import SpanText
from studio.panes.text.pane import TextPane


class LocksDesk(QObject):
    """A lock is a revision like any other: undone, branched from, kept in the lineage."""

    notice = Signal(str, str)  # what, do

    def __init__(self, pane: TextPane, text: TextDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._pane = pane
        self._text = text
        pane.lock_requested.connect(self.toggle)

    @Slot()
    def toggle(self) -> None:
        """Lock the selection, or free it when all of it is locked; without one, free the passage at the caret."""
        session = self._text.session
        if session is None:
            return
        self._pane.flush()
        value = session.history(self._text.work).text
        start, end = self._pane.selection()
        on = start < end and not _all_locked(value, start, end)
        if start == end:
            start, end = _lock_around(value, start)
        if start == end:
            self.notice.emit(
                "Nothing is selected.", "Select what must stay as it is, then press Ctrl+L to lock it."
            )
            return
        edit = value.lock(start, end, on)
        if edit is None:
            return
        caret = self._pane.caret()
        session.revise(self._text.work, edit, "locked" if on else "unlocked")
        self._pane.apply((edit,), caret)
        self._text.lineage_changed.emit()


def _all_locked(value: SpanText, start: int, end: int) -> bool:
    return all(run.locked for run in value.slice_runs(start, end))


def _lock_around(value: SpanText, at: int) -> tuple[int, int]:
    """The locked stretch that holds or touches a place; (at, at) when none does."""
    return next(((start, end) for start, end in value.locks() if start <= at <= end), (at, at))
