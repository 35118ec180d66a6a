"""The texts that lie in a picture file beside its pixels: PNG texts, EXIF, XMP, comments. Read within limits."""

import struct
import zlib
from typing import Final

from studio.media.picture.headers import (
    CutError,
    first_folder,
    format_of,
    jpeg_segments,
    number,
    png_chunks,
    tiff_folder,
    webp_chunks,
)

TEXT_BYTES_MOST: Final = 8_000_000
ALL_BYTES_MOST: Final = 24_000_000
TEXTS_MOST: Final = 200
XMP_KEY: Final = "xmp"
COMMENT_KEY: Final = "UserComment"
DESCRIPTION_KEY: Final = "ImageDescription"
_EXIF_TEXTS: Final = {270: DESCRIPTION_KEY, 271: "Make", 272: "Model", 305: "Software", 315: "Artist", 700: XMP_KEY,
                      40092: "XPComment"}  # fmt: skip
_EXIF_FOLDER: Final = 34665
_USER_COMMENT: Final = 37510
_XMP_MARK: Final = b"http://ns.adobe.com/xap/1.0/\0"


class Texts(dict[str, str]):
    """Texts by their keys; the first of a key is kept. What is too long is left out and named in `left_out`."""

    def __init__(self) -> None:
        super().__init__()
        self.left_out: list[str] = []
        self._room = ALL_BYTES_MOST

    def put(self, key: str, raw: bytes | str) -> None:
        """Take a text when there is room for it."""
        key = key[:80]
        if len(raw) > min(TEXT_BYTES_MOST, self._room) or len(self) >= TEXTS_MOST:
            self.left_out.append(key)
        elif key not in self:
            self[key] = raw if isinstance(raw, str) else _decoded(raw)
            self._room -= len(raw)


def read_texts(data: bytes) -> Texts:
    """The texts of a PNG, JPEG, WebP or TIFF file; no more than those before a damage. Raises nothing."""
    texts = Texts()
    try:
        match format_of(data):
            case "png":
                _png(data, texts)
            case "jpeg":
                _jpeg(data, texts)
            case "webp":
                _webp(data, texts)
            case "tiff":
                _exif(data, texts)
            case _:
                pass
    except (CutError, struct.error, IndexError, ValueError):
        pass  # a file cut short: what was read before the cut still counts
    return texts


def _png(data: bytes, texts: Texts) -> None:
    for name, content in png_chunks(data):
        if name == b"tEXt":
            key, _zero, text = content.partition(b"\0")
            texts.put(key.decode("latin-1"), text)
        elif name == b"zTXt":
            key, _zero, rest = content.partition(b"\0")
            _put_packed(key.decode("latin-1"), rest[1:], texts)
        elif name == b"iTXt":
            key, _zero, rest = content.partition(b"\0")
            packed, rest = rest[:1] == b"\x01", rest[2:]
            text = rest.split(b"\0", 2)[-1]
            label = XMP_KEY if key == b"XML:com.adobe.xmp" else key.decode("latin-1")
            if packed:
                _put_packed(label, text, texts)
            else:
                texts.put(label, text)
        elif name == b"eXIf":
            _exif(content, texts)


def _put_packed(key: str, packed: bytes, texts: Texts) -> None:
    """Unpack no more than may be kept: a few kilobytes can hold gigabytes."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, TEXT_BYTES_MOST + 1)
    except zlib.error:
        texts.left_out.append(key)
        return
    texts.put(key, text)


def _jpeg(data: bytes, texts: Texts) -> None:
    for marker, content in jpeg_segments(data):
        if marker == 0xE1 and content.startswith(b"Exif\0"):
            _exif(content[6:], texts)
        elif marker == 0xE1 and content.startswith(_XMP_MARK):
            texts.put(XMP_KEY, content[len(_XMP_MARK) :])
        elif marker == 0xFE:
            texts.put("Comment", content)


def _webp(data: bytes, texts: Texts) -> None:
    for name, content in webp_chunks(data):
        if name == b"EXIF":
            _exif(content.removeprefix(b"Exif\0\0"), texts)
        elif name == b"XMP ":
            texts.put(XMP_KEY, content)


def _exif(block: bytes, texts: Texts) -> None:
    """An EXIF block, or a TIFF file: the texts of its first folder and of its Exif folder."""
    try:
        tags, _next = tiff_folder(block, first_folder(block))
        inner = number(tags, _EXIF_FOLDER)
        more = tiff_folder(block, inner)[0] if inner else {}
    except (CutError, struct.error, IndexError):
        return
    for tag, key in _EXIF_TEXTS.items():
        value = tags.get(tag)
        if isinstance(value, bytes):
            texts.put(key, _utf16(value, "<") if tag == 40092 else value.rstrip(b"\0"))
    comment = more.get(_USER_COMMENT)
    if isinstance(comment, bytes):
        texts.put(COMMENT_KEY, _user_comment(comment, ">" if block[:2] == b"MM" else "<"))


def _user_comment(raw: bytes, order: str) -> str:
    """EXIF's UserComment: eight bytes say how the rest is written.

    "UNICODE" is UTF-16 in an order that nobody agrees on: piexif writes big-endian in little-endian blocks too.
    """
    kind, rest = raw[:8], raw[8:]
    if kind.startswith(b"UNICODE"):
        big, little = _utf16(rest, ">"), _utf16(rest, "<")
        if abs(_likely(big) - _likely(little)) > 0.01:
            return big if _likely(big) > _likely(little) else little
        return big if order == ">" else little
    if kind.strip(b"\0") in (b"ASCII", b"JIS", b""):
        return _decoded(rest.rstrip(b"\0"))
    return _decoded(raw.rstrip(b"\0"))


def _likely(text: str) -> float:
    """The share of signs that are of the Latin script or a line's end: a prompt has many, swapped bytes none."""
    head = text[:2_000]
    return sum(sign < "\u0250" for sign in head) / max(1, len(head))


def _utf16(raw: bytes, order: str) -> str:
    codec = "utf-16-be" if order == ">" else "utf-16-le"
    return raw.decode(codec, "replace").lstrip("\ufeff").rstrip("\0")


def _decoded(raw: bytes) -> str:
    """UTF-8 where it is, else Latin-1, which older writers used."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
