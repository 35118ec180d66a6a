"""Joins keystrokes that belong together into one edit."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.media.spans import Edit, SpanText, merged

GROUP_MS: Final = 600  # since the first keystroke: nothing waits longer


def joined(first: Edit, then: Edit) -> Edit | None:
    """One edit that does both, `then` being made after `first`; None when they do not touch."""
    first_end = first.at + len(first.inserted)
    then_end = then.at + len(then.removed)
    if then_end < first.at or then.at > first_end:
        return None
    before = max(0, first.at - then.at)  # how much `then` takes away on the left of `first` ...
    after = max(0, then_end - first_end)  # ... and on its right
    gone = SpanText(text=then.removed, runs=then.removed_runs)
    come = SpanText(text=first.inserted, runs=first.inserted_runs)
    head = max(0, then.at - first.at)
    tail = min(len(come.text), max(0, then_end - first.at))
    cut = len(gone.text) - after
    return Edit(
        at=min(first.at, then.at),
        removed=gone.text[:before] + first.removed + gone.text[cut:],
        removed_runs=merged(
            (*gone.slice_runs(0, before), *first.removed_runs, *gone.slice_runs(cut, len(gone.text)))
        ),
        inserted=come.text[:head] + then.inserted + come.text[tail:],
        inserted_runs=merged(
            (*come.slice_runs(0, head), *then.inserted_runs, *come.slice_runs(tail, len(come.text)))
        ),
    )


def is_nothing(edit: Edit) -> bool:
    """Whether the edit leaves everything as it was, authors included."""
    return edit.removed == edit.inserted and edit.removed_runs == edit.inserted_runs


class TypingGroup(QObject):
    """Holds back keystrokes for a moment and gives them out as one edit."""

    grouped = Signal(object, str)  # Edit, "typed" | "pasted"

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pending: Edit | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GROUP_MS)
        self._timer.timeout.connect(self.flush)

    def add(self, edit: Edit, kind: str) -> None:
        """One more change by the person. A new paragraph and a paste end a group."""
        if kind != "typed":
            self.flush()
            self.grouped.emit(edit, kind)
            return
        whole = edit if self._pending is None else joined(self._pending, edit)
        if whole is None:
            self.flush()
            whole = edit
        self._pending = whole
        if not self._timer.isActive():
            self._timer.start()
        if "\n" in edit.inserted:
            self.flush()

    @Slot()
    def flush(self) -> None:
        """Give out what is held back, now."""
        pending = self.take()
        if pending is not None:
            self.grouped.emit(pending, "typed")

    def take(self) -> Edit | None:
        """What is held back, taken out without being told; None when that is nothing."""
        self._timer.stop()
        pending, self._pending = self._pending, None
        return None if pending is None or is_nothing(pending) else pending

    def is_pending(self) -> bool:
        """Whether keystrokes are held back."""
        return self._pending is not None
