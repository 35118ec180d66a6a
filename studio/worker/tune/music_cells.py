"""Pieces on the grid as the flat arrays that training sequences are written from: bars, tracks, notes, tokens."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace

from studio.media.music import attributes, vocabulary
from studio.media.music.chordfinding import find_chords
from studio.media.music.instruments import comfortable
from studio.media.music.keyfinding import find_keys
from studio.media.music.quantise import Quantised, quantise
from studio.media.music.score import Score
from studio.media.music.tokens import write_notes
from studio.media.music.tokens_grid import GridBar, GridTrack
from studio.worker.tune.music_corpus import DRUMS, Corpus
from studio.worker.tune.music_words import Words

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


def grid_of(score: Score) -> Quantised:
    """A piece on the model's grid, with keys and chords (a change a beat at most) estimated: files have mostly neither.

    A file's own keys are signatures without a mode, which mostly say "major".
    """
    return quantise(replace(score, keys=find_keys(score), chords=find_chords(score, per="beat")))


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


def arrays_of(grid: Quantised, drums: bool = False) -> dict[str, np.ndarray]:
    """The arrays of one piece on the grid; its `..._from` begin at 0. `drums`: with the tracks of percussion."""
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
        if not track.notes or (track.drums and not drums):
            continue
        out["track_program"].append(DRUMS if track.drums else track.program)
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


def words_here() -> Words:
    """The vocabulary of this version."""
    edges = {kind: list(attributes.EDGES[kind]) for kind in vocabulary.KINDS}
    return Words(
        vocabulary.description(), edges, {kind: vocabulary.KIND_AT[kind] for kind in vocabulary.KINDS}
    )
