"""Masks as weights: what may be drawn, how its edge fades, and the exact composite with what was there.

Weights are 8-bit: 0 keeps a pixel byte for byte, 255 takes the drawn one.
"""

from typing import Any

import numpy as np
from PIL import Image as Pillow

from studio.media.picture.masks import bounds as bounds
from studio.media.picture.masks import feather, grow
from studio.worker.image.png import Pixels


def weights_of(mask: Pixels, grow_px: int, feather_px: int) -> Pixels:
    """Weights of a mask widened by `grow_px`, its edge softened: nothing farther out than `feather_px` is drawn."""
    return feather(grow(mask, grow_px), feather_px)


def composite(base: Pixels, drawn: Pixels, weights: Pixels) -> Pixels:
    """`drawn` (RGB) over `base` (RGBA) by `weights`; RGBA. Where the weight is 0, the bytes are base's own."""
    share = weights[..., None].astype(np.uint32)
    alpha = base[..., 3:].astype(np.uint32)
    if bool((base[..., 3] == 255).all()):
        mixed = (
            drawn.astype(np.uint32) * share + base[..., :3].astype(np.uint32) * (255 - share) + 127
        ) // 255
        return np.dstack([mixed.astype(np.uint8), base[..., 3]])
    covered = alpha * (255 - share)  # of 255 * 255
    whole = np.maximum(share * 255 + covered, 1)
    mixed = (
        drawn.astype(np.uint32) * share * 255 + base[..., :3].astype(np.uint32) * covered + whole // 2
    ) // whole
    out = np.dstack([mixed, (share * 255 + covered + 127) // 255]).astype(np.uint8)
    kept = weights == 0
    out[kept] = base[kept]
    return out


def spread(pixels: Pixels, known: np.ndarray[Any, np.dtype[np.bool_]]) -> Pixels:
    """The unknown pixels of an RGB picture filled from the known ones around, softer the farther away.

    Averages of known pixels over halved sizes (push), filled back from coarse to fine (pull).
    """
    if not known.any():
        return np.full_like(pixels, 127)
    levels = [(pixels.astype(np.float32) * known[..., None], known.astype(np.float32))]
    while max(levels[-1][1].shape) > 1:
        levels.append(_halved(*levels[-1]))
    colour, weight = levels[-1]
    filled = colour / np.maximum(weight[..., None], 1e-6)
    for colour, weight in reversed(levels[:-1]):
        rows, columns = weight.shape
        filled = _enlarged(filled, columns, rows)
        share = np.minimum(weight, 1.0)[..., None]
        own = colour / np.maximum(weight[..., None], 1e-6)
        filled = own * share + filled * (1.0 - share)
    out = np.rint(np.clip(filled, 0, 255)).astype(np.uint8)
    out[known] = pixels[known]
    return out


def _halved(colour: Any, weight: Any) -> tuple[Any, Any]:
    rows, columns = weight.shape
    odd = ((0, rows % 2), (0, columns % 2))
    colour, weight = np.pad(colour, (*odd, (0, 0))), np.pad(weight, odd)
    colour = colour.reshape(colour.shape[0] // 2, 2, colour.shape[1] // 2, 2, 3).sum(axis=(1, 3))
    weight = weight.reshape(weight.shape[0] // 2, 2, weight.shape[1] // 2, 2).sum(axis=(1, 3))
    return colour, weight


def _enlarged(filled: Any, columns: int, rows: int) -> Any:
    planes = [
        np.asarray(Pillow.fromarray(filled[..., at]).resize((columns, rows), Pillow.Resampling.BILINEAR))
        for at in range(3)
    ]
    return np.dstack(planes)
