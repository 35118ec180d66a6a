"""Copying notes, of one track or several, and putting them down elsewhere."""

from collections.abc import Collection, Mapping

from msgspec import Struct

from studio.media.music.edits_placing import Done, added, bounded
from studio.media.music.score import END_MOST, Note, Score


class Clip(Struct, frozen=True):
    """Notes that were copied, by track, as if they were copied from tick 0 on; `length` ticks up to the last's end."""

    parts: tuple[tuple[str, tuple[Note, ...]], ...] = ()
    length: int = 0

    @property
    def count(self) -> int:
        """How many notes it holds."""
        return sum(len(notes) for _, notes in self.parts)


class Pasted(Struct, frozen=True):
    """The score with a clip put down in it, and what was done to each track."""

    score: Score
    tracks: dict[str, Done]

    @property
    def words(self) -> str:
        """What the person should know of it; "" when all went as asked."""
        whole = Done(
            self.score,
            left=sum(done.left for done in self.tracks.values()),
            covered=sum(done.covered for done in self.tracks.values()),
            kept_out=sum(done.kept_out for done in self.tracks.values()),
        )
        return whole.words


def copy(picks: Mapping[str, Collection[Note]], origin: int | None = None) -> Clip:
    """A clip of notes by track, from tick `origin` on: the bar line they are copied at; None: where the first begins.

    Copies keep their authors and are free.
    """
    every = [note for notes in picks.values() for note in notes]
    if not every:
        return Clip()
    first = min(note.start for note in every)
    begin = first if origin is None else min(origin, first)
    parts = tuple(
        (
            track_id,
            tuple(Note(n.start - begin, n.pitch, n.duration, n.velocity, n.author) for n in sorted(notes)),
        )
        for track_id, notes in picks.items()
        if notes
    )
    return Clip(parts, max(note.end for note in every) - begin)


def paste(score: Score, clip: Clip, tick: int, track_id: str | None = None) -> Pasted:
    """Puts a clip's notes down from a tick on, each part in its own track; with `track_id` all of them in that one.

    Parts whose track is gone go into the first track. A locked track takes none (`left` says how many), nor do
    locked bars (`kept_out`). Raises KeyError when there is no track at all or none of that id.
    """
    at = min(max(0, tick), max(0, END_MOST - clip.length))
    there = {track.id for track in score.tracks}
    done: dict[str, Done] = {}
    for own, notes in clip.parts:
        goal = track_id or (own if own in there else next(iter(track.id for track in score.tracks), own))
        moved = [bounded(Note(n.start + at, n.pitch, n.duration, n.velocity, n.author)) for n in notes]
        put = added(score, score.track(goal), moved)
        score = put.score
        before = done.get(goal, Done(score))
        done[goal] = Done(
            score,
            tuple(sorted((*before.notes, *put.notes))),
            before.left + put.left,
            before.covered + put.covered,
            before.kept_out + put.kept_out,
        )
    return Pasted(score, done)
