"""A score: tracks of notes on a time line of ticks, 480 to a quarter, with tempo, metre, keys, chords and markers.

Everything is frozen; a change makes another score. Values are checked where they come in (files, documents, dialogs)
by `checked`: a piece holds thousands of notes and is rebuilt at every touch.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

TICKS: Final = 480  # to a quarter note
MICROS_PER_MINUTE: Final = 60_000_000
END_MOST: Final = TICKS * 4 * 100_000  # ticks; two days at 120 quarters a minute

Mode = Literal["major", "minor"]


class Note(Struct, frozen=True, order=True, gc=False):
    """A note: when it starts and how long it lasts in ticks, its MIDI pitch (60 is middle C) and velocity.

    `author` is "" for the person, or the id of the take it came from (as in media.spans). A `locked` note stays as
    it is, whatever a model or the person does, until it is unlocked.
    """

    start: int
    pitch: int
    duration: int
    velocity: int = 80
    author: str = ""
    locked: bool = False

    @property
    def end(self) -> int:
        """The tick at which it ends."""
        return self.start + self.duration


class Control(Struct, frozen=True, order=True, gc=False):
    """A controller's value from a tick on: `number` as MIDI counts (64 is the pedal), value 0 to 127."""

    tick: int
    number: int
    value: int


class Bend(Struct, frozen=True, order=True, gc=False):
    """The pitch wheel from a tick on: -8192 to 8191, 0 is none."""

    tick: int
    value: int


class Word(Struct, frozen=True, order=True, gc=False):
    """A syllable that is sung, or a marker of the piece ("Verse"), at a tick."""

    tick: int
    text: str


class Held(Struct, frozen=True, order=True, gc=False):
    """A locked stretch of a track, from tick `start` up to `end`: see media.music.holds."""

    start: int
    end: int


class Track(Struct, frozen=True, kw_only=True):
    """One instrument: a General MIDI program (0 to 127), or a drum kit whose pitches are drums.

    `notes` are sorted (by start, then pitch). `volume` is MIDI's 0 to 127, `pan` -1 left to 1 right. `locked`: no
    model changes anything in it. `held` are its locked bars, sorted and apart from each other.
    """

    id: str
    name: str = ""
    program: int = 0
    drums: bool = False
    notes: tuple[Note, ...] = ()
    controls: tuple[Control, ...] = ()
    bends: tuple[Bend, ...] = ()
    words: tuple[Word, ...] = ()
    volume: int = 100
    pan: float = 0.0
    mute: bool = False
    solo: bool = False
    locked: bool = False
    held: tuple[Held, ...] = ()

    def with_notes(self, notes: Iterable[Note]) -> "Track":
        """The same with these notes, sorted."""
        return replace(self, notes=tuple(sorted(notes)))


class Tempo(Struct, frozen=True, order=True, gc=False):
    """The tempo from a tick on, in microseconds a quarter as MIDI keeps it."""

    tick: int
    micros: int

    @property
    def per_minute(self) -> float:
        """Quarters a minute."""
        return MICROS_PER_MINUTE / self.micros


class Meter(Struct, frozen=True, order=True, gc=False):
    """The metre from a tick on: `beats` of a 1/`unit` note a bar. It begins a bar."""

    tick: int
    beats: int = 4
    unit: int = 4

    @property
    def bar_ticks(self) -> int:
        """How long a bar is."""
        return TICKS * 4 * self.beats // self.unit


class Key(Struct, frozen=True, order=True, gc=False):
    """The key from a tick on: the tonic's pitch class (0 is C) and its mode."""

    tick: int
    tonic: int
    mode: Mode = "major"


class Chord(Struct, frozen=True, order=True, gc=False):
    """A chord of the chord track, by its symbol ("Dm7", "G7/B", "N" for none), from a tick for so long."""

    tick: int
    duration: int
    symbol: str


class Score(Struct, frozen=True, kw_only=True):
    """A piece. The first tempo and metre stand at tick 0; with none given they are 120 and 4/4."""

    tracks: tuple[Track, ...] = ()
    tempos: tuple[Tempo, ...] = (Tempo(0, 500_000),)
    meters: tuple[Meter, ...] = (Meter(0),)
    keys: tuple[Key, ...] = ()
    chords: tuple[Chord, ...] = ()
    markers: tuple[Word, ...] = ()

    @property
    def end(self) -> int:
        """The tick at which its last note or chord ends; 0 for an empty score."""
        ends = [note.end for track in self.tracks for note in track.notes]
        return max([*ends, *(chord.tick + chord.duration for chord in self.chords)], default=0)

    @property
    def note_count(self) -> int:
        """How many notes it has."""
        return sum(len(track.notes) for track in self.tracks)

    def track(self, track_id: str) -> Track:
        """One track. Raises KeyError."""
        for track in self.tracks:
            if track.id == track_id:
                return track
        raise KeyError(track_id)

    def with_track(self, track: Track) -> "Score":
        """With this track in place of the one with its id; a new one comes last."""
        if any(other.id == track.id for other in self.tracks):
            return replace(
                self, tracks=tuple(track if other.id == track.id else other for other in self.tracks)
            )
        return replace(self, tracks=(*self.tracks, track))

    def bars(self, at_least: int = 1) -> "Bars":
        """Its bars, as many as its notes and chords reach into, and `at_least` so many."""
        return Bars.of(self.meters, self.end, at_least)


class Bars(Struct, frozen=True):
    """Where bars begin: `starts` has one tick more than there are bars, the end of the last. Bars count from 0."""

    starts: tuple[int, ...]

    @classmethod
    def of(cls, meters: tuple[Meter, ...], end: int, at_least: int = 1) -> "Bars":
        """Bars up to the one that `end` lies in or ends; a metre that comes inside a bar cuts it short."""
        starts, tick = [0], 0
        changes = [meter.tick for meter in meters]
        while tick < end or len(starts) <= at_least:
            at = max(0, bisect_right(changes, tick) - 1)
            tick += meters[at].bar_ticks
            if at + 1 < len(meters):
                tick = min(tick, meters[at + 1].tick)
            starts.append(tick)
        return cls(tuple(starts))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def at(self, tick: int) -> int:
        """The bar a tick lies in; past the end: the last one."""
        return min(max(0, bisect_right(self.starts, tick) - 1), len(self) - 1)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The ticks from the start of bar `first` to the end of bar `last`."""
        return self.starts[first], self.starts[last + 1]


def seconds_at(tempos: tuple[Tempo, ...], tick: float) -> float:
    """When a tick sounds, in seconds from the start."""
    seconds, last = 0.0, tempos[0]
    for tempo in tempos[1:]:
        if tempo.tick >= tick:
            break
        seconds += (tempo.tick - last.tick) * last.micros / TICKS / 1e6
        last = tempo
    return seconds + (tick - last.tick) * last.micros / TICKS / 1e6


def tick_at(tempos: tuple[Tempo, ...], seconds: float) -> float:
    """The tick that sounds then."""
    last = tempos[0]
    for tempo in tempos[1:]:
        span_s = (tempo.tick - last.tick) * last.micros / TICKS / 1e6
        if seconds < span_s:
            break
        seconds -= span_s
        last = tempo
    return last.tick + seconds * 1e6 * TICKS / last.micros
