"""The line in which the person says why a take is rejected."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class ReasonLine(QLineEdit):
    """Hidden until it is asked for. Return says the reason, Esc closes the line and nothing else."""

    given = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Why? Return rejects, Esc keeps")
        self.setAccessibleName("Reason for the rejection")
        self.setToolTip("Why this take is rejected; it is kept with it and can be searched")
        self.hide()
        self.returnPressed.connect(self._give)

    def ask(self) -> None:
        """Open the empty line."""
        self.clear()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _give(self) -> None:
        self._close()
        self.given.emit(self.text().strip())

    def _close(self) -> None:
        parent = self.parentWidget()
        if parent is not None and self.hasFocus():
            parent.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()

    def event(self, event: QEvent) -> bool:
        """Esc is heard here before any shortcut of the window."""
        if (
            event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            if event.type() == QEvent.Type.KeyPress:
                self._close()
            event.accept()
            return True
        return super().event(event)
