"""Length-framed msgpack over a byte stream: 4 bytes of big-endian length, then the value. Never pickle."""

import struct
from typing import Any, BinaryIO, Generic, TypeVar

import msgspec

from studio.core.errors import StudioError

T = TypeVar("T")
MAX_FRAME_BYTES = 256 * 1024 * 1024
_HEADER = struct.Struct(">I")


class WireError(StudioError):
    """The other side sent something that is not a frame of ours."""

    def __init__(self, what: str) -> None:
        super().__init__(what, code="wire")


class FrameWriter:
    """Writes values as frames; one thread at a time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._encoder = msgspec.msgpack.Encoder()

    def write(self, value: Any) -> None:
        """Send one value, flushed. Raises OSError when the other side is gone."""
        body = self._encoder.encode(value)
        if len(body) > MAX_FRAME_BYTES:
            raise WireError(f"A frame of {len(body)} bytes is larger than the wire carries.")
        self._stream.write(_HEADER.pack(len(body)) + body)
        self._stream.flush()


class FrameReader(Generic[T]):
    """Reads frames of one declared type (a tagged union)."""

    def __init__(self, stream: BinaryIO, kind: Any) -> None:
        self._stream = stream
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kind)

    def read(self) -> T | None:
        """The next value; None at the stream's end. Raises WireError on garbage or a half frame."""
        header = self._exactly(_HEADER.size)
        if header is None:
            return None
        (size,) = _HEADER.unpack(header)
        if size > MAX_FRAME_BYTES:
            raise WireError(f"A frame header announces {size} bytes; that is not our wire.")
        body = self._exactly(size)
        if body is None:
            raise WireError("The stream ended inside a frame.")
        try:
            return self._decoder.decode(body)
        except msgspec.DecodeError as error:
            raise WireError(f"A frame could not be read: {error}.") from error

    def _exactly(self, size: int) -> bytes | None:
        """`size` bytes, or None when the stream ends before the first of them."""
        parts: list[bytes] = []
        missing = size
        while missing:
            part = self._stream.read(missing)
            if not part:
                if parts:
                    raise WireError("The stream ended inside a frame.")
                return None
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)
