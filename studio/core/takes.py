"""What came of a job: takes, with all that is needed to make them again."""

from typing import Literal

from msgspec import Struct

from studio.core.jobs import ImageJob, Job, PieceJob, TextJob
from studio.core.pictures import Rung

TakeStatus = Literal["streaming", "done", "stopped", "failed"]
EndStatus = Literal["done", "stopped", "failed"]
VerdictKind = Literal["accepted", "rejected"]


PartState = Literal["in", "cut", "out"]


class PartSeen(Struct, frozen=True, kw_only=True):
    """One part of what the model read, or did not: its cost and why.

    `kind` is a ContextPart's, or "frame", "text", "selection", "suffix", "lead". "cut": it is in, but not whole.
    """

    kind: str
    id: str = ""
    title: str = ""
    state: PartState = "in"
    tokens: int = 0
    chars: int = 0
    why: str = ""


class Drawn(Struct, frozen=True, kw_only=True):
    """How pictures were computed, beside `Made`: all that can change a pixel.

    `batches` counts the takes that were drawn together, in order; `scheduler` is the choice used. `adapters_sha256`
    are of the job's adapters, `extras_sha256` of its control and reference models, in their order. `rungs` of the
    memory ladder were stood on.
    """

    scheduler: str
    batches: tuple[int, ...] = ()
    adapters_sha256: tuple[str, ...] = ()
    extras_sha256: tuple[str, ...] = ()
    rungs: tuple[Rung, ...] = ()
    diffusers: str = ""


class Made(Struct, frozen=True, kw_only=True):
    """Where and with what a job was computed.

    Prefill runs in chunks of `chunk_tokens` at fixed places and the kept cache ends at such a place,
    so a take is the same whether its prompt was cached or not; `reused_tokens` and `computed_tokens`
    only say what was saved. `adapters_sha256` are of a text or music job's adapters, in their order (of pictures
    `Drawn` has them). `threads` and the job's number of takes do change the last bit of a logit, and so
    does `kernel`, the code that computed the takes ("torch", "native", "llama.cpp"; "" in old recipes: torch).
    """

    model_sha256: str
    family: str
    device: str
    dtype: str
    threads: int
    kernel: str = ""
    adapters_sha256: tuple[str, ...] = ()
    chunk_tokens: int = 0
    prompt_tokens: int = 0
    reused_tokens: int = 0
    computed_tokens: int = 0
    prompt_cut_chars: int = 0
    filled_in: bool = False
    parts: tuple[PartSeen, ...] = ()
    drawn: Drawn | None = None
    torch: str = ""
    atelier: str = ""


class Recipe(Struct, frozen=True, kw_only=True):
    """All that is needed to make take number `index` of `job` again."""

    job: Job
    index: int
    made: Made | None = None

    @property
    def writing(self) -> TextJob:
        """The job, of a take that is a text. Raises TypeError for another kind."""
        if not isinstance(self.job, TextJob):
            raise TypeError(f"{self.job.id} is no text job")
        return self.job

    @property
    def drawing(self) -> ImageJob:
        """The job, of a take that is a picture. Raises TypeError for another kind."""
        if not isinstance(self.job, ImageJob):
            raise TypeError(f"{self.job.id} is no image job")
        return self.job

    @property
    def composing(self) -> PieceJob:
        """The job, of a take that is music. Raises TypeError for another kind."""
        if not isinstance(self.job, PieceJob):
            raise TypeError(f"{self.job.id} is no music job")
        return self.job


# there are thousands of the next two, and no circles among them: not worth the collector's time
class Other(Struct, frozen=True, array_like=True, gc=False):
    """A token that could have stood there instead: its id, its text, the model's natural-log probability."""

    id: int
    text: str
    logprob: float


class Token(Struct, frozen=True, kw_only=True, gc=False):
    """One sampled token: its id, how many characters of the take it ends at, its natural-log probability.

    Probabilities are the model's own, before any sampler. `rank` counts from 1 for the likeliest (0: not known);
    `others` are the likeliest tokens of that place, best first, the sampled one among them when it is one.
    """

    id: int
    end: int
    logprob: float
    rank: int = 0
    others: tuple[Other, ...] = ()


class Picture(Struct, frozen=True, kw_only=True, gc=False):
    """A picture in the project: the asset's name and its size. `preview`: only the last preview of a stopped take."""

    asset: str
    width: int
    height: int
    preview: bool = False


class Take(Struct, frozen=True, kw_only=True):
    """One proposal. `text` is what it has to say so far; only `streaming` takes still grow. `picture` is what an
    image job made.

    `verdict` and `reason` are the person's latest word on it, `error` why a failed one failed.
    """

    id: str
    job: str
    work: str
    parent: str
    index: int
    seed: int
    status: TakeStatus
    recipe: Recipe
    created_ms: int
    text: str = ""
    error: str = ""
    seconds: float = 0.0
    tokens: tuple[Token, ...] = ()
    picture: Picture | None = None
    verdict: VerdictKind | None = None
    reason: str = ""
