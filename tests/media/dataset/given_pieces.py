"""Pieces for the tests: melodies by chance, so that no two are alike unless they are made so."""

import random
from pathlib import Path

from studio.core.tuning import DataSettings, TuneSettings
from studio.media.dataset.looked import Looked
from studio.media.dataset.pieces import look
from studio.media.music.midi_write import write_midi
from studio.media.music.score import TICKS, Meter, Note, Score, Tempo, Track


def piece(
    seed: int, notes: int = 64, up: int = 0, speed: float = 1.0, velocity: int = 80, drums: bool = False
) -> Score:
    """A melody over held bass notes; `up` semitones higher, its notes `speed` times as long."""
    chance = random.Random(seed)
    at, melody, bass = 0, [], []
    for count in range(notes):
        long = round(chance.choice((120, 240, 240, 480, 720)) * speed)
        melody.append(Note(at, 60 + chance.randint(-12, 12) + up, long, velocity))
        if count % 4 == 0:
            bass.append(Note(at, 36 + chance.randint(-5, 5) + up, long * 2, velocity))
        at += long
    return Score(
        tracks=(
            Track(id="t1", program=0, drums=drums, notes=tuple(melody)),
            Track(id="t2", program=32, drums=drums, notes=tuple(bass)),
        )
    )


def put(folder: Path, name: str, score: Score) -> None:
    """A MIDI file in a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_midi(score).data)


def alone(notes: tuple[Note, ...], micros: int = 500_000, meter: Meter = Meter(0)) -> Score:  # noqa: B008
    """A score of one track."""
    return Score(tracks=(Track(id="t1", notes=notes),), tempos=(Tempo(0, micros),), meters=(meter,))


def bars_apart(bars: int, notes: int) -> Score:
    """One note every so many bars of 4/4."""
    return alone(tuple(Note(at * bars * 4 * TICKS, 60 + at % 12, TICKS) for at in range(notes)))


def looked(folder: Path, drop: bool = True) -> Looked:
    """The folder looked through."""
    settings = TuneSettings(
        art="music", base="base", folder=str(folder), data=DataSettings(drop_duplicates=drop)
    )
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return look(folder, files, settings, lambda *_: None, lambda: False)
