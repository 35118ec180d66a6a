"""Every job: how far it is, how fast, and the buttons to cancel, retry and reorder it."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel, button, empty_state, label, set_role
from studio.widgets.progress_line import ProgressLine

MAX_ROWS: Final = 100
_EMPTY: Final = (
    "Nothing in the queue.\nWhat you ask of a model waits here, and can be stopped or tried again."
)
_ROLES: Final = {
    "waiting": "muted",
    "running": "accent",
    "done": "success",
    "stopped": "warning",
    "failed": "danger",
}


class QueueRow(Struct, frozen=True, kw_only=True):
    """One job. `progress` 0..1, None when nobody knows; `detail` says why a failed one failed."""

    id: str
    title: str
    state: Literal["waiting", "running", "done", "stopped", "failed"]
    progress: float | None = None
    rate: str = ""
    time: str = ""
    detail: str = ""


class _Card(QFrame):
    """The widget of one job."""

    cancel = Signal()
    retry = Signal()
    step = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("queueRow")
        self.title = ElidedLabel()
        self.state = label("", "muted")
        self.facts = label("", "muted")
        self.detail = label("", "danger")
        self.detail.setWordWrap(True)
        self.line = ProgressLine()
        self.up = IconButton("up", "Sooner", size=16)
        self.down = IconButton("down", "Later", size=16)
        self.again = IconButton("retry", "Try again", size=16)
        self.stop = IconButton("stop", "Cancel; what it has made is kept", size=16)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title, 1)
        top.addWidget(self.facts)
        top.addWidget(self.state)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        for widget in (self.up, self.down, self.again, self.stop):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(widget is self.stop)
            widget.setSizePolicy(policy)
            buttons.addWidget(widget)
        top.addLayout(buttons)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 6, 8, 6)
        outer.setSpacing(4)
        outer.addLayout(top)
        outer.addWidget(self.line)
        outer.addWidget(self.detail)
        self.up.clicked.connect(lambda: self.step.emit(-1))
        self.down.clicked.connect(lambda: self.step.emit(1))
        self.again.clicked.connect(self.retry)
        self.stop.clicked.connect(self.cancel)

    def show_row(self, row: QueueRow) -> None:
        """Show a job as it stands."""
        self.title.show_text(row.title)
        self.setAccessibleName(f"{row.title}, {row.state}")
        self.state.setText(row.state)
        set_role(self.state, _ROLES[row.state])
        self.facts.setText("   ".join(part for part in (row.rate, row.time) if part))
        self.detail.setText(row.detail)
        self.detail.setVisible(bool(row.detail))
        set_role(self.detail, "danger" if row.state == "failed" else "muted")
        running = row.state == "running"
        self.line.setVisible(running)
        if running and row.progress is None:
            self.line.set_busy(True)
        else:
            self.line.set_progress(row.progress if running else None)
        self.up.setVisible(row.state == "waiting")
        self.down.setVisible(row.state == "waiting")
        self.again.setVisible(row.state in ("failed", "stopped"))
        self.stop.setVisible(row.state in ("waiting", "running"))


class QueueView(QWidget):
    """Rows keep their widgets while jobs come and go, so that a button does not run from the mouse.

    `clear_button` takes finished jobs off the list; whoever places the view places it too.
    """

    cancel_requested = Signal(str)
    retry_requested = Signal(str)
    move_requested = Signal(str, int)  # -1 sooner, +1 later
    clear_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: dict[str, _Card] = {}
        self._rows: dict[str, QueueRow] = {}
        self._inner = QWidget()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._inner)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setAccessibleName("Queue")
        self.clear_button = button(
            "Clear finished", "Take finished jobs off this list; their takes stay", flat=True
        )
        self.clear_button.clicked.connect(self.clear_requested)
        self._empty = empty_state(_EMPTY)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._area)

    def set_jobs(self, rows: Sequence[QueueRow]) -> None:
        """Show these jobs in this order; of very many, the first hundred."""
        rows = rows[:MAX_ROWS]
        before, self._rows = self._rows, {row.id: row for row in rows}
        for job_id in [job_id for job_id in self._cards if job_id not in self._rows]:
            card = self._cards.pop(job_id)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        for index, row in enumerate(rows):
            card = self._cards.get(row.id) or self._new_card(row.id)
            if self._column.indexOf(card) != index:
                self._column.insertWidget(index, card)
            if before.get(row.id) != row:
                card.show_row(row)
        self._show_state()

    def update_job(self, row: QueueRow) -> None:
        """A job shown stands otherwise now; one that is not shown is added at the end."""
        if row.id in self._cards:
            self._rows[row.id] = row
            self._cards[row.id].show_row(row)
            self._show_state()
        else:
            self.set_jobs([*self._rows.values(), row])

    def _show_state(self) -> None:
        self._stack.setCurrentWidget(self._area if self._rows else self._empty)
        self.clear_button.setEnabled(
            any(row.state in ("done", "stopped", "failed") for row in self._rows.values())
        )

    def _new_card(self, job_id: str) -> _Card:
        card = _Card()
        card.cancel.connect(lambda: self.cancel_requested.emit(job_id))
        card.retry.connect(lambda: self.retry_requested.emit(job_id))
        card.step.connect(lambda delta: self.move_requested.emit(job_id, delta))
        self._cards[job_id] = card
        return card
