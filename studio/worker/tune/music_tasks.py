"""Draws what a training sequence asks for: which bars of which tracks are to be written, and what is told of them.

Shares as in MIDI-GPT (arXiv 2501.17011): three quarters are infills of at most half the bars. All tasks are fills,
so what differs is where they lie.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from studio.worker.tune.music_corpus import DRUMS, Corpus
from studio.worker.tune.music_write import Excerpt, Task, Told

SHARES: Mapping[str, float] = MappingProxyType(
    {"infill": 0.7, "vary": 0.05, "continue": 0.15, "add": 0.06, "harmonise": 0.04}
)
MOST = 0.5  # of the cells of an infill
POLYPHONIC = 1.5  # voices; more want an instrument of many
MANY = (*range(32), 46, *range(48, 55), *range(80, 96))  # keyboards, guitars, harp, ensembles, synthesisers
ANY = tuple(program for program in range(96) if program != 47)  # no timpani, no effects, no percussion


@dataclass(frozen=True)
class Manner:
    """How tasks are drawn."""

    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)
    rise: int = 6  # semitones a sequence is transposed at most, either way
    tempo: float = 0.0  # by which share the tempo is moved at most, either way
    swapped: float = (
        0.25  # share of sequences in which instruments are exchanged for others that could play them
    )
    fewer: float = 0.15  # share in which some tracks are left out
    told: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"tempo": 0.8, "key": 0.7, "chords": 0.55})
    )
    levels: float = 0.25  # chance of each kind of level, for tracks; half of it for single bars


def block(chance: np.random.Generator, tracks: int, bars: int) -> np.ndarray:
    """A row of bars of some tracks, together at most half of the cells; at least one."""
    fills = np.zeros((tracks, bars), bool)
    rows = chance.permutation(tracks)[: chance.integers(1, tracks + 1)]
    most = max(1, int(MOST * tracks * bars / len(rows)))
    count = int(chance.integers(1, min(most, bars) + 1))
    first = int(chance.integers(0, bars - count + 1))
    fills[rows, first : first + count] = True
    return fills


def scattered(chance: np.random.Generator, tracks: int, bars: int) -> np.ndarray:
    """Cells anywhere, at most half of them; at least one."""
    count = int(chance.integers(1, max(1, int(MOST * tracks * bars)) + 1))
    fills = np.zeros(tracks * bars, bool)
    fills[chance.permutation(tracks * bars)[:count]] = True
    return fills.reshape(tracks, bars)


def infill(chance: np.random.Generator, tracks: int, bars: int) -> np.ndarray:
    """Mostly what a person selects: some bars of some tracks."""
    return (block if chance.random() < 0.75 else scattered)(chance, tracks, bars)


def going_on(chance: np.random.Generator, tracks: int, bars: int) -> np.ndarray:
    """The last bars, mostly of all tracks; now and then all bars: from nothing."""
    fills = np.zeros((tracks, bars), bool)
    first = 0 if chance.random() < 0.1 else int(chance.integers(bars // 4, bars))
    rows = np.arange(tracks) if chance.random() < 0.8 else chance.permutation(tracks)[: max(1, tracks // 2)]
    fills[rows, first:] = True
    return fills


def added(chance: np.random.Generator, tracks: int, bars: int) -> np.ndarray:
    """All bars of one track."""
    fills = np.zeros((tracks, bars), bool)
    fills[chance.integers(0, tracks)] = True
    return fills


DRAWN: Mapping[str, Callable[[np.random.Generator, int, int], np.ndarray]] = MappingProxyType(
    {"infill": infill, "vary": infill, "continue": going_on, "add": added}
)


def draw_task(chance: np.random.Generator, corpus: Corpus, excerpt: Excerpt, manner: Manner) -> Task:
    """What is to be written of an excerpt."""
    kinds = list(manner.shares)
    odds = np.array([manner.shares[kind] for kind in kinds])
    kind = kinds[int(chance.choice(len(kinds), p=odds / odds.sum()))]
    tracks, bars = len(excerpt.tracks), excerpt.count
    if kind == "harmonise":
        fills = np.ones((tracks, bars), bool)
        fills[[program == DRUMS for program in excerpt.programs]] = False
        tune = melody(corpus, excerpt)
        fills[tune] = False
        fills[tune] = not fills.any()
        return Task(fills)
    fills = DRAWN[kind](chance, tracks, bars)
    return Task(fills, kept(chance, corpus, excerpt, fills) if kind == "vary" else {})


def melody(corpus: Corpus, excerpt: Excerpt) -> int:
    """The row of the track that lies highest: the tune, in songs, quartets and chorales alike."""
    heights = []
    for track, program in zip(excerpt.tracks, excerpt.programs, strict=True):
        notes, _ = corpus.notes(corpus.cells(track, excerpt.first, excerpt.count))
        heights.append(corpus.note_pitch[notes].mean() if len(notes) and program != DRUMS else 0.0)
    return int(np.argmax(heights))


def kept(
    chance: np.random.Generator, corpus: Corpus, excerpt: Excerpt, fills: np.ndarray
) -> dict[tuple[int, int], np.ndarray]:
    """For every cell to be written which of its notes stay: a share that is the same in all."""
    share, found = chance.random(), {}
    for row, bar in np.argwhere(fills).tolist():
        cell = int(corpus.cells_from[excerpt.tracks[row]]) + excerpt.first + bar
        count = int(corpus.notes_from[cell + 1] - corpus.notes_from[cell])
        found[row, bar] = chance.random(count) < share
    return found


def draw_told(chance: np.random.Generator, manner: Manner) -> Told:
    """What is told."""
    tempo, key, chords = (chance.random() < manner.told[name] for name in ("tempo", "key", "chords"))
    return Told(
        tempo=bool(tempo),
        key=bool(key),
        chords=str(chance.choice(("bar", "beat"))) if chords else "",
        tracks=tuple((chance.random(4) < manner.levels).tolist()),
        cells=tuple((chance.random(4) < manner.levels / 2).tolist()),
    )


def draw_voices(
    chance: np.random.Generator,
    corpus: Corpus,
    tracks: tuple[int, ...],
    first: int,
    count: int,
    manner: Manner,
) -> tuple[tuple[int, ...], int]:
    """The programs of the tracks and how far they are transposed: all stay where their instrument is at ease.

    A track that leaves its range anyway is not led further out.
    """
    spans, programs, low, high = [], [], -manner.rise, manner.rise
    for track in tracks:
        notes, _ = corpus.notes(corpus.cells(track, first, count))
        pitches = corpus.note_pitch[notes]
        programs.append(int(corpus.track_program[track]))
        if len(pitches) and programs[-1] != DRUMS:
            least, most = int(pitches.min()), int(pitches.max())
            bottom, top = corpus.ranges[programs[-1]].tolist()
            low, high = max(low, min(0, bottom - least)), min(high, max(0, top - most))
            spans.append((least, most))
        else:
            spans.append((60, 60))
    rise = int(chance.integers(low, high + 1))
    if chance.random() < manner.swapped:
        for row, track in enumerate(tracks):
            if programs[row] == DRUMS:
                continue
            least, most = spans[row][0] + rise, spans[row][1] + rise
            choice = MANY if corpus.track_voices[track] > POLYPHONIC else ANY
            held = corpus.ranges[list(choice)]
            able = np.array(choice)[(held[:, 0] <= least) & (most <= held[:, 1])]
            programs[row] = int(chance.choice(able)) if len(able) else programs[row]
    return tuple(programs), rise


def draw_tempo(chance: np.random.Generator, manner: Manner) -> int:
    """How many classes of tempo a sequence is faster; the classes lie 8 ** (1 / 15) apart, a seventh."""
    if not manner.tempo:
        return 0
    moved = np.log(1 + chance.uniform(-manner.tempo, manner.tempo)) / (np.log(8) / 15)
    return int(np.floor(moved + chance.random()))
