"""How changed notes get back into their track: what is locked stays, what is in the way makes room.

Two notes of the same pitch that would sound at once: the earlier ends where the later begins. Where a note is put on
the very start of another, it takes that one's place. A locked note gives way in neither case, nor does one in locked
bars; into these nothing comes (holds).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from studio.media.music.holds import fixed, held_at, stop_of
from studio.media.music.score import END_MOST, Note, Score, Track

PITCH_MOST: Final = 127
VELOCITY_MOST: Final = 127
_START: Final = attrgetter("start")


class Done(Struct, frozen=True):
    """What an edit made of a score.

    `notes` are the chosen notes as they are now, those among them that were left because they are locked: `left` so
    many. `covered` counts notes whose place was taken, `kept_out` those that would have begun in locked bars: they
    stayed where they were, or were not put in.
    """

    score: Score
    notes: tuple[Note, ...] = ()
    left: int = 0
    covered: int = 0
    kept_out: int = 0

    @property
    def words(self) -> str:
        """What the person should know of it; "" when all went as asked."""
        left = (
            "1 locked note was left as it is."
            if self.left == 1
            else f"{self.left} locked notes were left as they are."
        )
        covered = "1 note was replaced." if self.covered == 1 else f"{self.covered} notes were replaced."
        kept_out = f"{'1 note was' if self.kept_out == 1 else f'{self.kept_out} notes were'} kept out of locked bars."
        return " ".join(
            [left] * (self.left > 0) + [covered] * (self.covered > 0) + [kept_out] * (self.kept_out > 0)
        )


def changed(
    score: Score,
    track_id: str,
    notes: Collection[Note],
    change: Callable[[Sequence[Note]], Sequence[Note]],
    *,
    apart: bool = False,
    together: bool = False,
) -> Done:
    """Puts what `change` makes of the chosen notes that are free in their place.

    `change` gets them sorted; what it gives back unchanged keeps its author. `apart`: they may have come upon each
    other, not only upon the rest. `together`: when one of them would begin in locked bars, all stay. Notes that are
    not in the track are passed over. Raises KeyError for no such track.
    """
    track = score.track(track_id)
    if track.locked:
        return Done(score, tuple(notes), len(notes))
    places = places_of(track, notes)
    stays = fixed(track)
    left = [track.notes[at] for at in places if stays(track.notes[at])]
    free = [at for at in places if not stays(track.notes[at])]
    old = [track.notes[at] for at in free]
    made = change(old) if old else ()
    barred = [held_at(track, note.start) is not None for note in made] if track.held else []
    kept_out = sum(barred)
    if kept_out:
        made = old if together or len(made) != len(old) else _but_for(made, old, barred)
    if len(made) == len(old) and all(new is note for new, note in zip(made, old, strict=True)):
        return Done(score, tuple(sorted((*old, *left))), len(left), 0, kept_out)
    untouched = {id(note) for note in old}
    made = [note if id(note) in untouched or not note.author else replace(note, author="") for note in made]
    done = _placed(score, track, _without(track.notes, free), old, made, apart or kept_out > 0)
    return Done(done.score, tuple(sorted((*done.notes, *left))), len(left), done.covered, kept_out)


def _but_for(made: Sequence[Note], old: Sequence[Note], barred: Sequence[bool]) -> list[Note]:
    return [was if stays else note for note, was, stays in zip(made, old, barred, strict=True)]


def added(score: Score, track: Track, notes: Sequence[Note]) -> Done:
    """Puts more notes into a track; none into locked bars or on the very start of a locked note of its pitch.

    Those that are left out are counted.
    """
    if track.locked:
        return Done(score, (), len(notes))
    come = [note for note in notes if held_at(track, note.start) is None] if track.held else notes
    taken = {(note.start, note.pitch) for note in filter(fixed(track), track.notes)}
    free = [note for note in come if (note.start, note.pitch) not in taken]
    done = _placed(score, track, list(track.notes), (), free, False)
    return Done(done.score, done.notes, len(come) - len(free), done.covered, len(notes) - len(come))


def places_of(track: Track, notes: Iterable[Note]) -> list[int]:
    """Where notes stand in a track, in order, each place once. What is not there is passed over."""
    return _places(track.notes, notes)


def bounded(note: Note) -> Note:
    """The note within MIDI's bounds and the longest piece."""
    start = min(max(0, note.start), END_MOST - 1)
    pitch = min(max(0, note.pitch), PITCH_MOST)
    duration = min(max(1, note.duration), END_MOST - start)
    velocity = min(max(1, note.velocity), VELOCITY_MOST)
    return Note(start, pitch, duration, velocity, note.author, note.locked)


