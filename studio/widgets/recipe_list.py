"""A recipe as rows: what, how much, and a button that copies it."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QGridLayout, QSizePolicy, QWidget

from studio.widgets.icons import IconButton
from studio.widgets.labels import label
from studio.widgets.picture_words import RecipeRow

_NAME_PX: Final = 104


class RecipeList(QWidget):
    """Values can be selected with the mouse and the keyboard, and copied one by one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnMinimumWidth(0, _NAME_PX)
        self._grid.setColumnStretch(1, 1)
        self._shown: list[_Row] = []
        self._rows: tuple[RecipeRow, ...] = ()
        self.setAccessibleName("Recipe")

    def rows(self) -> tuple[RecipeRow, ...]:
        """What is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[RecipeRow]) -> None:
        """Show exactly these."""
        rows = tuple(rows)
        if rows == self._rows:
            return
        self._rows = rows
        while len(self._shown) < len(rows):
            self._shown.append(_Row(self._grid, len(self._shown)))
        for at, shown in enumerate(self._shown):
            shown.show_row(rows[at] if at < len(rows) else None)


class _Row:
    """One row's widgets. They are kept and told anew: making and styling new ones at every take holds up typing."""

    def __init__(self, grid: QGridLayout, at: int) -> None:
        self._name = label("", "muted")
        self._name.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._name.setContentsMargins(0, 5, 0, 0)
        self._value = label("")
        self._value.setWordWrap(True)
        self._value.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._value.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._copy = IconButton("copy", "", role="muted", size=14)
        self._copy.clicked.connect(lambda: QApplication.clipboard().setText(self._copied))
        self._row: RecipeRow | None = None
        grid.addWidget(self._name, at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._value, at, 1)
        grid.addWidget(self._copy, at, 2, Qt.AlignmentFlag.AlignTop)

    @property
    def _copied(self) -> str:
        return (self._row.copy or self._row.text) if self._row is not None else ""

    def show_row(self, row: RecipeRow | None) -> None:
        """Show this; None: nothing."""
        if row == self._row:
            return
        self._row = row
        if row is not None:
            self._name.setText(row.name)
            self._value.setText(row.text)
            self._value.setContentsMargins(0, 5, 0, 5 if row.long else 0)
            self._value.setAccessibleName(row.name)
            self._value.setAccessibleDescription(row.text)
            self._value.setToolTip(row.copy)
            self._copy.set_tip(f"Copy: {row.name}")
        for part in (self._name, self._value, self._copy):
            part.setVisible(row is not None)
