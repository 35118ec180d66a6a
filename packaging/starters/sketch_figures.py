"""The music model's figures on held-out pieces: foresight, likeness of its takes to real bars, what it copied."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec.structs import replace
from sketch_excerpts import GIVEN, NAMES, Opening
from sketch_metrics import distance, spread
from sketch_nll import Foresight, Scorer, foresight
from sketch_sample import takes

from studio.media.learned.copied import FLAG_NOTES, longest_notes, steps_of
from studio.media.music.midi import excerpt
from studio.media.music.score import Score
from studio.worker.tune.music_corpus import Corpus
from studio.worker.tune.music_feed import questions
from studio.worker.tune.music_words import Words

TEST = 2  # the side


@dataclass(frozen=True)
class Likeness:
    """One figure of real bars and of takes of the same bars: means, and how far the two sets lie apart."""

    real: float
    takes: float
    distance: float  # 1-Wasserstein, takes to real bars
    halves: float  # the same between two random halves of the real bars, in the mean


@dataclass(frozen=True)
class Copied:
    """Longest runs of notes shared with training, in any key: mean, longest, and the share over the flag."""

    mean: float
    longest: int
    share: float

    @classmethod
    def of(cls, runs: Sequence[int]) -> "Copied":
        """Summed up."""
        return cls(float(np.mean(runs)), max(runs), float(np.mean([run > FLAG_NOTES for run in runs])))


@dataclass(frozen=True)
class Figures:
    """Everything measured."""

    continued: Foresight
    infilled: Foresight
    likeness: dict[str, Likeness]
    excerpts: int
    copied: Copied
    copied_real: Copied  # the real bars of the same held-out pieces, for comparison


def training_lines(corpus: Corpus) -> list[np.ndarray]:
    """The tracks of all training pieces as steps (see media.learned.copied)."""
    found = []
    for piece in corpus.pieces(0).tolist():
        bars = int(corpus.bars_from[piece + 1] - corpus.bars_from[piece])
        lengths = corpus.bar_length[corpus.bars_from[piece] : corpus.bars_from[piece + 1]]
        starts = np.cumsum(lengths) - lengths
        for track in range(int(corpus.tracks_from[piece]), int(corpus.tracks_from[piece + 1])):
            notes, cells = corpus.notes(corpus.cells(track, 0, bars))
            found.append(steps_of(starts[cells] + corpus.note_start[notes], corpus.note_pitch[notes]))
    return found


def bare(score: Score) -> Score:
    """Without keys and chords: the notes alone have to say what follows."""
    return replace(score, keys=(), chords=())


def given(opening: Opening) -> Score:
    """The bars of an opening that are there before a take continues it."""
    return bare(excerpt(opening.score, 0, opening.span[0]))


def continued(model: Any, openings: Sequence[Opening], device: str = "cpu") -> list[Score]:
    """Each opening continued once, with seeds 0, 1, 2 and so on."""
    asked = [(given(one), one.job("continue", seed)) for seed, one in enumerate(openings)]
    return takes(model, asked, device)


def likeness(real: Sequence[tuple[float, ...]], made: Sequence[tuple[float, ...]]) -> dict[str, Likeness]:
    """Each figure of real bars beside that of takes; bars without a value (no notes) are left out."""
    found = {}
    for name, ours, theirs in zip(NAMES, zip(*made, strict=True), zip(*real, strict=True), strict=True):
        a, b = ([value for value in values if not math.isnan(value)] for values in (ours, theirs))
        found[name] = Likeness(
            float(np.mean(b)), float(np.mean(a or [math.nan])), distance(a or b, b), spread(b)
        )
    return found


def measure(
    model: Any,
    scorer: Scorer,
    corpus: Corpus,
    words: Words,
    openings: Sequence[Opening],
    say: Callable[[str], None],
    device: str = "cpu",
) -> Figures:
    """All figures. `model` is the exported folder's, in 32 bits; `scorer` reads through it."""
    context = int(model.config.max_position_embeddings)
    asked = {kind: questions(corpus, words, TEST, context, kind) for kind in ("continue", "infill")}
    seen = {kind: foresight(found, scorer, words.sampled, device) for kind, found in asked.items()}
    say(", ".join(f"{kind} {one.nats_per_note:.3f} nats a note" for kind, one in seen.items()))
    made = continued(model, openings, device)
    pairs = list(zip(openings, made, strict=True))
    training = training_lines(corpus)
    return Figures(
        continued=seen["continue"],
        infilled=seen["infill"],
        likeness=likeness(
            [one.values(one.score) for one in openings], [one.values(take) for one, take in pairs]
        ),
        excerpts=len(openings),
        copied=Copied.of(longest_notes([one.lines(take) for one, take in pairs], training)),
        copied_real=Copied.of(longest_notes([one.lines(one.score) for one in openings], training)),
    )


__all__ = ["GIVEN", "Copied", "Figures", "Foresight", "Likeness", "bare", "continued", "given", "measure"]
