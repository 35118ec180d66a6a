"""What a score may hold: the bounds that files, documents and dialogs are checked against."""

from collections.abc import Iterable
from operator import attrgetter, le
from typing import Final, NoReturn, TypeVar

from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.media.music.holds import merged
from studio.media.music.score import END_MOST, Key, Meter, Note, Score, Tempo, Track

LONGEST_S: Final = 4 * 3600  # of a file; rendered as sound it would be 5 GB
NOTES_MOST: Final = 500_000
TRACKS_MOST: Final = 256
CHUNKS_MOST: Final = 1_024  # of a file; some write remarks as tracks without notes
FILE_MOST_BYTES: Final = 64 * 1024 * 1024
MICROS_MOST: Final = 0xFFFFFF  # a quarter, as MIDI can write it
UNITS: Final = (1, 2, 4, 8, 16, 32, 64)
BEATS_MOST: Final = 64
BEND_MOST: Final = 8191
SHARPS_MOST: Final = 7
Event = TypeVar("Event", Tempo, Meter, Key)


def checked(score: Score) -> Score:
    """The same score, its parts in order and with a tempo and a metre at tick 0.

    Raises StudioError (code "damaged") for a value that no score can hold.
    """
    _in(len(score.tracks), 0, TRACKS_MOST, "the number of tracks")
    ids = [track.id for track in score.tracks]
    if len(set(ids)) < len(ids) or any(not track_id or track_id.split() != [track_id] for track_id in ids):
        _no("two tracks have one name for themselves, or a track has none")
    _in(score.note_count, 0, NOTES_MOST, "the number of notes")
    for track in score.tracks:
        _check_track(track)
    for tempo in score.tempos:
        _in(tempo.micros, 1, MICROS_MOST, "a tempo")
    for meter in score.meters:
        _in(meter.beats, 1, BEATS_MOST, "the beats of a bar")
        if meter.unit not in UNITS:
            _no(f"a beat is a note of 1/{meter.unit}")
    for key in score.keys:
        _in(key.tonic, 0, 11, "the tonic of a key")
        if key.mode not in ("major", "minor"):
            _no(f"a key is {key.mode!r}")
    for chord in score.chords:
        _in(chord.duration, 1, END_MOST, "the length of a chord")
    for events in (score.tempos, score.meters, score.keys, score.chords, score.markers):
        _ticks(event.tick for event in events)
    return _ordered(score)


def _ordered(score: Score) -> Score:
    """With everything sorted; what is in order stays the same object."""
    tempos, meters = _last_each(score.tempos), _last_each(score.meters)
    if not tempos or tempos[0].tick:
        tempos = (Tempo(0, 500_000), *tempos)
    if not meters or meters[0].tick:
        meters = (Meter(0), *meters)
    return replace(
        score,
        tracks=tuple(
            _apart(track if _sorted(track.notes) else track.with_notes(track.notes)) for track in score.tracks
        ),
        tempos=tempos,
        meters=meters,
        keys=_last_each(score.keys),
        chords=tuple(sorted(score.chords)),
        markers=tuple(sorted(score.markers, key=attrgetter("tick"))),
    )


def _apart(track: Track) -> Track:
    """With its locked bars in order and apart."""
    held = merged(track.held)
    return track if held == track.held else replace(track, held=held)


def _last_each(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Sorted by tick, of those at one tick the last."""
    return tuple({event.tick: event for event in sorted(events, key=attrgetter("tick"))}.values())


def _check_track(track: Track) -> None:
    notes = track.notes
    if notes:
        _range(map(attrgetter("pitch"), notes), 0, 127, "a pitch")
        _range(map(attrgetter("velocity"), notes), 1, 127, "a velocity")
        _range(map(attrgetter("duration"), notes), 1, END_MOST, "the length of a note")
        _ticks(map(attrgetter("start"), notes))
    for control in track.controls:
        _in(control.number, 0, 127, "a controller")
        _in(control.value, 0, 127, "a controller's value")
    for bend in track.bends:
        _in(bend.value, -BEND_MOST - 1, BEND_MOST, "a pitch bend")
    for events in (track.controls, track.bends, track.words):
        _ticks(event.tick for event in events)
    for held in track.held:
        _in(held.start, 0, END_MOST, "a time")
        _in(held.end, held.start + 1, END_MOST, "the end of locked bars")
    _in(track.program, 0, 127, "an instrument")
    _in(track.volume, 0, 127, "a volume")
    if not -1.0 <= track.pan <= 1.0:
        _no(f"a pan is {track.pan}")


def _sorted(notes: tuple[Note, ...]) -> bool:
    return all(map(le, notes, notes[1:]))


def _range(values: Iterable[int], least: int, most: int, what: str) -> None:
    """At C speed: 20,000 notes take about a millisecond."""
    held = list(values)
    _in(min(held), least, most, what)
    _in(max(held), least, most, what)


def _ticks(ticks: Iterable[int]) -> None:
    held = list(ticks)
    if held:
        _in(min(held), 0, END_MOST, "a time")
        _in(max(held), 0, END_MOST, "a time")


def _in(value: int, least: int, most: int, what: str) -> None:
    if not least <= value <= most:
        _no(f"{what} is {value}, but {least} to {most} can be")


def _no(why: str) -> NoReturn:
    raise StudioError(
        f"This is no piece of music that Atelier can hold: {why}.",
        kept="Nothing was changed.",
        do="Look at it in the program it came from.",
        code="damaged",
    )
