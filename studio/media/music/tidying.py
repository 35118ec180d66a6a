"""Several tidyings of a piece one after the other, each change of which can be left out: what a person looks through.

What a later one finds rests on what the earlier ones left, so all is worked out anew when a change is left out.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, Literal, get_args

from msgspec import Struct

from studio.media.music.groove import STRAIGHT
from studio.media.music.score import TICKS, Key, Note, Score
from studio.media.music.theory import Scale, key_at
from studio.media.music.tidy import (
    Change,
    Proposal,
    applied,
    in_range,
    quantised,
    smoothed,
    snap_to_scale,
    without_overlaps,
)

Tidying = Literal["scale", "grid", "range", "overlaps", "velocity"]
TIDYINGS: Final[tuple[Tidying, ...]] = get_args(Tidying)  # in this order: overlaps come of pitches and starts
Way = Literal["nearest", "up", "down"]
Picks = Mapping[str, Collection[Note]]  # notes that are looked at, by track


class TidyWish(Struct, frozen=True, kw_only=True):
    """Which tidyings are wanted, and how.

    `key` None: the piece's own keys as they come. `scale` None: what belongs to the key, in minor with the raised
    sixth and seventh. `grid_ticks` 0 is the bar lines; `strength`, `amount` 0 to 1.
    """

    kinds: tuple[Tidying, ...] = ("scale", "range", "overlaps")
    key: Key | None = None
    scale: Scale | None = None
    way: Way = "nearest"
    grid_ticks: int = TICKS // 4
    strength: float = 1.0
    swing: float = STRAIGHT
    amount: float = 0.5
    window_ticks: int = TICKS


class Place(Struct, frozen=True):
    """Which change of a tidying: that of the `nth` note of a track that is as `before`."""

    kind: Tidying
    track: str
    before: Note
    nth: int = 0


class Step(Struct, frozen=True):
    """A change of one of the tidyings, and whether it is made."""

    place: Place
    change: Change
    made: bool


class Tidied(Struct, frozen=True):
    """The score with all changes made that were not left out; all changes; how many locked notes were left."""

    score: Score
    steps: tuple[Step, ...] = ()
    locked: int = 0

    @property
    def made(self) -> int:
        """How many changes are made."""
        return sum(step.made for step in self.steps)


def proposal(score: Score, kind: Tidying, wish: TidyWish, picks: Picks | None = None) -> Proposal:
    """What one tidying would do."""
    makers: dict[Tidying, Callable[[], Proposal]] = {
        "scale": lambda: _into_key(score, wish, picks),
        "grid": lambda: quantised(score, wish.grid_ticks, wish.strength, wish.swing, picks),
        "range": lambda: in_range(score, picks=picks),
        "overlaps": lambda: without_overlaps(score, picks),
        "velocity": lambda: smoothed(score, wish.amount, wish.window_ticks, picks),
    }
    return makers[kind]()


def tidied(
    score: Score, wish: TidyWish, picks: Picks | None = None, without: Collection[Place] = ()
) -> Tidied:
    """Do what is wished, but leave out the changes of `without`."""
    steps: list[Step] = []
    locked = 0
    for kind in TIDYINGS:
        if kind not in wish.kinds:
            continue
        found = proposal(score, kind, wish, picks)
        locked = max(locked, found.left)  # the same notes are locked for all of them
        now = [Step(place, change, place not in without) for place, change in _places(kind, found.changes)]
        steps += now
        made = [step.change for step in now if step.made]
        score = applied(score, made)
        if picks is not None:
            picks = _followed(picks, made)
    return Tidied(score, tuple(steps), locked)


def _into_key(score: Score, wish: TidyWish, picks: Picks | None) -> Proposal:
    """Into a scale; where none is named each note into its key's, in minor the one that holds all three."""
    if wish.scale is not None:
        return snap_to_scale(score, wish.key, wish.scale, wish.way, picks)
    if wish.key is not None:
        scale: Scale = "major" if wish.key.mode == "major" else "full minor"
        return snap_to_scale(score, wish.key, scale, wish.way, picks)
    modes = {key.mode for key in score.keys}
    if modes != {"major", "minor"}:
        return snap_to_scale(score, None, "full minor" if "minor" in modes else "major", wish.way, picks)
    looked_at = picks or {track.id: track.notes for track in score.tracks}
    changes: list[Change] = []
    left = 0
    for mode, scale in (("major", "major"), ("minor", "full minor")):
        these = {
            track: [note for note in notes if (key := key_at(score.keys, note.start)) and key.mode == mode]
            for track, notes in looked_at.items()
        }
        part = snap_to_scale(score, None, scale, wish.way, these)
        changes += part.changes
        left += part.left
    return Proposal(applied(score, changes), tuple(changes), left, "")


def _places(kind: Tidying, changes: Iterable[Change]) -> Iterable[tuple[Place, Change]]:
    seen: Counter[tuple[str, Note]] = Counter()
    for change in changes:
        same = change.track, change.before
        yield Place(kind, change.track, change.before, seen[same]), change
        seen[same] += 1


def _followed(picks: Picks, made: Iterable[Change]) -> Picks:
    """The same notes as they are after changes."""
    after = {track: list(notes) for track, notes in picks.items()}
    gone: Counter[tuple[str, Note]] = Counter()
    for change in made:
        gone[change.track, change.before] += 1
    if not gone:
        return picks
    for track, notes in after.items():
        kept = []
        for note in notes:
            if gone[track, note]:
                gone[track, note] -= 1
            else:
                kept.append(note)
        after[track] = kept
    for change in made:
        if change.after is not None and change.track in after:
            after[change.track].append(change.after)
    return after
