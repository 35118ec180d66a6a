"""The thumbnails of a lineage's rows: fetched a few at a time, when a row is painted that wants one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPixmap

THUMB_PX: Final = 32
_AT_ONCE: Final = 6  # decoded before the window looks after other things again: about 5 ms
_MOST_KEPT: Final = 1_000  # of 4 to 16 KiB each
Source = Callable[[Sequence[str]], Mapping[str, bytes]]


class LineageThumbs(QObject):
    """Small pictures of takes, by take id; `came` when some are there that were missing."""

    came = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._source: Source | None = None
        self._kept: dict[str, QPixmap] = {}
        self._wanted: dict[str, None] = {}
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._fetch)

    def come_from(self, source: Source | None) -> None:
        """Where the files come from: called with take ids, in the window's thread; None for nowhere."""
        self._source = source
        self._wanted.clear()

    def of(self, take_id: str) -> QPixmap | None:
        """The picture, at most THUMB_PX a side; None while it is not there: then it is fetched."""
        found = self._kept.get(take_id)
        if found is None and self._source is not None:
            self._wanted[take_id] = None
            self._timer.start()
        return found

    def _fetch(self) -> None:
        if self._source is None or not self._wanted:
            return
        # the rows painted last are those in sight
        ids = list(self._wanted)[-_AT_ONCE:]
        for take_id in ids:
            del self._wanted[take_id]
        files = self._source(ids)
        for take_id in ids:
            self._kept[take_id] = _small(files.get(take_id, b""))
        while len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self.came.emit()
        if self._wanted:
            self._timer.start()


def _small(file: bytes) -> QPixmap:
    """A picture file scaled down for the sharpest screen; null when it is none."""
    image = QImage.fromData(file) if file else QImage()
    if image.isNull():
        return QPixmap()
    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    side = round(THUMB_PX * ratio)
    scaled = image.scaled(
        side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    pixmap = QPixmap.fromImage(scaled)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
