"""The pane's editor: the shared one, with the pane's own entries in its context menu."""

from collections.abc import Callable

from PySide6.QtCore import QPoint
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from studio.widgets.authored_edit import AuthoredEdit
from studio.widgets.icons import icon


class WritingEdit(AuthoredEdit):
    """`act_menu` makes the menu of acts for a selection; `lock` locks the selection or frees the passage."""

    def __init__(self, act_menu: Callable[[QWidget], QMenu], lock: Callable[[], object]) -> None:
        super().__init__()
        self._act_menu = act_menu
        self._lock = lock

    def context_menu(self, at: int = -1, point: QPoint | None = None) -> QMenu:
        """The shared menu, then what the model can do with the selection, then the lock; the caller owns it."""
        menu = super().context_menu(at, point)
        start, end = self.selection()
        locked = any(low <= start <= high for low, high in self.value().locks())
        menu.addSeparator()
        acts = self._act_menu(menu)
        acts.setTitle("Ask the model" if start < end else "Ask the model  (select a passage first)")
        acts.setIcon(icon("spark"))
        acts.setEnabled(start < end)
        menu.addMenu(acts)
        held = start < end and all(run.locked for run in self.value().slice_runs(start, end))
        title = "Unlock" if held or (start == end and locked) else "Lock"
        lock = menu.addAction(icon("unlock" if title == "Unlock" else "lock"), title)
        lock.setShortcut(QKeySequence("Ctrl+L"))
        lock.setEnabled(start < end or locked)
        lock.triggered.connect(lambda _on=False: self._lock())
        return menu
