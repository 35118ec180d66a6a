"""What a job asks a pipeline to draw, and how the drawn becomes the take: size, first picture, mask, composite."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.core.errors import StudioError
from studio.core.pictures import ImageJob, Inpaint, Mode
from studio.media.picture.files import open_picture
from studio.worker.image.masks import bounds, composite, spread, weights_of
from studio.worker.image.png import Pixels, piece, resized

_PREVIEW_PX = 128
_BLUR_SHARE = 16  # "blur" fills from a picture this many times smaller
Place = tuple[int, int, int, int]  # x, y, width, height


@dataclass(frozen=True)
class Plan:
    """One drawing.

    `width` x `height` is what the pipeline draws, of which the `used` (width, height) left upper part is meant; it
    comes to `place` in a result of `size` (width, height). `base` (RGBA) and `weights` say what of the result is kept.
    """

    mode: Mode
    width: int
    height: int
    used: tuple[int, int]
    size: tuple[int, int]
    place: Place
    init: Pixels | None = None
    mask: Pixels | None = None
    base: Pixels | None = None
    weights: Pixels | None = None

    def finish(self, drawn: Pixels) -> Pixels:
        """The take, RGB or RGBA, from what the pipeline drew."""
        x, y, width, height = self.place
        part = resized(np.ascontiguousarray(drawn[: self.used[1], : self.used[0]]), width, height)
        if self.base is None or self.weights is None:
            return part
        whole = self.base.copy()
        spot = (slice(y, y + height), slice(x, x + width))
        whole[spot] = composite(self.base[spot], part, self.weights[spot])
        return whole

    def guide(self, pixels: Pixels) -> Pixels:
        """What of a picture that guides the whole belongs to what is drawn, in the drawing's size."""
        return padded(piece(pixels, self.place, self.size, *self.used), self.width, self.height)

    def small(self, drawn: Pixels) -> Pixels:
        """A preview of the take from a preview of what the pipeline draws; RGB."""
        rows = max(1, round(drawn.shape[0] * self.used[1] / self.height))
        columns = max(1, round(drawn.shape[1] * self.used[0] / self.width))
        return (
            _over_white(self._small_plan.finish(drawn[:rows, :columns]))
            if self.base is not None
            else drawn[:rows, :columns]
        )

    def enlarged(self, small: Pixels) -> Pixels:
        """A stopped take: the preview of what the pipeline draws at full size, what must stay in place again."""
        rows = max(1, round(small.shape[0] * self.used[1] / self.height))
        columns = max(1, round(small.shape[1] * self.used[0] / self.width))
        part = resized(np.ascontiguousarray(small[:rows, :columns]), *self.used, sharp=False)
        return replace(self, width=self.used[0], height=self.used[1]).finish(part)

    @property
    def _small_plan(self) -> "Plan":
        """The same at the size of a preview. Reckoned anew for each: it is small, and a plan is frozen."""
        share = min(1.0, _PREVIEW_PX / max(self.size))
        size = (max(1, round(self.size[0] * share)), max(1, round(self.size[1] * share)))
        x, y = (min(round(at * share), side - 1) for at, side in zip(self.place[:2], size, strict=True))
        width = max(1, min(round(self.place[2] * share), size[0] - x))
        height = max(1, min(round(self.place[3] * share), size[1] - y))
        assert self.base is not None
        assert self.weights is not None
        return replace(
            self,
            used=(1 << 30, 1 << 30),
            size=size,
            place=(x, y, width, height),
            base=resized(self.base, *size, sharp=False),
            weights=resized(self.weights, *size, sharp=False),
        )


def plan_of(job: ImageJob, files: Mapping[str, bytes], grid_px: int) -> Plan:
    """How to draw a job of mode "text", "image" or "inpaint". Raises StudioError for pictures that do not fit."""
    drawn = _on_grid(job.width, job.height, grid_px)
    if job.mode == "text":
        plan = Plan(
            mode="text", width=drawn[0], height=drawn[1], used=(job.width, job.height),
            size=(job.width, job.height), place=(0, 0, job.width, job.height),
        )  # fmt: skip
        return _locked(plan, job, files)
    init = pixels_in(files, job.init)
    if job.inpaint is not None and job.mode == "inpaint":
        return _inpainted(job, job.inpaint, init, files, drawn)
    init = resized(init, job.width, job.height)
    plan = Plan(
        mode="image", width=drawn[0], height=drawn[1], used=(job.width, job.height), size=(job.width, job.height),
        place=(0, 0, job.width, job.height), init=padded(opaque(init), *drawn), base=init,
    )  # fmt: skip
    return _locked(plan, job, files)


def pixels_in(files: Mapping[str, bytes], name: str) -> Pixels:
    """A job's picture, RGBA. Raises StudioError when it was not sent or cannot be read."""
    if name not in files:
        raise StudioError(
            "A picture that this job needs is not there any more.",
            kept="The job and all its settings are kept.",
            do="Ask again from what is there now, or bring the project's missing files back from a copy.",
            code="asset",
        )
    return np.array(open_picture(files[name]))


