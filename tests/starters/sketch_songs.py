"""Songs of chance, and a corpus of them in the layout of the real one, for the tests of the music recipe."""

import io
import lzma
import tarfile
from pathlib import Path

import numpy as np

from studio.media.music.midi import write_midi
from studio.media.music.score import Key, Meter, Note, Score, Tempo, Track

SETS = ("js_fakes", "openscore_lieder", "openscore_quartets")


def tune(chance: np.random.Generator, bars: int, low: int, voices: int, ticks: int) -> tuple[Note, ...]:
    """Notes of chance: some bars empty, some notes long."""
    notes = set()
    for bar in range(bars):
        for _ in range(int(chance.integers(0, 7))):
            start = bar * ticks + int(chance.integers(0, ticks // 40)) * 40
            length = int(chance.choice([40, 120, 240, 480, 960, 2400]))
            for voice in range(int(chance.integers(1, voices + 1))):
                pitch = low + int(chance.integers(0, 14)) + 5 * voice
                notes.add(Note(start, pitch, length, int(chance.integers(3, 14)) * 8 + 4))
    firsts: dict[tuple[int, int], Note] = {(note.start, note.pitch): note for note in sorted(notes)}
    return tuple(sorted(firsts.values()))


def piece(seed: int, bars: int = 12) -> Score:
    """A song of chance: voice and piano, with a change of metre and of tempo, and a bar that is cut short."""
    chance = np.random.default_rng(seed)
    meters = (Meter(0, 4, 4), Meter(4 * 1920, 3, 4), Meter(6 * 1440 + 4 * 1920 - 480, 6, 8))
    return Score(
        tracks=(
            Track(id="1", program=52, notes=tune(chance, bars, 60, 1, 1440)),
            Track(id="2", program=0, notes=tune(chance, bars, 40, 3, 1440)),
        ),
        tempos=(Tempo(0, 500_000), Tempo(3 * 1920, 700_000)),
        meters=meters,
        keys=(Key(0, 5),),
    )


def archive(file: Path, members: dict[str, bytes]) -> None:
    """A tar.xz of files."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    file.write_bytes(lzma.compress(held.getvalue()))


def make_corpus(root: Path, train: int = 14) -> Path:
    """A corpus in the layout of the real one: songs of chance, one of them on two sides."""
    (root / "music").mkdir()
    songs = {f"train/{i}.mid": write_midi(piece(i)).data for i in range(train)}
    songs |= {f"test/t{i}.mid": write_midi(piece(100 + i, 24)).data for i in range(3)}
    songs |= {"test/twin.mid": write_midi(piece(1)).data, "tune/no.mid": write_midi(piece(200)).data}
    for name in SETS:
        archive(root / "music" / f"{name}.tar.xz", songs if name == "openscore_lieder" else {})
    return root


def song_of(name: str) -> Score:
    """The song a file of that corpus holds."""
    number = name.split("/")[-1].removesuffix(".mid")
    if number == "twin":
        return piece(1)
    return piece(100 + int(number[1:]), 24) if number.startswith("t") else piece(int(number))
