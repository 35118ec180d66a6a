"""A score as the file that a job names: the document with its authors and locks."""

from hashlib import sha256
from typing import Final

import msgspec

from studio.core.errors import StudioError
from studio.media.music.document import from_spans, to_spans
from studio.media.music.score import Score
from studio.media.spans import SpanText

EXTENSION: Final = "score"


def pack(score: Score) -> bytes:
    """The file: msgpack of the document's text and runs. Equal scores give equal bytes."""
    return msgspec.msgpack.encode(to_spans(score))


def named(score: Score) -> tuple[str, bytes]:
    """The file with the name that a project, and a job, calls it by."""
    data = pack(score)
    return f"{sha256(data).hexdigest()}.{EXTENSION}", data


def unpack(data: bytes) -> Score:
    """The score of such a file. Raises StudioError when it is damaged."""
    try:
        spans = msgspec.msgpack.decode(data, type=SpanText)
    except msgspec.DecodeError as error:
        raise StudioError(
            f"The score that this job begins from cannot be read: {error}.",
            kept="The piece and its takes are as they were.",
            do="Ask again from what is there now.",
            code="damaged",
        ) from error
    return from_spans(spans)
