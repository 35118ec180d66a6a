"""Scores for property tests: all that a document can hold, and what a MIDI file can hold of it."""

from collections.abc import Sequence

import hypothesis.strategies as st
from msgspec.structs import replace

from studio.media.music.checks import checked
from studio.media.music.holds import merged
from studio.media.music.score import Bend, Chord, Control, Held, Key, Meter, Note, Score, Tempo, Track, Word

TICKS = st.integers(0, 40_000) | st.sampled_from([0, 127, 128, 16_383, 16_384, 2_097_152])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
PANS = st.integers(0, 127).map(lambda value: (value - 64) / (64 if value <= 64 else 63))
NOTES = st.builds(
    Note,
    start=TICKS,
    pitch=st.integers(0, 127),
    duration=st.integers(1, 3_000),
    velocity=st.integers(1, 127),
    author=st.sampled_from(["", "", "take-a", "take-b"]),
    locked=st.booleans(),
)

HELD = st.builds(lambda at, long: Held(at, at + long), TICKS, st.integers(1, 4_000))


def by_tick(events: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(events, max_size=4).map(lambda found: tuple(sorted(found, key=lambda event: event.tick)))


def once_a_tick(events: st.SearchStrategy) -> st.SearchStrategy:
    return by_tick(events).map(lambda found: tuple({event.tick: event for event in found}.values()))


TRACKS = st.builds(
    Track,
    id=st.just(""),
    name=TEXTS,
    program=st.integers(0, 127),
    drums=st.booleans(),
    notes=st.lists(NOTES, max_size=12).map(lambda notes: tuple(sorted(notes))),
    controls=by_tick(st.builds(Control, TICKS, st.integers(0, 127), st.integers(0, 127))),
    bends=by_tick(st.builds(Bend, TICKS, st.integers(-8192, 8191))),
    words=by_tick(st.builds(Word, TICKS, TEXTS)),
    volume=st.integers(0, 127),
    pan=PANS | st.floats(-1, 1),
    mute=st.booleans(),
    solo=st.booleans(),
    locked=st.booleans(),
    held=st.lists(HELD, max_size=3).map(merged),
)


def _numbered(tracks: Sequence[Track]) -> tuple[Track, ...]:
    return tuple(replace(track, id=f"t{number}") for number, track in enumerate(tracks, 1))


SCORES = st.builds(
    Score,
    tracks=st.lists(TRACKS, max_size=4).map(_numbered),
    tempos=once_a_tick(st.builds(Tempo, TICKS, st.integers(1, 0xFFFFFF))),
    meters=once_a_tick(
        st.builds(Meter, TICKS, st.integers(1, 64), st.sampled_from([1, 2, 4, 8, 16, 32, 64]))
    ),
    keys=once_a_tick(st.builds(Key, TICKS, st.integers(0, 11), st.sampled_from(["major", "minor"]))),
    chords=st.lists(st.builds(Chord, TICKS, st.integers(1, 4_000), TEXTS), max_size=4).map(
        lambda chords: tuple(sorted(chords))
    ),
    markers=by_tick(st.builds(Word, TICKS, TEXTS)),
).map(checked)


def apart(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """Without authors and locks, and without what overlaps another of its pitch."""
    until: dict[int, int] = {}
    kept = []
    for note in notes:
        if until.get(note.pitch, 0) <= note.start:
            kept.append(replace(note, author="", locked=False))
            until[note.pitch] = note.end
    return tuple(kept)


def in_midi(score: Score) -> Score:
    """What a MIDI file can say of it: no authors, locks or mute, pans in 128 steps, a chord at a time, no hours."""
    tracks = [
        replace(
            track,
            notes=apart(track.notes),
            pan=round(track.pan * 63) / 63 if track.pan > 0 else round(track.pan * 64) / 64,
            mute=False,
            solo=False,
            locked=False,
            held=(),
        )
        for track in score.tracks
    ]
    chords: list[Chord] = []
    for chord in score.chords:
        if not chords or chords[-1].tick + chords[-1].duration <= chord.tick:
            chords.append(chord)
    tempos = tuple(replace(tempo, micros=min(tempo.micros, 2_000_000)) for tempo in score.tempos)
    return replace(score, tracks=tuple(tracks), chords=tuple(chords), tempos=tempos)


MIDI_SCORES = SCORES.map(in_midi)
