"""Keeps what the prompt box holds (note, number of takes, knobs) with the project."""

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Slot

from studio.app.session import Session
from studio.panes.text.pane import TextPane
from studio.panes.text.prompt_box import ProposeValues

KEY = "prompt"
DELAY_MS = 400


class PromptValues(QObject):
    """Written a moment after the last change; the model is the window's choice, not the project's."""

    def __init__(self, pane: TextPane, parent: QObject) -> None:
        super().__init__(parent)
        self._prompt = pane.prompt
        self._session: Session | None = None
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._keep)
        pane.values_changed.connect(self._timer.start)

    def open(self, session: Session) -> None:
        """Show what this project's prompt box held."""
        self._session = session
        kept = session.reader.get_setting(KEY)
        try:
            values = msgspec.convert(kept, ProposeValues) if kept else ProposeValues()
        except msgspec.ValidationError:  # of another version: the defaults serve
            values = ProposeValues()
        self._prompt.set_values(replace(values, model=self._prompt.values().model))
        self._timer.stop()

    def leave(self) -> None:
        """Write what has changed."""
        if self._timer.isActive():
            self._timer.stop()
            self._keep()
        self._session = None

    @Slot()
    def _keep(self) -> None:
        if self._session is not None:
            kept = msgspec.to_builtins(replace(self._prompt.values(), model=""))
            self._session.write(lambda store: store.set_setting(KEY, kept))
