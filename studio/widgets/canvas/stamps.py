"""The brush's stamps: round, soft, at quarter pixels; kept while a stroke needs them again."""

from collections import OrderedDict
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
_KEPT_BYTES: Final = 16 << 20
_EXACT_PX: Final = 64.0  # below this size a stamp is set at quarter pixels
_FALL: Final = 1024


class Stamps:
    """Makes stamps, uint8 (side, side) of odd side; the least used are forgotten first."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[float, float, int, int, int], Bytes] = OrderedDict()
        self._bytes = 0

    def stamp(
        self, size_px: float, softness: float, opacity: float, x: float, y: float
    ) -> tuple[Bytes, int, int]:
        """The stamp for a dab in the middle of x, y (canvas pixels) and where its left top pixel goes."""
        size = _stepped(size_px)
        fine = 4 if size < _EXACT_PX else 1
        # a pixel's middle is at its half: a dab at 0.5 covers pixel 0 evenly
        left, top = np.floor((x - 0.5) * fine + 0.5) / fine, np.floor((y - 0.5) * fine + 0.5) / fine
        whole_x, whole_y = int(np.floor(left)), int(np.floor(top))
        part_x, part_y = round((left - whole_x) * fine), round((top - whole_y) * fine)
        key = (size, softness, round(opacity * 255), part_x * 4 // fine, part_y * 4 // fine)
        made = self._made.get(key)
        if made is None:
            made = self._keep(key, _round(size, softness, key[2], part_x / fine, part_y / fine))
        else:
            self._made.move_to_end(key)
        reach = made.shape[0] // 2
        return made, whole_x - reach, whole_y - reach

    def _keep(self, key: tuple[float, float, int, int, int], made: Bytes) -> Bytes:
        self._made[key] = made
        self._bytes += made.nbytes
        while self._bytes > _KEPT_BYTES and len(self._made) > 1:
            self._bytes -= self._made.popitem(last=False)[1].nbytes
        return made


def _stepped(size_px: float) -> float:
    """Sizes a pen's pressure gives, in steps that no eye sees: half pixels, then 3 %."""
    if size_px <= 24:
        return max(1.0, round(size_px * 2) / 2)
    return float(round(1.03 ** round(np.log(size_px) / np.log(1.03)) * 2) / 2)


def _round(size: float, softness: float, most: int, x: float, y: float) -> Bytes:
    """A disc of that size whose middle is x, y beyond the middle pixel's; `most` in its core."""
    radius = size / 2
    reach = int(np.ceil(radius + 1))
    line = np.arange(-reach, reach + 1, dtype=np.float32)
    away = np.sqrt(((line - y) ** 2)[:, None] + ((line - x) ** 2)[None, :])
    # the edge is never harder than one pixel: that is its anti-aliasing
    hard = min(radius - 0.5, radius * (1.0 - softness))
    wide = radius + 0.5 - hard
    share = np.linspace(0.0, 1.0, _FALL)
    # a soft edge eases in and out, a hard one is the part of the pixel that is covered
    fall = 1.0 - (share if softness * radius <= 1 else share * share * (3.0 - 2.0 * share))
    away -= np.float32(hard)
    away *= np.float32((_FALL - 1) / wide)
    places = np.clip(away, 0, _FALL - 1).astype(np.int16)
    out: Bytes = np.rint(fall * most).astype(np.uint8)[places]
    return out
