"""What differs between two pictures, pixel by pixel, and how to say it."""

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Difference(Struct, frozen=True, kw_only=True):
    """`grey` is the largest difference of a pixel's channels, uint8 (H, W); `colour` each channel's, (H, W, 3).

    `changed` counts the pixels that differ at all, `most` is the largest difference of a channel, 0..255.
    """

    grey: "NDArray[np.uint8]"
    colour: "NDArray[np.uint8]"
    changed: int
    pixels: int
    most: int

    @property
    def share(self) -> float:
        """Of the pixels that differ, 0..1."""
        return self.changed / self.pixels if self.pixels else 0.0


def difference(one: "NDArray[np.uint8]", other: "NDArray[np.uint8]") -> Difference:
    """Compare two pictures, uint8 (H, W, 4) with premultiplied alpha: what cannot be seen does not differ.

    Raises ValueError when the shapes differ.
    """
    import numpy as np

    if one.shape != other.shape or one.ndim != 3 or one.shape[2] != 4:
        raise ValueError(f"{one.shape} and {other.shape} cannot be compared")
    apart = np.maximum(one, other) - np.minimum(one, other)  # (H, W, 4), no wrap in uint8
    grey = apart.max(axis=2)  # (H, W)
    colour = np.maximum(apart[:, :, :3], apart[:, :, 3:])  # alpha alone shows as grey
    return Difference(
        grey=grey,
        colour=np.ascontiguousarray(colour),
        changed=int(np.count_nonzero(grey)),
        pixels=int(grey.size),
        most=int(grey.max()) if grey.size else 0,
    )


def amplified(found: Difference, gain: int) -> "NDArray[np.uint8]":
    """The difference `gain` times as strong, uint8 (H, W, 3), cut at 255. Raises ValueError for gain < 1."""
    import numpy as np

    if gain < 1:
        raise ValueError(f"gain {gain}")
    table = np.minimum(np.arange(256) * gain, 255).astype(np.uint8)
    bright: NDArray[np.uint8] = table[found.colour]
    return bright


def difference_words(found: Difference) -> str:
    """How many pixels differ and by how much, in a sentence."""
    if not found.changed:
        return "0.0 % of the pixels differ: the pictures are the same, pixel for pixel."
    shown = f"{found.share:.1%}".replace("%", " %")
    if found.share < 0.0005:
        shown = "Less than 0.1 %"
    elif found.share >= 0.9995 and found.changed < found.pixels:
        shown = "More than 99.9 %"
    of = f"{found.changed:,} of {found.pixels:,}"
    return f"{shown} of the pixels differ ({of}), by at most {found.most} of 255."
