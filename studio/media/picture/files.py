"""Picture files from outside: checked before they are decoded, then opened upright, in sRGB, eight bits a channel."""

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from studio.core.errors import StudioError
from studio.media.picture.headers import CutError, Format, Header, format_of, header_of, other_kind

if TYPE_CHECKING:
    from PIL import Image

BYTES_MOST: Final = 400_000_000
SIDE_MOST_PX: Final = 32_000
PIXELS_MOST: Final = 120_000_000  # 480 MB decoded
RATIO_MOST: Final = 200
FRAMES_MOST: Final = 2_000
DENSE_PIXELS: Final = 24_000_000  # from here on a file must have bytes for its pixels
PIXELS_PER_BYTE_MOST: Final = 10_000
NAMES: Final[dict[Format, str]] = {
    "png": "PNG", "jpeg": "JPEG", "webp": "WebP", "tiff": "TIFF", "gif": "GIF", "bmp": "BMP",
}  # fmt: skip
SUFFIXES: Final[dict[str, Format]] = {
    ".png": "png", ".apng": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".jpe": "jpeg", ".jfif": "jpeg",
    ".webp": "webp", ".tif": "tiff", ".tiff": "tiff", ".gif": "gif", ".bmp": "bmp", ".dib": "bmp",
}  # fmt: skip
UNTOUCHED: Final = "The file and the picture you work on are as they were."


class Head(Struct, frozen=True, kw_only=True):
    """A file that passed the checks. `width` and `height` are as stored; `told`: what the person should know."""

    format: Format
    width: int
    height: int
    frames: int = 1
    told: tuple[str, ...] = ()


class Opened(Struct, frozen=True, kw_only=True):
    """A decoded picture: RGBA, upright, sRGB."""

    image: "Image.Image"
    head: Head
    told: tuple[str, ...] = ()


def check_picture(data: bytes | Path, name: str = "") -> Head:
    """Look at a file's headers and blocks; no pixel is decoded. What it is is told by its content, never by its name.

    Raises StudioError: "unreadable", "not_a_picture", "truncated", "too_large".
    """
    raw, name = _bytes(data, name)
    kind = format_of(raw)
    if kind is None:
        raise _no_picture(raw, name)
    try:
        header = header_of(raw, kind)
    except CutError as error:
        raise StudioError(
            f"{name} is not whole: {error}.",
            kept=UNTOUCHED,
            do="Copy or download it again.",
            code="truncated",
        ) from error
    _check_size(header, len(raw), name)
    return Head(
        format=kind,
        width=header.width,
        height=header.height,
        frames=header.frames,
        told=_told(header, name),
    )


def open_picture(data: bytes | Path, name: str = "") -> "Image.Image":
    """The picture: RGBA, upright, sRGB, its first frame. Raises StudioError as `check_picture` does."""
    return read_picture(data, name).image


def read_picture(data: bytes | Path, name: str = "") -> Opened:
    """`open_picture` with what was found on the way. Raises StudioError."""
    from PIL import Image, UnidentifiedImageError

    from studio.media.picture.pixels import as_rgba

    raw, name = _bytes(data, name)
    head = check_picture(raw, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limits: ours are stricter and have spoken
            with Image.open(io.BytesIO(raw), formats=[head.format.upper()]) as image:
                if image.size != (head.width, head.height):
                    _check_size(
                        Header(format=head.format, width=image.width, height=image.height), len(raw), name
                    )
                image.load()
                rgba, told = as_rgba(image)
    except Image.DecompressionBombError as error:  # a frame far larger than the screen it stands on
        raise StudioError(
            f"{name} has far more pixels than it says at first.",
            kept=UNTOUCHED,
            do="Make it smaller with another program.",
            code="too_large",
        ) from error
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        KeyError,
        IndexError,
    ) as error:
        raise StudioError(
            f"{name} cannot be decoded: {_why(error)}.",
            kept=UNTOUCHED,
            do="Copy or download it again, or save it anew with the program it came from.",
            code="truncated" if "truncated" in str(error).lower() else "damaged",
        ) from error
    except MemoryError as error:
        raise StudioError(
            f"There is not enough memory to decode {name} ({head.width:,} × {head.height:,} pixels).",
            kept=UNTOUCHED,
            do="Make it smaller with another program, or close some programs.",
            code="memory",
        ) from error
    return Opened(image=rgba, head=head, told=(*head.told, *told))


