"""What a training step of the music model sees: windows packed with sequences, drawn anew for ever.

What draw N gives depends on the seed, the window's length and N alone, so a run resumes exactly. Numpy only.
"""

from dataclasses import dataclass, field

import numpy as np

from studio.worker.tune.music_corpus import Corpus
from studio.worker.tune.music_tasks import Manner, draw_task, draw_tempo, draw_told, draw_voices
from studio.worker.tune.music_words import Words
from studio.worker.tune.music_write import BAR_LONGEST, Excerpt, Told, Writer, Written
from studio.worker.tune.packing import IGNORE

LEAST = 96  # tokens left in a window for which no further sequence is looked for
BARS_MOST = 64
TRACKS_MOST = 16
TRIES = 8
HEAD = 9  # tokens of a block beside its notes, about


def lay(pieces: list[Written], context: list[bool], window: int) -> np.ndarray:
    """One window [3, window]: inputs, targets (`IGNORE` where nothing counts), the number of the sequence.

    Targets are the notes of the blocks and, where `context` says so, those of the context too.
    """
    out = np.zeros((3, window), np.int64)
    out[1], out[2] = IGNORE, len(pieces)
    place = 0
    for number, (piece, counts) in enumerate(zip(pieces, context, strict=True)):
        end = place + len(piece.ids) - 1
        out[0, place:end], out[2, place:end] = piece.ids[:-1], number
        out[1, place:end] = targets_of(piece, counts)
        place = end
    return out


def targets_of(piece: Written, context: bool) -> np.ndarray:
    """The targets [L - 1] of a sequence."""
    wanted = piece.parts[1:] >= (1 if context else 2)
    return np.where(wanted, piece.ids[1:].astype(np.int64), IGNORE)


