"""The button of a prompt box: it proposes, and stops while takes are made."""

from PySide6.QtWidgets import QPushButton

from studio.widgets.icons import put_icon
from studio.widgets.labels import set_look

ASK = "Ask the model for takes (Ctrl+Return)"


class ProposeButton(QPushButton):
    """The same in every pane."""

    def __init__(self) -> None:
        super().__init__()
        self.setAutoDefault(False)
        self.setMinimumWidth(100)
        self.setProperty("flat", False)
        self.show_state(running=False, blocked=False)

    def show_state(self, *, running: bool, blocked: bool, ask: str = ASK) -> None:
        """What a press would do; `blocked` greys it, but never while there is something to stop."""
        self.setText("Stop" if running else "Propose")
        self.setAccessibleName(self.text())
        self.setToolTip("Stop; the takes stay as far as they got (Esc)" if running else ask)
        set_look(self, "primary", not running)
        self.setEnabled(running or not blocked)
        put_icon(self, "stop" if running else "spark", "text" if running else "accent_text", 16)
