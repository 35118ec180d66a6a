"""Which windows of a piece a model reads to say how much each note surprises it, and what it said of them.

A window is as long as the model's context, each has half of it from before the bars it is read for: so every note but
those at the piece's start is judged by what stands before it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from studio.core.events import Weight
from studio.media.music import vocabulary as v
from studio.media.music.quantise import Quantised, grid_order, quantise
from studio.media.music.score import Score
from studio.media.music.tokens import Encoded, encode
from studio.media.music.tokens_measure import costs, note_nll

TRACK_HEAD = 3  # tokens before a track's bars
Found = dict[tuple[str, int], float]  # nats by a track's id and the index of a note in it


class Passage(Struct, frozen=True):
    """A window's tokens, and the notes it is read for: by their place in it, the track's id and the index in it."""

    encoded: Encoded
    notes: dict[tuple[int, int], tuple[str, int]]

    @property
    def ids(self) -> list[int]:
        """What the model reads."""
        return self.encoded.ids

    def found(self, nll: Sequence[float]) -> Found:
        """Nats by note, from those of each token."""
        nats = note_nll(self.encoded, nll)
        return {note: nats[place] for place, note in self.notes.items()}


def passages(
    score: Score,
    tracks: Collection[str] = (),
    first_bar: int = 0,
    last_bar: int | None = None,
    *,
    context: int,
    drums: bool = False,
) -> Iterator[Passage]:
    """What is to be read for these bars of these tracks (none named: all), for a model with a context of so many
    tokens; `drums`: it knows them, else their tracks are passed over. Raises KeyError for a track that is not there.
    """
    for track_id in tracks:
        score.track(track_id)
    piece = quantise(score)
    seen = [at for at, one in enumerate(piece.tracks) if one.notes and (drums or not one.drums)]
    asked = [at for at in seen if not tracks or piece.tracks[at].id in tracks]
    starts, bars = piece.grid.ticks, len(piece.bars)
    end = bars if last_bar is None else min(last_bar + 1, bars)
    reading = _Reading(score, piece, context, (starts[min(first_bar, bars)], starts[end]))
    others = sorted(set(seen) - set(asked), key=lambda at: -len(piece.tracks[at].notes))
    for group in range(0, len(asked), v.MOST_TRACKS):
        some = asked[group : group + v.MOST_TRACKS]
        wanted = [bar for at in some for bar in reading.bars_of(at)]
        if wanted:
            around = others[: v.MOST_TRACKS - len(some)]
            yield from reading.read(some, around, min(wanted), max(wanted))


def weights(
    score: Score, tracks: Collection[str], found: Mapping[tuple[str, int], float]
) -> dict[str, tuple[Weight, ...]]:
    """What was found, note by note in the score's order; tracks of which nothing was found are left out."""
    weighed: dict[str, tuple[Weight, ...]] = {}
    for track in score.tracks:
        row = tuple(
            Weight(note.start, note.pitch, found[track.id, at])
            for at, note in enumerate(track.notes)
            if (track.id, at) in found
        )
        if row and (not tracks or track.id in tracks):
            weighed[track.id] = row
    return weighed


class _Reading:
    """One piece on its way through windows; tracks by their index."""

    def __init__(self, score: Score, piece: Quantised, context: int, span: tuple[int, int]) -> None:
        self._score, self._piece, self._context, self._span = score, piece, context, span
        self._costs = costs(piece)
        self._orders: dict[int, list[int]] = {}

    def bars_of(self, track: int) -> list[int]:
        """The first and the last bar, on the grid, of a track's notes that are asked about; none without any."""
        notes, order = self._piece.tracks[track].notes, self._order(track)
        inside = [notes[place].start for place, at in enumerate(order) if self._asked(track, at)]
        starts = self._piece.grid.starts
        return [bisect_right(starts, step) - 1 for step in inside[:1] + inside[-1:]]

    def read(self, asked: Sequence[int], others: Sequence[int], first: int, last: int) -> Iterator[Passage]:
        """Windows for these bars of some tracks beside others."""
        tracks = sorted((*asked, *others))
        room = self._context - 1 - TRACK_HEAD * len(tracks)
        cost = [self._cost(bar, tracks) for bar in range(last + 1)]
        bar = first
        while bar <= last:
            if cost[bar] > room:
                yield from self._crowded(asked, others, bar)
                bar += 1
                continue
            start, spent = bar, cost[bar]
            while start > 0 and bar - start < v.MOST_BARS // 2 and spent + cost[start - 1] <= room // 2:
                start -= 1
                spent += cost[start]
            stop = bar + 1
            while stop <= last and stop - start < v.MOST_BARS and spent + cost[stop] <= room:
                spent += cost[stop]
                stop += 1
            yield self._passage(asked, tracks, start, bar, stop)
            bar = stop

    def _crowded(self, asked: Sequence[int], others: Sequence[int], bar: int) -> Iterator[Passage]:
        """A bar that does not fit with all its tracks: with fewer around it, then part by part."""
        if self._piece.bars[bar].length > v.LONGEST_BAR:
            return  # no sequence holds it
        if others:
            yield from self.read(asked, others[: len(others) // 2], bar, bar)
        elif len(asked) > 1:
            half = len(asked) // 2
            yield from self.read(asked[:half], (), bar, bar)
            yield from self.read(asked[half:], (), bar, bar)
        else:
            yield self._passage(asked, asked, bar, bar, bar + 1)

    def _passage(
        self, asked: Sequence[int], tracks: Sequence[int], start: int, bar: int, stop: int
    ) -> Passage:
        """The window from bar `start` to before `stop`, read for its notes from bar `bar` on; cut off where it is
        longer than the context."""
        piece = self._piece
        encoded = encode(piece.window(start, stop - start, tracks))
        first_step, wanted_step = piece.bars[start].start, piece.bars[bar].start
        offsets = {
            at: bisect_left(piece.tracks[at].notes, first_step, key=lambda note: note.start) for at in asked
        }
        notes: dict[tuple[int, int], tuple[str, int]] = {}
        for span in encoded.spans:
            at = tracks[span.track]
            if at not in offsets or span.stop > self._context:
                continue
            place = offsets[at] + span.note
            index = self._order(at)[place]
            if piece.tracks[at].notes[place].start >= wanted_step and self._asked(at, index):
                notes[span.track, span.note] = (piece.tracks[at].id, index)
        cut = Encoded(encoded.ids[: self._context], encoded.fills_at, encoded.written, encoded.spans)
        return Passage(cut, notes)

    def _cost(self, bar: int, tracks: Sequence[int]) -> int:
        """Tokens of a bar, at the most."""
        one = self._piece.bars[bar]
        if one.length > v.LONGEST_BAR:
            return self._context  # a wall
        heads = 6 + 2 * len(one.chords)  # Bar Meter LENGTH Position Tempo Key, and the chords
        return heads + sum(self._costs[at][bar] for at in tracks)

    def _order(self, track: int) -> list[int]:
        if track not in self._orders:
            self._orders[track] = grid_order(self._score.tracks[track].notes, self._piece.grid)
        return self._orders[track]

    def _asked(self, track: int, index: int) -> bool:
        """Whether a note is asked about: it starts in the bars."""
        return self._span[0] <= self._score.tracks[track].notes[index].start < self._span[1]