def altered(
    note: Note,
    *,
    start: int | None = None,
    pitch: int | None = None,
    duration: int | None = None,
    velocity: int | None = None,
) -> Note:
    """The note with these values; the same object when nothing changes, by which `changed` knows it."""
    new = Note(
        note.start if start is None else start,
        note.pitch if pitch is None else pitch,
        note.duration if duration is None else duration,
        note.velocity if velocity is None else velocity,
        note.author,
        note.locked,
    )
    return note if new == note else new


def _placed(
    score: Score, track: Track, rest: list[Note], old: Sequence[Note], made: Sequence[Note], apart: bool
) -> Done:
    """The score with `made` in the track in place of `old`, the `rest` (sorted) having made room for it."""
    shapes = {(note.start, note.pitch, note.duration) for note in old}
    spots = {(note.start, note.pitch) for note in old}
    reshaped = [note for note in made if (note.start, note.pitch, note.duration) not in shapes]
    near, longest = _near(rest, reshaped)
    arrived = {(note.start, note.pitch) for note in reshaped} - spots
    covered, trimmed = _making_room(near, arrived, longest, fixed(track))
    if apart:
        for note in made:
            if note.pitch in near:
                near[note.pitch].append(note)
        for notes in near.values():
            notes.sort()
    final = [
        note if (note.start, note.pitch, note.duration) in shapes else _until(note, near, track)
        for note in made
    ]
    if covered or trimmed:
        rest = _without(rest, _places(rest, (*covered, *trimmed)))
    shorter = [altered(note, duration=end - note.start) for note, end in trimmed.items()]
    merged = _merged(rest, sorted((*final, *shorter)))
    return Done(score.with_track(replace(track, notes=merged)), tuple(sorted(final)), 0, len(covered))


def _near(rest: Sequence[Note], moved: Sequence[Note]) -> tuple[dict[int, list[Note]], int]:
    """Of the rest, by pitch and sorted, what may sound while a moved note does; and how long the longest of it is."""
    near: dict[int, list[Note]] = {note.pitch: [] for note in moved}
    longest = max(map(attrgetter("duration"), rest), default=0) if moved else 0
    end = 0
    for first, last in _stretches((note.start - longest, note.end) for note in moved) if longest else ():
        begin = bisect_left(rest, first, end, key=_START)
        end = bisect_left(rest, last, begin, key=_START)
        for note in rest[begin:end]:
            if note.pitch in near:
                near[note.pitch].append(note)
    return near, longest


def _stretches(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of ticks in order, those that overlap made one."""
    apart: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if apart and first <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(last, apart[-1][1]))
        else:
            apart.append((first, last))
    return apart


def _making_room(
    near: Mapping[int, Sequence[Note]],
    arrived: Iterable[tuple[int, int]],
    longest: int,
    stays: Callable[[Note], bool],
) -> tuple[list[Note], dict[Note, int]]:
    """Whose place is taken by what has arrived at (start, pitch), and where those end now that are shortened."""
    covered: list[Note] = []
    trimmed: dict[Note, int] = {}
    for start, pitch in arrived:
        others = near[pitch]
        first = bisect_left(others, start, key=_START)
        at = first
        while at < len(others) and others[at].start == start:
            if not stays(others[at]):
                covered.append(others[at])
            at += 1
        at = first - 1
        while at >= 0 and others[at].start > start - longest:
            note = others[at]
            if note.start + note.duration > start and not stays(note):
                trimmed[note] = min(start, trimmed.get(note, start))
            at -= 1
    for note in covered:
        trimmed.pop(note, None)
    return covered, trimmed


def _until(note: Note, near: Mapping[int, Sequence[Note]], track: Track) -> Note:
    """The note, ending where the next of its pitch or the next locked bars begin."""
    others = near[note.pitch]
    at = bisect_right(others, note.start, key=_START)
    end = min(note.end, others[at].start) if at < len(others) else note.end
    return altered(note, duration=stop_of(track, note.start, end) - note.start)


def _places(among: Sequence[Note], notes: Iterable[Note]) -> list[int]:
    places: list[int] = []
    for note in sorted(notes):
        at = bisect_left(among, note, places[-1] + 1 if places else 0)
        if at < len(among) and among[at] == note:
            places.append(at)
    return places


def _without(notes: Sequence[Note], places: Iterable[int]) -> list[Note]:
    kept: list[Note] = []
    last = 0
    for at in places:
        kept += notes[last:at]
        last = at + 1
    kept += notes[last:]
    return kept


def _merged(notes: Sequence[Note], more: Iterable[Note]) -> tuple[Note, ...]:
    """Two sorted lists as one."""
    both: list[Note] = []
    last = 0
    for note in more:
        at = bisect_right(notes, note, last)
        both += notes[last:at]
        both.append(note)
        last = at
    both += notes[last:]
    return tuple(both)
