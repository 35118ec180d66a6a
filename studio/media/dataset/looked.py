"""What one art's part of a survey gives back: documents without sides yet, and what is wrong in the folder."""

from msgspec import Struct

from studio.media.dataset.found import Document, Problem


class Looked(Struct, frozen=True, kw_only=True):
    """`documents` stand on the training side until media.dataset.split has placed them. `passed_over` counts files
    that are nothing for this art; `notes` are sentences about the folder as a whole."""

    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()
    passed_over: int = 0
    notes: tuple[str, ...] = ()
