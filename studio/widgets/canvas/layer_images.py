"""The pictures of raster layers as they are shown: cut, turned, mirrored, sized, adjusted; halved for small zooms."""

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QImage, QTransform

from studio.media.picture.adjust import adjust
from studio.media.picture.document import Adjust, Layer
from studio.widgets.canvas.background import Newest
from studio.widgets.canvas.pixels import PREMULTIPLIED, image_of_rgba, rgba_of

_KEPT_BYTES: Final = 512 << 20
_AT_ONCE_PX: Final = 256 * 256  # a look of so few pixels is computed where it stands
_LEVELS: Final = 6
_COARSE_PX: Final = 256


class Look(Struct, frozen=True):
    """All that says what a layer looks like, but for where it is and how opaque."""

    asset: str
    crop: tuple[int, int, int, int] | None
    turn: int
    flip_x: bool
    flip_y: bool
    width: int
    height: int
    adjust: Adjust
    level: int = 0


def look_of(layer: Layer, level: int = 0) -> Look:
    """The look of a layer, halved `level` times."""
    return Look(
        layer.asset, layer.crop, layer.turn, layer.flip_x, layer.flip_y, layer.width, layer.height, layer.adjust,
        level,
    )  # fmt: skip


class LayerImages(QObject):
    """Kept as long as there is room, so that undo finds them again."""

    ready = Signal(object)  # Look

    def __init__(self, image_of: Callable[[str], QImage | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.image_of = image_of
        self._kept: OrderedDict[Look, QImage] = OrderedDict()
        self._bytes = 0
        self._shown: dict[str, Look] = {}  # by layer: what was shown last, until a new look is ready
        self._prepared: set[Look] = (
            set()
        )  # were ready once: not waited for again when there was no room for them
        self._newest = Newest(self)
        self._newest.done.connect(self._on_done)

    @property
    def settled(self) -> bool:
        """Everything shown looks as it shall."""
        return self._newest.idle

    def level(self, layer: Layer, scale: float) -> tuple[QImage | None, int]:
        """The image to show at that scale, and how often it is halved; None while its asset is read.

        An adjusted look that takes long comes later (`ready`); until then the last one is shown.
        """
        level = _level(layer, scale)
        look = look_of(layer, level)
        if (found := self._find(look)) is not None:
            self._shown[layer.id] = look
            return found, level
        if (coarse := self._coarse(layer, look)) is not None:
            return coarse, level
        plain = self._plain(look)
        if plain is None:
            return None, 0
        if look.adjust == Adjust() or plain.width() * plain.height() <= _AT_ONCE_PX:
            self._shown[layer.id] = look
            return self._keep(look, adjusted(plain, look.adjust)), level
        self._newest.ask(layer.id, look, lambda: adjusted(plain, look.adjust))
        before = self._shown.get(layer.id)
        if before is not None and _same_place(before, look) and (found := self._find(before)) is not None:
            return found, before.level
        return plain, level

    def small(self, layer: Layer, side_px: int) -> QImage | None:
        """The image at least `side_px` on its longer side and less than twice that, at once."""
        scale = side_px / max(layer.width, layer.height)
        plain = self._plain(look_of(layer, _level(layer, scale)))
        return None if plain is None else adjusted(plain, layer.adjust)

    def whole(self, layer: Layer) -> QImage | None:
        """The exact image, at once; None while its asset is read."""
        look = look_of(layer)
        if (found := self._find(look)) is not None:
            return found
        plain = self._plain(look)
        return None if plain is None else self._keep(look, adjusted(plain, look.adjust))

    def unadjusted(self, layer: Layer) -> tuple[QImage, Adjust] | None:
        """The exact image as far as it is there, and what it must still be adjusted by; None while it is read."""
        look = look_of(layer)
        if (found := self._find(look)) is not None:
            return found, Adjust()
        plain = self._plain(look)
        return None if plain is None else (plain, layer.adjust)

    def prepared(self, layer: Layer) -> bool:
        """Whether `whole` answers soon: else its adjustments are computed beside this thread, then comes `ready`."""
        look = look_of(layer)
        if look in self._prepared or self._find(look) is not None:
            return True
        if self._coarse(layer, look) is not None:
            return False
        if look.adjust == Adjust():
            return True
        plain = self._plain(look)
        if plain is None or plain.width() * plain.height() <= _AT_ONCE_PX:
            return True
        self._newest.ask(f"{layer.id} whole", look, lambda: adjusted(plain, look.adjust))
        return False

    def _coarse(self, layer: Layer, look: Look) -> QImage | None:
        """A small image to show while a large one is turned, mirrored or sized beside this thread; then `ready`.

        None when that takes no time, or was done.
        """
        if self._find(_plain_of(look, 0)) is not None:
            return None
        image = self.image_of(look.asset)
        if image is None or image.isNull() or not _is_slow(image, look):
            return None
        self._newest.ask(f"{layer.id} place", look, lambda: _halvings(placed(image, look), look.level))
        side, fast = _COARSE_PX, Qt.TransformationMode.FastTransformation
        small = image.copy(QRect(*look.crop)) if look.crop is not None else image
        small = small.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, fast)
        return adjusted(_oriented(small, look), look.adjust)

    def _plain(self, look: Look) -> QImage | None:
        """Without its adjustments, from the level below it."""
        plain = _plain_of(look, look.level)
        if (found := self._find(plain)) is not None:
            return found
        if plain.level == 0:
            image = self.image_of(look.asset)
            return None if image is None or image.isNull() else self._keep(plain, placed(image, look))
        finer = self._plain(_at_level(plain, plain.level - 1))
        if finer is None:
            return None
        return self._keep(plain, _half(finer))

    def _find(self, look: Look) -> QImage | None:
        found = self._kept.get(look)
        if found is not None:
            self._kept.move_to_end(look)
        return found

    def _keep(self, look: Look, image: QImage) -> QImage:
        if look not in self._kept:
            self._kept[look] = image
            self._bytes += image.sizeInBytes()
            while self._bytes > _KEPT_BYTES and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1].sizeInBytes()
        return image

    def _on_done(self, look: Look, made: QImage | list[QImage]) -> None:
        if isinstance(made, list):
            for level, image in enumerate(made):
                self._keep(_plain_of(look, level), image)
            if look.adjust == Adjust():
                self._prepared.add(_plain_of(look, 0))
        else:
            self._keep(look, made)
            if look.level == 0:
                self._prepared.add(look)
        self.ready.emit(look)


