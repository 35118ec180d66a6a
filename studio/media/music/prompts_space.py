"""Where the notes of a take may sound: the range, the held key and chords, the notes that stay."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from studio.core.errors import StudioError
from studio.core.pieces import PieceJob
from studio.media.music.chords import parse_chord
from studio.media.music.grammar import Space
from studio.media.music.instruments import DRUMS, comfortable
from studio.media.music.prompts_range import Asked
from studio.media.music.prompts_window import Chosen
from studio.media.music.quantise import Grid
from studio.media.music.score import Score, Track
from studio.media.music.theory import key_classes, parse_scale, scale_classes
from studio.media.music.tokens_grid import GridNote


def space_of(ask: Asked, job: PieceJob, chosen: Chosen, track_id: str, bars: Sequence[int]) -> Space:
    """What is free for a track in these bars of the chosen window (sorted, counted from its start).

    Steps count from the window's start. A note never sounds outside what is held, not even at its end.
    """
    piece = chosen.piece
    origin = piece.bars[chosen.first].start
    track = ask.stripped.track(track_id)
    window_bars = [piece.bars[chosen.first + bar] for bar in bars]
    space = Space(window_bars[0].start - origin, window_bars[-1].end - origin)
    for before, after in pairwise(window_bars):
        space.close(before.end - origin, after.start - origin)
    space.keep_range(*playable(ask.score.track(track_id)))
    if track_id in ask.open_from:
        space.close(0, _under(piece.grid, ask.open_from[track_id] - 1) + 1 - origin)
    for one in track.held:
        space.close(_under(piece.grid, one.start) - origin, _under(piece.grid, one.end - 1) + 1 - origin)
    if not track.drums:
        for start, end, classes in held(ask.score, job, piece.grid.ticks[-1]):
            first, last = _under(piece.grid, start), _under(piece.grid, end - 1) + 1
            space.keep_classes(first - origin, last - origin, classes)
    found = next(one for one in piece.tracks if one.id == track_id)
    for note in found.notes:
        space.occupy(GridNote(note.start - origin, note.pitch, note.duration))
    return space


def playable(track: Track) -> tuple[int, int]:
    """The lowest and highest pitch for a track: what its instrument plays with ease, and what it has already."""
    low, high = (min(DRUMS), max(DRUMS)) if track.drums else comfortable(track.program)
    pitches = [note.pitch for note in track.notes]
    return min([low, *pitches]), max([high, *pitches])


def held(score: Score, job: PieceJob, end: int) -> Iterator[tuple[int, int, frozenset[int]]]:
    """What the job holds on to: from a tick up to another only these pitch classes.

    Raises StudioError when a key or chords shall be held and there are none.
    """
    if job.hold_key:
        if not score.keys:
            raise _missing("key")
        ends = [*(key.tick for key in score.keys[1:]), end]
        scale = parse_scale(job.scale) if job.scale else None
        yield from (
            (key.tick, stop, scale_classes(key, scale) if scale else key_classes(key))
            for key, stop in zip(score.keys, ends, strict=True)
            if stop > key.tick
        )
    if job.hold_chords:
        if not score.chords:
            raise _missing("chord")
        for chord in score.chords:
            classes = parse_chord(chord.symbol).classes
            if classes:
                yield chord.tick, chord.tick + chord.duration, classes


def _under(grid: Grid, tick: int) -> int:
    """The step whose time a tick lies in."""
    at = max(0, min(grid.step(tick), grid.starts[-1]))
    return at - 1 if grid.tick(at) > tick else at


def _missing(what: str) -> StudioError:
    return StudioError(
        f"The piece has no {what} to hold on to.",
        kept="The piece is as it was.",
        do=f"Give it a {what}, or let go of the {what} lock.",
        code="music_nothing_held",
    )
