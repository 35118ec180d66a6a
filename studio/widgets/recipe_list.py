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
        self._parts: list[QWidget] = []
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
        for part in self._parts:
            self._grid.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts.clear()
        for at, row in enumerate(rows):
            self._add(at, row)

    def _add(self, at: int, row: RecipeRow) -> None:
        name = label(row.name, "muted")
        name.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        name.setContentsMargins(0, 5, 0, 0)
        value = label(row.text)
        value.setWordWrap(True)
        value.setContentsMargins(0, 5, 0, 5 if row.long else 0)
        value.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        value.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        value.setAccessibleName(row.name)
        value.setAccessibleDescription(row.text)
        if row.copy:
            value.setToolTip(row.copy)
        copy = IconButton("copy", f"Copy: {row.name}", role="muted", size=14)
        copy.clicked.connect(lambda: QApplication.clipboard().setText(row.copy or row.text))
        self._grid.addWidget(name, at, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, at, 1)
        self._grid.addWidget(copy, at, 2, Qt.AlignmentFlag.AlignTop)
        self._parts += [name, value, copy]
