"""What a person asks of a music model, as tokens: the prompt, and the plan by which a take is written and placed.

A range too long for the model's context comes in passes: `Plan.next_bar` says where the next one begins, with the
score in which the notes of this one are already placed.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.pieces import PieceJob
from studio.media.music import vocabulary as v
from studio.media.music.attributes import Levels
from studio.media.music.grammar import Block, Grammar, Space
from studio.media.music.prompts_range import Asked, asked
from studio.media.music.prompts_space import space_of
from studio.media.music.prompts_window import Chosen, choose
from studio.media.music.quantise import Grid, quantise
from studio.media.music.score import Note, Score, Track
from studio.media.music.tokens import Cell, Tell, block_head, in_order
from studio.media.music.tokens import context as context_ids
from studio.media.music.tokens_grid import GridNote
from studio.media.music.vocabulary import velocity_of

CLOSING = 8  # tokens each bar may write at the least: two notes


class Plan(Struct, frozen=True, kw_only=True):
    """How a take of this prompt is written and where its notes go.

    It covers bars `first_bar` up to and with `last_bar`; `next_bar` is where the next pass begins, None when this was
    the last. `replaced` are the notes it takes the place of, `kept` those in its bars that stay though they are not
    locked (a take says them again), by track. `left_out` names tracks the model does not see. `room` is how many
    tokens the model's context still holds.
    """

    first_bar: int
    last_bar: int
    next_bar: int | None
    room: int
    tracks: tuple[str, ...]  # of each block's space
    blocks: tuple[Block, ...]
    spaces: tuple[Space, ...]
    replaced: dict[str, tuple[Note, ...]]
    kept: dict[str, tuple[Note, ...]]
    left_out: tuple[str, ...]
    new: Track | None
    grid: Grid
    first_step: int
    most_notes: int

    def grammar(self, room: int | None = None) -> Grammar:
        """A grammar for one take, within `room` tokens (the plan's own when None); its notes are (track id, note)."""
        room = self.room if room is None else room
        return Grammar(self.blocks, self.spaces, room, self.note, most_notes=self.most_notes)

    def note(self, block: int, note: GridNote) -> tuple[str, Note]:
        """A note of a block, in steps of the window, as one of the score: its track's id and the note in ticks."""
        start = self.grid.tick(self.first_step + note.start)
        end = self.grid.tick(self.first_step + note.end)
        made = Note(start, note.pitch, end - start, velocity_of(note.velocity))
        return self.tracks[self.blocks[block].space], made

    def place(self, score: Score, written: Iterable[tuple[str, Note]], author: str = "") -> Score:
        """The score the prompt was made of with the notes of a take of it in place of those it replaces."""
        notes: dict[str, list[Note]] = {track: [] for track in self.tracks}
        for track, note in written:
            notes[track].append(replace(note, author=author) if author else note)
        if self.new is not None and all(track.id != self.new.id for track in score.tracks):
            score = score.with_track(self.new)
        for track_id, made in notes.items():
            track_, gone = score.track(track_id), set(self.replaced.get(track_id, ()))
            score = score.with_track(
                track_.with_notes([*(note for note in track_.notes if note not in gone), *made])
            )
        return score


class Prompt(Struct, frozen=True):
    """What the model is fed, up to the first token that is sampled, and the plan for the rest."""

    ids: list[int]
    plan: Plan


def prompt(
    score: Score, job: PieceJob, *, context: int, from_bar: int | None = None, drums: bool = True
) -> Prompt:
    """The prompt for a job, or for its part from bar `from_bar` on, for a model with a context of so many tokens.

    `drums`: the model was trained on them; else those that are not written are left out of what it sees.
    Raises StudioError when there is nothing to write (all is locked, or the notes go on to the end of the range), a
    held key or chord track is not there, or not even one bar fits.
    """
    ask = asked(score, job, job.first_bar if from_bar is None else from_bar)
    piece = quantise(ask.stripped, at_least=job.last_bar + 1)
    chosen = choose(piece, ask, job, context, drums=drums)
    while True:
        made = _made(ask, job, chosen, context)
        if made.plan.room >= sum(len(block.head) + 1 + CLOSING for block in made.plan.blocks):
            return made
        smaller = chosen.smaller()
        if smaller is None:
            raise StudioError(
                f"Bar {chosen.first_written + 1} holds more notes than this model can look at.",
                kept="The piece is as it was.",
                do="Mute or split off some tracks, or use a model with a longer context.",
                code="music_window",
            )
        chosen = smaller


def _made(ask: Asked, job: PieceJob, chosen: Chosen, context_most: int) -> Prompt:
    """The prompt of a chosen window."""
    piece, window = chosen.piece, chosen.window()
    index = {track.id: at for at, track in enumerate(window.tracks)}
    cells = _cells(ask, job, chosen, index)
    tell = _told(job, chosen, index, cells)
    written = sorted({track for track, _ in cells})
    kept = {(track, at) for track in written for at in range(len(window.tracks[track].notes))}
    spaces = tuple(
        space_of(ask, job, chosen, window.tracks[track].id, [bar for other, bar in cells if other == track])
        for track in written
    )
    blocks = tuple(
        Block(
            written.index(track),
            window.bars[bar].start,
            window.bars[bar].length,
            tuple(block_head(window, (track, bar), tell)),
            _wanted(ask, job, chosen, window.tracks[track].id, bar),
        )
        for track, bar in cells
    )
    ids = [*context_ids(window, cells, kept, tell), v.FILLS, *(blocks[0].head if blocks else ())]
    start, end = piece.grid.ticks[chosen.first_written], piece.grid.ticks[chosen.last_written + 1]
    plan = Plan(
        first_bar=chosen.first_written,
        last_bar=chosen.last_written,
        next_bar=chosen.last_written + 1 if chosen.last_written < job.last_bar else None,
        room=context_most - len(ids),
        tracks=tuple(window.tracks[track].id for track in written),
        blocks=blocks,
        spaces=spaces,
        replaced=_inside(ask.replaced, start, end),
        kept=_inside(ask.kept, start, end),
        left_out=chosen.left_out,
        new=ask.new,
        grid=piece.grid,
        first_step=piece.bars[chosen.first].start,
        most_notes=job.notes,
    )
    return Prompt(ids, plan)


def _cells(ask: Asked, job: PieceJob, chosen: Chosen, index: dict[str, int]) -> list[Cell]:
    """What is written of the window, in order."""
    ticks = chosen.piece.grid.ticks
    return in_order(
        (index[track], bar - chosen.first)
        for track in ask.targets
        for bar in range(chosen.first_written, chosen.last_written + 1)
        if ask.writes(job.task, track, ticks[bar], ticks[bar + 1])
    )


def _wanted(ask: Asked, job: PieceJob, chosen: Chosen, track_id: str, bar: int) -> int:
    """How many notes a bar of the window gets: as many as were picked in it; -1 where whole bars are written."""
    if not job.picks:
        return -1
    start, end = chosen.piece.grid.ticks[chosen.first + bar : chosen.first + bar + 2]
    return sum(start <= note.start < end for note in ask.replaced[track_id])


def _inside(notes: dict[str, tuple[Note, ...]], start: int, end: int) -> dict[str, tuple[Note, ...]]:
    """Those that start between two ticks."""
    return {track: tuple(one for one in some if start <= one.start < end) for track, some in notes.items()}


def _told(job: PieceJob, chosen: Chosen, index: dict[str, int], cells: list[Cell]) -> Tell:
    """The wishes, as levels of tracks and of bars."""
    tracks: dict[int, Levels] = {}
    bars: dict[Cell, Levels] = {}
    for wish in job.wishes:
        levels = Levels(
            **{
                kind: min(level, v.LEVELS[kind] - 1)
                for kind in v.KINDS
                if (level := getattr(wish, kind)) is not None
            }
        )
        at = index.get(wish.track)
        if at is None:
            continue
        if wish.bar is None:
            tracks[at] = levels
        elif (at, wish.bar - chosen.first) in cells:
            bars[at, wish.bar - chosen.first] = levels
    return Tell(tracks=tracks, cells=bars)
