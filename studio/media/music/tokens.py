"""Windows of music to tokens and back, exactly: the sequences the music model is trained on and prompted with.

A sequence has three parts. The *time line* says for each bar what changes there: metre (and its length, where that is
not the metre's), tempo, key, chords. Then each *track*: its instrument and its bars; a bar to be written holds `FILL`
and those of its notes that stay. Behind `FILLS` come the *blocks*, bar by bar and in a bar track by track: what is to
be written, once more what holds there, `WRITE`, the notes, `END`. So every task is the same to a causal model:
continuing fills the last bars, infilling some in the middle, adding a track all of one track, and what is locked or
not to be varied stays behind `FILL`.

Notes are positions from the bar's start, each with its pitches from the lowest up, velocity (said where it differs
from the note before in that bar) and duration; `HOLD` adds 48 steps. A note belongs to the bar it starts in, however
long it is. That makes about three tokens a note.

Two bars of a melody, the second one to be written with its first note kept:

>>> melody = GridTrack(program=73, notes=(GridNote(0, 60, 24), GridNote(24, 64, 60), GridNote(48, 67, 12, 9),
...                                       GridNote(72, 65, 6, 9), GridNote(72, 69, 12, 9)))
>>> bars = (GridBar(0, 48, tempo=10, key=0), GridBar(48, 48, tempo=10, key=0, chords=((0, 0), (24, 70))))
>>> window = Window(bars, (melody,))
>>> made = encode(window, fills=[(0, 1)], kept=[(0, 2)])
>>> print(words_of(made.ids[: made.fills_at]))  # doctest: +NORMALIZE_WHITESPACE
PIECE Bar_0 Meter_4/4 Tempo_120 Key_C:major Chord_N Bar_1 Chord_C Position_24 Chord_F
Track_0 Family_9 Variant_1
Bar_0 Position_0 Pitch_60 Velocity_10 Duration_24 Position_24 Pitch_64 HOLD Duration_12
Bar_1 FILL Position_0 Pitch_67 Velocity_9 Duration_12
>>> print(words_of(made.ids[made.fills_at :]))  # doctest: +NORMALIZE_WHITESPACE
FILLS Track_0 Bar_1 Meter_4/4 Key_C:major Chord_C Position_24 Chord_F WRITE
Position_24 Pitch_65 Velocity_9 Duration_6 Pitch_69 Duration_12 END
>>> decode(made.ids) == window
True
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from studio.media.music import vocabulary as v
from studio.media.music.attributes import Levels
from studio.media.music.tokens_grid import NO_CHORD, GridBar, GridNote, GridTrack, Window
from studio.media.music.tokens_read import decode
from studio.media.music.vocabulary import words_of

__all__ = [
    "Cell",
    "Encoded",
    "GridBar",
    "GridNote",
    "GridTrack",
    "NoteSpan",
    "Tell",
    "Window",
    "decode",
    "encode",
    "words_of",
]

Cell = tuple[int, int]  # a track and a bar of a window


class Tell(Struct, frozen=True, kw_only=True):
    """What the model is told beside the notes; training drops some at random so that the person may leave them out."""

    tempo: bool = True
    key: bool = True
    chords: bool = True
    tracks: Mapping[
        int, Levels
    ] = {}  # of what is to be written in a track, with what is kept, over all its fills
    cells: Mapping[Cell, Levels] = {}  # of one bar of one track


class NoteSpan(NamedTuple):
    """Tokens `start` up to `stop` are one note: `note` is its index in the window's track."""

    start: int
    stop: int
    track: int
    note: int


class Encoded(Struct, frozen=True):
    """A sequence. `fills_at` is where FILLS stands (its length when nothing is to be written), `written` the stretches
    behind each WRITE up to and with END, `spans` the tokens of every note in order; a position belongs to its first
    note."""

    ids: list[int]
    fills_at: int
    written: list[tuple[int, int]]
    spans: list[NoteSpan]


def encode(
    window: Window,
    fills: Collection[Cell] = (),
    kept: Collection[tuple[int, int]] = (),
    tell: Tell = Tell(),  # noqa: B008 (frozen)
) -> Encoded:
    """The tokens of a window with these bars of tracks written at the end, for training and for looking.

    `kept` are (track, index of a note in it): notes in those bars that stay and are not written.
    """
    spans: list[NoteSpan] = []
    ids = context(window, fills, kept, tell, spans)
    fills_at = len(ids)
    written: list[tuple[int, int]] = []
    if fills:
        ids.append(v.FILLS)
    kept, notes = frozenset(kept), [numbered(window, track) for track in range(len(window.tracks))]
    for track, bar in in_order(fills):
        ids += block_head(window, (track, bar), tell)
        start = len(ids)
        new = [(index, note) for index, note in notes[track][bar] if (track, index) not in kept]
        write_notes(ids, new, window.bars[bar].start, track, spans)
        ids.append(v.END)
        written.append((start, len(ids)))
    return Encoded(ids, fills_at, written, spans)


