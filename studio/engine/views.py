"""What the engine tells the window about itself: frozen values carried by its signals."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from studio.core.errors import StudioError
from studio.core.events import Small
from studio.core.jobs import Job
from studio.core.takes import Take

WorkerPhase = Literal["off", "starting", "loading", "ready", "failed", "broken"]
JobState = Literal["waiting", "running", "stopping", "done", "stopped", "failed"]


class Limits(Struct, frozen=True, kw_only=True):
    """How long the engine waits; tests shorten these."""

    cancel_kill_ms: int = 2_000  # a cancel that is not heard by then is enforced
    silent_kill_ms: int = 30_000  # a worker without a heartbeat for so long is taken for dead
    part_flush_ms: int = 500  # streamed text is on disk no later than this
    quit_ms: int = 1_500  # grace for a worker to end by itself
    early_death_ms: int = 10_000  # dying sooner than this after its start counts as not starting
    early_deaths: int = 3  # after so many in a row it is not started again until asked


class WorkerView(Struct, frozen=True, kw_only=True):
    """How the worker is: `detail` is a sentence for the status line, `done` the share loaded.

    "failed": it runs, but the model asked for could not be loaded; "broken": it does not start.
    """

    phase: WorkerPhase
    model: str = ""
    detail: str = ""
    done: float = 0.0
    fill_in: bool = False
    context_tokens: int = 0


class JobView(Struct, frozen=True, kw_only=True):
    """One row of the queue, live. `done` in 0..1; `rate` in tokens, or steps, a second over all takes.

    `step` of `steps` is how far the takes are that are being made now.
    """

    job: Job
    state: JobState
    done: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    rate: float = 0.0
    seconds: float = 0.0
    error: str = ""
    place: int = 0
    step: int = 0
    steps: int = 0


class PreviewView(Struct, frozen=True, kw_only=True):
    """How the takes of an image job look so far: (take id, picture) pairs, at `step` of `steps`."""

    job: str
    step: int
    steps: int
    pictures: tuple[tuple[str, Small], ...] = ()


class Held(Struct, frozen=True, kw_only=True):
    """What the disk refused for now: it is kept in memory and written when the disk takes it.

    `take` has ended, `files` are what it refers to, by their names; without one it is something of the queue's.
    """

    take: Take | None = None
    files: dict[str, bytes] = {}


class Problem(Struct, frozen=True, kw_only=True):
    """An error as the window shows it: what happened, what was kept, what to do; details on request."""

    what: str
    kept: str = ""
    do: str = ""
    details: str = ""
    job: str = ""

    @classmethod
    def of(cls, error: StudioError, *, job: str = "", details: str = "") -> "Problem":
        """The same words as the error's."""
        return cls(what=error.what, kept=error.kept, do=error.do, details=details, job=job)
