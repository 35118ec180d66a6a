"""One take as a card: what it says, how it stands, and what can be done with it."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.core.takes import Take
from studio.media.spans import Edit, SpanText
from studio.widgets.clipboard import copied
from studio.widgets.icons import IconButton, icon
from studio.widgets.labels import ElidedLabel, button, label, set_look, set_role
from studio.widgets.progress_line import ProgressLine

CARD_WIDTH_PX: Final = 232
_BODY_HEIGHT_PX: Final = 56


class TakeBody(Protocol):
    """What a card needs of the widget that shows a take; the text body is one."""

    @property
    def take_edited(self) -> SignalInstance:
        """Signal(object): an Edit by the person."""

    @property
    def token_clicked(self) -> SignalInstance:
        """Signal(int, QPoint): a place in the take that the person wants to look into."""

    def show_take(self, take: Take, draft: SpanText | None) -> None: ...
    def clear_take(self) -> None: ...
    def append_piece(self, text: str) -> None: ...
    def apply_edit(self, edit: Edit) -> None: ...
    def draft(self) -> SpanText: ...
    def isReadOnly(self) -> bool: ...
    def flush(self) -> None: ...
    def set_show_authors(self, on: bool) -> None: ...
    def set_inspect(self, on: bool) -> None: ...
    def set_heat(self, values: Sequence[tuple[int, int, float]] | None) -> None: ...


def standing(take: Take, words: int, partly: bool = False) -> tuple[str, str]:
    """How a take stands, in words, and the role of the label that says it; `partly`: some of it is in the text."""
    if take.verdict == "accepted":
        return "accepted", "success"
    if take.verdict == "rejected":
        return (f"rejected: {take.reason}" if take.reason else "rejected"), "muted"
    if partly and take.status != "streaming":
        return "partly accepted", "success"
    match take.status:
        case "streaming":
            return "writing…" if words else "reading your text…", "accent"
        case "failed":
            return "failed", "danger"
        case "stopped":
            return "stopped", "warning"
        case "done":
            return "", "muted"


class TakeCard(QFrame):
    """Signals carry nothing but what the person wants; the strip knows which take it was."""

    accept_requested = Signal()
    reject_requested = Signal(str)  # reason
    restore_requested = Signal()
    regenerate_requested = Signal()
    branch_requested = Signal()
    take_edited = Signal(object)  # Edit
    pressed = Signal()
    stepped = Signal(int)  # -1 | +1: the neighbour is wanted

    def __init__(self, body: QWidget, number: int) -> None:
        super().__init__()
        self.setObjectName("takeCard")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(CARD_WIDTH_PX)
        body.setMinimumHeight(_BODY_HEIGHT_PX)
        body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.take: Take | None = None
        self.body = body
        self._chosen = False
        self._partly = False
        self._number = label("", "strong")
        self._state = ElidedLabel("muted")
        self._count = label("", "muted")
        self._line = ProgressLine()
        self._error = label("", "danger")
        self._reason = QLineEdit()
        self._accept = button("Accept", "Make this take part of the work (Ctrl+Shift+Return)", "accept")
        self._reject = IconButton(
            "reject", "Reject; it is kept and can be found again (Ctrl+Shift+Backspace)"
        )
        self._again = IconButton("regenerate", "Make takes again with a new seed (Ctrl+R)")
        self._restore = button("Restore", "Take the rejection back", "undo", flat=True)
        self._more = IconButton("more", "More for this take")
        self._lay_out()
        self._connect()
        self.set_number(number)

    @property
    def text_body(self) -> TakeBody:
        """The body, as what it can do."""
        body: TakeBody = self.body  # type: ignore[assignment]
        return body

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(2, 2, 2, 2)
        outer.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(14, 8, 14, 4)
        head.setSpacing(8)
        head.addWidget(self._number)
        head.addWidget(self._state, 1)
        head.addWidget(self._count)
        outer.addLayout(head)
        outer.addWidget(self._line)
        outer.addWidget(self.body, 1)
        self._error.setWordWrap(True)
        self._error.setContentsMargins(14, 4, 14, 4)
        self._error.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._error.setMinimumHeight(_BODY_HEIGHT_PX)
        self._error.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        outer.addWidget(self._error, 1)
        self._reason.setPlaceholderText("Why? Return rejects, Esc keeps")
        self._reason.setAccessibleName("Reason for the rejection")
        self._reason.hide()
        why = QHBoxLayout()
        why.setContentsMargins(10, 0, 10, 0)
        why.addWidget(self._reason)
        outer.addLayout(why)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 6, 8, 8)
        foot.setSpacing(4)
        for widget in (self._accept, self._restore, self._reject, self._again):
            foot.addWidget(widget)
        foot.addStretch(1)
        foot.addWidget(self._more)
        outer.addLayout(foot)

    def _connect(self) -> None:
        self._accept.clicked.connect(self.accept)
        self._reject.clicked.connect(lambda: self.reject(""))
        self._again.clicked.connect(self.regenerate_requested)
        self._restore.clicked.connect(self.restore_requested)
        self._more.clicked.connect(self._open_menu)
        self._reason.returnPressed.connect(self._on_reason)
        self._reason.installEventFilter(self)
        self.text_body.take_edited.connect(self.take_edited)

    # -- values ---------------------------------------------------------------------------

    def set_number(self, number: int) -> None:
        """Its place in the strip, from 1: Alt and the digit choose it."""
        self._number.setText(str(number))
        self.setAccessibleName(f"Take {number}")
        self.setToolTip(f"Take {number} (Alt+{number})")

    def show_waiting(self, text: str) -> None:
        """A card before its take exists; one that showed another take is emptied."""
        self.text_body.flush()
        self.text_body.clear_take()
        self.take, self._partly = None, False
        set_look(self, "verdict", "")
        self._state.show_text(text)
        set_role(self._state, "muted")
        self._count.clear()
        self._line.set_busy(True)
        self._error.hide()
        self._show_buttons()

    def show_take(self, take: Take, draft: SpanText | None = None) -> None:
        """Show a take as it stands now."""
        self.take = take
        self.text_body.show_take(take, draft)
        self._line.set_busy(take.status == "streaming")
        self._error.setText(take.error)
        self._error.setToolTip(take.error)
        self._error.setVisible(take.status == "failed" and bool(take.error))
        self.body.setVisible(self._has_text() or self._error.isHidden())
        set_look(self, "verdict", take.verdict or "")
        self._show_standing()
        self._show_buttons()

    def append_piece(self, text: str) -> None:
        """More of a streaming take."""
        self.text_body.append_piece(text)
        self._show_standing()

    def set_partly_accepted(self, on: bool) -> None:
        """Some of the take is in the text already."""
        if on != self._partly:
            self._partly = on
            self._show_standing()

    def set_chosen(self, on: bool) -> None:
        """The chosen take has a ring; the keys act on it."""
        self._chosen = on
        set_look(self, "chosen", on)
        self.setAccessibleDescription("chosen" if on else "")

    def _show_standing(self) -> None:
        if self.take is None:
            return
        words = len(self.text_body.draft().text.split())
        text, role = standing(self.take, words, self._partly)
        self._state.show_text(text)
        set_role(self._state, role)
        self._count.setText(f"{words} words" if words != 1 else "1 word")

    def _show_buttons(self) -> None:
        take = self.take
        rejected = take is not None and take.verdict == "rejected"
        open_ = take is not None and take.verdict is None and take.status != "streaming" and self._has_text()
        decided = take is not None and take.verdict is not None
        self._accept.setVisible(not decided)
        self._accept.setEnabled(open_)
        self._reject.setVisible(not decided)
        self._reject.setEnabled(take is not None and take.verdict is None)
        self._restore.setVisible(rejected)
        self._again.setEnabled(take is not None and take.status != "streaming")
        self._more.setEnabled(take is not None)

    def _has_text(self) -> bool:
        return bool(self.text_body.draft().text)

    # -- what the person wants ------------------------------------------------------------

    def accept(self) -> None:
        """Ask for this take to become part of the work; what was just typed into it comes first."""
        if self._accept.isEnabled():
            self.text_body.flush()
            self.accept_requested.emit()

    def reject(self, reason: str) -> None:
        """Ask for this take to be set aside."""
        if self._reject.isEnabled():
            self.text_body.flush()
            self.reject_requested.emit(reason)

    def ask_reason(self) -> None:
        """Open the line for the reason of a rejection."""
        self._reason.clear()
        self._reason.show()
        self._reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_reason(self) -> None:
        self._reason.hide()
        self.reject(self._reason.text().strip())

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.exec(self._more.mapToGlobal(self._more.rect().topRight()))
        menu.deleteLater()

    def menu(self) -> QMenu:
        """What else can be done with the take; the caller owns it."""
        menu = QMenu(self)
        entries: tuple[tuple[str, str, Callable[[], object], bool], ...] = (
            ("Copy text", "copy", self._copy, True),
            ("Work from here", "branch", self.branch_requested.emit, True),
            ("Regenerate from here", "regenerate", self.regenerate_requested.emit, self._again.isEnabled()),
            ("Reject with a reason…", "reject", self.ask_reason, self._reject.isEnabled()),
        )
        for title, name, slot, enabled in entries:
            action = menu.addAction(icon(name), title)
            action.setEnabled(enabled)
            action.triggered.connect(slot)
        return menu

    def _copy(self) -> None:
        draft = self.text_body.draft()
        QApplication.clipboard().setMimeData(copied(draft, 0, len(draft.text)))

    # -- Qt's events ----------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere on the card chooses it."""
        self.pressed.emit()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go to the neighbours, Return into the text."""
        match event.key():
            case Qt.Key.Key_Left:
                self.stepped.emit(-1)
            case Qt.Key.Key_Right:
                self.stepped.emit(1)
            case Qt.Key.Key_Return | Qt.Key.Key_F2 if not event.modifiers():
                self.body.setFocus(Qt.FocusReason.OtherFocusReason)
            case _:
                super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc in the reason's line closes the line, nothing else."""
        if (
            watched is self._reason
            and event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            if event.type() == QEvent.Type.KeyPress:
                self._reason.hide()
            event.accept()
            return True
        return super().eventFilter(watched, event)
