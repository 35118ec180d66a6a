"""What came of a job: takes, with all that is needed to make them again."""

from typing import Literal

from msgspec import Struct

from studio.core.jobs import Job

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


class Made(Struct, frozen=True, kw_only=True):
    """Where and with what a job was computed.

    Prefill runs in chunks of `chunk_tokens` at fixed places and the kept cache ends at such a place,
    so a take is the same whether its prompt was cached or not; `reused_tokens` and `computed_tokens`
    only say what was saved. `threads` and the job's number of takes do change the last bit of a logit, and so
    does `kernel`, the code that computed the takes ("torch", "native", "llama.cpp"; "" in old recipes: torch).
    """

    model_sha256: str
    family: str
    device: str
    dtype: str
    threads: int
    kernel: str = ""
    chunk_tokens: int
    prompt_tokens: int
    reused_tokens: int
    computed_tokens: int
    prompt_cut_chars: int = 0
    filled_in: bool = False
    parts: tuple[PartSeen, ...] = ()
    torch: str = ""
    atelier: str = ""


class Recipe(Struct, frozen=True, kw_only=True):
    """All that is needed to make take number `index` of `job` again."""

    job: Job
    index: int
    made: Made | None = None


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


class Take(Struct, frozen=True, kw_only=True):
    """One proposal. `text` is what it has to say so far; only `streaming` takes still grow.

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
    verdict: VerdictKind | None = None
    reason: str = ""
