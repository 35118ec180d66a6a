"""All knobs of a music job that are not bound to one piece: what a preset keeps and a recall brings back."""

from typing import Annotated, Final, Literal, get_args

from msgspec import Meta

from studio.core.checked import Checked
from studio.core.pieces import Level, Task

Role = Literal["", "melody", "counter", "chords", "bass", "pad"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
NEW_TRACK: Final = "+"  # a track that is not there yet, in `PieceSettings.tracks`
KINDS: Final = ("density", "polyphony", "register", "duration")  # what can be wished of notes


class TrackWish(Checked, frozen=True, kw_only=True):
    """What is wished of one track's notes, where it differs from what is wished of all; levels as in `pieces.Wish`."""

    track: str
    density: Level | None = None
    polyphony: Level | None = None
    register: Level | None = None
    duration: Level | None = None

    @property
    def is_plain(self) -> bool:
        """It wishes nothing."""
        return all(getattr(self, kind) is None for kind in KINDS)


class PieceSettings(Checked, frozen=True, kw_only=True):
    """As in `PieceJob` where a field has the same name.

    `bars` is how far "continue" goes on. `key` is the key that is held ("" the piece's own, else "D minor"), `scale`
    what of it (see `PieceJob`). `density`, `polyphony`, `register` and `duration` are wished of every written track
    that has no wishes of its own in `tracks`; `each_bar`: of each bar by itself as well. `role` and `program` are
    those of a new track. `seed` None draws a new one for each proposal.
    """

    task: Task = "continue"
    bars: Annotated[int, Meta(ge=1, le=64)] = 8
    amount: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.5
    hold_key: bool = False
    key: Annotated[str, Meta(max_length=20)] = ""
    scale: Annotated[str, Meta(max_length=40)] = ""
    hold_chords: bool = False
    density: Level | None = None
    polyphony: Level | None = None
    register: Level | None = None
    duration: Level | None = None
    each_bar: bool = False
    tracks: Annotated[tuple[TrackWish, ...], Meta(max_length=256)] = ()
    role: Role = ""
    program: Annotated[int, Meta(ge=0, le=127)] = 0
    temperature: Annotated[float, Meta(ge=0.0, le=2.0)] = 1.0
    top_p: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.98
    top_k: Annotated[int, Meta(ge=0, le=338)] = 0
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    takes: Annotated[int, Meta(ge=1, le=8)] = 3

    def wish(self, track: str) -> TrackWish:
        """What is wished of a track's notes: its own wishes, else those of all."""
        own = next((wish for wish in self.tracks if wish.track == track), None)
        return own or TrackWish(track=track, **{kind: getattr(self, kind) for kind in KINDS})


# no preset keeps these: they belong to the piece and the moment
BOUND: Final = (
    "task", "bars", "hold_key", "key", "scale", "hold_chords", "tracks", "seed", "takes",
)  # fmt: skip
