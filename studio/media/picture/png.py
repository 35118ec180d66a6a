"""Arrays as PNG files, by zlib: it lets other threads run, so a big picture is packed while a brush moves."""

import struct
import zlib
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

_SIGN: Final = b"\x89PNG\r\n\x1a\n"
_COLOUR: Final = {1: 0, 3: 2, 4: 6}
_LEVEL: Final = 3
_UP: Final = 2


def png_of(image: NDArray[np.uint8]) -> bytes:
    """A PNG of uint8 (height, width), (height, width, 3) or (height, width, 4); the same array, the same file.

    Raises ValueError for another shape.
    """
    channels = 1 if image.ndim == 2 else image.shape[-1]
    if image.ndim not in (2, 3) or channels not in _COLOUR or not image.size:
        raise ValueError(f"no picture: {image.shape}")
    height, width = image.shape[:2]
    rows = image.reshape(height, width * channels)
    lines = np.empty((height, 1 + width * channels), dtype=np.uint8)
    lines[:, 0] = _UP  # each row less the one above: plain areas become zeros
    lines[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=lines[1:, 1:])
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOUR[channels], 0, 0, 0)
    body = zlib.compress(lines.data, _LEVEL)
    return _SIGN + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def named(png: bytes) -> str:
    """The name a project gives this file."""
    return f"{sha256(png).hexdigest()}.png"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
