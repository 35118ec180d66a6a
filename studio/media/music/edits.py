"""What the piano roll does to the notes of a track: each a function from score to score that names the chosen notes.

Notes are named by value. Locked notes, all of a locked track and what sounds in locked bars (holds) stay as they are:
what an edit did, it says in `Done`. A note that is changed becomes the person's (author ""); what is only copied,
trimmed by a neighbour or locked keeps its author. Nothing leaves MIDI's bounds: what would, is moved as far as all can
go together. How notes make room for each other: edits_placing.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Final

from msgspec.structs import replace

from studio.media.music.edits_placing import (
    PITCH_MOST,
    VELOCITY_MOST,
    Done,
    added,
    altered,
    bounded,
    changed,
    places_of,
)
from studio.media.music.holds import passage
from studio.media.music.score import END_MOST, Note, Score
from studio.media.music.theory import scale_step

SHORTEST: Final = 15  # ticks, a 1/128 note: no edit makes a note shorter than this, but for split


# -- putting notes in place and moving them ------------------------------------------------------


def draw(score: Score, track_id: str, notes: Iterable[Note]) -> Done:
    """Adds notes, brought into MIDI's bounds. One on the very start of a locked note of its pitch is not added."""
    return added(score, score.track(track_id), [bounded(note) for note in notes])


def remove(score: Score, track_id: str, notes: Collection[Note]) -> Done:
    """Takes notes out."""
    return changed(score, track_id, notes, lambda _: ())


def move(score: Score, track_id: str, notes: Collection[Note], ticks: int = 0, semitones: int = 0) -> Done:
    """Moves notes in time and pitch, all by the same; as far as the first of them can go, but none into locked bars."""

    def moved(free: Sequence[Note]) -> list[Note]:
        right, up = _room(free, ticks, semitones)
        return [altered(note, start=note.start + right, pitch=note.pitch + up) for note in free]

    return changed(score, track_id, notes, moved, together=True)


def transpose(score: Score, track_id: str, notes: Collection[Note], semitones: int) -> Done:
    """Moves notes up by semitones, or down."""
    return move(score, track_id, notes, 0, semitones)


def transpose_in_scale(
    score: Score, track_id: str, notes: Collection[Note], steps: int, classes: frozenset[int]
) -> Done:
    """Moves notes up by so many notes of a scale (its pitch classes), or down; fewer when one would leave 0 to 127.

    Notes between those of the scale keep their distance to the one below.
    """

    def moved(free: Sequence[Note]) -> list[Note]:
        for far in range(abs(steps), -1, -1):
            pitches = [scale_step(note.pitch, far if steps > 0 else -far, classes) for note in free]
            if all(0 <= pitch <= PITCH_MOST for pitch in pitches):
                return [altered(note, pitch=pitch) for note, pitch in zip(free, pitches, strict=True)]
        return list(free)

    return changed(score, track_id, notes, moved, apart=True)


def duplicate(
    score: Score, track_id: str, notes: Collection[Note], ticks: int = 0, semitones: int = 0
) -> Done:
    """Puts copies so much later and higher, all by the same; copies keep their authors and are free."""
    track = score.track(track_id)
    if track.locked:
        return Done(score, tuple(notes), len(notes))
    right, up = _room(notes, ticks, semitones)
    copies = [
        Note(note.start + right, note.pitch + up, note.duration, note.velocity, note.author)
        for note in sorted(notes)
    ]
    return added(score, track, copies)


def resize(
    score: Score, track_id: str, notes: Collection[Note], ticks: int, *, from_start: bool = False
) -> Done:
    """Moves the end of each note by so many ticks, or its start; none gets shorter than SHORTEST."""

    def resized(note: Note) -> Note:
        least = min(SHORTEST, note.duration)
        if from_start:
            start = max(0, min(note.start + ticks, note.end - least))
            return altered(note, start=start, duration=note.end - start)
        return altered(note, duration=max(least, min(note.duration + ticks, END_MOST - note.start)))

    return changed(score, track_id, notes, lambda free: [resized(note) for note in free], apart=True)


def split(score: Score, track_id: str, notes: Collection[Note], tick: int) -> Done:
    """Cuts in two the notes that sound across a tick."""

    def parts(note: Note) -> tuple[Note, ...]:
        if not note.start < tick < note.end:
            return (note,)
        return altered(note, duration=tick - note.start), altered(note, start=tick, duration=note.end - tick)

    return changed(score, track_id, notes, lambda free: [part for note in free for part in parts(note)])


