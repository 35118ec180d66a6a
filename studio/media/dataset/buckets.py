"""Aspect-ratio buckets: pictures of all shapes become few sizes of about as many pixels each, so that they batch.

As in NovelAI's "aspect ratio bucketing" (2022) and kohya's sd-scripts: a picture is scaled to cover the bucket whose
shape is nearest to its own, and what stands over is cut off.
"""

import math
import random
from collections.abc import Sequence
from itertools import islice
from typing import Final

from msgspec import Struct

RATIO_MOST: Final = 2.0
STEPS: Final = 8  # to the side of the square, where no step is given
Size = tuple[int, int]  # width and height, px


class Fit(Struct, frozen=True):
    """How a picture becomes a bucket: scale it to `width` x `height`, then cut out `bucket` at (`left`, `top`)."""

    width: int
    height: int
    left: int
    top: int
    bucket: Size


def buckets(size: int, step: int, ratio_most: float = RATIO_MOST) -> tuple[Size, ...]:
    """Sizes (width, height) from the tallest to the widest: multiples of `step`, at most `size` x `size` pixels.

    `size` is rounded down to a multiple of `step`, whose square is always among them; `step` is what the model's sides
    must be multiples of, or a multiple of that. Raises ValueError for a size below the step.
    """
    if step < 1 or size < step or ratio_most < 1.0:
        raise ValueError(f"no buckets of {size} px in steps of {step} up to {ratio_most} to 1")
    side = size // step * step
    found = {(side, side)}
    wide = side + step
    while True:
        low = side * side // wide // step * step
        if low < step or wide > ratio_most * low:
            break
        found |= {(wide, low), (low, wide)}
        wide += step
    widest: dict[int, Size] = {}  # of those as high as each other, the one with most pixels wastes least
    for width, height in sorted(found):
        if width >= height:
            widest[height] = (width, height)
    kept = set(widest.values()) | {(height, width) for width, height in widest.values()}
    return tuple(sorted(kept, key=lambda shape: shape[0] / shape[1]))


def default_step(size: int, multiple: int) -> int:
    """A step that makes about five shapes: an eighth of the side, as a multiple of what the model asks for."""
    return max(1, size // STEPS // multiple) * multiple


def bucket_for(width: int, height: int, among: Sequence[Size]) -> int:
    """The index of the bucket whose shape is nearest (by the logarithm of width : height; the first of equals)."""
    shape = math.log(width / height)
    return min(range(len(among)), key=lambda at: abs(math.log(among[at][0] / among[at][1]) - shape))


def fit(width: int, height: int, bucket: Size, across: float = 0.5, down: float = 0.5) -> Fit:
    """Scale and cut so that the bucket is covered and the shape stays. `across` and `down` (0..1) place the cut.

    0.5 is the middle; random numbers make it a random crop.
    """
    scale = max(bucket[0] / width, bucket[1] / height)
    scaled = max(bucket[0], round(width * scale)), max(bucket[1], round(height * scale))
    left = round((scaled[0] - bucket[0]) * min(1.0, max(0.0, across)))
    top = round((scaled[1] - bucket[1]) * min(1.0, max(0.0, down)))
    return Fit(*scaled, left, top, bucket)


def lost(width: int, height: int, bucket: Size) -> float:
    """The share of a picture that is cut off."""
    made = fit(width, height, bucket)
    return 1.0 - bucket[0] * bucket[1] / (made.width * made.height)


def batches(bucket_of: Sequence[int], batch: int, seed: int, epoch: int) -> tuple[tuple[int, ...], ...]:
    """Every picture once, in batches of at most `batch` pictures of one bucket, all in an order of the epoch's own.

    `bucket_of` is the bucket of each picture; the same arguments give the same batches on every machine. A bucket's
    last batch may be smaller. Raises ValueError for a batch of none.
    """
    if batch < 1:
        raise ValueError("a batch of no pictures")
    chance = random.Random(f"buckets {seed} {epoch}")  # text is hashed by SHA-512: the same everywhere
    by_bucket: dict[int, list[int]] = {}
    for picture, bucket in enumerate(bucket_of):
        by_bucket.setdefault(bucket, []).append(picture)
    made: list[tuple[int, ...]] = []
    for _, pictures in sorted(by_bucket.items()):
        chance.shuffle(pictures)
        left = iter(pictures)
        while taken := tuple(islice(left, batch)):
            made.append(taken)
    chance.shuffle(made)
    return tuple(made)
