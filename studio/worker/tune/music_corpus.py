"""The pretokenised corpus as the training process reads it: flat arrays, one file, numpy only.

A *cell* is one bar of one track; the cells of a track stand in a row, as do the tracks of a piece. Times are steps,
12 to a quarter; a note's start counts from its bar's.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

FILE = "corpus.npz"
DRUMS = -1  # in place of a program: a track of percussion


@dataclass(frozen=True)
class Corpus:
    """P pieces, B bars, T tracks, C cells, N notes, K tokens; `..._from` arrays hold one more: the end of the last."""

    names: np.ndarray  # [P] set/file
    sides: np.ndarray  # [P] number of the side
    bars_from: np.ndarray  # [P + 1]
    tracks_from: np.ndarray  # [P + 1]
    bar_length: np.ndarray  # [B] steps
    bar_meter: np.ndarray  # [B] token of the metre
    bar_kind: np.ndarray  # [B] a number for each metre: it changes where this does
    bar_odd: np.ndarray  # [B] 1: shorter or longer than its metre says, 2: a metre without a token, else 0
    bar_tempo: np.ndarray  # [B] class, -1: none
    bar_key: np.ndarray  # [B] tonic * 2 + minor, -1: none
    chords_from: np.ndarray  # [B + 1]
    chord_at: np.ndarray  # position in its bar; each bar has one at 0
    chord_class: np.ndarray  # -1: none
    bar_chord: np.ndarray  # [B] the class that lasts longest in the bar
    track_program: np.ndarray  # [T] or DRUMS
    track_voices: np.ndarray  # [T] mean number of voices while any sounds
    cells_from: np.ndarray  # [T + 1]
    notes_from: np.ndarray  # [C + 1]
    tokens_from: np.ndarray  # [C + 1]
    note_start: np.ndarray  # [N]
    note_pitch: np.ndarray  # [N]
    note_duration: np.ndarray  # [N]
    note_velocity: np.ndarray  # [N] bin
    tokens: np.ndarray  # [K] the notes of every cell
    ranges: np.ndarray  # [128, 2] lowest and highest comfortable pitch of each program

    def save(self, folder: Path) -> None:
        """Write it whole or not at all."""
        part = folder / "corpus.part.npz"
        np.savez_compressed(part, **{field.name: getattr(self, field.name) for field in fields(self)})
        part.replace(folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> "Corpus":
        """Read it."""
        with np.load(folder / FILE) as found:
            return cls(**{field.name: found[field.name] for field in fields(cls)})

    def pieces(self, side: int) -> np.ndarray:
        """The pieces of one side."""
        return np.flatnonzero(self.sides == side)

    def cells(self, track: int, first: int, count: int) -> slice:
        """The cells of `count` bars of a track, from the piece's bar `first` on."""
        start = int(self.cells_from[track]) + first
        return slice(start, start + count)

    def notes(self, cells: slice) -> tuple[np.ndarray, np.ndarray]:
        """The notes of a row of cells: their indices, and of each the cell it is in, counted from the first."""
        edges = self.notes_from[cells.start : cells.stop + 1]
        return np.arange(edges[0], edges[-1]), np.repeat(np.arange(len(edges) - 1), np.diff(edges))

    def costs(self, piece: int) -> np.ndarray:
        """Tokens of each bar's notes over all tracks of a piece."""
        bars = int(self.bars_from[piece + 1] - self.bars_from[piece])
        first = self.cells_from[self.tracks_from[piece]]
        counts = np.diff(self.tokens_from[first : self.cells_from[self.tracks_from[piece + 1]] + 1])
        return counts.reshape(-1, bars).sum(0)
