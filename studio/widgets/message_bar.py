"""A bar inside the window for what went wrong or well; never a dialog in the way."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.core.errors import StudioError
from studio.widgets.fonts import mono_font
from studio.widgets.icons import IconButton, put_icon
from studio.widgets.labels import button, label, set_look

_ICONS: Final = {"info": "info", "success": "accept", "warning": "warning", "danger": "warning"}
_ROLES: Final = {"info": "accent", "success": "success", "warning": "warning", "danger": "danger"}


class MessageBar(QFrame):
    """What happened, what was kept, what to do; details are one click away. Hidden while empty."""

    closed = Signal()
    acted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._mark = IconButton("info", "")
        self._mark.setEnabled(True)
        self._what = label("", "strong")
        self._more = label()
        self._details = QPlainTextEdit()
        self._action = button("", "")
        self._show_details = button("Details", "Show or hide what the program knows about it", flat=True)
        self._close = IconButton("close", "Close this message", size=16)
        self._lay_out()
        self._show_details.toggled.connect(self._details.setVisible)
        self._close.clicked.connect(self._on_close)
        self._action.clicked.connect(self.acted)
        self.clear()

    def _lay_out(self) -> None:
        self._mark.setFocusPolicy(self._mark.focusPolicy().NoFocus)
        for words in (self._what, self._more):
            words.setWordWrap(True)
            words.setTextInteractionFlags(words.textInteractionFlags().TextSelectableByMouse)
        self._details.setReadOnly(True)
        self._details.setFont(mono_font(9))
        self._details.setMaximumHeight(120)
        self._details.setAccessibleName("Details")
        self._show_details.setCheckable(True)
        words_column = QVBoxLayout()
        words_column.setSpacing(2)
        words_column.addWidget(self._what)
        words_column.addWidget(self._more)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._mark)
        row.addLayout(words_column, 1)
        row.addWidget(self._action)
        row.addWidget(self._show_details)
        row.addWidget(self._close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 8, 8, 8)
        outer.setSpacing(8)
        outer.addLayout(row)
        outer.addWidget(self._details)

    def show_message(
        self,
        what: str,
        kept: str = "",
        do: str = "",
        details: str = "",
        tone: str = "info",
        action: str = "",
    ) -> None:
        """Show a message instead of the one before. `tone`: info, success, warning or danger."""
        put_icon(self._mark, _ICONS[tone], _ROLES[tone], 18)
        set_look(self, "tone", tone)
        self._what.setText(what)
        more = " ".join(part for part in (kept, do) if part)
        self._more.setText(more)
        self._more.setVisible(bool(more))
        self._details.setPlainText(details)
        self._show_details.setChecked(False)
        self._show_details.setVisible(bool(details))
        self._details.hide()
        self._action.setText(action)
        self._action.setAccessibleName(action)
        self._action.setToolTip(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(f"{what} {more}".strip())
        self.show()

    def show_error(self, error: StudioError, details: str = "") -> None:
        """Show an error of the person's world."""
        self.show_message(error.what, error.kept, error.do, details, "danger")

    def clear(self) -> None:
        """Nothing to say."""
        self.hide()

    def _on_close(self) -> None:
        self.clear()
        self.closed.emit()
