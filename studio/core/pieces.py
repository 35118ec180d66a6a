"""What the person asks of a music model: one frozen object a request, checked at birth.

The score is a file of the project, named by its SHA-256; the engine sends it along (`Run.files`). Bars count from 0.
"""

from typing import Annotated, Literal, get_args

from msgspec import Meta, ValidationError

from studio.core.adapter import Adapter
from studio.core.checked import Checked

Task = Literal["continue", "infill", "vary", "harmonise", "add", "drums"]
TASKS: tuple[Task, ...] = get_args(Task)
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Level = Annotated[int, Meta(ge=0, le=15)]  # a step of the tokenizer's scale for that attribute
Bar = Annotated[int, Meta(ge=0, le=100_000)]


class Wish(Checked, frozen=True, kw_only=True):
    """How the notes of a track should be; None leaves it to the model. Levels are those of media.music.attributes.

    `bar` None: the bars that are written, as a whole; else that bar alone.
    """

    track: str
    bar: Bar | None = None
    density: Level | None = None
    polyphony: Level | None = None
    register: Level | None = None
    duration: Level | None = None


class Pick(Checked, frozen=True, kw_only=True):
    """One note: the first of this pitch that starts at this tick of a track."""

    track: str
    start: Annotated[int, Meta(ge=0)]
    pitch: Annotated[int, Meta(ge=0, le=127)]


class NewTrack(Checked, frozen=True, kw_only=True):
    """A track to be added: a General MIDI program, or a drum kit."""

    id: str
    name: str = ""
    program: Annotated[int, Meta(ge=0, le=127)] = 0
    drums: bool = False


class PieceJob(Checked, frozen=True, kw_only=True, tag="piece"):
    """Propose notes for some bars of some tracks.

    `score` is the score the takes grow from (packed by media.music.carried), an asset of the project. Of it bars
    `first_bar` up to and with `last_bar` of `tracks` (their ids) are written anew; "continue" writes behind the last
    note, "harmonise" and "add" write `new`, "vary" keeps a share of 1 - `amount`, or all but `picks` where there are
    some. Locked notes and tracks stay.
    `hold_key` and `hold_chords`: no note outside the scale, or outside the chord of its time, can be sampled; `scale`
    is one on the key's tonic (media.music.theory.SCALES), "" what belongs to the key.
    `temperature`, `top_p` and `top_k` are as in writing. `parent` is the revision the takes grow from, `from_take` the
    take this one goes on from, if any.
    """

    id: str
    work: str = ""
    parent: str = ""
    from_take: str = ""
    task: Task = "continue"
    score: str
    first_bar: Bar
    last_bar: Bar
    tracks: tuple[str, ...] = ()
    new: NewTrack | None = None
    amount: Share = 0.5
    picks: tuple[Pick, ...] = ()
    wishes: tuple[Wish, ...] = ()
    hold_key: bool = False
    scale: Annotated[str, Meta(max_length=40)] = ""
    hold_chords: bool = False
    model: str
    adapters: tuple[Adapter, ...] = ()
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    takes: Annotated[int, Meta(ge=1, le=8)] = 3
    notes: Annotated[int, Meta(ge=1, le=16_384)] = 2048
    temperature: Annotated[float, Meta(ge=0.0, le=5.0)] = 1.0
    top_p: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.98
    top_k: Annotated[int, Meta(ge=0, le=100_000)] = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.last_bar < self.first_bar:
            raise ValidationError(f"last_bar: {self.last_bar} comes before bar {self.first_bar}")
        if self.task in ("harmonise", "add", "drums") and self.new is None:
            raise ValidationError(f"new: the task {self.task!r} needs a track to write")
        if self.picks and self.task != "vary":
            raise ValidationError(f"picks: the task {self.task!r} writes whole bars, not single notes")
        if self.task in ("continue", "infill", "vary") and not self.tracks:
            raise ValidationError(f"tracks: the task {self.task!r} needs at least one")

    @property
    def files(self) -> tuple[str, ...]:
        """The assets this job reads."""
        return (self.score,)

    @property
    def cells(self) -> int:
        """How many bars of single tracks are written."""
        tracks = 1 if self.new is not None else len(self.tracks)  # those it names besides are listened to
        return (self.last_bar - self.first_bar + 1) * tracks
