"""The outer form of a MIDI file: its header and chunks, checked byte by byte before any reader sees them.

Each chunk comes back clean: every event whole, a status with every first event after other data, no system exclusive
data, and of its texts only their numbers, so that the reader tells when each stands and we what it says. Format:
Standard MIDI Files 1.0 (RP-001).
"""

import re
from collections.abc import Iterator
from typing import Final, Never

from msgspec import Struct

from studio.core.errors import StudioError
from studio.media.music.checks import BEATS_MOST, CHUNKS_MOST, FILE_MOST_BYTES, SHARPS_MOST, UNITS
from studio.media.music.score import END_MOST

TEXT, NAME, LYRIC, MARKER, END_OF_TRACK, TEMPO, METER, KEY = 0x01, 0x03, 0x05, 0x06, 0x2F, 0x51, 0x58, 0x59
_DELTA = rb"[\x80-\xff]{0,3}[\x00-\x7f]"
_TWO = rb"[\x00-\x7f]{2}"
_ONE = rb"[\x00-\x7f]"
_BLOCK = rb"%b(?:[\x80-\xbf\xe0-\xef]%b(?:%b%b)*+|[\xc0-\xdf]%b(?:%b%b)*+)" % (
    _DELTA,
    _TWO,
    _DELTA,
    _TWO,
    _ONE,
    _DELTA,
    _ONE,
)
_RUN: Final = re.compile(rb"(?:%b)*+" % _BLOCK)  # all channel events up to other data
_GOES_ON: Final = {
    1: re.compile(rb"(?:%b%b)*+" % (_DELTA, _ONE)),
    2: re.compile(rb"(?:%b%b)*+" % (_DELTA, _TWO)),
}
_VARIABLE: Final = re.compile(_DELTA)
_LONG: Final = re.compile(rb"[\x80-\xff]{2,3}[\x00-\x7f]")  # among channel events only a delta can look so


class Chunk(Struct, kw_only=True):
    """One track of a file: `events` without the end of track; text i (a kind and its bytes) is the marker "i"."""

    events: bytes = b""
    name: bytes = b""
    texts: list[tuple[int, bytes]] = []
    last: bytes = b""  # its last stretch of channel events; none when it plays nothing
    odd: int = 0  # events that say nothing sensible and were left out

    @property
    def channel(self) -> int:
        """The channel of its last channel event."""
        return _last_status(self.last) & 15


class Scan(Struct, kw_only=True):
    """A file's format (0 or 1), its ticks a quarter and its chunks."""

    format: int
    ticks: int
    chunks: list[Chunk]


def scan(data: bytes, name: str) -> Scan:
    """Check a file. Raises StudioError: "damaged", "unsupported", "too big"."""
    if len(data) > FILE_MOST_BYTES:
        cannot(
            name, f"it has {len(data) // 2**20} MiB and {FILE_MOST_BYTES // 2**20} MiB can be read", "too big"
        )
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        data = data[max(0, data.find(b"MThd", 12, 64)) :]
    if data[:4] != b"MThd" or len(data) < 14:
        cannot(name, "it is no MIDI file")
    length = int.from_bytes(data[4:8], "big")
    kind, count, division = (int.from_bytes(data[at : at + 2], "big") for at in (8, 10, 12))
    if length < 6 or kind > 2:
        cannot(name, "its header is damaged")
    if kind == 2:
        cannot(name, "it holds several pieces in one file (MIDI format 2)", "unsupported")
    if division & 0x8000:
        cannot(name, "it counts time in film frames (SMPTE), not in beats", "unsupported")
    if division == 0:
        cannot(name, "it has 0 ticks to a beat, so nothing in it has a time")
    if count > CHUNKS_MOST:
        cannot(name, f"it says that it has {count:,} tracks and {CHUNKS_MOST:,} can be read", "too big")
    found = list(_chunks(data, 8 + length, count, name))
    return Scan(
        format=kind, ticks=division, chunks=[_chunk(part, at, name) for at, part in enumerate(found, 1)]
    )


def _chunks(data: bytes, at: int, count: int, name: str) -> Iterator[bytes]:
    """The bytes of each track chunk; chunks of other kinds are passed over, and what follows the last track."""
    found = 0
    while found < count:
        if at + 8 > len(data):
            cannot(name, f"it says that it has {count:,} tracks and ends after {found:,}")
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        if at + 8 + length > len(data):
            missing = at + 8 + length - len(data)
            cannot(name, f"its track {found + 1} is cut off: {missing:,} bytes are missing")
        if data[at : at + 4] == b"MTrk":
            found += 1
            yield data[at + 8 : at + 8 + length]
        at += 8 + length


