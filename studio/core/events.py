"""What the engine tells the worker, and the worker the engine: two closed sets."""

from typing import Literal

from msgspec import Struct

from studio.core.jobs import Act, Frame, Job
from studio.core.takes import Made, PartSeen, Token

PROTOCOL = 2


class Warm(Struct, frozen=True, kw_only=True, tag="warm"):
    """Load this model now, so that the first job need not wait."""

    model: str


class Run(Struct, frozen=True, kw_only=True, tag="run"):
    """Compute this job."""

    job: Job


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


class Quit(Struct, frozen=True, kw_only=True, tag="quit"):
    """End the process."""


Command = Warm | Run | Cancel | Look | Check | Quit


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
    context_tokens: int
    fill_in: bool
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
    """New text of some takes: (take index, text) pairs, in order. Every running take has `step` tokens by now."""

    job: str
    pieces: tuple[tuple[int, str], ...]
    step: int = 0


class TakeEnd(Struct, frozen=True, kw_only=True, tag="take_end"):
    """A take is complete. `text` is the whole of it (trimmed as the job asked); it replaces what streamed."""

    job: str
    index: int
    text: str
    tokens: tuple[Token, ...]
    status: Literal["done", "stopped"]
    seconds: float


class JobEnd(Struct, frozen=True, kw_only=True, tag="job_end"):
    """All takes of a job ended."""

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


Event = (
    Hello | Beat | Loading | Ready | Started | Delta | TakeEnd | JobEnd | Failed | Seen | Checking | Checked
)
