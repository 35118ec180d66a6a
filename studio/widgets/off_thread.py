"""Work that must not hold up the window: done by Qt's pool, its result told in the window's thread."""

from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, QThreadPool, Signal


class _Post(QObject):
    """Carries results over; the work holds it too, so that it outlives a widget that is gone by then."""

    done = Signal(object, object)


class OffThread(QObject):
    """Starts work; `done(key, result)` comes in this object's thread, and not at all once it is deleted."""

    done = Signal(object, object)  # key, result

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._post = _Post()
        self._post.done.connect(self._on_done)

    def start(self, key: object, work: Callable[[], object]) -> None:
        """Do `work` elsewhere; it must touch no widget."""
        post = self._post

        def run() -> None:
            result = work()
            with suppress(RuntimeError):  # Qt is being taken down: there is nobody left to tell
                post.done.emit(key, result)

        QThreadPool.globalInstance().start(run)

    def _on_done(self, key: object, result: object) -> None:
        self.done.emit(key, result)
