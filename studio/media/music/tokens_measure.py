"""Measures on windows and tokens: levels of what is to be written, what bars cost, how much a note surprises."""

from collections.abc import Collection, Sequence
from typing import Final

from studio.media.music import vocabulary as v
from studio.media.music.attributes import Levels, levels
from studio.media.music.quantise import Quantised
from studio.media.music.tokens import Cell, Encoded, write_notes
from studio.media.music.tokens_grid import Window

BLOCK_MOST: Final = 16  # tokens a block adds to its notes: head, levels, a chord change or two, WRITE, END


def measured(
    window: Window,
    fills: Collection[Cell],
    track_kinds: Sequence[str] = v.KINDS,
    cell_kinds: Sequence[str] = v.KINDS,
) -> tuple[dict[int, Levels], dict[Cell, Levels]]:
    """The levels of the bars to be written, for `Tell`: of each track over all its bars, and of each bar.

    Notes that stay in those bars count: a level says how the bar is when it is whole.
    """
    tracks: dict[int, Levels] = {}
    cells: dict[Cell, Levels] = {}
    for track in sorted({track for track, _ in fills}):
        per_bar = window.bar_notes(track)
        bars = sorted(bar for other, bar in fills if other == track)
        inside = [note for bar in bars for note in per_bar[bar]]
        tracks[track] = levels(inside, sum(window.bars[bar].length for bar in bars)).only(track_kinds)
        for bar in bars:
            cells[track, bar] = levels(per_bar[bar], window.bars[bar].length).only(cell_kinds)
    return tracks, cells


def costs(piece: Quantised | Window) -> list[list[int]]:
    """How many tokens each bar of each track takes in the context, [track][bar]: to choose windows by."""
    whole = Window(piece.bars, piece.tracks)
    found = []
    for track in range(len(piece.tracks)):
        row = []
        for bar, notes in zip(piece.bars, whole.bar_notes(track), strict=True):
            ids: list[int] = []
            write_notes(ids, enumerate(notes), bar.start)
            row.append(len(ids) + 1)
        found.append(row)
    return found


def note_nll(encoded: Encoded, nll: Sequence[float]) -> dict[tuple[int, int], float]:
    """How much each note surprises: the sum over its tokens of `nll`, nats a token, one for each of `encoded.ids`.

    By (track, index of the note). Notes of the context are in it too: the caller takes those it asked about.
    """
    return {(span.track, span.note): sum(nll[span.start : span.stop]) for span in encoded.spans}
