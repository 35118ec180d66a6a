"""What bars of a piece measure: the facts that takes are listed and compared by."""

from collections.abc import Collection, Iterable, Sequence
from math import log2

from msgspec import Struct

from studio.media.music.chords import chord_at, parse_chord
from studio.media.music.keyfinding import class_lengths, find_key
from studio.media.music.score import TICKS, Key, Note, Score
from studio.media.music.theory import Scale, key_at, key_classes, key_name, pitch_name, scale_classes


class Facts(Struct, frozen=True, kw_only=True):
    """What some bars of some tracks measure. None: there is nothing to measure it on.

    `low`, `high`: pitches. Shares are of notes, 0 to 1: in the key (of the piece, or the one its notes suggest; in
    minor with raised sixth and seventh) or the scale asked for, and in the chord that sounds when they begin.
    `polyphony`: how many notes sound on average while any does. Drums count for density and rests alone.
    """

    notes: int
    bars: int
    low: int | None = None
    high: int | None = None
    key: Key | None = None
    in_key: float | None = None
    in_chord: float | None = None
    polyphony: float | None = None
    longest_rest_ticks: int = 0
    class_entropy: float | None = (
        None  # bits, of pitch classes by number of notes; MusPy's pitch_class_entropy
    )

    @property
    def density(self) -> float:
        """Notes a bar."""
        return self.notes / self.bars

    @property
    def words(self) -> str:
        """For a list: "24 notes, 6 a bar, C3 to G5, 96 % in D minor, 100 % in the chords"."""
        if not self.notes:
            return "no notes"
        said = [
            "1 note" if self.notes == 1 else f"{self.notes:,} notes",
            f"{self.density:.2g} a bar" if self.density < 10 else f"{self.density:.0f} a bar",
        ]
        if self.low is not None and self.high is not None:
            low, high = pitch_name(self.low, self.key), pitch_name(self.high, self.key)
            said.append(low if low == high else f"{low} to {high}")
        if self.in_key is not None and self.key is not None:
            said.append(f"{_percent(self.in_key)} in {key_name(self.key)}")
        if self.in_chord is not None:
            said.append(f"{_percent(self.in_chord)} in the chords")
        if self.longest_rest_ticks >= TICKS * 4:
            said.append(f"rests for {self.longest_rest_ticks / TICKS:.3g} quarters")
        return ", ".join(said)


def measure(
    score: Score,
    tracks: Collection[str] | None = None,
    first_bar: int = 0,
    last_bar: int | None = None,
    scale: Scale | None = None,
) -> Facts:
    """Measures the notes that begin in bars `first_bar` up to and with `last_bar` (None: the last) of tracks.

    `scale`: measure against this scale on the key's tonic instead of all that belongs to the key.
    """
    bars = score.bars(at_least=first_bar + 1 if last_bar is None else last_bar + 1)
    last_bar = len(bars) - 1 if last_bar is None else last_bar
    start, end = bars.span(first_bar, last_bar)
    chosen = [track for track in score.tracks if tracks is None or track.id in tracks]
    every = sorted(note for track in chosen for note in track.notes if start <= note.start < end)
    pitched = sorted(
        note for track in chosen if not track.drums for note in track.notes if start <= note.start < end
    )
    guess = None if score.keys and score.keys[0].tick <= start else find_key(pitched, start, end)
    named = key_at(score.keys, start) or (guess.key if guess else None)
    return Facts(
        notes=len(every),
        bars=last_bar - first_bar + 1,
        low=min((note.pitch for note in pitched), default=None),
        high=max((note.pitch for note in pitched), default=None),
        key=named,
        in_key=_share(_in_key(score, note, named, scale) for note in pitched),
        in_chord=_share(_in_chords(score, pitched)),
        polyphony=_polyphony(pitched),
        longest_rest_ticks=_longest_rest(every, start, end),
        class_entropy=_entropy(pitched),
    )


def _in_key(score: Score, note: Note, named: Key | None, scale: Scale | None) -> bool:
    key = key_at(score.keys, note.start) or named
    classes = key_classes(key) if key and scale is None else scale_classes(key, scale) if key else frozenset()
    return note.pitch % 12 in classes


def _in_chords(score: Score, notes: Iterable[Note]) -> Iterable[bool]:
    """Whether each note that begins while a chord sounds belongs to it."""
    classes = {chord.symbol: parse_chord(chord.symbol).classes for chord in score.chords}
    for note in notes:
        chord = chord_at(score.chords, note.start)
        if chord is not None and classes[chord.symbol]:
            yield note.pitch % 12 in classes[chord.symbol]


def _share(hits: Iterable[bool]) -> float | None:
    told = list(hits)
    return sum(told) / len(told) if told else None


def _polyphony(notes: Sequence[Note]) -> float | None:
    """How many sound on average while any does; notes sorted."""
    return sum(note.duration for note in notes) / _sounding(notes) if notes else None


def _sounding(notes: Sequence[Note]) -> int:
    """Ticks in which at least one of the notes sounds; notes sorted."""
    ticks, reach = 0, 0
    for note in notes:
        ticks += max(0, note.end - max(reach, note.start))
        reach = max(reach, note.end)
    return ticks


def _longest_rest(notes: Sequence[Note], start: int, end: int) -> int:
    """The longest silence between two ticks, before the first and behind the last note too; notes sorted."""
    longest, reach = 0, start
    for note in notes:
        longest = max(longest, note.start - reach)
        reach = max(reach, note.end)
    return max(longest, end - reach)


def _entropy(notes: Sequence[Note]) -> float | None:
    if not notes:
        return None
    counts = class_lengths(Note(0, note.pitch, 1) for note in notes)
    return -sum(count / len(notes) * log2(count / len(notes)) for count in counts if count)


def _percent(share: float) -> str:
    """A share in per cent; only all is called 100, and only none 0."""
    return f"{min(max(round(share * 100), share > 0), 99 + (share >= 1))} %"
