"""Makes the pretokenised corpus: every piece read, put on the grid, its keys and chords found, its bars in tokens."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import sketch_data
import sketch_words
from sketch_corpus import FILE, Corpus
from sketch_data import Piece, read_grid
from sketch_words import Words

from studio.media.music import attributes, vocabulary
from studio.media.music.instruments import comfortable
from studio.media.music.quantise import Quantised
from studio.media.music.tokens import write_notes
from studio.media.music.tokens_grid import GridBar, GridTrack

Lists = dict[str, list[Any]]
TYPES = {
    "bar_length": np.int32,
    "bar_tempo": np.int8,
    "bar_key": np.int8,
    "bar_odd": np.int8,
    "chord_class": np.int16,
    "bar_chord": np.int16,
    "track_program": np.int16,
    "note_start": np.uint8,
    "note_pitch": np.uint8,
    "note_velocity": np.uint8,
    "tokens": np.uint16,
    "track_voices": np.float32,
}


def bar_chord(bar: GridBar) -> int:
    """The chord class that lasts longest in a bar; the earlier of equals."""
    lasting: dict[int, int] = {}
    ends = [at for at, _ in bar.chords[1:]] + [bar.length]
    for (at, class_), end in zip(bar.chords, ends, strict=True):
        lasting[class_] = lasting.get(class_, 0) + end - at
    return max(lasting, key=lambda class_: lasting[class_])


def bar_values(bar: GridBar) -> dict[str, Any]:
    """What the cache says of a bar."""
    token = vocabulary.METER_IDS.get((bar.beats, bar.unit))
    return {
        "bar_length": bar.length,
        "bar_meter": vocabulary.METER + len(vocabulary.METERS) if token is None else token,
        "bar_kind": bar.beats * 64 + bar.unit,
        "bar_odd": 2 if token is None else int(bar.length != bar.nominal),
        "bar_tempo": bar.tempo,
        "bar_key": bar.key,
        "bar_chord": bar_chord(bar),
    }


def cells_of(track: GridTrack, bars: Sequence[GridBar], out: Lists) -> None:
    """A track's notes and tokens, bar by bar."""
    place = 0
    for bar in bars:
        first = place
        while place < len(track.notes) and track.notes[place].start < bar.end:
            place += 1
        notes = track.notes[first:place]
        if bar.length <= vocabulary.LONGEST_BAR:  # a longer one is never taken, nor could it be told
            ids: list[int] = []
            write_notes(ids, enumerate(notes), bar.start)
            out["tokens"] += ids
            out["note_start"] += [note.start - bar.start for note in notes]
            out["note_pitch"] += [note.pitch for note in notes]
            out["note_duration"] += [note.duration for note in notes]
            out["note_velocity"] += [note.velocity for note in notes]
        out["tokens_from"].append(len(out["tokens"]))
        out["notes_from"].append(len(out["note_start"]))


def part_of(piece: Piece) -> dict[str, np.ndarray]:
    """The arrays of one piece; its `..._from` begin at 0."""
    return arrays_of(read_grid(piece))


def arrays_of(grid: Quantised) -> dict[str, np.ndarray]:
    """The arrays of one piece on the grid."""
    out: Lists = {
        name: [] for name in Corpus.__dataclass_fields__ if name not in ("names", "sides", "ranges")
    }
    for name in ("chords_from", "cells_from", "notes_from", "tokens_from"):
        out[name].append(0)
    for bar in grid.bars:
        for name, value in bar_values(bar).items():
            out[name].append(value)
        out["chord_at"] += [at for at, _ in bar.chords]
        out["chord_class"] += [class_ for _, class_ in bar.chords]
        out["chords_from"].append(len(out["chord_at"]))
    for track in grid.tracks:
        if track.drums or not track.notes:
            continue
        out["track_program"].append(track.program)
        out["track_voices"].append(attributes.measure(track.notes, 1).polyphony)
        cells_of(track, grid.bars, out)
        out["cells_from"].append(out["cells_from"][-1] + len(grid.bars))
    return {name: np.array(values, TYPES.get(name, np.int32)) for name, values in out.items()}


def joined(parts: Sequence[dict[str, np.ndarray]], names: Sequence[str], sides: Sequence[int]) -> Corpus:
    """All pieces in a row."""
    whole: dict[str, np.ndarray] = {}
    for name in parts[0]:
        values = [part[name] for part in parts]
        if not name.endswith("_from"):
            whole[name] = np.concatenate(values)
        elif name not in ("bars_from", "tracks_from"):
            ends = np.cumsum([0, *(value[-1] for value in values)])
            whole[name] = np.concatenate([[0], *(v[1:] + end for v, end in zip(values, ends, strict=False))])
    for name, each in (("bars_from", "bar_length"), ("tracks_from", "track_program")):
        whole[name] = np.cumsum([0, *(len(part[each]) for part in parts)])
    ranges = np.array([comfortable(program) for program in range(128)])
    return Corpus(names=np.array(names), sides=np.array(sides), ranges=ranges, **whole)


def worked(pieces: Sequence[Piece], workers: int) -> Iterator[dict[str, np.ndarray]]:
    """The parts of all pieces, by several processes."""
    if workers < 2:
        yield from map(part_of, pieces)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(part_of, pieces, chunksize=8)


def prepare(corpus: Path, run: Path, say: Callable[[str], None]) -> None:
    """Make the cache in the run's folder, where it is not there."""
    if (run / FILE).exists() and (run / sketch_words.FILE).exists():
        return
    found = sketch_data.read_pieces(corpus)
    pieces = sketch_data.without_doubles(found)
    say(f"{len(pieces)} pieces, {len(found) - len(pieces)} versions of others left out")
    parts = list(worked(pieces, min(os.cpu_count() or 1, len(pieces) // 200)))
    whole = joined(parts, [p.name for p in pieces], [sketch_data.SIDES.index(p.side) for p in pieces])
    edges = {kind: list(attributes.EDGES[kind]) for kind in vocabulary.KINDS}
    words = Words(
        vocabulary.description(), edges, {kind: vocabulary.KIND_AT[kind] for kind in vocabulary.KINDS}
    )
    words.save(run)
    whole.save(run)
    say(f"{len(whole.note_start):,} notes, {len(whole.tokens):,} tokens in {len(whole.bar_length):,} bars")
