"""Thumbnails: asked for when they are seen, decoded off the window's thread, kept as long as there is room."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from studio.widgets.off_thread import OffThread
from studio.widgets.picture_images import decoded

BATCH: Final = 24
ROOM_BYTES: Final = 128 * 1024 * 1024
_OPEN_REQUESTS: Final = 2
_SETTLE_MS: Final = 12
_LOST_S: Final = 5.0
_CALM_MS: Final = 80
_CALM_S: Final = 0.1  # how soon half of a way is forgotten
_PAINTED: Final = QImage.Format.Format_ARGB32_Premultiplied  # needs no work when it is painted
_RUSH: Final = 1.5  # screens within that time: nobody sees what is on them


class ThumbCache:
    """Pictures by take id, the least lately used thrown out first; `room_bytes` holds of all together."""

    def __init__(self, room_bytes: int = ROOM_BYTES) -> None:
        self.room_bytes = room_bytes
        self.bytes = 0
        self._kept: OrderedDict[str, tuple[QImage, int]] = OrderedDict()

    def get(self, take_id: str) -> tuple[QImage, int] | None:
        """The picture and the side it was made for, in the screen's px; None when it is not here."""
        found = self._kept.get(take_id)
        if found is not None:
            self._kept.move_to_end(take_id)
        return found

    def side_of(self, take_id: str) -> int:
        """The side a picture was made for, 0 when it is not here; does not count as use."""
        found = self._kept.get(take_id)
        return found[1] if found is not None else 0

    def put(self, take_id: str, image: QImage, side_px: int) -> None:
        """Keep a picture."""
        self.drop(take_id)
        self._kept[take_id] = (image, side_px)
        self.bytes += image.sizeInBytes()
        while self.bytes > self.room_bytes and len(self._kept) > 1:
            _, (old, _side) = self._kept.popitem(last=False)
            self.bytes -= old.sizeInBytes()

    def drop(self, take_id: str) -> None:
        """Forget a picture."""
        found = self._kept.pop(take_id, None)
        if found is not None:
            self.bytes -= found[0].sizeInBytes()

    def __len__(self) -> int:
        return len(self._kept)


def thumbs(files: Mapping[str, bytes], side_px: int) -> dict[str, QImage]:
    """Thumbnails that fit `side_px` (screen's px), ready to be painted; null where a file is damaged."""
    return {take_id: _ready(decoded(data, side_px)) for take_id, data in files.items()}


def _ready(image: QImage) -> QImage:
    return image.convertToFormat(_PAINTED) if image.hasAlphaChannel() else image


class _Thumbs(Struct, frozen=True):
    side_px: int
    images: dict[str, QImage]


class ThumbLoader(QObject):
    """Asks for what is seen, a few requests at a time: what scrolled by unseen is never asked for.

    `nearest` tells which ids are wanted now, the most wanted first.
    """

    wanted = Signal(int, object)  # request, tuple of take ids
    came = Signal(object)  # take ids whose pictures are in the cache now

    def __init__(self, nearest: Callable[[], Sequence[str]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cache = ThumbCache()
        self.side_px = 160
        self._nearest = nearest
        self._request = 0
        self._open: dict[int, tuple[tuple[str, ...], float]] = {}
        self._without: set[str] = set()
        self._files: deque[tuple[int, Mapping[str, bytes]]] = deque()
        self._decoding = False
        self._way_px, self._moved_s = 0.0, 0.0
        self._off = OffThread(self)
        self._off.done.connect(self._on_decoded)
        self._timer = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._timer.timeout.connect(self._ask)
        self._late = QTimer(self, interval=round(_LOST_S * 1100), singleShot=True)  # an answer may never come
        self._late.timeout.connect(self._ask)

    def poke(self) -> None:
        """Something may be missing: look soon."""
        if not self._timer.isActive():
            self._timer.start(_SETTLE_MS)

    def scrolled(self, by_px: int, room_px: int) -> None:
        """The view of `room_px` moved: look soon, or, while whole screens rush by, once it is calmer."""
        now_s = time.monotonic()
        self._way_px = self._way_px * 0.5 ** ((now_s - self._moved_s) / _CALM_S) + abs(by_px)
        self._moved_s = now_s
        if self._way_px > _RUSH * room_px:
            self._timer.start(_CALM_MS)
        else:
            self.poke()

    def forget(self, take_id: str) -> None:
        """A take has another picture now."""
        self.cache.drop(take_id)
        self._without.discard(take_id)

    def answer(self, request: int, files: Mapping[str, bytes]) -> None:
        """The thumbnails' files of a request; an id that is not among them has none."""
        asked = self._open.get(request)
        if asked is None:
            return
        self._without.update(take_id for take_id in asked[0] if take_id not in files)
        self._files.append((request, files))
        self._decode()

    def _decode(self) -> None:
        """One batch at a time: the other cores are the window's and the model's."""
        if self._files and not self._decoding:
            self._decoding = True
            request, files = self._files.popleft()
            side_px = self.side_px
            self._off.start(request, lambda: _Thumbs(side_px, thumbs(files, side_px)))

    def is_idle(self) -> bool:
        """Whether nothing is being waited for."""
        return not self._open and not self._timer.isActive()

    def _ask(self) -> None:
        now_s = time.monotonic()
        self._open = {key: value for key, value in self._open.items() if now_s - value[1] < _LOST_S}
        busy = {take_id for ids, _ in self._open.values() for take_id in ids}
        missing = [
            take_id
            for take_id in self._nearest()
            if take_id not in busy
            and take_id not in self._without
            and self.cache.side_of(take_id) != self.side_px
        ]
        while missing and len(self._open) < _OPEN_REQUESTS:
            batch, missing = tuple(missing[:BATCH]), missing[BATCH:]
            self._request += 1
            self._open[self._request] = (batch, now_s)
            self._late.start()
            self.wanted.emit(self._request, batch)

    def _on_decoded(self, request: object, thumbs: object) -> None:
        if not isinstance(request, int) or not isinstance(thumbs, _Thumbs):
            return
        self._open.pop(request, None)
        self._decoding = False
        self._decode()
        for take_id, image in thumbs.images.items():
            if image.isNull():
                self._without.add(take_id)
            else:
                self.cache.put(take_id, image, thumbs.side_px)
        self.came.emit(tuple(thumbs.images))
        self.poke()