class _Walk(Struct):
    """What is being gathered on the way through a chunk."""

    data: bytes
    number: int
    name: str
    chunk: Chunk
    pieces: list[bytes] = []
    long_ticks: int = 0

    def damaged(self, at: int) -> Never:
        cannot(self.name, f"its track {self.number} is damaged at byte {at:,}")


def _chunk(data: bytes, number: int, name: str) -> Chunk:
    walk = _Walk(data, number, name, Chunk())
    at = 0
    while at < len(data):
        run = _RUN.match(data, at)
        if run and run.end() > at:
            at = run.end()
            _keep(walk, run.group())
        delta = _VARIABLE.match(data, at)
        if delta is None:
            if at < len(data):
                walk.damaged(at)
            break
        here = delta.end()
        if here >= len(data):
            walk.damaged(at)
        if data[here] == 0xFF:
            at = _meta(walk, delta.group(), here)
            if at < 0:
                break
        elif data[here] in (0xF0, 0xF7):
            _, at = _payload(walk, here + 1)
            walk.pieces.append(delta.group() + b"\xff\x01\x00")
        elif data[here] < 0x80 and walk.chunk.last:
            at = _go_on(walk, at, here)
        else:
            walk.damaged(here)
    if walk.long_ticks > END_MOST * 8:  # far past what a score holds, before a tick is counted in 32 bits
        cannot(name, "it lasts for days", "too big")
    walk.chunk.events = b"".join(walk.pieces)
    return walk.chunk


def _keep(walk: _Walk, run: bytes) -> None:
    walk.pieces.append(run)
    walk.chunk.last = run
    walk.long_ticks += sum(map(_number, _LONG.findall(run)))


def _go_on(walk: _Walk, at: int, here: int) -> int:
    """Events that go on with the status from before other data, as some programs write: the status is put in."""
    status = _last_status(walk.chunk.last)
    run = _GOES_ON[1 if status & 0xE0 == 0xC0 else 2].match(walk.data, at)
    if run is None or run.end() == at:
        walk.damaged(here)
    _keep(walk, walk.data[at:here] + bytes([status]) + walk.data[here : run.end()])
    return run.end()


def _last_status(run: bytes) -> int:
    """The status of the last block of channel events."""
    status, at = 0, 0
    while at < len(run):
        delta = _VARIABLE.match(run, at)
        at = delta.end() if delta else len(run)
        status = run[at]
        more = _GOES_ON[1 if status & 0xE0 == 0xC0 else 2].match(
            run, at + (2 if status & 0xE0 == 0xC0 else 3)
        )
        at = more.end() if more else len(run)
    return status


def _payload(walk: _Walk, at: int) -> tuple[bytes, int]:
    """Data that says its length first, and where it ends."""
    told = _VARIABLE.match(walk.data, at)
    if told is None:
        walk.damaged(at)
    end = told.end() + _number(told.group())
    if end > len(walk.data):
        walk.damaged(at)
    return walk.data[told.end() : end], end


def _meta(walk: _Walk, delta: bytes, here: int) -> int:
    """Take in a meta event; -1 at the end of the track."""
    if here + 1 >= len(walk.data):
        walk.damaged(here)
    kind = walk.data[here + 1]
    if kind == END_OF_TRACK:
        return -1
    payload, end = _payload(walk, here + 2)
    walk.long_ticks += _number(delta)
    texts = walk.chunk.texts
    kept = b"\xff\x01\x00"
    if kind in (TEXT, LYRIC, MARKER):
        told = str(len(texts)).encode()
        texts.append((kind, payload))
        kept = b"\xff\x06" + bytes([len(told)]) + told
    elif kind == NAME and not walk.chunk.name:
        walk.chunk.name = payload
    elif kind in (TEMPO, METER, KEY):
        if _sensible(kind, payload):
            kept = walk.data[here:end]
        else:
            walk.chunk.odd += 1
    walk.pieces.append(delta + kept)
    return end


def _sensible(kind: int, payload: bytes) -> bool:
    if kind == TEMPO:
        return len(payload) == 3 and any(payload)
    if kind == METER:
        return len(payload) == 4 and 1 <= payload[0] <= BEATS_MOST and payload[1] < len(UNITS)
    sharps = int.from_bytes(payload[:1], "big", signed=True)
    return len(payload) == 2 and -SHARPS_MOST <= sharps <= SHARPS_MOST and payload[1] <= 1


def _number(variable: bytes) -> int:
    """What a variable-length quantity says."""
    number = 0
    for byte in variable:
        number = number << 7 | byte & 0x7F
    return number


def cannot(name: str, why: str, code: str = "damaged") -> Never:
    """Raises the StudioError of a file that is not taken in."""
    raise StudioError(
        f"“{name}” cannot be read: {why}." if name else f"This file cannot be read: {why}.",
        kept="Nothing was changed.",
        do="Open it in the program it came from and export it from there as MIDI format 1 again.",
        code=code,
    )
