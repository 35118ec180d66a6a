"""From a track's notes to voices: pedal, notes struck again, the pitch wheel, expression, hi-hats that close."""

from bisect import bisect_left, bisect_right
from typing import Final, NamedTuple

from studio.media.music.curves import BENT_MOST, Bends
from studio.media.music.score import Control, Note, Track
from studio.media.music.transport import TimeMap
from studio.media.music.voices import Instrument, Voice, Voices

BANK: Final = 0
DATA: Final = 6
VOLUME: Final = 7
EXPRESSION: Final = 11
PEDAL: Final = 64
RPN_FINE: Final = 100
RPN_COARSE: Final = 101
DOWN: Final = 64  # a pedal's value from which it is down
BEND_CENTS: Final = 200  # the wheel's reach, unless the track's controls set another
HELD_MOST_S: Final = 30.0  # a pedal that is never lifted


class Part(NamedTuple):
    """A track as it is to sound, but for what the mixer does: volume, pan, mute, solo."""

    instrument: Instrument
    voices: tuple[Voice, ...]  # by start
    loudness: tuple[tuple[int, float], ...]  # (frame, factor) from there on: expression


def part_of(track: Track, time: TimeMap, sounds: Voices) -> Part:
    """Work out a track. `sounds` tells which drums stop each other."""
    bank = next((control.value for control in track.controls if control.number == BANK), 0)
    instrument = Instrument(track.program, track.drums, bank)
    lifts = _pedal(track.controls)
    bends = tuple((time.frame_at(bend.tick), bend.value) for bend in track.bends)
    reach = _reach(track.controls)
    voices = []
    for note, again in zip(track.notes, _struck_again(track.notes), strict=True):
        start = time.frame_at(note.start)
        off = max(start + 1, time.frame_at(note.end))
        if lifts:
            off = max(off, min(_lifted(lifts, note.end, time), off + round(HELD_MOST_S * time.rate)))
        if again is not None:
            off = min(off, max(start + 1, time.frame_at(again)))
        bent = _bends(bends, start, off + time.rate, reach) if bends else ()
        voices.append(Voice(start, off, note.pitch, max(1, min(127, note.velocity)), bent))
    if track.drums:
        voices = _stopped(voices, instrument, sounds)
    return Part(instrument, tuple(voices), _loudness(track, time))


def _struck_again(notes: tuple[Note, ...]) -> list[int | None]:
    """For each note, when its key is struck next; notes that begin together do not count for each other."""
    found: list[int | None] = [None] * len(notes)
    seen: dict[int, tuple[int, int | None]] = {}  # pitch: its latest start, and the one after that
    for index in range(len(notes) - 1, -1, -1):
        note = notes[index]
        start, later = seen.get(note.pitch, (-1, None))
        found[index] = later if start == note.start else start if start >= 0 else None
        if start != note.start:
            seen[note.pitch] = (note.start, found[index])
    return found


def _pedal(controls: tuple[Control, ...]) -> tuple[tuple[int, bool], ...]:
    """When the sustain pedal goes down and up."""
    moves: list[tuple[int, bool]] = []
    for control in controls:
        if control.number == PEDAL and (not moves or moves[-1][1] != (control.value >= DOWN)):
            moves.append((control.tick, control.value >= DOWN))
    return tuple(moves)


def _lifted(moves: tuple[tuple[int, bool], ...], end: int, time: TimeMap) -> int:
    """The frame at which the pedal that is down at `end` is lifted; 0 when it is up."""
    at = bisect_right(moves, end, key=lambda move: move[0]) - 1
    if at < 0 or not moves[at][1]:
        return 0
    return time.frame_at(moves[at + 1][0]) if at + 1 < len(moves) else 1 << 60


def _reach(controls: tuple[Control, ...]) -> int:
    """How far the pitch wheel reaches, in cents: set by the registered parameter 0, else two semitones."""
    parameter = [127, 127]
    for control in controls:
        if control.number in (RPN_FINE, RPN_COARSE):
            parameter[control.number - RPN_FINE] = control.value
        elif control.number == DATA and parameter == [0, 0]:
            return min(control.value, 24) * 100
    return BEND_CENTS


def _bends(bends: tuple[tuple[int, int], ...], start: int, end: int, reach: int) -> Bends:
    """The wheel's turns while a note sounds, from its start; () when it rests."""
    first = bisect_right(bends, start, key=lambda bend: bend[0]) - 1
    last = bisect_left(bends, end, key=lambda bend: bend[0])
    found = bends[max(0, first) : last][:BENT_MOST]
    if not any(value for _, value in found):
        return ()
    return tuple((max(0, frame - start), round(value * reach / 8192)) for frame, value in found)


def _stopped(voices: list[Voice], instrument: Instrument, sounds: Voices) -> list[Voice]:
    """Drums of one group stop each other."""
    last: dict[int, int] = {}
    for index, voice in enumerate(voices):
        regions = sounds.regions(instrument, voice.pitch, voice.velocity)
        group = next((region.group for region in regions if region.group), 0)
        if not group:
            continue
        if group in last and voices[last[group]].start < voice.start:
            voices[last[group]] = voices[last[group]]._replace(cut=voice.start)
        last[group] = index
    return voices


def _loudness(track: Track, time: TimeMap) -> tuple[tuple[int, float], ...]:
    """Expression, and volume that changes on the way.

    As in MIDI, such a volume takes the place of the track's own, which the mixer applies: so it is divided by that.
    """
    expression, volume = 127, track.volume
    points: list[tuple[int, float]] = []
    for control in track.controls:
        if control.number == EXPRESSION:
            expression = control.value
        elif control.number == VOLUME:
            volume = control.value
        else:
            continue
        factor = (expression / 127) ** 2 * (volume / max(1, track.volume)) ** 2
        points.append((time.frame_at(control.tick), min(factor, 16.0)))
    return tuple(points)
