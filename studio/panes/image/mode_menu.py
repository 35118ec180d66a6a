"""What the next takes will be, in words, and a menu to say otherwise."""

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton

from studio.widgets.labels import button

AUTO = ""


class ModeChoice(Struct, frozen=True, kw_only=True):
    """A line of the menu: a mode of `core.pictures`, or AUTO; `why_not` says why it is grey."""

    mode: str
    title: str
    tip: str = ""
    why_not: str = ""


class ModeMenu(QPushButton):
    """Says “Redraw 60 %”; pressed it offers the other ways."""

    wanted = Signal(str)  # a mode, or AUTO

    def __init__(self) -> None:
        super().__init__()
        dressed = button("Draw", "What the next takes will be")
        self.setToolTip(dressed.toolTip())
        self.setAutoDefault(False)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._group = QActionGroup(self)
        self.setMenu(self._menu)
        self.show_mode("Draw", "", ())

    def show_mode(self, words: str, tip: str, choices: Sequence[ModeChoice], chosen: str = AUTO) -> None:
        """`words` say what will be made, `tip` why; `chosen` is the person's choice."""
        self.setText(words)
        self.setAccessibleName(f"What the next takes will be: {words}")
        self.setToolTip(tip or "What the next takes will be")
        self._menu.clear()
        for choice in choices:
            action = QAction(choice.title, self._menu)
            action.setCheckable(True)
            action.setChecked(choice.mode == chosen)
            action.setEnabled(not choice.why_not)
            action.setToolTip(choice.why_not or choice.tip)
            action.triggered.connect(lambda _on=False, mode=choice.mode: self.wanted.emit(mode))
            self._group.addAction(action)
            self._menu.addAction(action)
            if choice.mode == AUTO:
                self._menu.addSeparator()

    def offered(self) -> dict[str, str]:
        """What the menu offers: title -> "" or why it is grey."""
        return {
            action.text(): "" if action.isEnabled() else action.toolTip()
            for action in self._menu.actions()
            if action.text()
        }
