"""What every prompt box has: which model, how many takes, the button that proposes and stops, a word beside it."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel, pad, set_role
from studio.widgets.model_menu import ModelChoice, ModelMenu
from studio.widgets.propose_button import ASK, ProposeButton

MOST_TAKES: Final = 8
_USUAL: Final = "Ctrl+Return proposes, Esc stops."


class AskBox(QFrame):
    """Values in and out, signals for what the person wants; a pane's own box adds its knobs and lays all out."""

    propose_requested = Signal()
    stop_requested = Signal()
    model_chosen = Signal(str)  # path
    add_model_requested = Signal(str)  # "folder" | "file"
    knobs_requested = Signal()
    changed = Signal()

    def __init__(
        self, does: str, add: Mapping[str, str], knobs_tip: str, takes: int, parent: QWidget | None = None
    ) -> None:
        """`does` names the model menu, `add` its entries that add one; `takes` are wanted at first."""
        super().__init__(parent)
        self.setObjectName("promptBox")
        self._running = False
        self._blocked = ""
        self._notice = ("", "muted")
        self._models = ModelMenu(does, add)
        self._takes = number(1, MOST_TAKES, " takes", "How many takes are made side by side", 84)
        self._takes.setValue(takes)
        self._knobs = IconButton("knobs", knobs_tip, size=18)
        self._button = ProposeButton()
        self.notice = ElidedLabel("muted")
        self._models.model_chosen.connect(self._on_model)
        self._models.add_wanted.connect(self.add_model_requested)
        self._takes.valueChanged.connect(self._on_takes)
        self._knobs.clicked.connect(self.knobs_requested)
        self._button.clicked.connect(self._on_button)

    def _stack(self, margin_px: int, *rows: QWidget | QHBoxLayout) -> None:
        """Lay these out from top to bottom."""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, margin_px, 12, margin_px)
        outer.setSpacing(8)
        for row in rows:
            if isinstance(row, QWidget):
                outer.addWidget(row)
            else:
                outer.addLayout(row)

    # -- values ---------------------------------------------------------------------------

    def takes(self) -> int:
        """How many takes are wanted."""
        return self._takes.value()

    def set_takes(self, count: int) -> None:
        """Want so many."""
        self._takes.setValue(count)

    def model(self) -> str:
        """The chosen model's path; "" when there is none."""
        return self._models.path()

    def set_models(self, models: list[ModelChoice], chosen: str) -> None:
        """Fill the model menu and show the chosen one."""
        self._models.set_models(models, chosen)

    def set_running(self, on: bool) -> None:
        """While takes are made the button stops them."""
        self._running = on
        self._show_state()

    def is_running(self) -> bool:
        """Whether the button is a stop button."""
        return self._running

    def set_notice(self, text: str, tone: str = "muted") -> None:
        """A word in `notice`; it never blocks anything. Empty shows the usual one."""
        self._notice = (text, tone if text else "muted")
        self._show_state()

    def set_blocked(self, reason: str) -> None:
        """Why nothing can be proposed, shown beside the grey button; "" frees it."""
        self._blocked = reason
        self._show_state()

    # -- what happens ---------------------------------------------------------------------

    def _show_state(self) -> None:
        blocked = bool(self._blocked) and not self._running
        self._show_button(blocked)
        self._show_notice(*((self._blocked, "warning") if blocked else self._notice))

    def _show_button(self, blocked: bool, ask: str = ASK) -> None:
        self._button.show_state(running=self._running, blocked=blocked, ask=ask)

    def _show_notice(self, text: str, tone: str, usual: str = _USUAL) -> None:
        self.notice.show_text(text or usual)
        set_role(self.notice, tone)

    def _on_button(self) -> None:
        (self.stop_requested if self._running else self.propose_requested).emit()

    def _on_model(self, path: str) -> None:
        self.model_chosen.emit(path)
        self.changed.emit()

    def _on_takes(self, count: int) -> None:
        self._takes.setSuffix(" take" if count == 1 else " takes")
        self.changed.emit()


def number(least: int, most: int, suffix: str, tip: str, width_px: int) -> QSpinBox:
    """A field for a number, as wide as it needs."""
    field = QSpinBox()
    field.setRange(least, most)
    field.setSuffix(suffix)
    field.setFixedWidth(width_px)
    field.setToolTip(tip)
    field.setAccessibleName(tip)
    pad(field)
    return field


def row_of(*widgets: QWidget, wide: QWidget | None = None) -> QHBoxLayout:
    """Widgets side by side; `wide` takes the room that is left."""
    row = QHBoxLayout()
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget, 1 if widget is wide else 0)
    return row
