"""Reads the music corpus: pieces of each set and side as scores, without those that stand there twice.

Some pieces are in the corpus under two names, even on two sides.
"""

import hashlib
import tarfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.media.learned.copied import Runs, steps_of
from studio.media.music.midi import read_midi
from studio.media.music.quantise import Quantised
from studio.worker.tune.music_cells import grid_of

SETS = ("js_fakes", "openscore_lieder", "openscore_quartets")
SIDES = ("train", "valid", "test")  # `tune`, the corpus' third, is never read
VALID = 50  # one training piece in so many is kept back for validation
RUN = 24  # notes of a run that two versions of a piece share
SHARED = 0.4  # of the runs of the shorter piece: then the two are versions of one


@dataclass(frozen=True)
class Piece:
    """One file of the corpus."""

    name: str  # set/file
    side: str
    data: bytes


def side_of(folder: str, name: str) -> str:
    """The side of a file: the corpus', some of `train` kept back by the name's hash."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    return "valid" if folder == "train" and number % VALID == 0 else folder


def read_pieces(corpus: Path) -> list[Piece]:
    """All pieces but those of `tune`, by name."""
    found = []
    for name in SETS:
        with tarfile.open(corpus / "music" / f"{name}.tar.xz") as archive:
            for member in archive:
                folder, _, file = member.name.removeprefix("./").partition("/")
                stream = archive.extractfile(member) if folder in ("train", "test") else None
                if stream is not None:
                    full = f"{name}/{file}"
                    found.append(Piece(full, side_of(folder, full), stream.read()))
    return sorted(found, key=lambda piece: piece.name)


def lines_of(data: bytes) -> list[np.ndarray]:
    """A file's tracks as steps (see media.learned.copied), on a grid of 12 to a quarter."""
    import symusic  # reads an order faster than the score is built

    score = symusic.Score.from_midi(data)
    found = []
    for track in score.tracks:
        notes = track.notes.numpy()
        starts = np.rint(notes["time"] * (12 / score.ticks_per_quarter)).astype(np.int64)
        found.append(steps_of(starts, notes["pitch"].astype(np.int64)))
    return found


def shared_runs(pieces: Sequence[Sequence[np.ndarray]], notes: int = RUN) -> dict[tuple[int, int], float]:
    """Pairs of pieces (by index) and the share of the shorter one's runs of so many notes that the other has too."""
    owners = np.repeat(np.arange(len(pieces)), [sum(map(len, lines)) for lines in pieces])
    runs = Runs([line for lines in pieces for line in lines])
    for k in range(1, notes - 1):
        runs.grow(k)
    both = np.unique(np.stack((runs.hashes, owners[runs.first].astype(np.uint64))), axis=1)
    totals = np.bincount(both[1].astype(np.int64), minlength=len(pieces))
    starts = np.flatnonzero(np.diff(both[0], prepend=both[0][:1] + np.uint64(1)))
    counts: Counter[tuple[int, int]] = Counter()
    for start, end in zip(starts, [*starts[1:], both.shape[1]], strict=True):
        holders = both[1, start:end].astype(np.int64).tolist()
        if 1 < len(holders) <= 20:  # more: a figure that everybody uses
            counts.update((one, other) for i, one in enumerate(holders) for other in holders[i + 1 :])
    return {pair: count / min(totals[list(pair)]) for pair, count in counts.items()}


def without_doubles(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces less all that are versions of one on a later side (test above valid above train) or earlier named."""
    shared = shared_runs([lines_of(piece.data) for piece in pieces])
    dropped: set[int] = set()
    for one, other in sorted(pair for pair, share in shared.items() if share > SHARED):
        if {one, other} & dropped:
            continue
        first, second = SIDES.index(pieces[one].side), SIDES.index(pieces[other].side)
        dropped.add(one if first < second else other)
    return [piece for i, piece in enumerate(pieces) if i not in dropped]


def read_grid(piece: Piece) -> Quantised:
    """A piece on the model's grid."""
    return grid_of(read_midi(piece.data, piece.name).score)
