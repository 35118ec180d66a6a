"""Scores into MIDI files: format 1, 480 ticks a quarter; each track has a channel, beyond 16 a further port.

Chords are written as markers ("Chord: Dm7"), so that they come back and other programs show them. What MIDI cannot
say (authors, locks, mute, solo) is not written.
"""

from collections.abc import Collection, Iterable, Iterator
from operator import attrgetter, itemgetter
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from studio.media.music.score import END_MOST, TICKS, Bend, Control, Key, Meter, Score, Tempo, Track, Word

VOLUME: Final = 7
PAN: Final = 10
CHORD: Final = "Chord: "
CHORD_END: Final = "Chord end"
_DRUMS: Final = 9
_MELODIC: Final = tuple(channel for channel in range(16) if channel != _DRUMS)
Timed = TypeVar("Timed", Tempo, Meter, Key, Control, Bend)
Event = tuple[int, int, bytes]  # the tick, its place among those of one tick, the bytes


class Written(Struct, frozen=True, kw_only=True):
    """A file, and what it could not say as it is (sentences for the person)."""

    data: bytes
    notes: tuple[str, ...] = ()


def write_midi(
    score: Score,
    tracks: Collection[str] | None = None,
    span: tuple[int, int] | None = None,
    title: str = "",
) -> Written:
    """A MIDI file of the whole score, of some of its tracks (ids), or of the ticks `span`, which then begin at 0.

    What it writes `read_midi` reads back equal, but for notes that overlap others of their pitch in one track.
    """
    if tracks is not None or span is not None:
        score = excerpt(score, *(span or (0, END_MOST)), tracks)
    places, notes = _places(score.tracks)
    chunks = [_chunk([(0, 0, _meta(3, title.encode()))] if title else [], _conductor(score))]
    for track, (port, channel) in zip(score.tracks, places, strict=True):
        chunks.append(_chunk(_head(track, port, channel), _events(track, channel)))
    header = b"MThd" + b"".join(
        n.to_bytes(size, "big") for n, size in ((6, 4), (1, 2), (len(chunks), 2), (TICKS, 2))
    )
    over = sum(map(_overlaps, score.tracks))
    if over:
        notes.append(
            f"Notes that overlap another of their pitch: {over:,}. MIDI cannot tell them apart, so some may end"
            " differently."
        )
    return Written(data=header + b"".join(chunks), notes=tuple(notes))


def excerpt(score: Score, start: int, end: int, tracks: Collection[str] | None = None) -> Score:
    """The notes that start in the ticks start..end, cut at the end, as a score that begins at 0.

    Tempo, metre, key and controllers in force at `start` come along. `tracks` are ids; None is all.
    """
    return Score(
        tracks=tuple(
            _cut(track, start, end) for track in score.tracks if tracks is None or track.id in tracks
        ),
        tempos=tuple(replace(tempo, tick=tick) for tempo, tick in _in_force(score.tempos, start, end)),
        meters=tuple(replace(meter, tick=tick) for meter, tick in _in_force(score.meters, start, end)),
        keys=tuple(replace(key, tick=tick) for key, tick in _in_force(score.keys, start, end)),
        chords=tuple(
            replace(chord, tick=begins - start, duration=ends - begins)
            for chord in score.chords
            for begins, ends in [(max(start, chord.tick), min(end, chord.tick + chord.duration))]
            if begins < ends
        ),
        markers=_within(score.markers, start, end),
    )


def _cut(track: Track, start: int, end: int) -> Track:
    return replace(
        track,
        notes=tuple(
            replace(note, start=note.start - start, duration=min(note.end, end) - note.start)
            for note in track.notes
            if start <= note.start < end
        ),
        controls=_controls(track.controls, start, end),
        bends=tuple(replace(bend, tick=tick) for bend, tick in _in_force(track.bends, start, end)),
        words=_within(track.words, start, end),
        held=(),
    )


def _controls(controls: tuple[Control, ...], start: int, end: int) -> tuple[Control, ...]:
    if not start:
        return tuple(control for control in controls if control.tick < end)
    kinds: dict[int, list[Control]] = {}
    for control in controls:
        kinds.setdefault(control.number, []).append(control)
    cut = [
        replace(control, tick=tick)
        for held in kinds.values()
        for control, tick in _in_force(held, start, end)
    ]
    return tuple(sorted(cut, key=attrgetter("tick")))


def _in_force(events: Iterable[Timed], start: int, end: int) -> Iterator[tuple[Timed, int]]:
    """What is in force at `start` and what comes before `end`, with its new tick."""
    past: Timed | None = None
    for event in events:
        if event.tick <= start:
            past = event
        elif event.tick < end:
            if past is not None:
                yield past, 0
                past = None
            yield event, event.tick - start
    if past is not None:
        yield past, 0


