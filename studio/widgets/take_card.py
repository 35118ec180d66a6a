"""One take as a card: what it says, how it stands, and what can be done with it."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.core.takes import Take
from studio.media.spans import SpanText
from studio.widgets.icons import IconButton
from studio.widgets.labels import ElidedLabel, button, label, set_look, set_role
from studio.widgets.progress_line import ProgressLine
from studio.widgets.reason_line import ReasonLine
from studio.widgets.take_bodies import CardFacts, TakeBody, TextBody, is_picture, is_piece, is_text

CARD_WIDTH_PX: Final = 232
NARROW_PX: Final = 206
NARROW_HEIGHT_PX: Final = 216
FOOT_PX: Final = (10, 6, 8, 8)
QWIDGETSIZE_MAX: Final = (1 << 24) - 1  # Qt's own, which its Python does not name
_BODY_HEIGHT_PX: Final = 56


def standing(take: Take, doing: str = "", partly: bool = False) -> tuple[str, str]:
    """How a take stands, in words, and the role of the label that says it.

    `doing` is what one that still grows is at, `partly`: some of it is in the text.
    """
    if take.verdict == "accepted":
        return "accepted", "success"
    if take.verdict == "rejected":
        return (f"rejected: {take.reason}" if take.reason else "rejected"), "muted"
    if partly and take.status != "streaming":
        return "partly accepted", "success"
    match take.status:
        case "streaming":
            return doing, "accent"
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
    wished = Signal(str, str)  # any other wish (see take_wishes) and its detail
    take_edited = Signal(object)  # Edit
    pressed = Signal()
    stepped = Signal(int)  # -1 | +1: the neighbour is wanted

    def __init__(self, body: QWidget, number: int) -> None:
        super().__init__()
        self.setObjectName("takeCard")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(CARD_WIDTH_PX)
        body.setMinimumHeight(max(_BODY_HEIGHT_PX, body.minimumHeight()))
        body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.take: Take | None = None
        self.body = body
        self.others: Callable[[], tuple[tuple[str, str], ...]] = tuple
        self._chosen = False
        self._partly = False
        self._waits = False
        self._number = label("", "strong")
        self._state = ElidedLabel("muted")
        self._count = label("", "muted")
        self._line = ProgressLine()
        self._error = label("", "danger")
        self._reason = ReasonLine(self)
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

    def set_narrow(self, on: bool) -> None:
        """For a column of cards: as narrow as its buttons, as high as a small picture needs."""
        self.setMinimumWidth(NARROW_PX if on else CARD_WIDTH_PX)
        self.setMinimumHeight(NARROW_HEIGHT_PX if on else 0)
        self.setMaximumHeight(NARROW_HEIGHT_PX if on else QWIDGETSIZE_MAX)
        self._foot.setContentsMargins(*((6, 4, 4, 6) if on else FOOT_PX))
        self._foot.setSpacing(2 if on else 4)

    @property
    def any_body(self) -> TakeBody:
        """The body, as what every art's can do."""
        body: TakeBody = self.body  # type: ignore[assignment]
        return body

    @property
    def text_body(self) -> TextBody:
        """The body of a text. Raises TypeError for a card of another art."""
        if not is_text(self.body):
            raise TypeError(f"{type(self.body).__name__} shows no text")
        return self.body

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
        why = QHBoxLayout()
        why.setContentsMargins(10, 0, 10, 0)
        why.addWidget(self._reason)
        outer.addLayout(why)
        foot = QHBoxLayout()
        foot.setContentsMargins(*FOOT_PX)
        foot.setSpacing(4)
        for widget in (self._accept, self._restore, self._reject, self._again):
            foot.addWidget(widget)
        foot.addStretch(1)
        foot.addWidget(self._more)
        self._foot = foot
        outer.addLayout(foot)

    def _connect(self) -> None:
        self._accept.clicked.connect(self.accept)
        self._reject.clicked.connect(lambda: self.reject(""))
        self._again.clicked.connect(lambda: self.wish("regenerate"))
        self._restore.clicked.connect(self.restore_requested)
        self._more.clicked.connect(self._open_menu)
        self._reason.given.connect(self.reject)
        if is_text(self.body):
            self.body.take_edited.connect(self.take_edited)
        if is_picture(self.body) or is_piece(self.body):
            self.body.wished.connect(self.wish)

    # -- values ---------------------------------------------------------------------------

    def set_number(self, number: int) -> None:
        """Its place in the strip, from 1: Alt and the digit choose it."""
        self._number.setText(str(number))
        self.setAccessibleName(f"Take {number}")
        self.setToolTip(f"Take {number} (Alt+{number})")

    def show_waiting(self, text: str) -> None:
        """A card before its take exists; one that showed another take is emptied."""
        if self._waits:
            self._state.show_text(text)
            return
        self._waits = True
        self.any_body.flush()
        self.any_body.clear_take()
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
        self.take, self._waits = take, False
        if is_text(self.body):
            self.body.show_take(take, draft)
        else:
            self.any_body.show_take(take)
        self._line.set_busy(take.status == "streaming")
        self._error.setText(take.error)
        self._error.setToolTip(take.error)
        self._error.setVisible(take.status == "failed" and bool(take.error))
        self.body.setVisible(self._has_content() or self._error.isHidden())
        set_look(self, "verdict", take.verdict or "")
        self._show_standing()
        self._show_buttons()

    def append_piece(self, text: str) -> None:
        """More of a streaming take."""
        if is_piece(self.body):
            self.body.append_piece(text)
        else:
            self.text_body.append_piece(text)
        self._show_standing()

    def show_image(self, image: QImage) -> None:
        """The picture of a take, or what it looks like so far."""
        if is_picture(self.body):
            self.body.show_image(image)
            self._show_standing()

    def show_step(self, step: int, steps: int) -> None:
        """How far a growing picture is."""
        if is_picture(self.body) and self.take is not None and self.take.status == "streaming":
            self.body.show_step(step, steps)
            self._line.set_progress(step / max(1, steps))
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
        text, role = standing(self.take, self.any_body.doing(), self._partly)
        self._state.show_text(text)
        set_role(self._state, role)
        self._count.setText(self.any_body.measure_text())

    def _show_buttons(self) -> None:
        take = self.take
        rejected = take is not None and take.verdict == "rejected"
        open_ = (
            take is not None and take.verdict is None and take.status != "streaming" and self._has_content()
        )
        decided = take is not None and take.verdict is not None
        self._accept.setVisible(not decided)
        self._accept.setEnabled(open_)
        self._reject.setVisible(not decided)
        self._reject.setEnabled(take is not None and take.verdict is None)
        self._restore.setVisible(rejected)
        self._again.setEnabled(take is not None and take.status != "streaming")
        self._more.setEnabled(take is not None)

    def _has_content(self) -> bool:
        return not self.any_body.is_empty()

    # -- what the person wants ------------------------------------------------------------

    def accept(self) -> None:
        """Ask for this take to become part of the work; what was just typed into it comes first."""
        if self._accept.isEnabled():
            self.any_body.flush()
            self.accept_requested.emit()

    def reject(self, reason: str) -> None:
        """Ask for this take to be set aside."""
        if self._reject.isEnabled():
            self.any_body.flush()
            self.reject_requested.emit(reason)

    def ask_reason(self) -> None:
        """Open the line for the reason of a rejection."""
        self._reason.ask()

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.exec(self._more.mapToGlobal(self._more.rect().topRight()))
        menu.deleteLater()

    def menu(self) -> QMenu:
        """What else can be done with the take; the caller owns it."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self.any_body.fill_menu(menu, self._facts(), self.wish)
        return menu

    def _facts(self) -> CardFacts:
        take = self.take
        return CardFacts(
            may_accept=self._accept.isEnabled() and not self._accept.isHidden(),
            may_reject=self._reject.isEnabled() and not self._reject.isHidden(),
            may_remake=self._again.isEnabled(),
            rejected=take is not None and take.verdict == "rejected",
            others=self.others(),
        )

    def wish(self, what: str, detail: str = "") -> None:
        """Something is wanted of this take: what the buttons do goes their way, the rest is told on."""
        match what:
            case "accept":
                self.accept()
            case "reject":
                self.reject(detail)
            case "ask_reason":
                self.ask_reason()
            case "restore":
                self.restore_requested.emit()
            case _:
                self.wished.emit(what, detail)

    # -- Qt's events ----------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere on the card chooses it."""
        self.pressed.emit()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go to the neighbours, Return into the take."""
        match event.key():
            case Qt.Key.Key_Left:
                self.stepped.emit(-1)
            case Qt.Key.Key_Right:
                self.stepped.emit(1)
            case Qt.Key.Key_Return | Qt.Key.Key_F2 if not event.modifiers():
                self.any_body.enter()
            case Qt.Key.Key_Space if self._plays(event):
                self.wish("play")
            case _:
                super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Space plays this take, whatever else it means in the window."""
        overridden = event.type() == QEvent.Type.ShortcutOverride
        if overridden and isinstance(event, QKeyEvent) and self._plays(event):
            event.accept()
            return True
        return super().event(event)

    def _plays(self, event: QKeyEvent) -> bool:
        return is_piece(self.body) and event.key() == Qt.Key.Key_Space and not event.modifiers()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The same menu under the pointer; a text has its own where it lies."""
        if self.take is not None:
            menu = self.menu()
            menu.exec(event.globalPos())
            menu.deleteLater()
