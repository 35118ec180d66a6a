"""A score as lines of text: one for each tempo, metre, key, chord, marker, track and note. Written and read here.

    score 1
    tempo TICK MICROS
    meter TICK BEATS UNIT
    key TICK TONIC MODE
    chord TICK DURATION SYMBOL
    marker TICK TEXT
    track ID program=0 drums=0 volume=100 pan=0.0 mute=0 solo=0 locked=0 name=Violin I
    held START END
    control TICK NUMBER VALUE
    bend TICK VALUE
    word TICK TEXT
    START PITCH DURATION VELOCITY

A note's line is numbers alone, below the line of its track; so all notes of a track are read at once.
"""

import re
from collections.abc import Sequence
from typing import Final, Never, get_args

from studio.core.errors import StudioError
from studio.media.music.score import (
    Bend,
    Chord,
    Control,
    Held,
    Key,
    Meter,
    Mode,
    Note,
    Score,
    Tempo,
    Track,
    Word,
)
from studio.media.spans import whole

FORMAT: Final = 1
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
NOTE_LINES: Final = re.compile(r"(?:[0-9]{1,9} [0-9]{1,3} [0-9]{1,9} [0-9]{1,3}\n)*+")
_TRACK: Final = re.compile(
    r"track (\S+) program=([0-9]{1,3}) drums=([01]) volume=([0-9]{1,3}) pan=(-?[0-9.e-]{1,24})"
    r" mute=([01]) solo=([01]) locked=([01]) name=(.*)"
)
_ESCAPED: Final = re.compile(r"\\(.)")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})
_MEANT: Final = {"n": "\n", "r": "\r"}


def escaped(text: str) -> str:
    """The text on one line."""
    return whole(text).translate(_ESCAPES)


def meant(text: str) -> str:
    """What `escaped` was made of."""
    return _ESCAPED.sub(lambda match: _MEANT.get(match[1], match[1]), text) if "\\" in text else text


def head_lines(score: Score) -> str:
    """The lines above the first track."""
    lines = [f"score {FORMAT}"]
    lines += [f"tempo {tempo.tick} {tempo.micros}" for tempo in score.tempos]
    lines += [f"meter {meter.tick} {meter.beats} {meter.unit}" for meter in score.meters]
    lines += [f"key {key.tick} {key.tonic} {key.mode}" for key in score.keys]
    lines += [f"chord {chord.tick} {chord.duration} {escaped(chord.symbol)}" for chord in score.chords]
    lines += [f"marker {marker.tick} {escaped(marker.text)}" for marker in score.markers]
    return "\n".join(lines) + "\n"


def track_lines(track: Track) -> str:
    """A track's own line and those of its locked bars, controllers, bends and words."""
    lines = [
        f"track {track.id} program={track.program} drums={track.drums:d} volume={track.volume} pan={track.pan!r}"
        f" mute={track.mute:d} solo={track.solo:d} locked={track.locked:d} name={escaped(track.name)}"
    ]
    lines += [f"held {held.start} {held.end}" for held in track.held]
    lines += [f"control {control.tick} {control.number} {control.value}" for control in track.controls]
    lines += [f"bend {bend.tick} {bend.value}" for bend in track.bends]
    lines += [f"word {word.tick} {escaped(word.text)}" for word in track.words]
    return "\n".join(lines) + "\n"


def note_line(note: Note) -> str:
    """A note's line."""
    return f"{note.start} {note.pitch} {note.duration} {note.velocity}\n"


def note_columns(block: str) -> tuple[list[int], list[int], list[int], list[int]]:
    """Starts, pitches, durations and velocities of lines that match NOTE_LINES."""
    numbers = list(map(int, block.split()))
    return numbers[0::4], numbers[1::4], numbers[2::4], numbers[3::4]


def read_head(lines: Sequence[str]) -> Score:
    """The score without its tracks. Raises StudioError when damaged or newer."""
    word, _, told = (lines[0] if lines else "").partition(" ")
    if word != "score" or not told.isdecimal():
        damaged("its first line does not say what it is")
    if int(told) > FORMAT:  # it may hold what this one does not know
        raise StudioError(
            "This piece was last changed by a newer Atelier.",
            kept="It was not touched.",
            do="Open it with the newer Atelier, or update this one.",
            code="newer",
        )
    tempos, meters, keys, chords, markers = [], [], [], [], []
    for number, line in enumerate(lines[1:], 2):
        kind, _, rest = line.partition(" ")
        try:
            if kind == "tempo":
                tempos.append(Tempo(*_ints(rest, 2)))
            elif kind == "meter":
                meters.append(Meter(*_ints(rest, 3)))
            elif kind == "key":
                tick, tonic, mode = rest.split(" ")
                keys.append(Key(int(tick), int(tonic), _mode(mode)))
            elif kind == "chord":
                tick, duration, symbol = rest.split(" ", 2)
                chords.append(Chord(int(tick), int(duration), meant(symbol)))
            elif kind == "marker":
                tick, text = rest.split(" ", 1)
                markers.append(Word(int(tick), meant(text)))
            else:
                damaged(f"line {number} says “{line[:40]}”")
        except ValueError:
            damaged(f"line {number} says “{line[:40]}”")
    return Score(
        tempos=tuple(tempos),
        meters=tuple(meters),
        keys=tuple(keys),
        chords=tuple(chords),
        markers=tuple(markers),
    )


def read_track(lines: Sequence[str], notes: tuple[Note, ...]) -> Track:
    """A track of its lines (without those of the notes). Raises StudioError when damaged."""
    found = _TRACK.fullmatch(lines[0])
    if not found:
        damaged(f"a line says “{lines[0][:40]}”")
    held, controls, bends, words = [], [], [], []
    for line in lines[1:]:
        kind, _, rest = line.partition(" ")
        try:
            if kind == "held":
                held.append(Held(*_ints(rest, 2)))
            elif kind == "control":
                controls.append(Control(*_ints(rest, 3)))
            elif kind == "bend":
                bends.append(Bend(*_ints(rest, 2)))
            elif kind == "word":
                tick, text = rest.split(" ", 1)
                words.append(Word(int(tick), meant(text)))
            else:
                damaged(f"a line of track {found[1]} says “{line[:40]}”")
        except ValueError:
            damaged(f"a line of track {found[1]} says “{line[:40]}”")
    try:
        pan = float(found[5])
    except ValueError:
        damaged(f"a line says “{lines[0][:40]}”")
    return Track(
        id=found[1],
        name=meant(found[9]),
        program=int(found[2]),
        drums=found[3] == "1",
        notes=notes,
        controls=tuple(controls),
        bends=tuple(bends),
        words=tuple(words),
        volume=int(found[4]),
        pan=pan,
        mute=found[6] == "1",
        solo=found[7] == "1",
        locked=found[8] == "1",
        held=tuple(held),
    )


def _ints(text: str, count: int) -> list[int]:
    numbers = list(map(int, text.split(" ")))
    if len(numbers) != count:
        raise ValueError(text)
    return numbers


def _mode(text: str) -> Mode:
    for mode in MODES:
        if mode == text:
            return mode
    raise ValueError(text)


def damaged(why: str) -> Never:
    """Raises the StudioError of a piece that cannot be read."""
    raise StudioError(
        f"This piece's document cannot be read: {why}.",
        kept="Its earlier steps and all its takes are in the lineage.",
        do="Branch from an earlier step.",
        code="damaged",
    )
