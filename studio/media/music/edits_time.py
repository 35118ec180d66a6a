"""What stands over all tracks: tempo, metre, keys, chords and markers."""

from collections.abc import Iterable
from typing import Final, TypeVar

from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.media.music.chords import merged_chords, normal_symbol
from studio.media.music.score import END_MOST, MICROS_PER_MINUTE, Chord, Key, Meter, Score, Tempo, Word

SLOWEST: Final = 4.0  # quarters a minute; MIDI can write 3.58 and more
FASTEST: Final = 1000.0
UNITS: Final = (1, 2, 4, 8, 16, 32)
BEATS_MOST: Final = 64
_Placed = TypeVar("_Placed", bound=Tempo | Meter | Key | Word)


def set_tempo(score: Score, tick: int, per_minute: float) -> Score:
    """The tempo from a tick on, in quarters a minute. Raises StudioError outside 4 to 1000."""
    if not SLOWEST <= per_minute <= FASTEST:
        raise StudioError(
            f"A tempo of {per_minute:g} cannot be played.",
            kept="The tempo stays as it was.",
            do=f"Choose one from {SLOWEST:g} to {FASTEST:g} quarters a minute.",
            code="tempo",
        )
    return replace(score, tempos=_with(score.tempos, Tempo(tick, round(MICROS_PER_MINUTE / per_minute))))


def remove_tempo(score: Score, tick: int) -> Score:
    """Without the change of tempo at a tick; the first tempo stays."""
    return replace(score, tempos=tuple(tempo for tempo in score.tempos if tempo.tick != tick or tick == 0))


def set_meter(score: Score, bar: int, beats: int, unit: int) -> Score:
    """The metre from a bar on. A later change keeps its tick, and cuts the bar before it short when it no longer fits.

    Raises StudioError for one that cannot be written.
    """
    if unit not in UNITS or not 1 <= beats <= BEATS_MOST:
        raise StudioError(
            f"There is no metre of {beats}/{unit}.",
            kept="The metre stays as it was.",
            do=f"Choose 1 to {BEATS_MOST} beats of 1/{UNITS[0]}, 1/2, 1/4, 1/8, 1/16 or 1/32.",
            code="meter",
        )
    starts = score.bars(at_least=bar + 1).starts
    return replace(score, meters=_with(score.meters, Meter(starts[bar], beats, unit)))


def remove_meter(score: Score, tick: int) -> Score:
    """Without the change of metre at a tick; the first metre stays."""
    return replace(score, meters=tuple(meter for meter in score.meters if meter.tick != tick or tick == 0))


def set_key(score: Score, key: Key) -> Score:
    """With this key from its tick on."""
    return replace(score, keys=_with(score.keys, key))


def remove_key(score: Score, tick: int) -> Score:
    """Without the key that begins at a tick."""
    return replace(score, keys=tuple(key for key in score.keys if key.tick != tick))


def set_marker(score: Score, tick: int, text: str) -> Score:
    """With a marker at a tick, in place of one there; no text takes it away."""
    others = tuple(marker for marker in score.markers if marker.tick != tick)
    words = " ".join(text.split())
    return replace(score, markers=_with(others, Word(tick, words)) if words else others)


def move_marker(score: Score, tick: int, to: int) -> Score:
    """With the marker at a tick at another, in place of one there."""
    texts = [marker.text for marker in score.markers if marker.tick == tick]
    return set_marker(set_marker(score, tick, ""), max(0, to), texts[0]) if texts else score


def put_chords(score: Score, chords: Iterable[Chord]) -> Score:
    """With these chords; what lay in their time is cut away. Raises StudioError for a symbol that is none."""
    track = list(score.chords)
    for chord in sorted(chords):
        new = Chord(chord.tick, min(max(1, chord.duration), END_MOST), normal_symbol(chord.symbol))
        track = [*_cleared(track, new.tick, new.tick + new.duration), new]
    return replace(score, chords=tuple(sorted(track)))


def clear_chords(score: Score, start: int, end: int) -> Score:
    """Without chords between two ticks; those that reach into them are cut."""
    return replace(score, chords=tuple(sorted(_cleared(score.chords, start, end))))


def join_chords(score: Score) -> Score:
    """With equal chords that follow each other made one."""
    return replace(score, chords=merged_chords(score.chords))


def _cleared(chords: Iterable[Chord], start: int, end: int) -> list[Chord]:
    left = []
    for chord in chords:
        stop = chord.tick + chord.duration
        for first, last in ((chord.tick, min(stop, start)), (max(chord.tick, end), stop)):
            if first < last:
                left.append(Chord(first, last - first, chord.symbol))
    return left


def _with(items: Iterable[_Placed], item: _Placed) -> tuple[_Placed, ...]:
    """With an item in place of the one at its tick."""
    others = [other for other in items if other.tick != item.tick]
    return tuple(sorted([*others, item], key=lambda placed: placed.tick))