def grey_in(files: Mapping[str, bytes], name: str) -> Pixels:
    """A job's grey picture; where it is transparent it is black."""
    pixels = pixels_in(files, name).astype(np.uint16)
    return (pixels[..., 0] * pixels[..., 3] // 255).astype(np.uint8)


def _on_grid(width: int, height: int, grid_px: int) -> tuple[int, int]:
    """The next larger size that the model draws."""
    return -(-width // grid_px) * grid_px, -(-height // grid_px) * grid_px


def opaque(rgba: Pixels) -> Pixels:
    """RGB; what is transparent takes the colours around it."""
    alpha = rgba[..., 3]
    if bool((alpha == 255).all()):
        return np.ascontiguousarray(rgba[..., :3])
    around = spread(rgba[..., :3], alpha >= 128)
    share = alpha[..., None].astype(np.uint16)
    mixed = rgba[..., :3].astype(np.uint16) * share + around.astype(np.uint16) * (255 - share) + 127
    return (mixed // 255).astype(np.uint8)


def padded(pixels: Pixels, width: int, height: int) -> Pixels:
    """Up to the model's grid, the edge repeated."""
    more = ((0, height - pixels.shape[0]), (0, width - pixels.shape[1]))
    if more == ((0, 0), (0, 0)):
        return pixels
    return np.pad(pixels, (*more, (0, 0)) if pixels.ndim == 3 else more, mode="edge")


def _locked(plan: Plan, job: ImageJob, files: Mapping[str, bytes]) -> Plan:
    """With the lock's white part kept: of the first picture, or transparent."""
    if not job.lock:
        return replace(plan, base=None) if plan.weights is None else plan
    width, height = plan.size
    lock = _fit(grey_in(files, job.lock), width, height)
    free: Pixels = np.where(lock > 0, 255 - lock, 255).astype(np.uint8)
    base = plan.base if plan.base is not None else np.zeros((height, width, 4), np.uint8)
    weights = free if plan.weights is None else np.minimum(plan.weights, free)
    return replace(plan, base=base, weights=weights)


def _fit(grey: Pixels, width: int, height: int) -> Pixels:
    return resized(grey, width, height, sharp=False)


def _inpainted(
    job: ImageJob, inpaint: Inpaint, init: Pixels, files: Mapping[str, bytes], drawn: tuple[int, int]
) -> Plan:
    mask = _fit(grey_in(files, inpaint.mask), init.shape[1], init.shape[0])
    whole = inpaint.area == "whole"
    if whole:
        init, mask = resized(init, job.width, job.height), _fit(mask, job.width, job.height)
    weights = weights_of(mask, inpaint.grow_px, inpaint.feather_px)
    weights = np.maximum(weights, 255 - init[..., 3])
    size = (init.shape[1], init.shape[0])
    plan = Plan(
        mode="inpaint", width=drawn[0], height=drawn[1], used=(job.width, job.height), size=size,
        place=(0, 0, *size), base=init, weights=weights,
    )  # fmt: skip
    plan = _locked(plan, job, files)
    weights = plan.weights if plan.weights is not None else weights
    if not weights.any():
        raise StudioError(
            "The mask is empty: there is nothing to draw.",
            do="Paint over what is to be drawn anew, or choose another mode.",
            code="empty_mask",
        )
    if not whole:
        plan = replace(plan, place=_around(weights, inpaint.padding_px, job.width / job.height))
    x, y, width, height = plan.place
    spot = (slice(y, y + height), slice(x, x + width))
    first = _filled(job, inpaint, init, weights)[spot]
    asked = resized(np.ascontiguousarray(weights[spot]), job.width, job.height, sharp=False)
    return replace(
        plan,
        init=padded(resized(np.ascontiguousarray(first), job.width, job.height), *drawn),
        mask=padded(np.where(asked > 0, 255, 0).astype(np.uint8), *drawn),
    )


def _around(weights: Pixels, padding_px: int, ratio: float) -> Place:
    """What is to be drawn with room around it, widened to the job's proportions where the picture is large enough."""
    found = bounds(weights)
    assert found is not None  # an empty one was refused
    rows, columns = weights.shape
    x, y, width, height = found
    left, top = max(0, x - padding_px), max(0, y - padding_px)
    right, bottom = min(columns, x + width + padding_px), min(rows, y + height + padding_px)
    width, height = right - left, bottom - top
    wide = min(columns, max(width, round(height * ratio)))
    tall = min(rows, max(height, round(width / ratio)))
    left = min(max(0, left - (wide - width) // 2), columns - wide)
    top = min(max(0, top - (tall - height) // 2), rows - tall)
    return left, top, wide, tall


def _filled(job: ImageJob, inpaint: Inpaint, init: Pixels, weights: Pixels) -> Pixels:
    """What stands under the mask before drawing; transparent parts take the colours around them. RGB."""
    first = opaque(init)
    if inpaint.fill == "original":
        return first
    known = weights == 0
    if inpaint.fill == "blur":
        filling: Any = _blurred(spread(first, known))
    elif inpaint.fill == "noise":
        filling = np.random.default_rng(job.seed).integers(0, 256, first.shape, np.uint8)
    else:
        filling = np.rint(first[known].mean(axis=0)) if known.any() else np.full(3, 127.0)
    share = weights[..., None] / 255.0
    mixed: Pixels = np.rint(first * (1 - share) + filling * share).astype(np.uint8)
    return mixed


def _blurred(pixels: Pixels) -> Pixels:
    rows, columns = pixels.shape[:2]
    small = resized(
        pixels, max(1, math.ceil(columns / _BLUR_SHARE)), max(1, math.ceil(rows / _BLUR_SHARE)), sharp=False
    )
    return resized(small, columns, rows, sharp=False)


def _over_white(pixels: Pixels) -> Pixels:
    """RGB for the eye."""
    if pixels.shape[2] == 3:
        return pixels
    share = pixels[..., 3:].astype(np.uint16)
    return ((pixels[..., :3].astype(np.uint16) * share + 255 * (255 - share) + 127) // 255).astype(np.uint8)
