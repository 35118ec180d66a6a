"""Which bars and tracks of a piece the model sees, and how many of the asked bars it writes at once."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.pieces import PieceJob
from studio.media.music import vocabulary as v
from studio.media.music.prompts_range import Asked
from studio.media.music.quantise import Quantised
from studio.media.music.tokens_grid import Window
from studio.media.music.tokens_measure import costs

TOKENS_A_NOTE: Final = 3.2  # measured on the corpus
TYPICAL: Final = 24  # tokens of a bar of one track, where the piece gives no other hint
BLOCK_HEAD: Final = 9  # Track Bar Meter LENGTH Position Key Chord WRITE, and END
WRITE_SHARE: Final = 0.6  # of the context for the bars to be written; the rest is for what stands around them


class Chosen(Struct, frozen=True, kw_only=True):
    """The bars the model sees (`first` up to and with `last`), those it writes, and which tracks it sees: the targets
    and `others`, those that matter most first."""

    piece: Quantised
    first: int
    last: int
    first_written: int
    last_written: int
    targets: tuple[int, ...]
    others: tuple[int, ...]
    left_out: tuple[str, ...]

    def window(self) -> Window:
        """The window of these bars and tracks."""
        return self.piece.window(
            self.first, self.last - self.first + 1, sorted((*self.targets, *self.others))
        )

    def smaller(self) -> "Chosen | None":
        """The same with less: fewer bars around, then fewer to write, then fewer tracks; None when all is tried."""
        around = self.first_written - self.first, self.last - self.last_written
        if any(around):
            before = around[0] >= around[1]
            return replace(self, first=self.first + before, last=self.last - (not before))
        if self.last_written > self.first_written:
            return replace(self, last=self.last - 1, last_written=self.last_written - 1)
        if not self.others:
            return None
        gone = self.piece.tracks[self.others[-1]].id
        return replace(self, others=self.others[:-1], left_out=(gone, *self.left_out))


def choose(piece: Quantised, ask: Asked, job: PieceJob, context_tokens: int, *, drums: bool = True) -> Chosen:
    """The largest window that should fit: as many bars to write as leave room for what stands around them.

    `drums`: the model knows what they are; else it does not see those that are not written.
    """
    targets = tuple(index for index, track in enumerate(piece.tracks) if track.id in ask.targets)
    others = _others(piece, targets, job)
    fitting = [index for index in others if drums or not piece.tracks[index].drums]
    fitting = fitting[: v.MOST_TRACKS - len(targets)]
    left_out = tuple(piece.tracks[index].id for index in others if index not in fitting)
    others = tuple(fitting)
    tracks = (*targets, *others)
    around = costs(piece)
    room = context_tokens - 2 - 8 * len(tracks)
    given = [2 + sum(around[track][bar] for track in tracks) for bar in range(len(piece.bars))]
    for bar, one in enumerate(piece.bars):
        if one.length > v.LONGEST_BAR:
            given[bar] += context_tokens  # a wall: no sequence holds it
            if ask.first_bar <= bar <= ask.last_bar:
                piece.window(bar, 1, ())  # says so
    written = _expected(ask, piece, levels=4 if any(wish.bar is not None for wish in job.wishes) else 0)
    first = last = ask.first_bar
    spent = given[first] + written[first]
    while last < ask.last_bar and last - first + 1 < v.MOST_BARS // 2:
        spent += given[last + 1] + written[last + 1]
        if spent > room * WRITE_SHARE:
            spent -= given[last + 1] + written[last + 1]
            break
        last += 1
    # bars that a later pass writes are no context yet
    behind = last == ask.last_bar and job.task != "continue"
    before, after = _around(given, first, last, room - spent, behind)
    return Chosen(
        piece=piece,
        first=before,
        last=after,
        first_written=first,
        last_written=last,
        targets=targets,
        others=others,
        left_out=left_out,
    )


def _around(given: Sequence[int], first: int, last: int, room: int, behind: bool) -> tuple[int, int]:
    """The first and the last bar that fit around those to be written: two before for each one behind."""
    before, after, turn = first, last, 0
    sides = {"before": first > 0, "behind": behind and last + 1 < len(given)}
    while any(sides.values()) and after - before + 1 < v.MOST_BARS:
        side = "before" if sides["before"] and (turn % 3 < 2 or not sides["behind"]) else "behind"
        bar = before - 1 if side == "before" else after + 1
        turn += 1
        if given[bar] > room:
            sides[side] = False
            continue
        room -= given[bar]
        before, after = min(before, bar), max(after, bar)
        sides[side] = bar > 0 if side == "before" else bar + 1 < len(given)
    return before, after


def _others(piece: Quantised, targets: Sequence[int], job: PieceJob) -> tuple[int, ...]:
    """The tracks with notes that are not written: those the job names first, then those with most notes."""
    if len(targets) > v.MOST_TRACKS:
        raise StudioError(
            f"{len(targets)} tracks are more than the {v.MOST_TRACKS} the model writes at once.",
            kept="The piece is as it was.",
            do="Choose fewer tracks.",
            code="music_window",
        )
    others = [index for index, track in enumerate(piece.tracks) if track.notes and index not in targets]
    others.sort(key=lambda index: (piece.tracks[index].id not in job.tracks, -len(piece.tracks[index].notes)))
    return tuple(others)


def _expected(ask: Asked, piece: Quantised, levels: int) -> list[int]:
    """Tokens each bar's blocks will take, by the notes that were there and those of the bars around; `levels` of them
    tell how the bar shall be."""
    bars = len(piece.bars)
    starts = ask.score.bars(bars)
    heads = [BLOCK_HEAD + levels + 2 * (len(bar.chords) - 1) for bar in piece.bars]
    expected = [0] * bars
    for track_id in ask.targets:
        counts = [0] * bars
        for note in ask.score.track(track_id).notes:
            counts[min(bars - 1, starts.at(note.start))] += 1
        filled = [count for count in counts if count]
        usual = TOKENS_A_NOTE * sum(filled) / len(filled) if filled else TYPICAL
        for bar in range(bars):
            expected[bar] += heads[bar] + round(1.75 * max(usual, TOKENS_A_NOTE * counts[bar]))
    return expected
