"""What a screen reader is told of a note."""

from collections.abc import Sequence

from studio.media.music.instruments import drum_name
from studio.media.music.score import TICKS, Bars, Key, Meter, Note
from studio.media.music.theory import key_at, pitch_name
from studio.widgets.roll.kinds import length_words
from studio.widgets.roll.lines import meter_at


def pitch_words(pitch: int, keys: Sequence[Key], tick: int, *, drums: bool) -> str:
    """ "C4", or the drum's name in a kit."""
    if drums:
        return drum_name(pitch) or f"Drum {pitch}"
    return pitch_name(pitch, key_at(keys, tick))


def place_words(tick: int, bars: Bars, meters: tuple[Meter, ...]) -> str:
    """ "bar 3 beat 2", counted from 1; between beats with a fraction: "beat 2.5"."""
    bar = bars.at(tick)
    beat = TICKS * 4 / meter_at(meters, tick).unit
    return f"bar {bar + 1} beat {1 + (tick - bars.starts[bar]) / beat:.4g}"


def note_words(
    note: Note, bars: Bars, meters: tuple[Meter, ...], keys: Sequence[Key], *, drums: bool, held: bool = False
) -> str:
    """ "C4, bar 3 beat 2, quarter, velocity 80, by a model, locked"; `held`: in locked bars."""
    parts = [
        pitch_words(note.pitch, keys, note.start, drums=drums),
        place_words(note.start, bars, meters),
        length_words(note.duration),
        f"velocity {note.velocity}",
    ]
    if note.author:
        parts.append("by a model")
    if note.locked or held:
        parts.append("locked" if note.locked else "in locked bars")
    return ", ".join(parts)