def is_picture_name(path: Path) -> bool:
    """Whether a name looks like a picture's: only for choosing what to look at."""
    return path.suffix.lower() in SUFFIXES


def _bytes(data: bytes | Path, name: str) -> tuple[bytes, str]:
    if isinstance(data, bytes):
        if len(data) > BYTES_MOST:
            raise _too_large(name or "The picture", f"{len(data) // 1_000_000:,} MB")
        return data, name or "The picture"
    name = name or data.name
    try:
        if data.is_dir():
            raise StudioError(
                f"{name} is a folder.", kept=UNTOUCHED, do="Choose a picture.", code="unreadable"
            )
        if data.stat().st_size > BYTES_MOST:
            raise _too_large(name, f"{data.stat().st_size // 1_000_000:,} MB")
        return data.read_bytes(), name
    except OSError as error:
        raise StudioError(
            f"{name} cannot be read: {error.strerror or error}.",
            kept=UNTOUCHED,
            do=f"Check that {data} is there and that you may read it.",
            code="unreadable",
        ) from error


def _no_picture(raw: bytes, name: str) -> StudioError:
    if not raw:
        return StudioError(
            f"{name} is empty.", kept=UNTOUCHED, do="Copy or download it again.", code="truncated"
        )
    found = other_kind(raw)
    what = (
        f"{name} is {found}, not a picture that can be opened here"
        if found
        else f"{name} is no picture we know"
    )
    known = ", ".join(NAMES.values())
    return StudioError(
        f"{what}.", kept=UNTOUCHED, do=f"Save it as one of {known} first.", code="not_a_picture"
    )


def _check_size(header: Header, size_bytes: int, name: str) -> None:
    width, height = header.width, header.height
    shown = f"{width:,} × {height:,} pixels"
    if width < 1 or height < 1:
        raise StudioError(
            f"{name} says it has no pixels ({shown}).", kept=UNTOUCHED, do="Save it anew.", code="damaged"
        )
    if width * height > PIXELS_MOST or max(width, height) > SIDE_MOST_PX:
        raise _too_large(name, shown)
    if max(width, height) > RATIO_MOST * min(width, height):
        raise StudioError(
            f"{name} is {shown}: a side is more than {RATIO_MOST} times the other.",
            kept=UNTOUCHED,
            do="CutError it into pieces with another program first.",
            code="too_large",
        )
    if width * height > DENSE_PIXELS and width * height > PIXELS_PER_BYTE_MOST * size_bytes:
        raise StudioError(
            f"{name} claims {shown} in {size_bytes:,} bytes: it is made to fill up the memory.",
            kept=UNTOUCHED,
            do="Do not open it elsewhere either.",
            code="too_large",
        )
    if header.frames > FRAMES_MOST:
        raise _too_large(name, f"{header.frames:,} frames")


def _too_large(name: str, shown: str) -> StudioError:
    return StudioError(
        f"{name} is too large to open: {shown}. At most {PIXELS_MOST // 1_000_000} million pixels, "
        f"{SIDE_MOST_PX:,} a side, {FRAMES_MOST:,} frames and {BYTES_MOST // 1_000_000} MB are taken.",
        kept=UNTOUCHED,
        do="Make it smaller with another program first.",
        code="too_large",
    )


def _told(header: Header, name: str) -> tuple[str, ...]:
    told = []
    named = SUFFIXES.get(Path(name).suffix.lower())
    if named is not None and named != header.format:
        told.append(f"{name} is a {NAMES[header.format]} file by its content; its name says {NAMES[named]}.")
    if header.frames > 1:
        what = "pages" if header.format == "tiff" else "frames"
        told.append(f"It has {header.frames:,} {what}; the first one is used.")
    return tuple(told)


def _why(error: Exception) -> str:
    words = " ".join(str(error).split()).rstrip(".")
    return words[:160] or type(error).__name__
