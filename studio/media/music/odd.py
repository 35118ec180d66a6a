"""Which notes of a track surprise a model most."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from math import ceil

from studio.core.events import Weight
from studio.media.music.holds import fixed
from studio.media.music.score import Note, Track


def weighed_notes(track: Track, weights: Iterable[Weight]) -> dict[Note, float]:
    """The surprise of a track's notes in nats; `weights` come in the order of the notes."""
    waiting: defaultdict[tuple[int, int], deque[float]] = defaultdict(deque)
    for weight in weights:
        waiting[weight.start, weight.pitch].append(weight.nats)
    return {
        note: waiting[note.start, note.pitch].popleft()
        for note in track.notes
        if waiting.get((note.start, note.pitch))
    }


def odd_notes(track: Track, nats: Mapping[Note, float], share: float) -> tuple[Note, ...]:
    """The share of a track's notes (0 to 1, at least one) that surprise most, in order.

    Notes that are locked, or that were not measured, are not among them and not counted.
    """
    if track.locked:
        return ()
    held = fixed(track)
    free = [
        (-one, at)
        for at, note in enumerate(track.notes)
        if (one := nats.get(note)) is not None and not held(note)
    ]
    few = sorted(free)[: max(1, ceil(len(free) * share - 1e-9))]
    return tuple(track.notes[at] for at in sorted(at for _, at in few))
