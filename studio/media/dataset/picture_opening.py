"""One picture of a folder: read, checked, decoded as far as it takes to know that it is whole, and described."""

import hashlib
import io
import warnings
from pathlib import Path
from typing import Final

from msgspec import Struct

from studio.core.errors import StudioError
from studio.media.dataset.likeness import Signature, orientation, signature
from studio.media.picture.files import BYTES_MOST, PIXELS_MOST, Head, check_picture

DRAFT_PX: Final = 128  # JPEG is decoded at the smallest of its sizes that has this much


class Picture(Struct, frozen=True, kw_only=True):
    """A picture that can be opened. `width` and `height` are as it is seen, not as it is stored."""

    file: str
    sha256: str
    size_bytes: int
    head: Head
    width: int
    height: int
    sign: Signature


def opened(path: Path, name: str) -> Picture:
    """Read, check and decode one file. Raises StudioError as picture.files.read_picture does; "unreadable" has the
    system's error as its cause."""
    data = _read(path, name)
    head = check_picture(data, name)
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limits: picture.files has stricter ones
            with Image.open(io.BytesIO(data), formats=[head.format.upper()]) as image:
                stored = image.size  # draft changes it
                if image.width * image.height > PIXELS_MOST:  # of some formats the checks see another size
                    raise StudioError(
                        f"{name} has {image.width:,} × {image.height:,} pixels.", code="too_large"
                    )
                image.draft(image.mode, (DRAFT_PX, DRAFT_PX))
                image.load()
                # of a TIFF the size is upright from the start, and loading turns the pixels and says so no more
                width, height = stored[::-1] if orientation(image) >= 5 else stored
                sign = signature(image)
    except Image.DecompressionBombError as error:
        raise StudioError(f"{name} has far more pixels than it says at first.", code="too_large") from error
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError) as error:
        why = " ".join(str(error).split()).rstrip(".")[:160] or type(error).__name__
        cut = "truncated" in why.lower()
        raise StudioError(
            f"{name} cannot be decoded: {why}.", code="truncated" if cut else "damaged"
        ) from error
    except MemoryError as error:
        raise StudioError(f"{name} takes more memory than there is.", code="memory") from error
    return Picture(
        file=name,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        head=head,
        width=width,
        height=height,
        sign=sign,
    )


def _read(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > BYTES_MOST:
            raise StudioError(f"{name} has more than {BYTES_MOST // 1_000_000} MB.", code="too_large")
        return path.read_bytes()
    except OSError as error:
        raise StudioError(f"{name} cannot be read: {error.strerror or error}.", code="unreadable") from error
