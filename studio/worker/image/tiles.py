"""Enlarging: Lanczos, then each tile drawn anew from that, neighbours blended where they overlap."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.core.errors import StudioError
from studio.core.pictures import ImageJob
from studio.worker.image.masks import composite
from studio.worker.image.plan import grey_in, opaque, padded, pixels_in
from studio.worker.image.png import Pixels, piece, resized

_PREVIEW_PX = 128
_MOST_PX = 80_000_000  # as PNG at worst 3 bytes each: what a frame of the wire carries
Sum = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class TilePlan:
    """An enlarged picture (RGBA) and the places (x, y) of its tiles, all of `tile` (width, height)."""

    base: Pixels
    rgb: Pixels
    places: tuple[tuple[int, int], ...]
    tile: tuple[int, int]
    overlap_px: int
    lock: Pixels | None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the result."""
        return self.base.shape[1], self.base.shape[0]

    def cut(self, place: tuple[int, int]) -> Pixels:
        """What a tile begins from; past the picture's edge the edge goes on."""
        x, y = place
        width, height = self.tile
        return padded(np.ascontiguousarray(self.rgb[y : y + height, x : x + width]), width, height)

    def guide(self, pixels: Pixels, place: tuple[int, int]) -> Pixels:
        """What of a picture that guides the whole belongs to a tile."""
        (x, y), (width, height) = place, self.size
        wide, tall = min(self.tile[0], width - x), min(self.tile[1], height - y)
        part = piece(pixels, (x, y, wide, tall), self.size, wide, tall)
        return padded(part, *self.tile)

    def small(self, done: "Canvas", place: tuple[int, int] | None, drawn: Pixels | None) -> Pixels:
        """A preview of the whole with one tile in the making."""
        width, height = self.size
        share = min(1.0, _PREVIEW_PX / max(width, height))
        whole = resized(
            done.pixels(), max(1, round(width * share)), max(1, round(height * share)), sharp=False
        )
        if place is None or drawn is None:
            return whole
        rows, columns = whole.shape[:2]
        x, y = (min(round(at * share), side - 1) for at, side in zip(place, (columns, rows), strict=True))
        part = resized(
            drawn, max(1, round(self.tile[0] * share)), max(1, round(self.tile[1] * share)), sharp=False
        )
        out = whole.copy()
        out[y : y + part.shape[0], x : x + part.shape[1]] = part[: rows - y, : columns - x]
        return out

    def finish(self, drawn: Pixels) -> Pixels:
        """The take: its transparency as the first picture had it, the lock's part as Lanczos left it."""
        if self.lock is not None:
            free: Pixels = 255 - self.lock
            whole = np.dstack([self.rgb, np.full(self.rgb.shape[:2], 255, np.uint8)])
            drawn = composite(whole, drawn, free)[..., :3]
            drawn[free == 0] = self.base[free == 0, :3]
        return np.dstack([drawn, self.base[..., 3]])


class Canvas:
    """One take's picture while its tiles come."""

    def __init__(self, plan: TilePlan) -> None:
        self._plan = plan
        self._sum: Sum = np.zeros((*plan.rgb.shape[:2], 3), np.float32)
        self._share: Sum = np.zeros((*plan.rgb.shape[:2], 1), np.float32)

    def put(self, place: tuple[int, int], drawn: Pixels) -> None:
        """Blend one tile in."""
        x, y = place
        rows, columns = self._sum.shape[:2]
        height, width = min(drawn.shape[0], rows - y), min(drawn.shape[1], columns - x)
        share = (
            _ramp(height, self._plan.overlap_px)[:, None, None]
            * _ramp(width, self._plan.overlap_px)[None, :, None]
        )
        spot = (slice(y, y + height), slice(x, x + width))
        self._sum[spot] += drawn[:height, :width] * share
        self._share[spot] += share

    def pixels(self) -> Pixels:
        """The picture so far; where no tile was drawn yet, the enlarged one."""
        known = self._share > 0
        mixed = np.rint(self._sum / np.where(known, self._share, 1.0)).clip(0, 255).astype(np.uint8)
        out: Pixels = np.where(known, mixed, self._plan.rgb)
        return out


def tile_plan(job: ImageJob, files: Mapping[str, bytes], grid_px: int) -> TilePlan:
    """How to enlarge a job's picture. Raises StudioError when the result would be too large."""
    assert job.upscale is not None  # checked where jobs are born
    init = pixels_in(files, job.init)
    width, height = (max(1, round(side * job.upscale.factor)) for side in (init.shape[1], init.shape[0]))
    if width * height > _MOST_PX:
        raise StudioError(
            f"Enlarged, the picture would be {width} x {height} pixels: too large to be handed over.",
            kept="The picture is as it was.",
            do=f"Choose a smaller factor: at most {_MOST_PX // 1_000_000} million pixels can be made.",
            code="too_large",
        )
    base = _enlarged(init, width, height)
    overlap_px = min(job.upscale.overlap_px, job.upscale.tile_px // 2)
    tile = tuple(-(-min(job.upscale.tile_px, side) // grid_px) * grid_px for side in (width, height))
    places = tuple(
        (x, y) for y in _starts(height, tile[1], overlap_px) for x in _starts(width, tile[0], overlap_px)
    )
    lock = resized(grey_in(files, job.lock), width, height, sharp=False) if job.lock else None
    return TilePlan(
        base=base, rgb=opaque(base), places=places, tile=(tile[0], tile[1]), overlap_px=overlap_px, lock=lock
    )


def _enlarged(rgba: Pixels, width: int, height: int) -> Pixels:
    """Lanczos over colours that do not bleed from transparent parts."""
    if bool((rgba[..., 3] == 255).all()):
        return resized(rgba, width, height)
    colours = opaque(np.dstack([rgba[..., :3], np.where(rgba[..., 3:] > 0, 255, 0).astype(np.uint8)]))
    alpha = resized(np.ascontiguousarray(rgba[..., 3]), width, height, sharp=False)
    return np.dstack([resized(colours, width, height), alpha])


def _starts(side: int, tile: int, overlap: int) -> tuple[int, ...]:
    """Where tiles begin along a side: evenly, each overlapping the next by at least `overlap`."""
    if side <= tile:
        return (0,)
    count = -(-(side - overlap) // max(1, tile - overlap))
    return tuple(round(at * (side - tile) / (count - 1)) for at in range(count))


def _ramp(length: int, overlap: int) -> Sum:
    """Rising from its edges over the overlap, never quite 0."""
    edge = np.minimum(np.arange(length), np.arange(length)[::-1]) + 1
    return np.minimum(edge / (overlap + 1), 1.0).astype(np.float32)
