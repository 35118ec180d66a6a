"""Change the keys of any action."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QKeySequenceEdit,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.widgets.icons import IconButton


class ShortcutsDialog(QDialog):
    """A row an action; keys that two actions share are named and not kept."""

    changed = Signal(str, object)  # action id; the keys as text, or None for its own

    def __init__(
        self, shortcuts: Mapping[str, tuple[str, tuple[str, ...]]], parent: QWidget | None = None
    ) -> None:
        """`shortcuts`: title and keys of every action, by id."""
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self._titles = {action: title for action, (title, _) in shortcuts.items()}
        self._keys = {action: keys for action, (_, keys) in shortcuts.items()}
        self._fields: dict[str, QKeySequenceEdit] = {}
        self._warning = QLabel()
        self._warning.setWordWrap(True)
        rows = QWidget()
        grid = QGridLayout(rows)
        grid.setHorizontalSpacing(16)
        for row, action in enumerate(shortcuts):
            self._add_row(grid, row, action)
        scroll = QScrollArea()
        scroll.setWidget(rows)
        scroll.setWidgetResizable(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll)
        layout.addWidget(self._warning)
        layout.addWidget(buttons)
        self.resize(560, 560)

    def _add_row(self, grid: QGridLayout, row: int, action: str) -> None:
        title = self._titles[action]
        field = QKeySequenceEdit(QKeySequence(self._first(action)))
        field.setAccessibleName(f"Keys of {title}")
        field.setMaximumSequenceLength(1)
        field.editingFinished.connect(lambda: self._set(action, field.keySequence().toString()))
        reset = IconButton("undo", f"Default keys of {title}")
        reset.clicked.connect(lambda: self.changed.emit(action, None))
        self._fields[action] = field
        grid.addWidget(QLabel(title), row, 0)
        grid.addWidget(field, row, 1)
        grid.addWidget(reset, row, 2)

    def show_keys(self, action: str, keys: tuple[str, ...]) -> None:
        """What the action's keys are now."""
        self._keys[action] = keys
        self._fields[action].setKeySequence(QKeySequence(self._first(action)))

    def _first(self, action: str) -> str:
        return next(iter(self._keys[action]), "")

    def _set(self, action: str, keys: str) -> None:
        if keys == self._first(action):
            return
        other = next((a for a, used in self._keys.items() if keys in used and a != action), None)
        if other is not None:
            self._warning.setText(f"“{keys}” is taken by “{self._titles[other]}”. The old keys were kept.")
            self._fields[action].setKeySequence(QKeySequence(self._first(action)))
            return
        self._warning.clear()
        self._keys[action] = (keys,) if keys else ()
        self.changed.emit(action, keys)
