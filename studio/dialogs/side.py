"""One of the texts that can be compared."""

from msgspec import Struct

from studio.media.spans import SpanText


class Side(Struct, frozen=True, kw_only=True):
    """Something that can be compared; `use` says what choosing it is called, "" when it cannot be chosen."""

    id: str
    title: str
    text: SpanText
    use: str = ""
