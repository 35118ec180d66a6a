"""Grey masks as numbers: what they cover, growing and feathering them, what a lock keeps (numpy only, exact).

A mask is uint8 (height, width); 255 is chosen, 0 is not. Nothing here changes what it is given.
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Grey: TypeAlias = NDArray[np.uint8]  # (height, width)
Rgba: TypeAlias = NDArray[np.uint8]  # (height, width, 4), not premultiplied
_BAND = 32_768
_OCTAGON = 2.0 + 2.0**0.5


def bounds(mask: Grey) -> tuple[int, int, int, int] | None:
    """The smallest x, y, width, height that holds all that is not 0; None when all is."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(mask[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return left, top, right - left, bottom - top


def added(mask: Grey, more: Grey) -> Grey:
    """Both chosen: 255 - (255 - a)(255 - b) / 255, rounded to the nearest."""
    out = np.empty(mask.shape, dtype=np.uint8)
    for part in _bands(mask):
        np.invert(_scaled(~mask[part], ~more[part]), out=out[part])
    return out


def taken(mask: Grey, less: Grey) -> Grey:
    """What of `mask` is left where `less` was rubbed out: a (255 - b) / 255, rounded to the nearest."""
    out = np.empty(mask.shape, dtype=np.uint8)
    for part in _bands(mask):
        out[part] = _scaled(mask[part], ~less[part])
    return out


def _bands(mask: Grey) -> Iterator[slice]:
    """Rows that fit into a core's cache: a large brush is mixed in a quarter of the time."""
    height, width = mask.shape
    rows = max(1, _BAND // max(1, width))
    return (slice(top, top + rows) for top in range(0, height, rows))


def _scaled(one: Grey, other: Grey) -> Grey:
    product = np.multiply(one, other, dtype=np.uint16)
    product += 127
    product //= 255
    return product.astype(np.uint8)


def grow(mask: Grey, px: int) -> Grey:
    """Widened by `px` in every direction (an octagon, exactly `px` along the axes); narrowed when negative.

    The picture's edge is no edge of the mask: nothing is narrowed from there.
    """
    if px == 0 or not mask.size:
        return mask.copy()
    if px < 0:
        return ~grow(~mask, -px)
    slant = min(round(px / _OCTAGON), (px - 1) // 2)
    out = mask.copy()
    for down, right, reach in ((0, 1, px - 2 * slant), (1, 0, px - 2 * slant), (1, 1, slant), (1, -1, slant)):
        out = _along(out, down, right, reach)
    return out


def _along(mask: Grey, down: int, right: int, reach: int) -> Grey:
    """The greatest value within `reach` steps along a line, by doubling: the span 1, 2, 4, ... then the rest."""
    out = mask
    for sign in (1, -1):
        done = 0
        while done < reach:
            step = min(done + 1, reach - done)
            moved = out.copy()
            _lighten_moved(moved, out, sign * step * down, sign * step * right)
            out, done = moved, done + step
    return out


def _lighten_moved(into: Grey, mask: Grey, down: int, right: int) -> None:
    height, width = mask.shape
    if abs(down) >= height or abs(right) >= width:
        return
    to = into[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)]
    source = mask[max(0, -down) : height + min(0, -down), max(0, -right) : width + min(0, -right)]
    np.maximum(to, source, out=to)


def feather(mask: Grey, px: int) -> Grey:
    """Softened: three box blurs whose reaches make `px` together, so nothing farther than `px` is touched.

    (Three boxes come within 3 % of a Gaussian of the same width.) Beyond the picture's edge the edge goes on.
    """
    found = bounds(mask)
    if px <= 0 or found is None:
        return mask.copy()
    x, y, width, height = found
    # all that changes lies within 2 px of what is chosen: farther away there is nothing to blur
    part = (slice(max(0, y - 2 * px), y + height + 2 * px), slice(max(0, x - 2 * px), x + width + 2 * px))
    soft = mask[part].astype(np.float32)
    for reach in (px // 3 + (1 if index < px % 3 else 0) for index in range(3)):
        if reach:
            soft = _box(_box(soft, reach).T, reach).T
    out = mask.copy()
    out[part] = np.rint(soft).astype(np.uint8)
    return out


def _box(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """The mean over 2 reach + 1 rows."""
    padded = np.pad(values, ((reach + 1, reach), (0, 0)), mode="edge")
    # in float64 sums of up to 16,384 values below 256 are off by less than 1e-9: a plain area stays plain
    sums = np.cumsum(padded, axis=0, dtype=np.float64)
    width = 2 * reach + 1
    return ((sums[width:] - sums[:-width]) / width).astype(np.float32)


def masked_by_lock(image: Rgba, lock: Grey | None) -> Rgba:
    """The picture, transparent where the lock (as large) is white. Raises ValueError when the sizes differ."""
    if lock is None:
        return image
    if lock.shape != image.shape[:2]:
        raise ValueError(f"a lock of {lock.shape} for a picture of {image.shape[:2]}")
    out = image.copy()
    out[..., 3] = taken(image[..., 3], lock)
    return out
