"""Excerpts of held-out pieces that takes are asked for, and what is measured on the bars a take wrote."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace
from sketch_metrics import groove_consistency, pitch_class_entropy, scale_consistency

from studio.core.pieces import NewTrack, PieceJob, Task
from studio.media.learned.copied import steps_of
from studio.media.music.midi import excerpt
from studio.media.music.score import Note, Score, Track
from studio.media.music.vocabulary import LONGEST_BAR

GIVEN, BARS = 4, 16  # bars that are given, and bars in all
LEAST = 8  # bars a piece must have
STEP_TICKS = 40  # 12 steps a quarter
NAMES = ("pitch-class entropy", "scale consistency", "groove consistency")


@dataclass(frozen=True)
class Opening:
    """Bars of a held-out piece in one metre; those from `first` up to and with `last` are asked for."""

    name: str
    score: Score
    first: int
    last: int
    bar_ticks: int

    @property
    def span(self) -> tuple[int, int]:
        """The ticks that are asked for."""
        return self.first * self.bar_ticks, (self.last + 1) * self.bar_ticks

    def values(self, score: Score) -> tuple[float, ...]:
        """The figures (see NAMES) of the bars asked for, as they stand in a score."""
        start, end = self.span
        notes = [note for track in score.tracks for note in within(track, start, end)]
        pitches = np.array([note.pitch for note in notes], int)
        starts = np.array([(note.start - start + STEP_TICKS // 2) // STEP_TICKS for note in notes], int)
        last = max(
            [(min(note.end, end) - start) // STEP_TICKS for note in notes] + starts.tolist(), default=0
        )
        groove = groove_consistency(starts, last, self.bar_ticks // STEP_TICKS)
        return pitch_class_entropy(pitches), scale_consistency(pitches), groove

    def lines(self, score: Score) -> list[np.ndarray]:
        """The tracks of the bars asked for as steps (see media.learned.copied)."""
        start, end = self.span
        found = []
        for track in score.tracks:
            notes = within(track, start, end)
            starts = np.rint(np.array([note.start for note in notes]) / STEP_TICKS).astype(np.int64)
            found.append(steps_of(starts, np.array([note.pitch for note in notes], np.int64)))
        return found

    def job(self, task: Task, seed: int, tracks: Sequence[str] = (), new: NewTrack | None = None) -> PieceJob:
        """What a take is asked to do here."""
        named = tuple(tracks) or (() if new else tuple(track.id for track in self.score.tracks))
        return PieceJob(
            id=f"{task}-{seed}",
            task=task,
            score="0" * 64,
            first_bar=self.first,
            last_bar=self.last,
            tracks=named,
            new=new,
            model="sketch",
            seed=seed,
            takes=1,
        )


def within(track: Track, start: int, end: int) -> list[Note]:
    """The notes of a track that start in these ticks."""
    return [note for note in track.notes if start <= note.start < end]


def openings(name: str, score: Score, most: int = 1, bars: int = BARS) -> list[Opening]:
    """Up to `most` excerpts of a piece, evenly apart, with notes in the given and in the asked bars.

    All bars of an excerpt are equally long; it has `bars`, or as many (at least `LEAST`) as the piece has in a row.
    """
    starts = score.bars().starts
    lengths = np.diff(starts)
    changes = np.flatnonzero(np.diff(lengths)) + 1
    rows = list(zip([0, *changes.tolist()], [*changes.tolist(), len(lengths)], strict=True))
    count = min(bars, max((end - first for first, end in rows), default=0))
    free = [
        place
        for first, end in rows
        if lengths[first] <= LONGEST_BAR * STEP_TICKS
        for place in range(first, end - count + 1)
    ]
    found: list[Opening] = []
    for number in range(most if count >= LEAST else 0):
        aim = (number + 0.5) / most * (len(lengths) - count)
        for first in sorted(free, key=lambda first: abs(first - aim)):
            here = opening(name, score, starts[first : first + count + 1])
            if here is not None:
                found.append(here)
                free = [other for other in free if abs(other - first) >= count]
                break
    return found


def opening(name: str, score: Score, starts: Sequence[int]) -> Opening | None:
    """The bars that begin at these ticks (the last: their end); None with too few notes."""
    part = excerpt(score, starts[0], starts[-1])
    part = replace(part, tracks=tuple(track for track in part.tracks if track.notes and not track.drums))
    here = Opening(name, part, GIVEN, len(starts) - 2, starts[1] - starts[0])
    given = [note for track in part.tracks for note in within(track, 0, here.span[0])]
    asked = [note for track in part.tracks for note in within(track, *here.span)]
    return here if len(given) >= 4 and len(asked) >= 8 else None


def gathered(pieces: Sequence[tuple[str, Callable[[], Score]]]) -> list[Opening]:
    """Excerpts of all pieces: one of each, of long ones up to four."""
    found = []
    for name, read in pieces:
        score = read()
        found += openings(name, score, 1 + min(3, len(score.bars()) // 100), BARS)
    return found