def join(score: Score, track_id: str, notes: Collection[Note]) -> Done:
    """Makes one note of chosen notes of the same pitch that follow each other.

    Another note of it, or locked bars, part them. It lasts from the start of the first to the end of the last, gaps
    included, and has the first's velocity.
    """
    pitches = {note.pitch for note in notes}
    track = score.track(track_id)
    same_pitch = [note for note in track.notes if note.pitch in pitches]

    def joined(free: Sequence[Note]) -> list[Note]:
        chosen, made = set(free), []
        by_pitch = sorted(same_pitch, key=lambda note: note.pitch)  # within one still by start
        for (_, _, is_chosen), run in groupby(
            by_pitch, key=lambda note: (note.pitch, passage(track, note.start), note in chosen)
        ):
            members = list(run)
            if is_chosen:
                end = max(note.end for note in members)
                made.append(
                    altered(members[0], duration=end - members[0].start) if members[1:] else members[0]
                )
        return made

    return changed(score, track_id, notes, joined)


def invert(
    score: Score, track_id: str, notes: Collection[Note], classes: frozenset[int] | None = None
) -> Done:
    """Turns notes upside down: the highest becomes the lowest. With pitch classes: step by step in that scale."""

    def turned(free: Sequence[Note]) -> list[Note]:
        if not free:
            return []
        low, high = min(note.pitch for note in free), max(note.pitch for note in free)
        rungs = [pitch for pitch in range(PITCH_MOST + 1) if classes is None or pitch % 12 in classes]
        ends = bisect_right(rungs, low) + bisect_right(rungs, high) - 2
        made = []
        for note in free:
            place = max(0, bisect_right(rungs, note.pitch) - 1)
            off = note.pitch - rungs[place]
            pitch = rungs[min(max(0, ends - place), len(rungs) - 1)] + off
            made.append(altered(note, pitch=min(max(0, pitch), PITCH_MOST)))
        return made

    return changed(score, track_id, notes, turned, apart=classes is not None)


def reverse(score: Score, track_id: str, notes: Collection[Note]) -> Done:
    """Turns notes back to front: the one that ends last begins first."""

    def turned(free: Sequence[Note]) -> list[Note]:
        first, last = (
            min((note.start for note in free), default=0),
            max((note.end for note in free), default=0),
        )
        return [altered(note, start=first + last - note.end) for note in free]

    return changed(score, track_id, notes, turned)


def legato(score: Score, track_id: str, notes: Collection[Note], gap: int = 0) -> Done:
    """Lets each note last until the next chosen one begins, but for `gap` ticks; the last keeps its length.

    Notes that begin together are a chord: all of them last until the next chord.
    """

    def bound(free: Sequence[Note]) -> list[Note]:
        begins = sorted({note.start for note in free})
        until = dict(pairwise(begins))
        return [
            altered(
                note,
                duration=max(
                    1, min(SHORTEST, until[note.start] - note.start), until[note.start] - note.start - gap
                ),
            )
            if note.start in until
            else note
            for note in free
        ]

    return changed(score, track_id, notes, bound, apart=True)


# -- velocities and locks ------------------------------------------------------------------------


def set_velocities(score: Score, track_id: str, velocities: Mapping[Note, int]) -> Done:
    """Gives notes velocities, brought to 1 to 127."""
    return changed(
        score, track_id, list(velocities), lambda free: [_loud(note, velocities[note]) for note in free]
    )


def scale_velocities(
    score: Score, track_id: str, notes: Collection[Note], factor: float, about: int = 0
) -> Done:
    """Draws velocities apart (or together, below 1) around `about`; around 0: louder or softer."""
    return changed(
        score,
        track_id,
        notes,
        lambda free: [_loud(note, about + (note.velocity - about) * factor) for note in free],
    )


def ramp_velocities(score: Score, track_id: str, notes: Collection[Note], first: int, last: int) -> Done:
    """Makes a crescendo or diminuendo: from `first` on the first note to `last` on the last, even in time."""

    def ramped(free: Sequence[Note]) -> list[Note]:
        begin = min((note.start for note in free), default=0)
        long = max((note.start for note in free), default=0) - begin
        return [
            _loud(note, first + (last - first) * (note.start - begin) / long if long else first)
            for note in free
        ]

    return changed(score, track_id, notes, ramped)


def lock(score: Score, track_id: str, notes: Collection[Note], locked: bool = True) -> Done:
    """Locks notes, or frees them: the one thing that changes a locked note. Their authors stay."""
    track = score.track(track_id)
    places = places_of(track, notes)
    made = [replace(track.notes[at], locked=locked) for at in places]
    kept = list(track.notes)
    for at, note in zip(places, made, strict=True):
        kept[at] = note
    return Done(score.with_track(track.with_notes(kept)), tuple(sorted(made)))


def _loud(note: Note, velocity: float) -> Note:
    return altered(note, velocity=min(max(1, round(velocity)), VELOCITY_MOST))


def _room(notes: Collection[Note], ticks: int, semitones: int) -> tuple[int, int]:
    """How far all the notes can go together of so many ticks and semitones."""
    if not notes:
        return 0, 0
    right = min(ticks, END_MOST - max(note.end for note in notes))
    up = min(semitones, PITCH_MOST - max(note.pitch for note in notes))
    return max(right, -min(note.start for note in notes)), max(up, -min(note.pitch for note in notes))
