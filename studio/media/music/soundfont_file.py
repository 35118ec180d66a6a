"""A SoundFont's file taken apart: its tables as arrays, every index in them checked before anything is played."""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

_TABLES: Final[dict[bytes, list[tuple[str, str]]]] = {  # SoundFont 2.04, section 7; 20 bytes of name come first
    b"phdr": [("name", "S20"), ("preset", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("rest", "V12")],
    b"pbag": [("gen", "<u2"), ("mod", "<u2")],
    b"pgen": [("oper", "<u2"), ("amount", "<i2")],
    b"inst": [("name", "S20"), ("bag", "<u2")],
    b"ibag": [("gen", "<u2"), ("mod", "<u2")],
    b"igen": [("oper", "<u2"), ("amount", "<i2")],
    b"shdr": [
        ("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop_start", "<u4"), ("loop_end", "<u4"),
        ("rate", "<u4"), ("root", "u1"), ("correction", "i1"), ("link", "<u2"), ("type", "<u2"),
    ],
}  # fmt: skip
_POINTS: Final = (  # which table points into which, by which column
    (b"phdr", "bag", b"pbag"),
    (b"pbag", "gen", b"pgen"),
    (b"inst", "bag", b"ibag"),
    (b"ibag", "gen", b"igen"),
)
VORBIS: Final = 0x10  # a sample's type in sf3: Ogg Vorbis instead of 16-bit numbers
ROM: Final = 0x8000
INSTRUMENT: Final = 41
SAMPLE: Final = 53
Table = NDArray[np.void]


class BrokenFontError(Exception):
    """What is wrong with the file, in a few words that go on from "it is damaged: "."""


class FontTables(Struct, frozen=True, kw_only=True):
    """The tables, their closing rows included, and where the samples lie.

    `samples`: sf2: 16-bit numbers; sf3: the bytes that its sample headers count.
    """

    name: str
    version: int
    phdr: Table
    pbag: Table
    pgen: Table
    inst: Table
    ibag: Table
    igen: Table
    shdr: Table
    samples: NDArray[np.int16] | NDArray[np.uint8]


def read_tables(path: Path) -> FontTables:
    """Take a file apart without reading its samples: they are mapped, so memory is the system's to give back.

    Raises OSError, and BrokenFontError when an index or a sample points outside.
    """
    with path.open("rb") as file:
        try:
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise BrokenFontError("it is empty") from None
    data = memoryview(whole)
    if bytes(data[:4]) != b"RIFF" or bytes(data[8:12]) != b"sfbk":
        raise BrokenFontError("it does not begin as a SoundFont does (RIFF, sfbk)")
    parts = dict(_parts(data))
    missing = [name.decode() for name in (*_TABLES, b"ifil", b"smpl") if name not in parts]
    if missing:
        raise BrokenFontError(f"its part {missing[0]!r} is missing")
    tables = {name: _table(name, parts[name]) for name in _TABLES}
    version = int.from_bytes(parts[b"ifil"][:2], "little")
    if version not in (2, 3):
        raise BrokenFontError(f"it is of version {version}, and 2 and 3 are known")
    compressed = bool((tables[b"shdr"]["type"][:-1] & VORBIS).any())
    raw = parts[b"smpl"]
    samples = (
        np.frombuffer(raw, np.uint8)
        if compressed
        else np.frombuffer(raw[: len(raw) // 2 * 2], np.dtype("<i2"))
    )
    _check(tables, len(samples))
    return FontTables(
        name=bytes(parts.get(b"INAM", b"")).split(b"\0")[0].decode("latin-1").strip(),
        version=version,
        samples=samples,
        **{name.decode(): table for name, table in tables.items()},
    )


def _parts(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Every part inside the file's lists, by its four letters; the first of a name counts (dict keeps the last,
    fonts have one)."""
    for name, body in _chunks(data[12:]):
        if name == b"LIST":
            yield from _chunks(body[4:])


def _chunks(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > len(data):
            raise BrokenFontError("it is cut short")
        yield bytes(data[at : at + 4]), data[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)


def _table(name: bytes, raw: memoryview) -> Table:
    kind = np.dtype(_TABLES[name])
    if len(raw) < kind.itemsize or len(raw) % kind.itemsize:
        raise BrokenFontError(f"its part {name.decode()!r} has a wrong size")
    return np.frombuffer(raw, kind)


def _check(tables: dict[bytes, Table], sample_count: int) -> None:
    """Every index points to something, no list runs backwards, every sample lies inside."""
    for name, column, into in _POINTS:
        points = tables[name][column].astype(np.int64)
        if (np.diff(points) < 0).any() or points[-1] >= len(tables[into]):
            raise BrokenFontError(f"its part {name.decode()!r} points outside")
    for name, oper, into in ((b"pgen", INSTRUMENT, b"inst"), (b"igen", SAMPLE, b"shdr")):
        table = tables[name]
        named = table["amount"][table["oper"] == oper].astype(np.uint16)
        if len(named) and named.max() >= len(tables[into]) - 1:
            raise BrokenFontError(f"its part {name.decode()!r} points outside")
    heads = tables[b"shdr"][:-1]
    sounding = heads[(heads["type"] & ROM) == 0]
    if (sounding["end"] > sample_count).any() or (sounding["start"] > sounding["end"]).any():
        raise BrokenFontError("a sample lies outside the file")
    if len(tables[b"phdr"]) < 2:
        raise BrokenFontError("it has no instrument")
