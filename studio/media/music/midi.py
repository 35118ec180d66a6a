"""MIDI files into scores: checked first (midi_scan), read by symusic, rescaled to 480 ticks; written by midi_write."""

import io
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.media.music.checks import LONGEST_S, TRACKS_MOST, checked
from studio.media.music.midi_parts import LAST, Found, chords, key_of, scaled, text, texts, told, track_of
from studio.media.music.midi_scan import Chunk, Scan, cannot, scan
from studio.media.music.midi_write import Written, excerpt, write_midi
from studio.media.music.score import Meter, Score, Tempo, Track, seconds_at

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI

__all__ = ["Read", "Written", "excerpt", "from_pretty_midi", "read_midi", "to_pretty_midi", "write_midi"]

# after the last event all notes of all channels end: what lasts until then was never ended
_ENDS: Final = b"\x01" + b"\x00".join(
    bytes([0x80 | channel, 0, 64]) + b"".join(bytes([0, pitch, 64]) for pitch in range(1, 128))
    for channel in range(16)
)


class Read(Struct, frozen=True, kw_only=True):
    """What a file says: its score, what had to be changed (sentences for the person), and its title."""

    score: Score
    notes: tuple[str, ...] = ()
    title: str = ""


def read_midi(data: bytes, name: str = "") -> Read:
    """The score of a MIDI file, format 0 or 1, with what was changed on the way. `name` is for its errors.

    Raises StudioError: "damaged", "unsupported", "too big". A thousand notes take about a millisecond.
    """
    scanned = scan(data, name)
    found = Found()
    for number, chunk in enumerate(scanned.chunks, 1):
        _take_in(found, chunk, scanned, number, name)
    if len(found.tracks) > TRACKS_MOST:
        cannot(name, f"it has {len(found.tracks)} tracks and {TRACKS_MOST} can be held", "too big")
    score = checked(
        Score(
            tracks=tuple(found.tracks),
            tempos=tuple(found.tempos),
            meters=tuple(found.meters),
            keys=tuple(found.keys),
            chords=chords(found),
            markers=tuple(found.markers),
        )
    )
    lasts_s = seconds_at(score.tempos, score.end)
    if lasts_s > LONGEST_S:
        cannot(name, f"it lasts {lasts_s / 3600:.0f} hours and {LONGEST_S // 3600} can be held", "too big")
    first = scanned.chunks[0] if scanned.chunks else Chunk()
    titled = scanned.format == 0 or not first.last
    return Read(score=score, notes=tuple(told(found, scanned)), title=text(first.name) if titled else "")


def _take_in(found: Found, chunk: Chunk, scanned: Scan, number: int, name: str) -> None:
    """Read one chunk by itself, so that each track is known to be of it."""
    raw = _by_symusic(chunk.events, scanned.ticks, name, number)
    dummy = bool(chunk.last) and not len(raw.tracks)  # symusic leaves out what has no notes
    if dummy:
        channel = chunk.channel
        note = bytes([2, 0x90 | channel, 0, 1, 1, 0x80 | channel, 0, 0])
        raw = _by_symusic(chunk.events + note, scanned.ticks, name, number)
    ticks = scanned.ticks
    end = max((marker.time for marker in raw.markers if marker.text == LAST), default=0)
    found.odd += chunk.odd
    found.tempos += [Tempo(scaled(tempo.time, ticks), tempo.mspq) for tempo in raw.tempos]
    found.meters += [Meter(scaled(m.time, ticks), m.numerator, m.denominator) for m in raw.time_signatures]
    found.keys += [key_of(scaled(key.time, ticks), key.key, key.tonality) for key in raw.key_signatures]
    words = texts(found, chunk, raw.markers, ticks)
    alone = len(raw.tracks) == 1
    title = text(chunk.name) if alone or scanned.format == 1 else ""
    found.split += len(raw.tracks) - 1 if raw.tracks and scanned.format == 1 else 0
    tracks = [track_of(found, one, title, ticks, end, dummy, name) for one in raw.tracks]
    if words and not tracks:
        tracks = [Track(id=_next_id(found), name=title or text(chunk.name))]
    for at, track in enumerate(tracks):
        found.tracks.append(replace(track, id=_next_id(found), words=words if at == 0 else ()))


def _next_id(found: Found) -> str:
    return f"t{len(found.tracks) + 1}"


def _by_symusic(events: bytes, ticks: int, name: str, number: int) -> Any:
    from symusic import Score as Symusic

    body = b"".join(
        (events, b"\x00\xff\x06", bytes([len(LAST)]), LAST.encode(), _ENDS, b"\x00\xff\x2f\x00"),
    )
    head = b"MThd\x00\x00\x00\x06\x00\x01\x00\x01" + ticks.to_bytes(2, "big")
    try:
        return Symusic.from_midi(head + b"MTrk" + len(body).to_bytes(4, "big") + body)
    except RuntimeError as error:
        raise StudioError(
            f"“{name}” cannot be read: its track {number} is damaged ({error}).",
            kept="Nothing was changed.",
            do="Open it in the program it came from and export it again.",
            code="damaged",
        ) from error


def to_pretty_midi(score: Score) -> "PrettyMIDI":
    """The score as pretty_midi has it, by way of a file: without tracks that have no notes, all words together.

    Raises StudioError when it is too long for pretty_midi (10 million ticks).
    """
    from pretty_midi import PrettyMIDI

    try:
        return PrettyMIDI(io.BytesIO(write_midi(score).data), charset="utf-8")
    except ValueError as error:
        raise StudioError(
            f"This piece is too long for pretty_midi: {error}.", kept="Nothing was changed.", code="too big"
        ) from error


def from_pretty_midi(pm: "PrettyMIDI") -> Read:
    """The score of a PrettyMIDI; its times in seconds become ticks of its own resolution, then of the score."""
    held = io.BytesIO()
    pm.write(held)
    return read_midi(held.getvalue(), "pretty_midi")