def context(
    window: Window,
    fills: Collection[Cell],
    kept: Collection[tuple[int, int]],
    tell: Tell,
    spans: list[NoteSpan] | None = None,
) -> list[int]:
    """Everything before FILLS: the time line, then the tracks with a FILL in the bars to be written."""
    ids = _time_line(window.bars, tell)
    fills, kept = frozenset(fills), frozenset(kept)
    for track, one in enumerate(window.tracks):
        ids.append(v.TRACK + track)
        ids += [v.DRUMS] if one.drums else [v.FAMILY + one.program // 8, v.VARIANT + one.program % 8]
        ids += level_ids(tell.tracks.get(track))
        for bar, notes in enumerate(numbered(window, track)):
            ids.append(v.BAR + bar)
            if (track, bar) in fills:
                ids.append(v.FILL)
                notes = [(index, note) for index, note in notes if (track, index) in kept]
            write_notes(ids, notes, window.bars[bar].start, track, spans)
    return ids


def block_head(window: Window, cell: Cell, tell: Tell) -> list[int]:
    """What stands before the notes of a block: whose and which bar, and what holds there."""
    track, bar = cell
    one = window.bars[bar]
    key = one.key if tell.key and one.key >= 0 else 24
    ids = [v.TRACK + track, v.BAR + bar, *_meter(one), v.KEY + key]
    ids += _chords(one if tell.chords else None, -2, whole=True)
    return [*ids, *level_ids(tell.cells.get(cell)), v.WRITE]


def in_order(fills: Iterable[Cell]) -> list[Cell]:
    """Bars to be written in the order of their blocks: by bar, then by track."""
    return sorted(fills, key=lambda cell: (cell[1], cell[0]))


def numbered(window: Window, track: int) -> list[list[tuple[int, GridNote]]]:
    """A track's notes with their indices, bar by bar."""
    notes = enumerate(window.tracks[track].notes)
    return [[next(notes) for _ in bar] for bar in window.bar_notes(track)]


def write_notes(
    ids: list[int],
    notes: Iterable[tuple[int, GridNote]],
    bar_start: int,
    track: int = 0,
    spans: list[NoteSpan] | None = None,
) -> None:
    """Appends the tokens of sorted notes of one bar, and their spans."""
    position = velocity = -1
    for index, note in notes:
        first = len(ids)
        if note.start - bar_start != position:
            position = note.start - bar_start
            ids.append(v.POSITION + position)
        ids.append(v.PITCH + note.pitch)
        if note.velocity != velocity:
            velocity = note.velocity
            ids.append(v.VELOCITY + velocity)
        holds, rest = divmod(note.duration - 1, v.LONGEST_DURATION)
        ids += [v.HOLD] * holds
        ids.append(v.DURATION + rest)
        if spans is not None:
            spans.append(NoteSpan(first, len(ids), track, index))


def level_ids(levels: Levels | None) -> list[int]:
    """The tokens of those levels that are told."""
    if levels is None:
        return []
    told = ((v.KIND_AT[kind], getattr(levels, kind)) for kind in v.KINDS)
    return [base + level for base, level in told if level is not None]


def _time_line(bars: Sequence[GridBar], tell: Tell) -> list[int]:
    """What changes at each bar, from the first on."""
    ids = [v.PIECE]
    meter, tempo, key, chord = (0, 0), -2, -2, -2
    for index, bar in enumerate(bars):
        ids.append(v.BAR + index)
        if (bar.beats, bar.unit) != meter or bar.length != bar.nominal:
            meter = (bar.beats, bar.unit)
            ids += _meter(bar)
        told = (bar.tempo if tell.tempo else -1), (bar.key if tell.key else -1)
        if told[0] != tempo:
            tempo = told[0]
            ids.append(v.TEMPO + (tempo if tempo >= 0 else len(v.TEMPOS)))
        if told[1] != key:
            key = told[1]
            ids.append(v.KEY + (key if key >= 0 else 24))
        ids += _chords(bar if tell.chords else None, chord)
        chord = bar.chords[-1][1] if tell.chords else -1
    return ids


def _meter(bar: GridBar) -> list[int]:
    """Its metre, and how long it is where that is another length."""
    token = v.METER_IDS.get((bar.beats, bar.unit))
    if token is not None and bar.length == bar.nominal:
        return [token]
    return [v.METER + len(v.METERS) if token is None else token, v.LENGTH, v.POSITION + bar.length - 1]


def _chords(bar: GridBar | None, before: int, whole: bool = False) -> list[int]:
    """The chords of a bar: the first where it differs from the one before (or `whole`), the others by position."""
    ids: list[int] = []
    for position, class_ in bar.chords if bar else NO_CHORD:
        token = v.CHORD + (class_ if class_ >= 0 else 12 * len(v.QUALITIES))
        if position:
            ids += [v.POSITION + position, token]
        elif whole or class_ != before:
            ids.append(token)
    return ids