def _within(words: tuple[Word, ...], start: int, end: int) -> tuple[Word, ...]:
    return tuple(replace(word, tick=word.tick - start) for word in words if start <= word.tick < end)


def _places(tracks: tuple[Track, ...]) -> tuple[list[tuple[int, int]], list[str]]:
    """A port and a channel for each track: 15 of a port are for instruments, one for drums."""
    places, kits, melodic = [], [], 0
    for track in tracks:
        if track.drums:
            kit = (track.program, track.volume, track.pan)
            if kit not in kits:
                kits.append(kit)
            places.append((kits.index(kit), _DRUMS))
        else:
            places.append((melodic // len(_MELODIC), _MELODIC[melodic % len(_MELODIC)]))
            melodic += 1
    ports = max((port for port, _ in places), default=0) + 1
    if ports == 1:
        return places, []
    further = sum(1 for port, _ in places if port)
    return places, [
        f"A MIDI port has 16 channels; tracks put on {'a second port' if ports == 2 else f'ports 2 to {ports}'}:"
        f" {further} of {len(tracks)}. A program that knows only one port plays them with the instruments of others."
    ]


def _conductor(score: Score) -> list[Event]:
    """Tempo, metre, key, markers and chords."""
    events = [(tempo.tick, 1, _meta(0x51, tempo.micros.to_bytes(3, "big"))) for tempo in score.tempos]
    for meter in score.meters:
        clocks = min(255, max(1, 96 // meter.unit))
        told = bytes([meter.beats, meter.unit.bit_length() - 1, clocks, 8])
        events.append((meter.tick, 2, _meta(0x58, told)))
    events += [(key.tick, 3, _meta(0x59, _signature(key))) for key in score.keys]
    begins = {chord.tick for chord in score.chords}
    for chord in score.chords:
        events.append((chord.tick, 4, _meta(6, (CHORD + chord.symbol).encode())))
        end = chord.tick + chord.duration
        if end not in begins:
            events.append((end, 4, _meta(6, CHORD_END.encode())))
    events += [(marker.tick, 5, _meta(6, marker.text.encode())) for marker in score.markers]
    return events


def _signature(key: Key) -> bytes:
    """The key signature with the fewest sharps or flats: -5 to 6."""
    major = key.tonic if key.mode == "major" else (key.tonic + 3) % 12
    sharps = (major * 7 + 5) % 12 - 5
    return sharps.to_bytes(1, "big", signed=True) + bytes([key.mode == "minor"])


def _head(track: Track, port: int, channel: int) -> list[Event]:
    pan = round(64 + track.pan * (64 if track.pan < 0 else 63))
    events = [_meta(0x21, bytes([port]))] if port else []
    events += [_meta(3, track.name.encode())] if track.name else []
    events += [
        bytes([0xC0 | channel, track.program]),
        bytes([0xB0 | channel, VOLUME, track.volume]),
        bytes([0xB0 | channel, PAN, pan]),
    ]
    return [(0, 0, event) for event in events]


def _events(track: Track, channel: int) -> list[Event]:
    """What a track plays; at one tick notes end, controllers move, words come, notes begin."""
    on, off, control, bend = 0x90 | channel, 0x80 | channel, 0xB0 | channel, 0xE0 | channel
    events: list[Event] = [(c.tick, 2, bytes((control, c.number, c.value))) for c in track.controls]
    events += [(b.tick, 3, bytes((bend, b.value + 8192 & 0x7F, b.value + 8192 >> 7))) for b in track.bends]
    events += [(word.tick, 4, _meta(5, word.text.encode())) for word in track.words]
    events += [(note.start, 5, bytes((on, note.pitch, note.velocity))) for note in track.notes]
    events += [(note.start + note.duration, 1, bytes((off, note.pitch, 64))) for note in track.notes]
    return events


def _chunk(head: list[Event], events: list[Event]) -> bytes:
    """A track chunk: `head` first, then the events in the order of their ticks and places."""
    events.sort(key=itemgetter(0, 1))
    parts: list[bytes] = []
    last = 0
    for tick, _, event in [*head, *events]:
        delta = tick - last
        parts += (bytes((delta,)) if delta < 128 else _variable(delta), event)
        last = tick
    body = b"".join(parts) + b"\x00\xff\x2f\x00"
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def _meta(kind: int, payload: bytes) -> bytes:
    return bytes([0xFF, kind]) + _variable(len(payload)) + payload


def _variable(number: int) -> bytes:
    """A variable-length quantity: seven bits a byte, the highest first."""
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(number & 0x7F | 0x80)
    return bytes(reversed(parts))


def _overlaps(track: Track) -> int:
    """How many notes begin while another of their pitch still sounds."""
    until, count = [0] * 128, 0
    for note in track.notes:
        count += note.start < until[note.pitch]
        until[note.pitch] = max(until[note.pitch], note.start + note.duration)
    return count
