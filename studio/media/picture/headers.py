"""What a picture file says of itself, read from its first bytes and its blocks: no pixel is decoded here."""

import struct
from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

Format = Literal["png", "jpeg", "webp", "tiff", "gif", "bmp"]
BLOCKS_MOST: Final = 200_000
PAGES_MOST: Final = 5_000
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_OTHER: Final = (  # what else a file that calls itself a picture may be
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive (or a document made of one)"),
    (b"8BPS", "a Photoshop file"),
    (b"gimp xcf", "a GIMP file"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"\x00\x00\x01\x00", "a Windows icon"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
)
_SOF: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class CutError(Exception):
    """The file ends before it should, or its blocks do not fit together."""


class Header(Struct, frozen=True, kw_only=True):
    """Size in pixels as stored (before any turning), and how many frames or pages there are."""

    format: Format
    width: int
    height: int
    frames: int = 1


def format_of(data: bytes) -> Format | None:
    """The format by its magic bytes; None when it is none that we read."""
    if data.startswith(_PNG):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return "tiff"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if (
        data[:2] == b"BM"
        and len(data) >= 18
        and data[14:18] in (b"\x0c\0\0\0", b"(\0\0\0", b"l\0\0\0", b"|\0\0\0")
    ):
        return "bmp"
    return None


def other_kind(data: bytes) -> str:
    """What a file is that is no picture we read, in words; "" when that cannot be told."""
    for magic, words in _OTHER:
        if data.startswith(magic):
            return words
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in (b"heic", b"heix", b"mif1", b"heim", b"heis"):
            return "a HEIC picture"
        return "an AVIF picture" if brand in (b"avif", b"avis") else "a video"
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if b"<svg" in start:
        return "an SVG drawing"
    return "a text" if start and b"\0" not in data[:512] and _is_text(data[:512]) else ""


def _is_text(start: bytes) -> bool:
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(start) - 4  # a character may be cut in two
    return True


def header_of(data: bytes, kind: Format) -> Header:
    """Read the header and walk the blocks. Raises CutError when the file is not whole."""
    try:
        return _READERS[kind](data)
    except (struct.error, IndexError, ValueError) as error:
        raise CutError("its header ends early") from error


# -- PNG ---------------------------------------------------------------------------------------------


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, content) of each chunk up to IEND. Raises CutError."""
    at = len(_PNG)
    for _ in range(BLOCKS_MOST):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            raise CutError(f"its {name.decode('latin-1')} block is cut off")
        yield name, data[at + 8 : end]
        if name == b"IEND":
            return
        at = end + 4
    raise CutError("it has too many blocks")


def _png(data: bytes) -> Header:
    size, frames, pixels = (0, 0), 1, False
    for name, content in png_chunks(data):
        if name == b"IHDR":
            size = struct.unpack_from(">II", content)
        elif name == b"acTL":
            frames = struct.unpack_from(">I", content)[0]
        pixels = pixels or name == b"IDAT"
    if not pixels:
        raise CutError("it holds no pixels")
    return Header(format="png", width=size[0], height=size[1], frames=frames)


# -- JPEG --------------------------------------------------------------------------------------------


def jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, content) of each segment up to the scan, which comes last and whole. Raises CutError."""
    at = 2
    for _ in range(BLOCKS_MOST):
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            raise CutError("its segments do not fit together")
        marker = data[at + 1]
        if marker in (0x01, *range(0xD0, 0xD9)):
            at += 2
            continue
        if marker == 0xD9:
            return
        length = struct.unpack_from(">H", data, at + 2)[0]
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise CutError("one of its segments is cut off")
        if marker == 0xDA:
            yield marker, data[end:]
            return
        yield marker, data[at + 4 : end]
        at = end
    raise CutError("it has too many segments")


def _jpeg(data: bytes) -> Header:
    size = (0, 0)
    for marker, content in jpeg_segments(data):
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", content, 1)
            size = (width, height)
        if marker == 0xDA:
            if b"\xff\xd9" not in content:
                raise CutError("its end is missing")
            return Header(format="jpeg", width=size[0], height=size[1])
    raise CutError("it holds no pixels")


# -- WebP --------------------------------------------------------------------------------------------


def webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, content) of each chunk. Raises CutError."""
    end_of_file = struct.unpack_from("<I", data, 4)[0] + 8
    if end_of_file > len(data) + 1:  # some writers count a pad byte that is not there
        raise CutError("its end is missing")
    at = 12
    for _ in range(BLOCKS_MOST):
        if at + 8 > min(end_of_file, len(data)):
            return
        name, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > len(data):
            raise CutError(f"its {name.decode('latin-1')} block is cut off")
        yield name, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    raise CutError("it has too many blocks")


def _webp(data: bytes) -> Header:
    size, frames, pixels = (0, 0), 0, False
    for name, content in webp_chunks(data):
        if name == b"VP8X":
            size = (1 + int.from_bytes(content[4:7], "little"), 1 + int.from_bytes(content[7:10], "little"))
        elif name == b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 6)
            size, pixels = size if any(size) else (width & 0x3FFF, height & 0x3FFF), True
        elif name == b"VP8L":
            bits = struct.unpack_from("<I", content, 1)[0]
            own = (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
            size, pixels = size if any(size) else own, True
        elif name == b"ANMF":
            frames += 1
    if not pixels and not frames:
        raise CutError("it holds no pixels")
    return Header(format="webp", width=size[0], height=size[1], frames=max(1, frames))


# -- TIFF, GIF, BMP ----------------------------------------------------------------------------------

_TIFF_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TIFF_CODES: Final = {1: "B", 3: "H", 4: "I", 13: "I"}
ENTRIES_MOST: Final = 4_000
VALUE_BYTES_MOST: Final = 16_000_000


def tiff_folder(data: bytes, at: int) -> tuple[dict[int, bytes | tuple[int, ...]], int]:
    """The tags of the folder at `at` (numbers as tuples, all else as bytes) and where the next one lies (0: none).

    For TIFF files and for EXIF blocks, which are built the same. Raises CutError, struct.error.
    """
    order = "<" if data[:2] == b"II" else ">"
    if data[2:4] in (b"+\x00", b"\x00+"):
        raise CutError("it is a BigTIFF file, which is not read here")
    count = struct.unpack_from(order + "H", data, at)[0]
    if count > ENTRIES_MOST:
        raise CutError("its folder has too many entries")
    tags: dict[int, bytes | tuple[int, ...]] = {}
    for index in range(count):
        tag, kind, number = struct.unpack_from(order + "HHI", data, at + 2 + 12 * index)
        size = _TIFF_SIZES.get(kind, 0) * number
        place = at + 10 + 12 * index
        if size > 4:
            place = struct.unpack_from(order + "I", data, place)[0]
        if size > VALUE_BYTES_MOST or place + size > len(data):
            continue  # a value that lies outside the file: the tag is as good as missing
        raw = data[place : place + size]
        code = _TIFF_CODES.get(kind)
        tags[tag] = struct.unpack(f"{order}{number}{code}", raw) if code and kind != 1 else raw
    return tags, struct.unpack_from(order + "I", data, at + 2 + 12 * count)[0]


def first_folder(data: bytes) -> int:
    """Where the first folder of a TIFF file or an EXIF block lies."""
    return int(struct.unpack_from("<I" if data[:2] == b"II" else ">I", data, 4)[0])


def number(tags: dict[int, bytes | tuple[int, ...]], tag: int) -> int:
    """A tag's first number; 0 when it is not there or no number."""
    value = tags.get(tag)
    return value[0] if isinstance(value, tuple) and value else 0


def _tiff(data: bytes) -> Header:
    at, frames, size = first_folder(data), 0, (0, 0)
    seen: set[int] = set()
    while at:
        if at in seen or frames >= PAGES_MOST:
            raise CutError("its pages lead back to each other")
        seen.add(at)
        tags, at = tiff_folder(data, at)
        if not frames:
            size = (number(tags, 256), number(tags, 257))
            _check_strips(data, tags)
        frames += 1
    return Header(format="tiff", width=size[0], height=size[1], frames=frames)


def _check_strips(data: bytes, tags: dict[int, bytes | tuple[int, ...]]) -> None:
    for starts, lengths in ((273, 279), (324, 325)):
        first, counts = tags.get(starts), tags.get(lengths)
        if isinstance(first, tuple) and isinstance(counts, tuple):
            if any(start + length > len(data) for start, length in zip(first, counts, strict=False)):
                raise CutError("its pixels are cut off")
            return
    raise CutError("it holds no pixels")


def _gif(data: bytes) -> Header:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    frames = 0
    for _ in range(BLOCKS_MOST):
        kind = data[at]
        if kind == 0x3B:
            return Header(format="gif", width=width, height=height, frames=max(1, frames))
        if kind == 0x2C:
            frames += 1
            own = data[at + 9]
            at += 11 + (3 << (own & 7) + 1 if own & 0x80 else 0)
        elif kind == 0x21:
            at += 2
        else:
            raise CutError("its blocks do not fit together")
        while data[at]:  # sub-blocks: a length, then so many bytes
            at += 1 + data[at]
        at += 1
    raise CutError("it has too many blocks")


def _bmp(data: bytes) -> Header:
    start, head = struct.unpack_from("<I", data, 10)[0], struct.unpack_from("<I", data, 14)[0]
    if head == 12:
        width, height, _planes, bits = struct.unpack_from("<HHHH", data, 18)
        packed = 0
    else:
        width, height, _planes, bits, packed = struct.unpack_from("<iiHHI", data, 18)
    rows = (width * bits + 31) // 32 * 4 * abs(height)
    if packed in (0, 3) and start + rows > len(data) + 3:
        raise CutError("its pixels are cut off")
    return Header(format="bmp", width=width, height=abs(height))


_READERS: Final = {"png": _png, "jpeg": _jpeg, "webp": _webp, "tiff": _tiff, "gif": _gif, "bmp": _bmp}
