"""Scores that are made of a take or of some notes, to be heard or to leave the studio."""

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from studio.core.takes import Take
from studio.media.music.document_takes import take_span, with_take
from studio.media.music.midi_write import excerpt
from studio.media.music.score import Note, Score


def laid_in(base: Score, take: Take) -> Score:
    """The piece a take was asked for, with the take's notes in their place."""
    return with_take(base, take.recipe.composing, take.id, take.text)


def clip_of(base: Score, take: Take) -> Score:
    """A take alone: its bars of its tracks, from tick 0 on, with the tempo, metre and key in force there."""
    job = take.recipe.composing
    tracks = (job.new.id,) if job.new is not None else job.tracks
    return excerpt(laid_in(base, take), *take_span(base, job), tracks)


def only_notes(score: Score, notes: Mapping[str, Collection[Note]]) -> Score:
    """The score with these notes alone, by their tracks' ids; other tracks are left out."""
    chosen = {track_id: frozenset(some) for track_id, some in notes.items() if some}
    return replace(
        score,
        tracks=tuple(
            track.with_notes(note for note in track.notes if note in chosen[track.id])
            for track in score.tracks
            if track.id in chosen
        ),
    )


def bars_of(score: Score, notes: Mapping[str, Collection[Note]]) -> tuple[int, int] | None:
    """The first and the last bar in which some of these notes begin or sound; None when there are none."""
    every = [note for some in notes.values() for note in some]
    if not every:
        return None
    bars = score.bars()
    return bars.at(min(note.start for note in every)), bars.at(max(note.end for note in every) - 1)
