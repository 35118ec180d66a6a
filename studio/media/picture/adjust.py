"""Levels, colour balance, saturation and sharpness of a picture, as numbers (numpy only)."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.media.picture.document import Adjust

Rgba: TypeAlias = NDArray[np.uint8]
_LUMA = (54, 183, 19)  # Rec. 709, of 256
_BALANCE = 64.0  # what a colour's slider at its end adds to a middle tone
_SHARPEST = 2.0


def adjust(image: Rgba, how: Adjust) -> Rgba:
    """A picture, uint8 (height, width, 4) not premultiplied, with another look; alpha stays.

    The defaults give the very array back. Order: levels and colour balance (one table a channel), saturation,
    sharpness.
    """
    if how == Adjust():
        return image
    out = image
    tables = [table(how, channel) for channel in range(3)]
    if any(not np.array_equal(one, np.arange(256)) for one in tables):
        out = out.copy()
        for channel, one in enumerate(tables):
            out[..., channel] = one[image[..., channel]]
    if how.saturation:
        out = _saturated(out, how.saturation)
    if how.sharpness:
        out = _sharpened(out, how.sharpness)
    return out


def table(how: Adjust, channel: int) -> NDArray[np.uint8]:
    """What becomes of the 256 values of a channel (0 red, 1 green, 2 blue) by levels and colour balance."""
    values = np.arange(256, dtype=np.float64)
    white = max(how.white, how.black + 1)
    values = np.clip((values - how.black) / (white - how.black), 0.0, 1.0) ** (1.0 / how.gamma)
    shift = (how.red, how.green, how.blue)[channel] * _BALANCE / 255.0
    # middle tones move most, black and white not at all: a colour cast goes, the range stays
    values += shift * 4.0 * values * (1.0 - values)
    return np.rint(np.clip(values, 0.0, 1.0) * 255.0).astype(np.uint8)


def luma(image: Rgba) -> NDArray[np.uint8]:
    """How light each pixel looks, uint8 (height, width)."""
    red, green, blue = (np.multiply(image[..., i], _LUMA[i], dtype=np.uint16) for i in range(3))
    red += green
    red += blue
    red += 128
    red >>= 8
    return red.astype(np.uint8)


def _saturated(image: Rgba, by: float) -> Rgba:
    """Away from grey (-1: all grey)."""
    grey = luma(image).astype(np.int32)[..., None]
    factor = round((1.0 + by if by < 0 else 1.0 + 2.0 * by) * 256)
    colours = image[..., :3].astype(np.int32)
    colours -= grey
    colours *= factor
    colours += 128
    colours >>= 8
    colours += grey
    return _with_colours(image, colours)


def _sharpened(image: Rgba, by: float) -> Rgba:
    """Towards (-1) or away from (+1: twice) a 3 x 3 binomial blur."""
    colours = image[..., :3].astype(np.int32)
    edged = np.pad(colours, ((1, 1), (1, 1), (0, 0)), mode="edge")
    rows = edged[:-2] + 2 * edged[1:-1] + edged[2:]
    blurred = rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]  # 16 times
    factor = round((by if by < 0 else _SHARPEST * by) * 256)
    out = (16 * colours - blurred) * factor
    out += 2048
    out >>= 12
    out += colours
    return _with_colours(image, out)


def _with_colours(image: Rgba, colours: NDArray[np.int32]) -> Rgba:
    out = image.copy()
    out[..., :3] = np.clip(colours, 0, 255)
    return out


def histogram(image: Rgba) -> NDArray[np.int64]:
    """How many visible pixels have each value: int64 (4, 256), lightness, red, green, blue."""
    seen = image[image[..., 3] > 0]
    channels = (luma(seen), seen[..., 0], seen[..., 1], seen[..., 2])
    return np.stack([np.bincount(channel.ravel(), minlength=256) for channel in channels])
