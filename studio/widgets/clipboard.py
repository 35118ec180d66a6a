"""Copies of a text that know their authors, for the clipboard and for dragging."""

from typing import Final

import msgspec
from PySide6.QtCore import QMimeData

from studio.media.spans import Runs, SpanText, runs_of, unlocked
from studio.widgets.authored_text import clean, shown

MIME_SPANS: Final = "application/x-atelier-spans"


def copied(value: SpanText, start: int, end: int) -> QMimeData:
    """Characters start..end, and beside them who wrote them."""
    piece = SpanText(text=value.text[start:end], runs=value.slice_runs(start, end))
    data = QMimeData()
    data.setText(piece.text)
    data.setData(MIME_SPANS, msgspec.msgpack.encode(piece))
    return data


def pasted(source: QMimeData) -> tuple[str, Runs]:
    """Text and authors of what is pasted or dropped: from here it keeps them, any other is the person's.

    Nothing of it is locked.
    """
    piece = _authored_piece(source)
    if piece is not None:
        return piece.text, unlocked(piece.runs)
    text = clean(source.text())
    return text, runs_of(text)


def _authored_piece(source: QMimeData) -> SpanText | None:
    """What a copy made here says about its authors; None when it is not one or was changed on the way."""
    if not source.hasFormat(MIME_SPANS):
        return None
    try:
        piece = msgspec.msgpack.decode(source.data(MIME_SPANS).data(), type=SpanText)
    except msgspec.DecodeError:
        return None
    fits = sum(run.length for run in piece.runs) == len(piece.text) and clean(piece.text) == piece.text
    return piece if fits and shown(piece.text) == shown(clean(source.text())) else None