@dataclass
class Feed:
    """An endless, seeded stream of windows of one length over one side of a corpus."""

    corpus: Corpus
    words: Words
    window: int
    seed: int
    side: int = 0
    manner: Manner = field(default_factory=Manner)
    context: float = 0.5  # share of sequences whose context counts as well
    epoch: int = 0  # how often as many tokens were drawn as the side has
    taken: int = 0  # windows drawn
    plan: list[np.ndarray] = field(default_factory=list)  # none: every window is drawn when it is asked for

    def __post_init__(self) -> None:
        corpus = self.corpus
        self.writer = Writer(corpus, self.words)
        self.rows = corpus.pieces(self.side)
        self.bars = [np.cumsum(np.concatenate(([0], corpus.costs(int(row))))) for row in self.rows]
        tokens = np.array([bars[-1] for bars in self.bars], float)
        self.tokens, self.shares = tokens.sum(), tokens / tokens.sum()

    def take(self, count: int) -> np.ndarray:
        """The next windows [count, 3, window]."""
        out = []
        for _ in range(count):
            out.append(self.draw(np.random.default_rng([self.seed, self.window, self.taken])))
            self.taken += 1
        self.epoch = int(self.taken * self.window / self.tokens)
        return np.stack(out)

    def draw(self, chance: np.random.Generator) -> np.ndarray:
        """One window, filled as far as it goes."""
        return lay(*self.drawn(chance), self.window)

    def drawn(self, chance: np.random.Generator) -> tuple[list[Written], list[bool]]:
        """The sequences of one window, and of each whether its context counts as well."""
        pieces: list[Written] = []
        left = self.window
        while left > LEAST:
            room = left if chance.random() < 0.6 else int(chance.integers(LEAST, left + 1))
            found = next(filter(None, (self.sequence(chance, room) for _ in range(TRIES))), None)
            if found is None:
                break
            pieces.append(found)
            left -= len(found.ids) - 1
        return pieces, (chance.random(len(pieces)) < self.context).tolist()

    def sequence(self, chance: np.random.Generator, room: int) -> Written | None:
        """A sequence of at most so many inputs, from anywhere; None where what was hit upon does not fit."""
        row = int(chance.choice(len(self.rows), p=self.shares))
        piece, costs = int(self.rows[row]), self.bars[row]
        first = int(chance.integers(0, len(costs) - 1))
        tracks = self.tracks(chance, piece)
        each = len(tracks) * HEAD // 2 + len(tracks) + 3
        room_bars = (
            np.searchsorted(costs + each * np.arange(len(costs)), costs[first] + each * first + room - 8) - 1
        )
        count = min(int(room_bars) - first, BARS_MOST)
        if count > 2 and chance.random() < 0.25:
            count = int(chance.integers(2, count + 1))
        while count > 0:
            excerpt = self.excerpt(chance, piece, first, count, tracks)
            if excerpt is None:
                return None
            found = self.writer.write(
                excerpt, draw_task(chance, self.corpus, excerpt, self.manner), draw_told(chance, self.manner)
            )
            if len(found.ids) - 1 <= room:
                return found if found.notes else None
            count -= max(1, count * (len(found.ids) - room) // len(found.ids))
        return None

    def tracks(self, chance: np.random.Generator, piece: int) -> tuple[int, ...]:
        """All tracks of a piece, at times fewer."""
        found = np.arange(self.corpus.tracks_from[piece], self.corpus.tracks_from[piece + 1])
        most = TRACKS_MOST
        if len(found) > 1 and chance.random() < self.manner.fewer:
            most = int(chance.integers(1, len(found)))
        return tuple(np.sort(chance.permutation(found)[:most]).tolist())

    def excerpt(
        self, chance: np.random.Generator, piece: int, first: int, count: int, tracks: tuple[int, ...]
    ) -> Excerpt | None:
        """An excerpt in some key; None with a bar that is too long or without any notes."""
        corpus = self.corpus
        start = int(corpus.bars_from[piece]) + first
        if corpus.bar_length[start : start + count].max() > BAR_LONGEST:
            return None
        if not any(len(corpus.notes(corpus.cells(track, first, count))[0]) for track in tracks):
            return None
        programs, rise = draw_voices(chance, corpus, tracks, first, count, self.manner)
        return Excerpt(piece, first, count, tracks, programs, rise, draw_tempo(chance, self.manner))


def questions(
    corpus: Corpus, words: Words, side: int, window: int, kind: str, seed: int = 0
) -> list[Written]:
    """The sequences of `asked`."""
    return [made for _, made in asked(corpus, words, side, window, kind, seed)]


def asked(
    corpus: Corpus, words: Words, side: int, window: int, kind: str, seed: int = 0
) -> list[tuple[int, Written]]:
    """One sequence of every piece of a side that has one, with the piece's number.

    Of `kind` "continue" or "infill", as long as the window: continuations are the second half of the bars of all
    tracks; infills are drawn as in training. Nothing but tempo is told, nothing transposed: the notes alone have to
    say what follows.
    """
    manner = Manner(shares={kind: 1.0}, rise=0, swapped=0.0, fewer=0.0)
    feed = Feed(corpus, words, window, seed, side, manner)
    told, found = Told(key=False, chords=""), []
    for row, piece in enumerate(feed.rows.tolist()):
        chance = np.random.default_rng([seed, piece])
        costs = feed.bars[row]
        tracks = tuple(range(int(corpus.tracks_from[piece]), int(corpus.tracks_from[piece + 1])))[
            :TRACKS_MOST
        ]
        first = int(chance.integers(0, max(1, (len(costs) - 1) // 2)))
        count = min(len(costs) - 1 - first, BARS_MOST)
        while count > 1:
            excerpt = feed.excerpt(chance, piece, first, count, tracks)
            if excerpt is not None:
                task = draw_task(chance, corpus, excerpt, manner)
                if kind == "continue":
                    task.fills[:] = np.arange(count) >= count // 2
                made = feed.writer.write(excerpt, task, told)
                if len(made.ids) - 1 <= window and made.notes:
                    found.append((piece, made))
                    break
            count = count * 4 // 5
    return found
