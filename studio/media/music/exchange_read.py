"""music21's streams into scores: sounding pitch, ties joined, the staves of one instrument in one track.

Imports music21: only the child process does.
"""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct
from music21 import bar, chord, converter, dynamics, harmony, instrument, layout, note, repeat, stream
from music21.musicxml.xmlToM21 import MusicXMLImporter

from studio.core.errors import StudioError
from studio.media.music.checks import checked
from studio.media.music.exchange_signs import chords_of, keys_of, markers_of, meters_of, tempos_of, tick_of
from studio.media.music.score import TICKS, Note, Score, Track, Word

VELOCITY: Final = 80
_DRUMS: Final = 9
Told = tuple[Score, tuple[str, ...], str]  # the score, what had to be changed, the title


class _Count(Struct):
    graces: int = 0
    moved: int = 0
    notes: int = 0
    staves: list[str] = []
    transposed: list[str] = []


class _Declared(Struct, frozen=True):
    """An instrument as the file declares it: General MIDI program and channel from 0, None where it says nothing."""

    program: int | None = None
    channel: int | None = None
    transposes: bool = False


class _Part(Struct):
    """What is read of one or more staves: notes with their ties (pitch, velocity, start, end, tie)."""

    notes: list[tuple[int, int, int, int, str]] = []
    words: list[Word] = []
    drums: bool = False


def read_musicxml(text: str) -> Told:
    """The score of a MusicXML text. Raises what music21 raises."""
    importer = MusicXMLImporter()
    importer.xmlText = text
    importer.parseXMLText()
    return _score(importer.stream, _declared(importer.xmlRoot))


def read_abc(text: str) -> Told:
    """The score of one tune in ABC. Raises what music21 raises."""
    read = converter.parseData(text, format="abc")
    return _score(read.scores[0] if isinstance(read, stream.Opus) else read, [])


def _declared(root: Any) -> list[_Declared]:
    """What the file says of its instruments, in order; music21 guesses program and transposition from their names."""
    parts = {part.get("id"): part for part in root.iter("part")}
    said = []
    for told in root.iter("score-part"):
        part = parts.get(told.get("id"))
        said.append(
            _Declared(
                program=_first(told, "midi-program"),
                channel=_first(told, "midi-channel"),
                transposes=part is not None and next(part.iter("transpose"), None) is not None,
            )
        )
    return said


def _first(told: Any, tag: str) -> int | None:
    """The first number of that tag, counted from 0."""
    found = next((one.text or "" for one in told.iter(tag)), "").strip()
    return int(found) - 1 if found.isdecimal() and 1 <= int(found) <= 128 else None


def _score(read: Any, declared: list[_Declared]) -> Told:
    count = _Count()
    upbeat = _upbeat(read)
    instruments = list(_instruments(read))
    if len(instruments) != len(declared):
        declared = [_Declared(transposes=True)] * len(instruments)
    for staves, said in zip(instruments, declared, strict=True):
        _sounding(staves, said, count)
    read.toSoundingPitch(inPlace=True)
    flats = {id(part): part.flatten() for part in read.parts}
    tracks: list[Track] = []
    for staves, said in zip(instruments, declared, strict=True):
        found = _Part()
        for staff in staves:
            _read_staff(found, flats[id(staff)], upbeat, count)
        tracks.append(_track(found, staves, said, f"t{len(tracks) + 1}"))
        if len(staves) > 1:
            count.staves.append(tracks[-1].name or "one instrument")
    end = max((track.notes[-1].end for track in tracks if track.notes), default=0)
    every = list(flats.values())
    score = Score(
        tracks=tuple(tracks),
        tempos=tuple(tempos_of(every, upbeat)),
        meters=tuple(meters_of(every, upbeat)),
        keys=tuple(keys_of(every, upbeat)),
        chords=chords_of(every, upbeat, end),
        markers=markers_of(every, upbeat),
    )
    if not score.note_count:
        raise StudioError("there is no note in it")
    return checked(score), tuple(_told(read, count, upbeat)), _title(read)


def _sounding(staves: list[Any], said: _Declared, count: _Count) -> None:
    """Leave an instrument's transposition only where the file has one."""
    transposed = False
    for staff in staves:
        for played in staff.recurse().getElementsByClass(instrument.Instrument):
            if not said.transposes:
                played.transposition = None
            transposed |= played.transposition is not None
    if transposed:
        count.transposed.append(str(staves[0].partName or "a part"))


def _upbeat(read: Any) -> int:
    """How many ticks the first bar lacks: the piece begins so much later, so that bars begin at bar lines."""
    for part in read.parts:
        bars = part.getElementsByClass(stream.Measure)
        if len(bars) > 1:  # one bar that is not full is no upbeat
            return tick_of(bars.first().paddingLeft)
    return 0


