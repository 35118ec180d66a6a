"""Steps whose pictures are still being packed: packed by a thread, told in the order they were made."""

import threading
from collections import deque
from collections.abc import Callable, Sequence

from msgspec import Struct
from PySide6.QtCore import QObject, Qt, Signal, Slot

from studio.media.picture.document import PictureDoc
from studio.media.picture.png import named, png_of
from studio.widgets.canvas.background import Bell
from studio.widgets.canvas.pixels import Bytes


class Packed(Struct, frozen=True):
    """A picture as the project keeps it: the asset's name, the file, and its pixels."""

    name: str
    png: bytes
    pixels: Bytes


class Step(Struct, kw_only=True):
    """One step of the person. `make` gives the new pictures (in a thread, so it owns what it reads); `change` makes
    the document of the one that holds when the step is told, or gives None when there is nothing to tell."""

    title: str
    kind: str
    make: Callable[[], Sequence[Bytes]]
    change: Callable[[PictureDoc, Sequence[Packed]], PictureDoc | None]


class _Waiting:
    def __init__(self, step: Step) -> None:
        self.step = step
        self.packed: list[Packed] = []
        self.error: BaseException | None = None
        self.ready = threading.Event()

    def pack(self) -> None:
        try:
            for pixels in self.step.make():
                png = png_of(pixels)
                self.packed.append(Packed(named(png), png, pixels))
        except Exception as error:  # noqa: BLE001 - raised again where the step is told
            self.error = error
        self.ready.set()


class Outbox(QObject):
    """`told` comes on the thread of the window, in order."""

    told = Signal(object, object)  # Step, list of Packed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()  # in order; the first ones may be packed already
        self._to_pack: deque[_Waiting] = deque()
        self._thread: threading.Thread | None = None
        self._bell = Bell()
        self._bell.rang.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    @property
    def empty(self) -> bool:
        """Everything was told."""
        return not self._waiting

    def put(self, step: Step) -> None:
        """Tell this step after all before it."""
        waiting = _Waiting(step)
        self._waiting.append(waiting)
        with self._lock:
            self._to_pack.append(waiting)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, args=(self._bell,), name="canvas-pack", daemon=True
                )
                self._thread.start()

    def flush(self) -> None:
        """Wait for the packing and tell everything now."""
        while self._waiting:
            self._waiting[0].ready.wait()
            self._tell()

    def drop(self) -> None:
        """Forget what was not told."""
        self._waiting.clear()

    def _run(self, bell: Bell) -> None:
        while True:
            with self._lock:
                if not self._to_pack:
                    self._thread = None
                    return
                waiting = self._to_pack.popleft()
            waiting.pack()
            bell.rang.emit()

    @Slot()
    def _tell(self) -> None:
        while self._waiting and self._waiting[0].ready.is_set():
            waiting = self._waiting.popleft()
            if waiting.error is not None:
                raise waiting.error
            self.told.emit(waiting.step, waiting.packed)
