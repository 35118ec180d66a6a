"""What is asked of the music model, in a word, and a menu to ask for something else."""

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton

from studio.widgets.labels import button


class TaskChoice(Struct, frozen=True, kw_only=True):
    """A line of the menu: a task of `core.pieces`; `why_not` says why it is grey."""

    task: str
    title: str
    tip: str = ""
    why_not: str = ""


class TaskMenu(QPushButton):
    """Says “Infill”; pressed it offers the other tasks."""

    wanted = Signal(str)  # a task

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip(button("", "What the next takes will be").toolTip())
        self.setAutoDefault(False)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._group = QActionGroup(self)
        self._choices: tuple[TaskChoice, ...] = ()
        self.setMenu(self._menu)
        self.show_task("", ())

    def show_task(self, task: str, choices: Sequence[TaskChoice]) -> None:
        """Offer these, one of them chosen."""
        if tuple(choices) != self._choices:
            self._choices = tuple(choices)
            self._fill()
        chosen = next((choice for choice in self._choices if choice.task == task), None)
        for line in self._menu.actions():
            line.setChecked(line.data() == task)
        title = chosen.title if chosen is not None else "Continue"
        self.setText(title)
        self.setAccessibleName(f"What the next takes will be: {title}")
        self.setToolTip(chosen.tip if chosen is not None else "What the next takes will be")

    def offered(self) -> dict[str, str]:
        """What the menu offers: title -> "" or why it is grey."""
        return {line.text(): "" if line.isEnabled() else line.toolTip() for line in self._menu.actions()}

    def _fill(self) -> None:
        self._menu.clear()
        for choice in self._choices:
            line = QAction(choice.title, self._menu)
            line.setData(choice.task)
            line.setCheckable(True)
            line.setEnabled(not choice.why_not)
            line.setToolTip(choice.why_not or choice.tip)
            line.triggered.connect(lambda _on=False, task=choice.task: self.wanted.emit(task))
            self._group.addAction(line)
            self._menu.addAction(line)
