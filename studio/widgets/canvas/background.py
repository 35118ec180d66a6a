"""Work for another thread of which only the newest of its kind matters: the look of a layer while a slider moves."""

import threading
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Bell(QObject):
    """What a thread rings to call the window's thread. It has no parent and the thread holds it: a canvas that is
    closed meanwhile takes nothing away that the thread is just using."""

    rang = Signal()


class Newest(QObject):
    """Runs one work after the other in a thread that ends when there is none; a newer one replaces a waiting one."""

    done = Signal(object, object)  # key, what came of it

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[Hashable, Callable[[], Any]]] = {}
        self._thread: threading.Thread | None = None
        self._results: deque[tuple[Hashable, Any]] = deque()
        self._bell = Bell()
        self._bell.rang.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Nothing is computed, waits or is still to be told."""
        with self._lock:
            return self._thread is None and not self._results

    def ask(self, slot: str, key: Hashable, work: Callable[[], Any]) -> None:
        """Do this; what waits under the same `slot` is forgotten."""
        with self._lock:
            self._waiting[slot] = (key, work)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, args=(self._bell,), name="canvas", daemon=True
                )
                self._thread.start()

    def _run(self, bell: Bell) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                key, work = self._waiting.pop(next(iter(self._waiting)))
            result = work()
            with self._lock:
                self._results.append((key, result))
            bell.rang.emit()

    @Slot()
    def _tell(self) -> None:
        while self._results:
            self.done.emit(*self._results.popleft())
