"""Writes training sequences from the pretokenised corpus: the same tokens as studio.media.music.tokens, in numpy.

A test holds the two to be equal. What is asked for is drawn in music_tasks; this module only writes it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from studio.worker.tune.music_corpus import DRUMS, Corpus
from studio.worker.tune.music_words import Words

BAR_LONGEST = 144  # steps; no window holds a longer bar


@dataclass(frozen=True)
class Excerpt:
    """Bars `first` to `first + count` of some tracks (numbers in the corpus) of a piece, in another key maybe.

    Drums (program DRUMS) are the same in every key.
    """

    piece: int
    first: int
    count: int
    tracks: tuple[int, ...]
    programs: tuple[int, ...]  # of the tracks; not always their own
    rise: int = 0  # semitones
    faster: int = 0  # classes of tempo


@dataclass(frozen=True)
class Told:
    """What the model is told beside the notes."""

    tempo: bool = True
    key: bool = True
    chords: str = "beat"  # "beat": as found, "bar": one a bar, "": none
    tracks: tuple[bool, ...] = (False,) * 4  # which levels of what is written in each track, by Words.kinds
    cells: tuple[bool, ...] = (False,) * 4  # which levels of each block


@dataclass(frozen=True)
class Task:
    """Which cells are to be written: `fills` [tracks, bars]; in `kept` which notes of a cell stay, where any do."""

    fills: np.ndarray
    kept: Mapping[tuple[int, int], np.ndarray] = field(default_factory=dict)


class Sheet:
    """A sequence as it grows: stretches of tokens, what part each is, and whether it is the same in every key."""

    def __init__(self) -> None:
        self.chunks: list[np.ndarray] = []
        self.parts: list[int] = []
        self.fixed: list[bool] = []

    def put(self, tokens: np.ndarray | list[int], part: int = 0, fixed: bool = False) -> None:
        """One more stretch."""
        self.chunks.append(np.asarray(tokens, np.uint16))
        self.parts.append(part)
        self.fixed.append(fixed)

    def written(self, turned: np.ndarray, notes: int) -> "Written":
        """All of it; `turned` is what each token becomes in the other key."""
        lengths = [len(chunk) for chunk in self.chunks]
        ids = np.concatenate(self.chunks)
        ids = np.where(np.repeat(self.fixed, lengths), ids, turned[ids])
        return Written(ids, np.repeat(np.array(self.parts, np.uint8), lengths), notes)


@dataclass(frozen=True)
class Written:
    """A sequence [L] and what its tokens are: 0 given, 1 notes of the context, 2 what a block's WRITE asks for.

    `notes` counts the notes of the blocks.
    """

    ids: np.ndarray
    parts: np.ndarray
    notes: int


def level(edges: list[float], value: float) -> int:
    """The level a value lies in."""
    return int(np.searchsorted(edges, value, side="right"))


class Writer:
    """Writes excerpts of one corpus."""

    def __init__(self, corpus: Corpus, words: Words) -> None:
        self.corpus, self.words = corpus, words
        self.turned = {rise: words.turned(rise) for rise in range(-12, 13)}
        self.position, self.pitch = words["Position_0"], words["Pitch_0"]
        self.velocity, self.duration = words["Velocity_0"], words["Duration_1"]
        self.hold_steps = int(words.description["hold_steps"])

    def write(self, excerpt: Excerpt, task: Task, told: Told) -> Written:
        """One sequence."""
        sheet, words = Sheet(), self.words
        sheet.put(self.time_line(excerpt, told))
        for row, track in enumerate(excerpt.tracks):
            drums = excerpt.programs[row] == DRUMS
            head = [words["Track_0"] + row, *self.instrument(excerpt.programs[row])]
            bars = np.flatnonzero(task.fills[row])
            if any(told.tracks) and len(bars):
                head += self.levels(excerpt, track, bars, told.tracks, drums)
            sheet.put(head)
            for bar in range(excerpt.count):
                fill = bool(task.fills[row, bar])
                mark = words["Bar_0"] + bar
                sheet.put([mark, words["FILL"]] if fill else [mark])
                sheet.put(self.cell(excerpt, task, row, bar, not fill), 1, drums)
        notes = self.blocks(excerpt, task, told, sheet)
        return sheet.written(self.turned[excerpt.rise], notes)

    def instrument(self, program: int) -> list[int]:
        """What a track is played by."""
        if program == DRUMS:
            return [self.words["DRUMS"]]
        return [self.words["Family_0"] + program // 8, self.words["Variant_0"] + program % 8]

    def blocks(self, excerpt: Excerpt, task: Task, told: Told, sheet: Sheet) -> int:
        """Append FILLS and all blocks; returns how many notes they hold."""
        corpus, words, notes = self.corpus, self.words, 0
        sheet.put([words["FILLS"]])
        for bar, row in np.argwhere(task.fills.T).tolist():
            track, drums = excerpt.tracks[row], excerpt.programs[row] == DRUMS
            at = int(corpus.bars_from[excerpt.piece]) + excerpt.first + bar
            key = int(corpus.bar_key[at]) if told.key else -1
            head = [words["Track_0"] + row, words["Bar_0"] + bar, *self.meter(at)]
            head.append(words["Key_C:major"] + key if key >= 0 else words["Key_N"])
            head += self.chords(at, told.chords, -2, whole=True)
            if any(told.cells):
                head += self.levels(excerpt, track, np.array([bar]), told.cells, drums)
            sheet.put([*head, words["WRITE"]])
            sheet.put(self.cell(excerpt, task, row, bar, True, ends=True), 2, drums)
            cell = int(corpus.cells_from[track]) + excerpt.first + bar
            notes += int(corpus.notes_from[cell + 1] - corpus.notes_from[cell])
            if (row, bar) in task.kept:
                notes -= int(task.kept[row, bar].sum())
        return notes

    def cell(
        self, excerpt: Excerpt, task: Task, row: int, bar: int, written: bool, ends: bool = False
    ) -> np.ndarray | list[int]:
        """A cell's notes: those to be written (all, where none are kept), or those kept; with END if it `ends`."""
        corpus = self.corpus
        at = int(corpus.cells_from[excerpt.tracks[row]]) + excerpt.first + bar
        end = [self.words["END"]] if ends else []
        if (row, bar) in task.kept:
            keep = task.kept[row, bar]
            first = int(corpus.notes_from[at])
            return self.note_tokens(first + np.flatnonzero(~keep if written else keep)) + end
        if not written:
            return []
        tokens = corpus.tokens[corpus.tokens_from[at] : corpus.tokens_from[at + 1]]
        return np.append(tokens, np.array(end, np.uint16)) if ends else tokens

    def note_tokens(self, notes: np.ndarray) -> list[int]:
        """The tokens of some notes (numbers in the corpus) of one cell."""
        corpus, ids = self.corpus, []
        position = velocity = -1
        for note in notes.tolist():
            if corpus.note_start[note] != position:
                position = int(corpus.note_start[note])
                ids.append(self.position + position)
            ids.append(self.pitch + int(corpus.note_pitch[note]))
            if corpus.note_velocity[note] != velocity:
                velocity = int(corpus.note_velocity[note])
                ids.append(self.velocity + velocity)
            holds, rest = divmod(int(corpus.note_duration[note]) - 1, self.hold_steps)
            ids += [self.words["HOLD"]] * holds
            ids.append(self.duration + rest)
        return ids

    def time_line(self, excerpt: Excerpt, told: Told) -> list[int]:
        """What changes at each bar."""
        corpus, words = self.corpus, self.words
        ids = [words["PIECE"]]
        kind, tempo, key, chord = -1, -2, -2, -2
        first = int(corpus.bars_from[excerpt.piece]) + excerpt.first
        for bar in range(excerpt.count):
            at = first + bar
            ids.append(words["Bar_0"] + bar)
            if corpus.bar_kind[at] != kind or corpus.bar_odd[at] == 1:
                kind = corpus.bar_kind[at]
                ids += self.meter(at)
            now = self.tempo(excerpt, at) if told.tempo else -1
            if now != tempo:
                tempo = now
                ids.append(words["Tempo_N"] if tempo < 0 else words["Meter_other"] + 1 + tempo)
            now = int(corpus.bar_key[at]) if told.key else -1
            if now != key:
                key = now
                ids.append(words["Key_N"] if key < 0 else words["Key_C:major"] + key)
            ids += self.chords(at, told.chords, chord)
            chord = self.last_chord(at, told.chords)
        return ids

    def tempo(self, excerpt: Excerpt, at: int) -> int:
        """A bar's class of tempo; -1 for none."""
        found = int(self.corpus.bar_tempo[at])
        slowest, fastest = 0, self.words["Tempo_N"] - self.words["Meter_other"] - 2
        return found if found < 0 else min(fastest, max(slowest, found + excerpt.faster))

    def meter(self, at: int) -> list[int]:
        """A bar's metre, and its length where that is another."""
        token, words = int(self.corpus.bar_meter[at]), self.words
        if not self.corpus.bar_odd[at]:
            return [token]
        return [token, words["LENGTH"], self.position + int(self.corpus.bar_length[at]) - 1]

    def chords(self, at: int, kind: str, before: int, whole: bool = False) -> list[int]:
        """A bar's chords: the first where it differs from `before` (or `whole`), the others by position."""
        first, none = self.words["Chord_C"], self.words["Chord_N"]
        found = [(0, -1)]
        if kind == "bar":
            found = [(0, int(self.corpus.bar_chord[at]))]
        elif kind:
            span = slice(int(self.corpus.chords_from[at]), int(self.corpus.chords_from[at + 1]))
            places, classes = self.corpus.chord_at[span].tolist(), self.corpus.chord_class[span].tolist()
            found = list(zip(places, classes, strict=True))
        ids = []
        for place, class_ in found:
            token = first + class_ if class_ >= 0 else none
            if place:
                ids += [self.position + place, token]
            elif whole or class_ != before:
                ids.append(token)
        return ids

    def last_chord(self, at: int, kind: str) -> int:
        """The class in force at a bar's end."""
        if kind == "bar":
            return int(self.corpus.bar_chord[at])
        return int(self.corpus.chord_class[self.corpus.chords_from[at + 1] - 1]) if kind else -1

    def levels(
        self, excerpt: Excerpt, track: int, bars: np.ndarray, which: tuple[bool, ...], drums: bool = False
    ) -> list[int]:
        """The told levels of a track's notes in some bars of the excerpt (see studio.media.music.attributes)."""
        corpus = self.corpus
        first = int(corpus.bars_from[excerpt.piece]) + excerpt.first
        lengths = corpus.bar_length[first : first + excerpt.count]
        starts = np.cumsum(lengths) - lengths
        notes, cells = corpus.notes(corpus.cells(track, excerpt.first, excerpt.count))
        chosen = np.isin(cells, bars)
        notes, cells = notes[chosen], cells[chosen]
        begin = starts[cells] + corpus.note_start[notes]
        values = measures(
            begin, corpus.note_pitch[notes], corpus.note_duration[notes], int(lengths[bars].sum())
        )
        rise = 0 if drums else excerpt.rise
        found = zip(self.words.levels.items(), values, which, strict=False)
        return [
            base + level(self.words.edges[kind], value + (rise if kind == "register" else 0))
            for (kind, base), value, told in found
            if told
        ]


def measures(
    starts: np.ndarray, pitches: np.ndarray, durations: np.ndarray, length: int, quarter: int = 12
) -> tuple[float, ...]:
    """Density, polyphony, register and length of notes [N] sorted by start; without notes the density alone."""
    if not len(starts):
        return (0.0,)
    ends = starts + durations
    until = np.maximum.accumulate(np.concatenate((starts[:1], ends)))[:-1]
    covered = np.maximum(0, ends - np.maximum(until, starts)).sum()
    whole, count = durations.sum(), len(starts)
    return (
        count * quarter / length,
        float(whole / covered),
        float(pitches.mean()),
        float(whole / count / quarter),
    )
