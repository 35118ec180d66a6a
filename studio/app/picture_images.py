"""The pictures of an open project as images: read and decoded in the background, kept as long as there is room."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from studio.app.session import Session
from studio.core.errors import StudioError
from studio.project.assets import Assets
from studio.widgets.picture_images import decoded

ROOM_MIB = 512
FORMAT = QImage.Format.Format_ARGB32_Premultiplied


class PictureImages(QObject):
    """Asset names to images. An asset on its way to the disk is kept until it is there."""

    ready = Signal(str)  # an image that was asked for is here
    failed = Signal(str, object)  # asset name, the exception
    _decoded = Signal(str, object)  # crosses from the decoding thread: folder and name, Future

    def __init__(self, parent: QObject, room_mib: int = ROOM_MIB) -> None:
        super().__init__(parent)
        self._room_bytes = room_mib << 20
        self._folder = Path()
        self._session: Session | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._images: OrderedDict[str, QImage] = OrderedDict()
        self._unwritten: dict[str, bytes] = {}
        self._asked: set[str] = set()
        self._bad: set[str] = set()
        self._pinned: frozenset[str] = frozenset()
        self._decoded.connect(self._on_decoded, Qt.ConnectionType.QueuedConnection)

    def open(self, session: Session) -> None:
        """Read from this project from now on."""
        if session.folder != self._folder:
            self.close()
            self._folder, self._session = session.folder, session
            session.saved_changed.connect(self._on_saved)

    def close(self) -> None:
        """Forget everything; what is being decoded is dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        self._folder, self._session = Path(), None
        for kept in (self._images, self._unwritten, self._asked, self._bad):
            kept.clear()

    def image_of(self, name: str) -> QImage | None:
        """An image, None while it is being read: `ready` tells when it is here, `failed` when it can't be read."""
        image = self._images.get(name)
        if image is not None:
            self._images.move_to_end(name)
        elif name and name not in self._asked and name not in self._bad and self._folder != Path():
            self._asked.add(name)
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="pictures")
            work = partial(_decode, self._folder, name, self._on_its_way(name))
            key = f"{self._folder}\0{name}"
            self._pool.submit(work).add_done_callback(partial(self._decoded.emit, key))
        return image

    def pin(self, names: Iterable[str]) -> None:
        """Those that the open picture shows: they stay, however little room there is."""
        self._pinned = frozenset(names)

    def missing(self) -> bool:
        """Whether a pinned image is not here yet; it is being read then. One that can't be read is not waited for."""
        here = [self.image_of(name) is not None for name in self._pinned if name not in self._bad]
        return not all(here)  # after all of them were asked for

    def put(self, name: str, png: bytes, image: QImage | None = None) -> None:
        """A file that is on its way to the disk, and the image in it when that is known."""
        self._unwritten[name] = png
        self._bad.discard(name)
        if image is not None:
            self._keep(name, image.convertToFormat(FORMAT))

    def bytes_of(self, name: str) -> bytes:
        """The file of an asset, for other threads. Raises StudioError "asset" when it is lost or damaged."""
        return self._on_its_way(name) or Assets(self._folder).read(name)

    def _on_its_way(self, name: str) -> bytes | None:
        """A file that is not on the disk yet: the person's, or a take's that the disk refused."""
        session = self._session
        return self._unwritten.get(name) or (session.held_file(name) if session is not None else None)

    @Slot(bool)
    def _on_saved(self, saved: bool) -> None:
        if saved:
            self._unwritten.clear()

    @Slot(str, object)
    def _on_decoded(self, key: str, future: "Future[QImage]") -> None:
        folder, _, name = key.partition("\0")
        if folder != str(self._folder) or future.cancelled():
            return
        self._asked.discard(name)
        error = future.exception()
        if error is not None:
            self._bad.add(name)
            self.failed.emit(name, error)
        else:
            self._keep(name, future.result())
            self.ready.emit(name)

    def _keep(self, name: str, image: QImage) -> None:
        self._images[name] = image
        self._images.move_to_end(name)
        held = sum(image.sizeInBytes() for image in self._images.values())
        for name in [name for name in self._images if name not in self._pinned]:
            if held <= self._room_bytes:
                break
            held -= self._images.pop(name).sizeInBytes()


def _decode(folder: Path, name: str, data: bytes | None) -> QImage:
    """On the decoding thread. Raises StudioError "asset"."""
    image = decoded(Assets(folder).read(name) if data is None else data)
    if image.isNull():
        raise StudioError(
            f"The file {name} of this project is no picture.",
            kept="The rest of the project is as it was.",
            do="Take it from a copy of the project.",
            code="asset",
        )
    return image.convertToFormat(FORMAT)


def asset_name(png: bytes) -> str:
    """The name the project gives a PNG."""
    return f"{hashlib.sha256(png).hexdigest()}.png"
