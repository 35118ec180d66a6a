"""Which takes of music are part of the piece as it stands."""

from collections.abc import Mapping

from studio.core.pieces import PieceJob
from studio.core.takes import Take
from studio.media.music.take_places import written_tracks
from studio.project.history import History


def taken_in(history: History, takes: Mapping[str, Take]) -> frozenset[str]:
    """The takes that are part of the piece at the head.

    Those with a note of theirs in it, and those that were accepted on the way to it and whose bars no later take
    took: what the person made of their notes since is still that take's, changed.
    """
    found = {run.author for run in history.text.runs}
    later: list[PieceJob] = []
    at = history.head
    while at:
        node = history.node(at)
        take = takes.get(node.take) if node.kind == "accepted" else None
        if take is not None:
            job = take.recipe.composing
            if not any(covers(other, job) for other in later):
                found.add(take.id)
            later.append(job)
        at = node.parent
    return frozenset(found & takes.keys())


def covers(one: PieceJob, other: PieceJob) -> bool:
    """Whether one writes all that the other does."""
    bars = one.first_bar <= other.first_bar and other.last_bar <= one.last_bar
    return bars and set(written_tracks(other)) <= set(written_tracks(one))


def same_place(one: PieceJob, other: PieceJob) -> bool:
    """Whether both were asked for the same place of the same piece: only one of their takes can stand there."""
    return (one.parent, one.first_bar, one.last_bar, written_tracks(one)) == (
        other.parent,
        other.first_bar,
        other.last_bar,
        written_tracks(other),
    )
