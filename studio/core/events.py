"""What the engine tells the worker, and the worker the engine: two closed sets."""

from typing import Literal

from msgspec import Struct, field

from studio.core.jobs import Act, Frame, Job
from studio.core.takes import Made, PartSeen, Token

PROTOCOL = 4


class Warm(Struct, frozen=True, kw_only=True, tag="warm"):
    """Load this model now, so that the first job need not wait."""

    model: str


class Run(Struct, frozen=True, kw_only=True, tag="run"):
    """Compute this job. `files` are the pictures it reads, by their asset names."""

    job: Job
    files: dict[str, bytes] = field(default_factory=dict)


class Cancel(Struct, frozen=True, kw_only=True, tag="cancel"):
    """Stop this job at the next token or step; what it has is kept."""

    job: str


class Look(Struct, frozen=True, kw_only=True, tag="look"):
    """Say what the model would read for this job (`Seen`); nothing is made."""

    job: Job


class Check(Struct, frozen=True, kw_only=True, tag="check"):
    """Try acts on the built-in passages (`Checking`, then `Checked`). Jobs that come meanwhile go first."""

    id: str
    model: str
    frames: tuple[Frame, ...]


class Weigh(Struct, frozen=True, kw_only=True, tag="weigh"):
    """Say how much each note of these bars surprises a model of notes (`Weighed`). Bars count from 0.

    `score` is packed by media.music.carried; no `tracks` means all, no `last_bar` to the end. Jobs that come
    meanwhile go first; a newer one takes its place: the older is not answered then.
    """

    id: str
    model: str
    score: bytes
    tracks: tuple[str, ...] = ()
    first_bar: int = 0
    last_bar: int | None = None


class Quit(Struct, frozen=True, kw_only=True, tag="quit"):
    """End the process."""


Command = Warm | Run | Cancel | Look | Check | Weigh | Quit


class Hello(Struct, frozen=True, kw_only=True, tag="hello"):
    """First frame of a worker."""

    protocol: int
    pid: int


class Beat(Struct, frozen=True, kw_only=True, tag="beat"):
    """Still alive; sent every second by the worker's reading thread."""

    rss_mib: float


class Loading(Struct, frozen=True, kw_only=True, tag="loading"):
    """A model is being read; `done` in 0..1. `job` is empty while warming."""

    model: str
    done: float
    job: str = ""


class Ready(Struct, frozen=True, kw_only=True, tag="ready"):
    """A model stands in memory. `fill_in`: it can use the text after the caret; `chat`: it has a chat template."""

    model: str
    family: str
    parameters: int
    context_tokens: int = 0
    fill_in: bool = False
    chat: bool = False
    device: str
    dtype: str
    seconds: float


class Started(Struct, frozen=True, kw_only=True, tag="started"):
    """Prefill is done, takes begin; `seeds[i]` is the seed of take i."""

    job: str
    made: Made
    seeds: tuple[int, ...]


class Delta(Struct, frozen=True, kw_only=True, tag="delta"):
    """New text of some takes: (take index, text) pairs, in order.

    Every running take has `step` units by now, of those that `jobs.units_of` counts.
    """

    job: str
    pieces: tuple[tuple[int, str], ...]
    step: int = 0


class Small(Struct, frozen=True, kw_only=True, gc=False):
    """What a take looks like so far: rows of RGB bytes, `width` x `height`."""

    index: int
    width: int
    height: int
    rgb: bytes


class Preview(Struct, frozen=True, kw_only=True, tag="preview"):
    """Takes of an image job have `step` of `steps` steps by now; `pictures` is empty where previews are off."""

    job: str
    step: int
    steps: int
    pictures: tuple[Small, ...] = ()


class Told(Struct, frozen=True, kw_only=True, tag="told"):
    """Something the person should know about a running job ("drawn two at a time: memory is short")."""

    job: str
    what: str
    code: str = ""


class Image(Struct, frozen=True, kw_only=True):
    """A finished picture: a PNG file, and a thumbnail (WebP, at most 256 px a side).

    `preview`: the take was stopped, and this is its last preview, enlarged.
    """

    png: bytes
    width: int
    height: int
    thumb: bytes
    preview: bool = False


class TakeEnd(Struct, frozen=True, kw_only=True, tag="take_end"):
    """A take is complete. `text` is the whole of it (trimmed as the job asked); it replaces what streamed.

    A picture comes as `image` (None when it was stopped before anything could be seen); `made` says how
    it was computed where that was not known when the job started.
    """

    job: str
    index: int
    text: str = ""
    tokens: tuple[Token, ...] = ()
    image: Image | None = None
    made: Made | None = None
    status: Literal["done", "stopped"]
    seconds: float


class JobEnd(Struct, frozen=True, kw_only=True, tag="job_end"):
    """All takes of a job ended. `tokens_per_s`: tokens, or denoising steps, of all takes together."""

    job: str
    status: Literal["done", "stopped"]
    seconds: float
    tokens_per_s: float


class Failed(Struct, frozen=True, kw_only=True, tag="failed"):
    """A job (or, with `job` empty, a warm-up) could not be done. `details` is for the log."""

    job: str
    what: str
    kept: str = ""
    do: str = ""
    code: str = "failed"
    details: str = ""


class Seen(Struct, frozen=True, kw_only=True, tag="seen"):
    """What the model would read for a job, part by part. `room_tokens` is what its context leaves for the prompt."""

    job: str
    parts: tuple[PartSeen, ...]
    prompt_tokens: int
    reused_tokens: int
    room_tokens: int
    context_tokens: int


CheckName = Act | Literal["fill_in"]


class ActCheck(Struct, frozen=True, kw_only=True):
    """How many of the passages an act was done well on; `need` of them make it usable. `why` names what failed.

    "fill_in": the middle of a passage is likelier when the model knows what follows it.
    """

    act: CheckName
    passed: int
    of: int
    need: int
    frame_sha256: str = ""
    why: str = ""

    @property
    def usable(self) -> bool:
        """The model may be offered for this act."""
        return self.passed >= self.need


class Checking(Struct, frozen=True, kw_only=True, tag="checking"):
    """A check goes on; `done` in 0..1."""

    id: str
    done: float


class Checked(Struct, frozen=True, kw_only=True, tag="checked"):
    """A check has ended; stopped ones hold the acts that were tried through."""

    id: str
    model: str
    model_sha256: str
    acts: tuple[ActCheck, ...]


class Weight(Struct, frozen=True, gc=False):
    """A note, by its start in ticks and its pitch, and how much it surprised the model: nats over all its tokens."""

    start: int
    pitch: int
    nats: float


class Weighed(Struct, frozen=True, kw_only=True, tag="weighed"):
    """The answer to `Weigh`: by tracks' ids, in the order of each track's notes.

    Left out is what the model cannot look at: drums where it never saw any, notes beyond what it reads at once.
    """

    id: str
    model: str
    tracks: dict[str, tuple[Weight, ...]]


Event = (
    Hello
    | Beat
    | Loading
    | Ready
    | Started
    | Delta
    | Preview
    | Told
    | TakeEnd
    | JobEnd
    | Failed
    | Seen
    | Checking
    | Checked
    | Weighed
)
