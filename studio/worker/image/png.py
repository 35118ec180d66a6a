"""From a network's output to files: 8-bit arrays, PNG, thumbnails."""

import io
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow

from studio.core.events import Image

THUMB_PX = 256
_PNG_LEVEL = 1  # a tenth of the time of level 6, a few per cent more bytes
Pixels = np.ndarray[Any, np.dtype[np.uint8]]  # rows x columns x 3 or 4, or rows x columns


def pixels_of(drawn: torch.Tensor) -> list[Pixels]:
    """8-bit pictures of a batch (N, 3, H, W) in 0..1."""
    bytes_ = drawn.mul(255.0).round_().clamp_(0, 255).to(torch.uint8)
    return list(bytes_.permute(0, 2, 3, 1).contiguous().cpu().numpy())


def finished(pixels: Pixels, *, preview: bool = False) -> Image:
    """The files of a picture; its alpha channel is left out where all of it is opaque."""
    if pixels.shape[2] == 4 and bool((pixels[..., 3] == 255).all()):
        pixels = pixels[..., :3]
    picture = Pillow.fromarray(np.ascontiguousarray(pixels))
    height, width = pixels.shape[:2]
    png = io.BytesIO()
    picture.save(png, "PNG", compress_level=_PNG_LEVEL)
    return Image(png=png.getvalue(), width=width, height=height, thumb=_thumb(picture), preview=preview)


def _thumb(picture: Pillow.Image) -> bytes:
    small = picture.copy() if max(picture.size) <= THUMB_PX else picture
    small.thumbnail((THUMB_PX, THUMB_PX), Pillow.Resampling.BILINEAR, reducing_gap=2.0)
    webp = io.BytesIO()
    small.save(webp, "WEBP", quality=85, method=0)
    return webp.getvalue()


def piece(
    pixels: Pixels, place: tuple[int, int, int, int], of: tuple[int, int], width: int, height: int
) -> Pixels:
    """The part (x, y, width, height) of a picture, told in pixels of one of size `of`, at another size; Lanczos."""
    rows, columns = pixels.shape[:2]
    across, down = columns / of[0], rows / of[1]
    x, y, wide, tall = place
    box = (x * across, y * down, min(columns, (x + wide) * across), min(rows, (y + tall) * down))
    return np.asarray(Pillow.fromarray(pixels).resize((width, height), Pillow.Resampling.LANCZOS, box=box))


def resized(pixels: Pixels, width: int, height: int, *, sharp: bool = True) -> Pixels:
    """Another size: Lanczos, or (`sharp` False) bicubic without ringing far out."""
    if pixels.shape[:2] == (height, width):
        return pixels
    kind = Pillow.Resampling.LANCZOS if sharp else Pillow.Resampling.BICUBIC
    return np.asarray(Pillow.fromarray(pixels).resize((width, height), kind))
