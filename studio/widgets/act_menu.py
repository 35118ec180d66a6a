"""The button that chooses what is asked of the model: go on, or do something with the selected passage."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from studio.core.jobs import Act
from studio.widgets.icons import put_icon

CONTINUE: Final = "continue"
TONES: Final = ("gentle", "tense", "comic", "plain", "formal", "poetic")
_SELECT: Final = "select a passage first"


class ActChoice(Struct, frozen=True, kw_only=True):
    """A line of the menu. `why_not` says why the model is not offered for it ("" when it is), `short` in brief."""

    act: Act
    title: str
    why_not: str = ""
    short: str = ""
    tip: str = ""
    selects: bool = True


class ActMenu(QPushButton):
    """Shows the chosen act. Acts on a passage need a selection; with none the button goes back to Continue."""

    act_wanted = Signal(str, str)  # act, tone or ""
    check_requested = Signal()
    opening = Signal()
    tones_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._acts: tuple[ActChoice, ...] = (ActChoice(act="continue", title="Continue", selects=False),)
        self._tones: tuple[str, ...] = TONES
        self._selected = 0
        self._act: Act = "continue"
        self._checking = ""
        self.setProperty("flat", False)
        self.setAutoDefault(False)
        self.setAccessibleName("What is asked of the model")
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands after the words
        put_icon(self, "down", "muted", 12)
        self.clicked.connect(self._open)
        self._show()

    def set_acts(self, acts: Sequence[ActChoice], tones: Sequence[str] = TONES) -> None:
        """Which acts there are, which of them the model can do, and the tones to choose from."""
        self._acts, self._tones = tuple(acts), tuple(tones)
        if self.why_not(self._act):
            self._act = "continue"
        self._show()

    def set_selected(self, characters: int) -> bool:
        """How much is selected in the text; tells whether that changed the act."""
        before, self._selected = self._act, characters
        if not characters and self._act != CONTINUE:
            self._act = "continue"
        self._show()
        return before != self._act

    def set_checking(self, text: str) -> None:
        """What a running check says, in place of its entry; "" when none runs."""
        self._checking = text

    def act(self) -> Act:
        """What Propose asks for."""
        return self._act

    def choose(self, act: Act) -> None:
        """Ask for this from now on; what can't be asked leaves it at Continue."""
        self._act = "continue" if self.why_not(act) else act
        self._show()

    def why_not(self, act: Act) -> str:
        """Why an act can't be asked for now, "" when it can."""
        choice = next((choice for choice in self._acts if choice.act == act), None)
        if choice is None:
            return "not known"
        return choice.why_not or (_SELECT if choice.selects and not self._selected else "")

    def title(self, act: Act | None = None) -> str:
        """The act in words, without an ellipsis."""
        wanted = act or self._act
        return next((c.title.rstrip("…") for c in self._acts if c.act == wanted), wanted.capitalize())

    def asks(self) -> str:
        """What Propose asks for, with its place."""
        if self._act == CONTINUE:
            return "go on from the cursor"
        return f"{self.title().lower()}, for the passage you selected ({self._selected} characters)"

    def _show(self) -> None:
        self.setText(self.title())
        self.setToolTip(f"What is asked of the model: {self.asks()}. Click for other things to ask.")
        self.setAccessibleDescription(self.text())

    def _open(self) -> None:
        menu = self.menu_of_acts(self, self.act_wanted.emit, go_on=True)
        size = menu.sizeHint()
        menu.exec(self.mapToGlobal(QPoint(0, -size.height())))
        menu.deleteLater()

    def menu_of_acts(self, parent: QWidget, then: Callable[[str, str], object], go_on: bool = False) -> QMenu:
        """The menu; the caller owns it. Entries that can't be chosen say why; `then(act, tone)` hears the choice."""
        self.opening.emit()  # whoever knows may say anew what the model can do
        menu = QMenu(parent)
        menu.setToolTipsVisible(True)
        menu.setLayoutDirection(QGuiApplication.layoutDirection())  # not the button's
        for choice in self._acts:
            if choice.act == CONTINUE and not go_on:
                continue
            reason = self.why_not(choice.act)
            title = f"{choice.title}    ({choice.short or reason})" if reason else choice.title
            if choice.act == "tone" and not reason:
                menu.addMenu(self.menu_of_tones(menu, then))
                continue
            action = menu.addAction(title)
            action.setEnabled(not reason)
            action.setToolTip(reason or choice.tip)
            action.triggered.connect(lambda _on=False, act=choice.act: then(act, ""))
        menu.addSeparator()
        check = menu.addAction(self._checking or "Check what this model can do")
        check.setEnabled(not self._checking)
        check.setToolTip("Tries every act on 20 passages and keeps the result; takes a moment")
        check.triggered.connect(self.check_requested)
        return menu

    def menu_of_tones(self, parent: QWidget, then: Callable[[str, str], object]) -> QMenu:
        """The list of tones; the caller owns it."""
        menu = QMenu(self.title("tone"), parent)
        for tone in self._tones:
            action = menu.addAction(tone)
            action.triggered.connect(lambda _on=False, tone=tone: then("tone", tone))
        menu.addSeparator()
        menu.addAction("Another…").triggered.connect(lambda _on=False: then("tone", ""))
        menu.addAction("Edit this list…").triggered.connect(self.tones_requested)
        return menu
