"""Makes the pretokenised corpus: every piece read, put on the grid, its keys and chords found, its bars in tokens."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import sketch_data
from sketch_data import Piece, read_grid

from studio.worker.tune import music_words
from studio.worker.tune.music_cells import arrays_of, joined, words_here
from studio.worker.tune.music_corpus import FILE


def part_of(piece: Piece) -> dict[str, np.ndarray]:
    """The arrays of one piece; its `..._from` begin at 0."""
    return arrays_of(read_grid(piece))


def worked(pieces: Sequence[Piece], workers: int) -> Iterator[dict[str, np.ndarray]]:
    """The parts of all pieces, by several processes."""
    if workers < 2:
        yield from map(part_of, pieces)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(part_of, pieces, chunksize=8)


def prepare(corpus: Path, run: Path, say: Callable[[str], None]) -> None:
    """Make the cache in the run's folder, where it is not there."""
    if (run / FILE).exists() and (run / music_words.FILE).exists():
        return
    found = sketch_data.read_pieces(corpus)
    pieces = sketch_data.without_doubles(found)
    say(f"{len(pieces)} pieces, {len(found) - len(pieces)} versions of others left out")
    parts = list(worked(pieces, min(os.cpu_count() or 1, len(pieces) // 200)))
    whole = joined(parts, [p.name for p in pieces], [sketch_data.SIDES.index(p.side) for p in pieces])
    words_here().save(run)
    whole.save(run)
    say(f"{len(whole.note_start):,} notes, {len(whole.tokens):,} tokens in {len(whole.bar_length):,} bars")