def _instruments(read: Any) -> Iterator[list[Any]]:
    """The parts, those that are staves of one instrument together."""
    grouped: dict[int, list[Any]] = {}
    for group in read.recurse().getElementsByClass(layout.StaffGroup):
        members = list(group)
        if len(members) > 1 and all(isinstance(member, stream.PartStaff) for member in members):
            grouped |= {id(member): members for member in members}
    for part in read.parts:
        staves = grouped.get(id(part), [part])
        if staves[0] is part:
            yield staves


def _read_staff(found: _Part, flat: Any, upbeat: int, count: _Count) -> None:
    """The notes and sung words of a staff."""
    loudness = [(d.offset, round(d.volumeScalar * 127)) for d in flat.getElementsByClass(dynamics.Dynamic)]
    at, velocity = 0, VELOCITY
    for element in sorted(flat.notes, key=attrgetter("offset")):
        if isinstance(element, harmony.Harmony):
            continue
        while at < len(loudness) and loudness[at][0] <= element.offset:
            velocity = loudness[at][1]
            at += 1
        if element.duration.isGrace or not element.quarterLength:
            count.graces += 1
            continue
        start = tick_of(element.offset) + upbeat
        end = max(start + 1, tick_of(element.offset + element.quarterLength) + upbeat)
        exact = element.offset * TICKS == start - upbeat and element.quarterLength * TICKS == end - start
        for one in element.notes if isinstance(element, chord.ChordBase) else (element,):
            pitch, drum = _pitch(one, element)
            found.drums |= drum
            count.notes += 1
            count.moved += not exact
            said = one.volume.velocity or element.volume.velocity or velocity
            found.notes.append((start, pitch, end, max(1, min(127, said)), one.tie.type if one.tie else ""))
        found.words += _words(element, start)


def _pitch(one: Any, element: Any) -> tuple[int, bool]:
    """The MIDI pitch, and whether it is a drum's; `element` is the note, or the chord it is in."""
    if isinstance(one, note.Unpitched):
        played = getattr(one.storedInstrument or element.getInstrument(), "percMapPitch", None)
        return (played if played is not None else one.displayPitch().midi), True
    return max(0, min(127, one.pitch.midi)), False


def _words(element: Any, start: int) -> Iterator[Word]:
    """The first verse; a syllable that goes on ends with "-"."""
    for lyric in element.lyrics[:1]:
        if lyric.text:
            yield Word(start, lyric.text + ("-" if lyric.syllabic in ("begin", "middle") else ""))


def _joined(notes: Iterable[tuple[int, int, int, int, str]]) -> Iterator[Note]:
    """Tied notes as one."""
    waiting: dict[
        tuple[int, int], list[tuple[int, int]]
    ] = {}  # pitch, end of what is tied on: starts, velocities
    for start, pitch, end, velocity, tie in sorted(notes):
        begun = waiting.get((pitch, start)) if tie in ("stop", "continue") else None
        held = begun.pop(0) if begun else (start, velocity)
        if tie in ("start", "continue"):
            waiting.setdefault((pitch, end), []).append(held)
        else:
            yield Note(held[0], pitch, end - held[0], held[1])
    for (pitch, end), loose in waiting.items():  # tied to nothing
        for start, velocity in loose:
            yield Note(start, pitch, end - start, velocity)


def _track(found: _Part, staves: list[Any], said: _Declared, track_id: str) -> Track:
    played = next(iter(staves[0].recurse().getElementsByClass(instrument.Instrument)), None)
    name = staves[0].partName or (played.partName or played.instrumentName if played else "") or ""
    guessed = played.midiProgram if played and played.midiProgram is not None else 0
    drums = found.drums or said.channel == _DRUMS
    return Track(
        id=track_id,
        name=" ".join(str(name).split()),
        program=guessed if said.program is None else said.program,
        drums=drums,
        notes=tuple(sorted(_joined(found.notes))),
        words=tuple(sorted(found.words, key=attrgetter("tick"))),
    )


def _title(read: Any) -> str:
    told = read.metadata
    return str((told.title or told.movementName or "") if told else "").strip()


def _told(read: Any, count: _Count, upbeat: int) -> Iterator[str]:
    if upbeat:
        yield "The piece begins with an upbeat: rests were put before it, so that its bars begin where bars begin."
    if count.staves:
        yield f"The staves of one instrument became one track: {', '.join(count.staves)}."
    if count.transposed:
        yield f"Written at another pitch than it sounds, taken in as it sounds: {', '.join(count.transposed)}."
    if _repeats(read):
        yield "Repeats are taken in once, as they are written; they were not unfolded."
    if count.graces:
        yield f"Grace notes left out: {count.graces:,}."
    if count.moved:
        yield f"Notes moved by less than a tick ({TICKS} to a quarter): {count.moved:,} of {count.notes:,}."


def _repeats(read: Any) -> bool:
    return any(True for _ in read.recurse().getElementsByClass((bar.Repeat, repeat.RepeatExpression)))
