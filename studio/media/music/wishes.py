"""What a person asks of chosen notes in a dialog: values that are tried while it is open, done when it closes, kept."""

from collections.abc import Collection
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from studio.media.music import edits, groove
from studio.media.music.edits_placing import Done
from studio.media.music.groove import GRIDS, STRAIGHT
from studio.media.music.score import TICKS, Note, Score
from studio.media.music.theory import key_at, key_classes

SPREAD_MOST_TICKS: Final = 120
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Velocity = Annotated[int, Meta(ge=1, le=127)]


class QuantiseWish(Struct, frozen=True, kw_only=True):
    """Onto a grid, as far as `strength` says; `swing` is where the second of two steps stands (0.5 is straight)."""

    grid_ticks: Annotated[int, Meta(ge=0, le=TICKS * 4)] = TICKS // 4
    strength: Share = 1.0
    swing: Annotated[float, Meta(ge=0.25, le=0.75)] = STRAIGHT
    ends: bool = False

    @property
    def words(self) -> str:
        """ "1/16, 80 %, swing 60 %, also ends"."""
        grid = next((name for name, ticks in GRIDS.items() if ticks == self.grid_ticks), "grid")
        parts = [grid, f"{self.strength:.0%}".replace("%", " %")]
        if self.swing != STRAIGHT:
            parts.append(f"swing {self.swing * 100:.0f} %")
        if self.ends:
            parts.append("also ends")
        return ", ".join(parts)

    def of(self, score: Score, track_id: str, notes: Collection[Note]) -> Done:
        """Do it."""
        return groove.quantise(
            score, track_id, notes, self.grid_ticks, self.strength, self.swing, ends=self.ends
        )


class HumaniseWish(Struct, frozen=True, kw_only=True):
    """A little off the grid, a little uneven: standard deviations, `timing` in milliseconds or in ticks."""

    timing: Annotated[float, Meta(ge=0.0, le=120.0)] = 12.0
    unit: Literal["ms", "ticks"] = "ms"
    velocity: Annotated[int, Meta(ge=0, le=40)] = 8
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 1

    def ticks(self, score: Score, tick: int) -> int:
        """The spread in ticks at the tempo that holds there."""
        if self.unit == "ticks":
            return round(self.timing)
        tempo = next((one for one in reversed(score.tempos) if one.tick <= tick), score.tempos[0])
        return min(SPREAD_MOST_TICKS, round(self.timing * 1000 * TICKS / tempo.micros))

    def of(self, score: Score, track_id: str, notes: Collection[Note]) -> Done:
        """Do it."""
        first = min((note.start for note in notes), default=0)
        return groove.humanise(score, track_id, notes, self.seed, self.ticks(score, first), self.velocity)


class TransposeWish(Struct, frozen=True, kw_only=True):
    """Higher or lower: by semitones, or by steps of the key's scale."""

    by: Annotated[int, Meta(ge=-48, le=48)] = 12
    in_key: bool = False

    def of(self, score: Score, track_id: str, notes: Collection[Note]) -> Done:
        """Do it; without a key there are only semitones."""
        key = key_at(score.keys, min((note.start for note in notes), default=0))
        if self.in_key and key is not None:
            return edits.transpose_in_scale(score, track_id, notes, self.by, key_classes(key))
        return edits.transpose(score, track_id, notes, self.by)


class VelocityWish(Struct, frozen=True, kw_only=True):
    """How strong: all the same (`value`), by `by` more, `percent` of what they are, or from `first` to `last`."""

    how: Literal["set", "change", "scale", "ramp"] = "set"
    value: Velocity = 80
    by: Annotated[int, Meta(ge=-126, le=126)] = 10
    percent: Annotated[int, Meta(ge=1, le=400)] = 100
    first: Velocity = 50
    last: Velocity = 100

    def of(self, score: Score, track_id: str, notes: Collection[Note]) -> Done:
        """Do it."""
        match self.how:
            case "set":
                return edits.set_velocities(score, track_id, dict.fromkeys(notes, self.value))
            case "change":
                return edits.set_velocities(
                    score, track_id, {note: note.velocity + self.by for note in notes}
                )
            case "scale":
                return edits.scale_velocities(score, track_id, notes, self.percent / 100)
            case "ramp":
                return edits.ramp_velocities(score, track_id, notes, self.first, self.last)


NotesWish = QuantiseWish | HumaniseWish | TransposeWish | VelocityWish
