"""A change of a note in words: where it stands, what it was, what it becomes."""

from studio.media.music.score import Bars, Note, Score, Track
from studio.media.music.tidy import Change
from studio.widgets.roll.hearing import pitch_words, place_words
from studio.widgets.roll.kinds import length_words

ARROW = " → "


def change_words(change: Change, score: Score, bars: Bars, track: Track, *, names: bool = False) -> str:
    """ "Bar 3 beat 2, C#4 → C4"; with `names` the track's name before it."""
    before, after = change.before, change.after
    where = place_words(before.start, bars, score.meters)
    pitch = pitch_words(before.pitch, score.keys, before.start, drums=track.drums)
    said = f"{pitch}: taken out" if after is None else _what(before, after, pitch, score, bars, track)
    line = f"{where[0].upper()}{where[1:]}, {said}"
    return f"{track.name or 'Track'}, {where}, {said}" if names else line


def _what(before: Note, after: Note, pitch: str, score: Score, bars: Bars, track: Track) -> str:
    parts = []
    if after.pitch != before.pitch:
        parts.append(f"{pitch}{ARROW}{pitch_words(after.pitch, score.keys, after.start, drums=track.drums)}")
    if after.start != before.start:
        there = place_words(after.start, bars, score.meters)
        same = bars.at(after.start) == bars.at(before.start)
        parts.append(f"{_unless(parts, pitch)}to {there[there.index('beat') :] if same else there}")
    if after.duration != before.duration:
        lengths = f"{length_words(before.duration)}{ARROW}{length_words(after.duration)}"
        parts.append(f"{_unless(parts, pitch)}{lengths}")
    if after.velocity != before.velocity:
        parts.append(f"{_unless(parts, pitch)}velocity {before.velocity}{ARROW}{after.velocity}")
    return ", ".join(parts)


def _unless(parts: list[str], pitch: str) -> str:
    """The pitch is named once."""
    return "" if parts else f"{pitch}: "
