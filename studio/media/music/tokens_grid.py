"""What one sequence of tokens holds: bars and tracks of notes in steps, 12 to a quarter, counted from its own start."""

from bisect import bisect_right
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from studio.media.music.vocabulary import QUALITIES, STEPS

NO_CHORD = ((0, -1),)


class GridNote(Struct, frozen=True, order=True, gc=False):
    """A note in steps from the start of its piece or window; `velocity` is a bin of eight."""

    start: int
    pitch: int
    duration: int
    velocity: int = 10

    @property
    def end(self) -> int:
        """The step at which it ends."""
        return self.start + self.duration


class GridBar(Struct, frozen=True):
    """A bar: where it starts and how long it is (steps), and what holds in it.

    `beats`/`unit` is the metre it stands in, (length, 48) for one without a token. `tempo` is a class of
    vocabulary.TEMPOS, `key` tonic * 2 + 1 if minor, -1 for none told. `chords` are (position, class) with the first at
    0, class -1 for none.
    """

    start: int
    length: int
    beats: int = 4
    unit: int = 4
    tempo: int = -1
    key: int = -1
    chords: tuple[tuple[int, int], ...] = NO_CHORD

    @property
    def end(self) -> int:
        """The step at which it ends."""
        return self.start + self.length

    @property
    def nominal(self) -> int:
        """How long its metre would have it be, in steps, rounded up."""
        return nominal_steps(self.beats, self.unit)


class GridTrack(Struct, frozen=True, kw_only=True):
    """One instrument and its notes, sorted."""

    id: str = ""
    program: int = 0
    drums: bool = False
    notes: tuple[GridNote, ...] = ()


class Window(Struct, frozen=True):
    """Some bars of some tracks, counted from the window's own start."""

    bars: tuple[GridBar, ...]
    tracks: tuple[GridTrack, ...]

    @property
    def steps(self) -> int:
        """How long it is."""
        return self.bars[-1].end if self.bars else 0

    @property
    def pitch_span(self) -> tuple[int, int]:
        """The lowest and highest pitch that is not a drum; (127, 0) without any: how far it can be transposed."""
        pitches = [note.pitch for track in self.tracks if not track.drums for note in track.notes]
        return min(pitches, default=127), max(pitches, default=0)

    def transposed(self, semitones: int) -> "Window":
        """Keys, chords and all notes but drums, higher by so much. The caller minds `pitch_span`."""
        return Window(
            tuple(_bar_transposed(bar, semitones) for bar in self.bars),
            tuple(_track_transposed(track, semitones) for track in self.tracks),
        )

    def bar_notes(self, track: int) -> list[Sequence[GridNote]]:
        """The notes of a track that start in each bar."""
        notes, first = self.tracks[track].notes, 0
        found: list[Sequence[GridNote]] = []
        for bar in self.bars:
            last = first
            while last < len(notes) and notes[last].start < bar.end:
                last += 1
            found.append(notes[first:last])
            first = last
        return found


def nominal_steps(beats: int, unit: int) -> int:
    """How long a bar of a metre is, in steps, rounded up."""
    return -(-STEPS * 4 * beats // unit)


def notes_between(notes: Sequence[GridNote], start: int, end: int) -> Sequence[GridNote]:
    """Those of sorted notes that start there."""
    first = bisect_right(notes, start - 1, key=lambda note: note.start)
    return notes[first : bisect_right(notes, end - 1, lo=first, key=lambda note: note.start)]


def _bar_transposed(bar: GridBar, semitones: int) -> GridBar:
    key = bar.key if bar.key < 0 else (bar.key + 2 * semitones) % 24
    classes = 12 * len(QUALITIES)
    chords = tuple(
        (at, class_ if class_ < 0 else (class_ + semitones * len(QUALITIES)) % classes)
        for at, class_ in bar.chords
    )
    return replace(bar, key=key, chords=chords)


def _track_transposed(track: GridTrack, semitones: int) -> GridTrack:
    if track.drums or not semitones:
        return track
    return replace(
        track,
        notes=tuple(
            GridNote(note.start, note.pitch + semitones, note.duration, note.velocity) for note in track.notes
        ),
    )
