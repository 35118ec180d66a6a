"""The parts of a MIDI file's tracks, as symusic gives them, into those of a score; what changes is counted."""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from studio.media.music.checks import NOTES_MOST
from studio.media.music.midi_scan import LYRIC, MARKER, Chunk, Scan, cannot
from studio.media.music.midi_write import CHORD, CHORD_END, PAN, VOLUME
from studio.media.music.score import (
    END_MOST,
    TICKS,
    Bend,
    Chord,
    Control,
    Key,
    Meter,
    Note,
    Tempo,
    Track,
    Word,
)

if TYPE_CHECKING:
    import numpy as np

LAST: Final = "end"  # the marker behind a chunk's last event


class Found(Struct):
    """What is gathered from the chunks, in ticks of the score; the numbers count what had to be changed."""

    tracks: list[Track] = []
    tempos: list[Tempo] = []
    meters: list[Meter] = []
    keys: list[Key] = []
    markers: list[Word] = []
    chords: list[Word] = []
    moved: int = 0
    hanging: int = 0
    brief: int = 0
    odd: int = 0
    split: int = 0
    count: int = 0


def track_of(found: Found, raw: Any, title: str, ticks: int, end: int, dummy: bool, name: str) -> Track:
    notes = () if dummy else _notes(found, raw.notes.numpy(), ticks, end, name)
    controls = raw.controls.numpy()
    columns = (
        _all_scaled(controls["time"], ticks).tolist(),
        controls["number"].tolist(),
        controls["value"].tolist(),
    )
    bends = raw.pitch_bends.numpy()
    held, volume, pan = _mix(list(map(Control, *columns)), notes)
    return Track(
        id="",
        name=title,
        program=raw.program,
        drums=raw.is_drum,
        notes=notes,
        controls=held,
        bends=tuple(map(Bend, _all_scaled(bends["time"], ticks).tolist(), bends["value"].tolist())),
        volume=volume,
        pan=pan,
    )


def _notes(found: Found, raw: "dict[str, np.ndarray]", ticks: int, end: int, name: str) -> tuple[Note, ...]:
    """The notes of a track, sorted, without those that never end; what that changes is counted."""
    import numpy as np

    starts = raw["time"].astype(np.int64)
    ends = starts + raw["duration"]
    whole = ends <= end
    found.hanging += int(len(whole) - np.count_nonzero(whole))
    if len(starts) and (
        int(starts.min()) < 0 or int(ends.max()) < 0 or int(ends.max()) * TICKS > END_MOST * ticks
    ):
        cannot(name, "it lasts for days", "too big")
    starts, ends = starts[whole], ends[whole]
    pitches, velocities = raw["pitch"][whole], raw["velocity"][whole]
    found.count += len(starts)
    if found.count > NOTES_MOST:
        cannot(name, f"it has over {NOTES_MOST:,} notes, which is more than can be held", "too big")
    found.brief += int(np.count_nonzero(ends == starts))
    found.moved += int(np.count_nonzero((starts * TICKS % ticks != 0) | (ends * TICKS % ticks != 0)))
    begins = _all_scaled(starts, ticks)
    durations = np.maximum(1, _all_scaled(ends, ticks) - begins)
    order = np.lexsort((velocities, durations, pitches, begins))
    return tuple(map(Note, *(column[order].tolist() for column in (begins, pitches, durations, velocities))))


def scaled(tick: int, ticks: int) -> int:
    """A tick of a file with so many ticks a quarter as one of the score, the nearest."""
    return (tick * TICKS * 2 + ticks) // (2 * ticks)


def _all_scaled(times: "np.ndarray", ticks: int) -> "np.ndarray":
    import numpy as np

    return (times.astype(np.int64) * (2 * TICKS) + ticks) // (2 * ticks)


def _mix(controls: list[Control], notes: tuple[Note, ...]) -> tuple[tuple[Control, ...], int, float]:
    """Volume and pan: the first said up to the first note; the other controllers stay."""
    first = notes[0].start if notes else END_MOST
    volume, pan = 100, 0.0
    for number in (VOLUME, PAN):
        said = next((control for control in controls if control.number == number), None)
        if said and said.tick <= first:
            controls.remove(said)
            if number == VOLUME:
                volume = said.value
            else:
                pan = (said.value - 64) / (64 if said.value <= 64 else 63)
    return tuple(sorted(controls, key=attrgetter("tick"))), volume, pan


def key_of(tick: int, sharps: int, minor: int) -> Key:
    return Key(tick, (sharps * 7 + (9 if minor else 0)) % 12, "minor" if minor else "major")


def texts(found: Found, chunk: Chunk, markers: Iterable[Any], ticks: int) -> tuple[Word, ...]:
    """Markers and chords go to the score; the chunk's sung words come back."""
    words = []
    for marker in markers:
        if marker.text == LAST:
            continue
        kind, raw = chunk.texts[int(marker.text)]
        word = Word(scaled(marker.time, ticks), text(raw))
        if kind == LYRIC:
            words.append(word)
        elif word.text.startswith(CHORD) or word.text == CHORD_END:
            found.chords.append(word)
        elif kind == MARKER:
            found.markers.append(word)
    return tuple(words)


def text(raw: bytes) -> str:
    """Today's programs write UTF-8, older ones Latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def chords(found: Found) -> tuple[Chord, ...]:
    """Each chord lasts until the next begins or until it is said to end, the last until the last note ends."""
    end = max((track.notes[-1].end for track in found.tracks if track.notes), default=0)
    said = sorted(found.chords, key=attrgetter("tick"))
    ends = [*(word.tick for word in said[1:]), *(max(end, word.tick + 1) for word in said[-1:])]
    return tuple(
        Chord(word.tick, until - word.tick, word.text.removeprefix(CHORD))
        for word, until in zip(said, ends, strict=True)
        if word.text != CHORD_END and until > word.tick
    )


def told(found: Found, scanned: Scan) -> Iterator[str]:
    if found.moved:
        yield (
            f"Notes moved by less than a tick: {found.moved:,} of {found.count:,}; the file counts {scanned.ticks:,}"
            f" ticks to a quarter, Atelier {TICKS}."
        )
    if found.hanging:
        yield f"Notes that never end left out: {found.hanging:,}."
    if found.brief:
        yield f"Notes without a length made one tick long: {found.brief:,}."
    if found.odd:
        yield f"Tempos, metres and keys that cannot be left out: {found.odd:,}."
    if found.split:
        yield f"Tracks that change their instrument split, so there are more of them: {found.split:,}."
