"""What share of a take's notes keeps to the key and to the chords they sound in."""

from collections.abc import Iterable

from msgspec import Struct

from studio.media.music.chords import parse_chord
from studio.media.music.score import END_MOST, Note, Score
from studio.media.music.theory import key_classes, parse_scale, scale_classes

Stretch = tuple[int, int, frozenset[int]]


class Obedience(Struct, frozen=True, kw_only=True):
    """Shares of pitched notes, 0 to 1; None: there is no such thing to keep to, or no note.

    A note keeps to it when its pitch class belongs there for as long as it sounds, not only when it begins: what a
    held key and held chords promise.
    """

    key: float | None = None
    chords: float | None = None


def obedience(score: Score, author: str | None = None, scale: str = "") -> Obedience:
    """How the notes of an author (a take's id; None: all) keep to the score's keys and chords; drums are left out.

    `scale`: one on the key's tonic, instead of all that belongs to the key. Raises StudioError for one that is none.
    """
    named = parse_scale(scale) if scale else None
    notes = [
        note
        for track in score.tracks
        if not track.drums
        for note in track.notes
        if author is None or note.author == author
    ]
    ends = [*(key.tick for key in score.keys[1:]), END_MOST]
    keys = [
        (key.tick, end, scale_classes(key, named) if named else key_classes(key))
        for key, end in zip(score.keys, ends, strict=False)
    ]
    chords = [
        (chord.tick, chord.tick + chord.duration, classes)
        for chord in score.chords
        if (classes := parse_chord(chord.symbol).classes)
    ]
    return Obedience(key=_share(notes, keys), chords=_share(notes, chords))


def _share(notes: Iterable[Note], stretches: list[Stretch]) -> float | None:
    """Of the notes that sound in any of the stretches, those whose class belongs to each of them."""
    kept = told = 0
    for note in notes:
        met = [classes for start, end, classes in stretches if start < note.end and note.start < end]
        if met:
            told += 1
            kept += all(note.pitch % 12 in classes for classes in met)
    return kept / told if told else None
