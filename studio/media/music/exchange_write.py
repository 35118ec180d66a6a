"""Scores into MusicXML by music21: notes in voices, on a grid that notation knows.

Imports music21: only the child process does.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from msgspec.structs import replace
from music21 import chord, expressions, harmony, instrument, metadata, meter, note, stream, tempo
from music21 import key as keys
from music21.musicxml.m21ToXml import GeneralObjectExporter

from studio.core.errors import StudioError
from studio.media.music.chords import NO_CHORD, parse_chord, plain_quality
from studio.media.music.score import MICROS_PER_MINUTE, TICKS, Note, Score, Track
from studio.media.music.theory import spell

Group = tuple[list[Note], list[str]]  # notes that begin and end together, and what is sung to them
GRID: Final = TICKS // 24  # thirty-second notes' halves and triplets' halves
_DRUMS: Final = 9
_KINDS: Final = {
    "": "major",
    "m": "minor",
    "7": "dominant-seventh",
    "m7": "minor-seventh",
    "maj7": "major-seventh",
    "dim": "diminished",
    "dim7": "diminished-seventh",
    "m7b5": "half-diminished-seventh",
    "aug": "augmented",
    "sus4": "suspended-fourth",
    "sus2": "suspended-second",
    "6": "major-sixth",
    "m6": "minor-sixth",
    "7sus4": "suspended-fourth-seventh",
}


def musicxml(score: Score, title: str) -> tuple[str, tuple[str, ...]]:
    """The XML, and what the page cannot show as it is. Raises what music21 raises."""
    page = stream.Score()
    page.metadata = metadata.Metadata()
    page.metadata.title = title or "Untitled"
    page.metadata.composer = ""
    moved = wordless = uneven = 0
    for at, track in enumerate(score.tracks):
        laid = _on_grid(track.notes)
        moved += sum(a != b for a, b in zip(track.notes, laid, strict=True))
        voices = _voices(laid)
        uneven += sum(len({one.velocity for one in group}) > 1 for voice in voices for group, _ in voice)
        wordless += _sing(track, voices)
        part = _part(score, track, voices, first=at == 0)
        page.insert(0, part)
    told = []
    if moved:
        told.append(
            f"Notes moved to a thirty-second or a triplet, as a page shows them: {moved:,} of {score.note_count:,}."
        )
    if uneven:
        told.append(f"Chords of several velocities written with the loudest: {uneven:,}.")
    if wordless:
        told.append(f"Words with no note above them left out: {wordless:,}.")
    if any(track.controls or track.bends for track in score.tracks):
        told.append("Controllers and pitch bends are not written: a page has no place for them.")
    return GeneralObjectExporter(page).parse().decode(), tuple(told)


def _on_grid(notes: tuple[Note, ...]) -> list[Note]:
    laid = []
    for one in notes:
        start = (one.start + GRID // 2) // GRID * GRID
        end = max(start + GRID, (one.end + GRID // 2) // GRID * GRID)
        laid.append(replace(one, start=start, duration=end - start))
    return laid


def _part(score: Score, track: Track, voices: list[list[Group]], first: bool) -> Any:
    part = stream.Part(id=track.id)
    part.partName = track.name
    played = instrument.Instrument(track.name)
    played.partName = track.name
    played.midiProgram = track.program
    played.midiChannel = _DRUMS if track.drums else None
    part.insert(0, played)
    for sign in score.meters:
        part.insert(_quarters(sign.tick), meter.TimeSignature(f"{sign.beats}/{sign.unit}"))
    for key in () if track.drums else score.keys:
        name = spell(key.tonic, key).replace("b", "-")
        part.insert(_quarters(key.tick), keys.Key(name, key.mode))
    if first:
        for pace in score.tempos:
            part.insert(_quarters(pace.tick), tempo.MetronomeMark(number=MICROS_PER_MINUTE / pace.micros))
        for mark in score.markers:
            part.insert(_quarters(mark.tick), expressions.RehearsalMark(mark.text))
        for harmonies in _symbols(score):
            part.insert(*harmonies)
    for number, voice in enumerate(voices, 1):
        held = stream.Voice(id=str(number))
        for group, words in voice:
            held.insert(_quarters(group[0].start), _sounding(group, words))
        part.insert(0, held)
    return part


def _voices(notes: list[Note]) -> list[list[Group]]:
    """Notes that begin and end together are chords; each chord goes to the first voice that is silent."""
    together: dict[tuple[int, int], list[Note]] = {}
    for one in notes:
        together.setdefault((one.start, one.end), []).append(one)
    voices: list[list[Group]] = []
    ends: list[int] = []
    for (start, end), group in sorted(together.items()):
        at = next((at for at, until in enumerate(ends) if until <= start), len(voices))
        if at == len(voices):
            voices.append([])
            ends.append(0)
        voices[at].append((group, []))
        ends[at] = end
    return voices or [[]]


def _sing(track: Track, voices: list[list[Group]]) -> int:
    """Put each word to the notes that begin with it; how many have none."""
    begins: dict[int, Group] = {}
    for voice in reversed(voices):
        begins |= {group[0][0].start: group for group in voice}
    lost = 0
    for word in track.words:
        group = begins.get((word.tick + GRID // 2) // GRID * GRID)
        if group is None or group[1]:
            lost += 1
        else:
            group[1].append(word.text)
    return lost


def _sounding(group: list[Note], words: list[str]) -> Any:
    length = _quarters(group[0].duration)
    pitches = {one.pitch: one for one in group}  # a pitch stands in a chord once
    made = []
    for one in pitches.values():
        made.append(note.Note(one.pitch, quarterLength=length))
        made[-1].volume.velocity = one.velocity
    sounding = made[0] if len(made) == 1 else chord.Chord(made, quarterLength=length)
    sounding.volume.velocity = max(one.velocity for one in group)
    for word in words:
        sounding.addLyric(word.removesuffix("-"))
        sounding.lyrics[0].syllabic = "begin" if word.endswith("-") else "single"
    return sounding


def _quarters(ticks: int) -> Fraction:
    return Fraction(ticks, TICKS)


def _symbols(score: Score) -> Iterator[tuple[Fraction, Any]]:
    """The chord symbols; one that is none of ours is written as the words it is."""
    for told in score.chords:
        at = _quarters(told.tick)
        if told.symbol == NO_CHORD:
            yield at, harmony.NoChord()
            continue
        try:
            parts = parse_chord(told.symbol)
        except StudioError:
            yield at, expressions.TextExpression(told.symbol)
            continue
        root, _, under = told.symbol.partition("/")
        name = root[: 2 if root[1:2] in ("#", "b") else 1]
        symbol = harmony.ChordSymbol(
            root=name.replace("b", "-"),
            bass=under.replace("b", "-") if under else None,
            kind=_KINDS[plain_quality(parts.quality)],
            kindStr=parts.quality,
        )
        symbol.writeAsChord = False
        yield at, symbol
