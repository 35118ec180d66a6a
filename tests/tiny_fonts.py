"""Soundfonts made for tests: a few hundred bytes around a sine, whole or broken on purpose; and short scores."""

import io
import struct

import numpy as np

from studio.media.music.score import Note, Score, Track

RATE = 44_100
PERIOD = 100  # frames of the sine: 441 Hz, a key of its own
Gen = tuple[int, int]
FLAT: list[Gen] = [(38, -2400)]  # 0.25 s of release, nothing else


def sine(periods: int = 40, level: float = 0.5) -> np.ndarray:
    """A sine of 441 Hz, as 16-bit numbers."""
    wave = np.sin(2 * np.pi * np.arange(periods * PERIOD) / PERIOD) * level * 32767
    return wave.round().astype("<i2")


def tiny_font(
    zones: list[list[Gen]] | None = None,
    presets: tuple[tuple[int, int], ...] = ((0, 0),),
    samples: np.ndarray | None = None,
    vorbis: bool = False,
    loop: tuple[int, int] = (1000, 3000),
    root: int = 69,
    instrument: int = 0,
    sample: int = 0,
    version: int = 2,
    drop: bytes = b"",
) -> bytes:
    """A soundfont's bytes: every preset plays one instrument, whose zones hold these generators and the one sample."""
    wave = sine() if samples is None else samples
    zones = [[*FLAT, (54, 1)]] if zones is None else zones
    raw, count, kind = wave.tobytes(), len(wave), 1
    if vorbis:
        import soundfile

        clip = io.BytesIO()
        soundfile.write(clip, wave.astype("f4") / 32768, RATE, format="OGG", subtype="VORBIS")
        raw, kind = clip.getvalue(), 1 | 0x10
        count = len(raw)
    phdr, pbag, pgen = b"", b"", b""
    for row, (bank, program) in enumerate(presets):
        phdr += struct.pack("<20sHHHIII", f"Preset {row}".encode(), program, bank, row, 0, 0, 0)
        pbag += struct.pack("<HH", row, 0)
        pgen += struct.pack("<Hh", 41, instrument)
    phdr += struct.pack("<20sHHHIII", b"EOP", 0, 0, len(presets), 0, 0, 0)
    pbag += struct.pack("<HH", len(presets), 0)
    pgen += struct.pack("<Hh", 0, 0)
    inst = struct.pack("<20sH", b"Sine", 0) + struct.pack("<20sH", b"EOI", len(zones))
    ibag, igen, at = b"", b"", 0
    for zone in zones:
        ibag += struct.pack("<HH", at, 0)
        for oper, amount in [*zone, (53, sample)]:
            igen += struct.pack("<Hh", oper, amount)
            at += 1
    ibag += struct.pack("<HH", at, 0)
    igen += struct.pack("<Hh", 0, 0)
    shdr = struct.pack("<20sIIIIIBbHH", b"Sine", 0, count, *loop, RATE, root, 0, 0, kind)
    shdr += struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    parts = {
        b"INFO": {b"ifil": struct.pack("<HH", version, 1), b"INAM": b"Tiny\0\0"},
        b"sdta": {b"smpl": raw},
        b"pdta": {
            b"phdr": phdr, b"pbag": pbag, b"pmod": b"\0" * 10, b"pgen": pgen, b"inst": inst,
            b"ibag": ibag, b"imod": b"\0" * 10, b"igen": igen, b"shdr": shdr,
        },
    }  # fmt: skip
    lists = b"".join(
        _chunk(b"LIST", name + b"".join(_chunk(key, body) for key, body in inner.items() if key != drop))
        for name, inner in parts.items()
    )
    return _chunk(b"RIFF", b"sfbk" + lists)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)


def melody(track: str = "a", notes: int = 8, program: int = 0, **values: object) -> Track:
    """Quarters up the scale, one a beat."""
    return Track(
        id=track,
        program=program,
        notes=tuple(Note(480 * at, 60 + (0, 2, 4, 5, 7, 9, 11, 12)[at % 8], 480, 90) for at in range(notes)),
        **values,  # type: ignore[arg-type]
    )


def band(count: int = 8, notes: int = 16) -> Score:
    """So many tracks of different instruments that play chords' notes together."""
    programs = (0, 24, 33, 40, 48, 56, 73, 52)
    return Score(tracks=tuple(melody(f"t{at}", notes, programs[at % 8]) for at in range(count)))