def _level(layer: Layer, scale: float) -> int:
    """How often to halve a layer that is shown at that scale: it is never enlarged again by that."""
    most = int(math.log2(max(1, min(layer.width, layer.height))))
    return min(_LEVELS, most, max(0, math.floor(-math.log2(max(scale, 1e-6)) + 1e-3)))


def placed(image: QImage, look: Look) -> QImage:
    """The asset as the layer shows it, not adjusted: cut, turned, mirrored, at the layer's size."""
    if look.crop is not None:
        image = image.copy(QRect(*look.crop))
    image = _oriented(image, look)
    if (image.width(), image.height()) != (look.width, look.height):
        image = image.scaled(
            look.width,
            look.height,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    return image


def _oriented(image: QImage, look: Look) -> QImage:
    """Turned and mirrored."""
    if look.turn:
        image = image.transformed(QTransform().rotate(90 * look.turn))
    if look.flip_x or look.flip_y:
        image = image.flipped(_flips(look.flip_x, look.flip_y))
    return image.convertToFormat(PREMULTIPLIED)


def _is_slow(image: QImage, look: Look) -> bool:
    """Placing it takes so long that a person would feel it."""
    most = max(image.width() * image.height(), look.width * look.height)
    shown = look.crop[2:] if look.crop is not None else (image.width(), image.height())
    sides = (look.height, look.width) if look.turn % 2 else (look.width, look.height)
    return most > _AT_ONCE_PX and (bool(look.turn or look.flip_x or look.flip_y) or tuple(shown) != sides)


def _halvings(image: QImage, times: int) -> list[QImage]:
    """The image, and halved up to so often."""
    out = [image]
    for _ in range(times):
        out.append(_half(out[-1]))
    return out


def _half(image: QImage) -> QImage:
    return image.scaled(
        max(1, image.width() // 2), max(1, image.height() // 2),
        Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation,
    )  # fmt: skip


def _plain_of(look: Look, level: int) -> Look:
    """The same look, not adjusted, halved so often."""
    return replace(look, adjust=Adjust(), level=level)


def _flips(x: bool, y: bool) -> Qt.Orientation:
    both = Qt.Orientation.Horizontal | Qt.Orientation.Vertical
    return both if x and y else Qt.Orientation.Horizontal if x else Qt.Orientation.Vertical


def adjusted(image: QImage, how: Adjust) -> QImage:
    """The image with its adjustments; takes long for a large one, any thread may do it."""
    return image if how == Adjust() else image_of_rgba(adjust(rgba_of(image), how))


def _at_level(look: Look, level: int) -> Look:
    return Look(
        look.asset,
        look.crop,
        look.turn,
        look.flip_x,
        look.flip_y,
        look.width,
        look.height,
        look.adjust,
        level,
    )


def _same_place(one: Look, other: Look) -> bool:
    """Only the adjustments or the size on screen differ."""
    return _at_level(one, 0).asset == other.asset and (one.crop, one.turn, one.flip_x, one.flip_y) == (
        other.crop, other.turn, other.flip_x, other.flip_y,
    )  # fmt: skip
