"""Things that come together and are done one at a time, so that the window has a moment between them."""

from collections.abc import Callable
from enum import IntEnum
from operator import itemgetter
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

TURN_MS: Final = 16


class Rank(IntEnum):
    """What goes first."""

    CHOSEN = 0  # the take that the person looks at, and its ghost
    ENDED = 1
    HEARD = 2
    GREW = 3
    LAST = 4


class PieceTurns(QObject):
    """Does the first thing at once and what comes meanwhile in turns; of one rank whoever came first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._due: dict[tuple[Rank, str], Callable[[], object]] = {}
        self._timer = QTimer(self, singleShot=True, interval=TURN_MS)
        self._timer.timeout.connect(self._next)

    @property
    def busy(self) -> bool:
        """What comes now has to wait."""
        return self._timer.isActive()

    def put(self, rank: Rank, name: str, do: Callable[[], object]) -> None:
        """Have this done; of one name and rank only once."""
        self._due.setdefault((rank, name), do)
        if not self.busy:
            self._next()

    def drop(self, rank: Rank, name: str) -> None:
        """Do not do it, if it is not done yet."""
        self._due.pop((rank, name), None)

    def flush(self, rank: Rank) -> None:
        """Do everything up to this rank now."""
        while self._due and (first := self._first())[0] <= rank:
            self._due.pop(first)()

    def clear(self) -> None:
        """Do nothing of it."""
        self._due.clear()

    def _first(self) -> tuple[Rank, str]:
        return min(self._due, key=itemgetter(0))

    @Slot()
    def _next(self) -> None:
        if self._due:
            self._timer.start()  # before it is done: what that brings has to wait, too
            self._due.pop(self._first())()
