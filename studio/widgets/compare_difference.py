"""Makes the picture of what differs between two pictures, off the window's thread."""

from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from studio.widgets.off_thread import OffThread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from studio.media.picture.difference import Difference


class Asked(Struct, frozen=True):
    """A comparison: its number and the two pictures' keys."""

    number: int
    pair: tuple[int, int]


class Compared(Struct, frozen=True):
    """What came of it; `found` serves other strengths."""

    image: QImage
    words: str
    found: "Difference"


class DifferenceMaker(QObject):
    """Only the newest asked for is told; the pixels are compared once for all strengths."""

    made = Signal(QImage, str)  # the difference as a picture, and what it amounts to in words

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._pair = (0, 0)
        self._found: Difference | None = None
        self._off = OffThread(self)
        self._off.done.connect(self._on_done)

    def knows(self, first: QImage, second: QImage) -> bool:
        """Whether these two were compared last: the next answer comes at once."""
        return self._found is not None and self._pair == (first.cacheKey(), second.cacheKey())

    def make(self, first: QImage, second: QImage, gain: int) -> None:
        """Compare; a second picture of another size is scaled to the first one's, and the words say so."""
        self._number += 1
        asked = Asked(self._number, (first.cacheKey(), second.cacheKey()))
        known = self._found if self.knows(first, second) else None
        self._off.start(asked, lambda: compared(first, second, gain, known))

    def _on_done(self, asked: object, result: object) -> None:
        if isinstance(asked, Asked) and isinstance(result, Compared) and asked.number == self._number:
            self._pair, self._found = asked.pair, result.found
            self.made.emit(result.image, result.words)


def compared(first: QImage, second: QImage, gain: int, found: "Difference | None" = None) -> Compared:
    """Compare two pictures, or show what was found before `gain` times as strong."""
    from studio.media.picture.difference import amplified, difference, difference_words

    note = ""
    if first.size() != second.size():
        sizes = (f"{image.width()} × {image.height()}" for image in (first, second))
        note = " ({} and {}: the second was scaled to the first.)".format(*sizes)
        second = second.scaled(
            first.size(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    if found is None:
        found = difference(_pixels(first), _pixels(second))
    bright = amplified(found, gain)  # (H, W, 3)
    height, width, _ = bright.shape
    image = QImage(bright.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    return Compared(image, difference_words(found) + note, found)


def _pixels(image: QImage) -> "NDArray[np.uint8]":
    """uint8 (H, W, 4), premultiplied."""
    import numpy as np

    plain = image.convertToFormat(QImage.Format.Format_RGBA8888_Premultiplied)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 4 * plain.width()].reshape(plain.height(), plain.width(), 4).copy()
