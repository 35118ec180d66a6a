"""What a fine-tuning run tells, line by line: the lines of its events.jsonl and of `atelier tune`'s stdout."""

from typing import Literal

import msgspec
from msgspec import Struct

Finding = Literal[
    "unreadable",
    "truncated",
    "empty",
    "small",
    "large",
    "language",
    "personal",
    "duplicate",
    "near_duplicate",
    "no_caption",
    "not_this_kind",
    "denied",
    "loop",
]


class _Line(Struct, frozen=True, kw_only=True, tag_field="event"):
    run: str = ""
    at_ms: int = 0


class Surveyed(_Line, frozen=True, kw_only=True, tag="found"):
    """The folder was looked through; counts of the documents of each side, in units (tokens, pictures, notes)."""

    documents: dict[str, int] = {}  # side -> documents
    units: dict[str, int] = {}  # side -> tokens, pictures or notes
    left_out: int = 0
    settings: str = ""  # the settings as they hold now, nothing left to fill in (TOML)


class Phase(_Line, frozen=True, kw_only=True, tag="phase"):
    """What goes on besides steps: "waiting", "survey", "loading", "caching", "training", "evaluating", "paused",
    "publishing". `done` in 0..1 where it is known."""

    name: str
    done: float = -1.0
    words: str = ""


class Stepped(_Line, frozen=True, kw_only=True, tag="step"):
    """A step was made (told at most ten times a second). `rate` counts tokens, pictures or notes a second."""

    step: int
    steps: int
    train_loss: float
    lr: float
    grad_norm: float = 0.0
    rate: float = 0.0
    memory_mib: float = 0.0
    left_s: float = -1.0


class Evaluated(_Line, frozen=True, kw_only=True, tag="eval"):
    """The validation side was weighed."""

    step: int
    steps: int
    val_loss: float
    best: bool = False


class Sampled(_Line, frozen=True, kw_only=True, tag="sample"):
    """A sample was made. `file` is relative to the run's folder; step 0 is the base model's own, to compare with."""

    step: int
    index: int
    prompt: str
    file: str
    seed: int = 0


class Saved(_Line, frozen=True, kw_only=True, tag="checkpoint"):
    """A checkpoint is whole on disk; `folder` is relative to the run's."""

    step: int
    steps: int
    folder: str


class Noted(_Line, frozen=True, kw_only=True, tag="note"):
    """Something the person should know: memory was short, the rate looks too high, a resume happened."""

    what: str
    do: str = ""
    code: str = ""
    step: int = 0


class Interval(Struct, frozen=True, kw_only=True):
    """A mean over documents and the bounds of its 95 % confidence interval (bootstrap over documents)."""

    mean: float
    low: float
    high: float


class Finished(_Line, frozen=True, kw_only=True, tag="done"):
    """The run ended and its result is whole. Losses are nats a token, or mean squared errors of the noise.

    `test` and `forgetting` are before and after; `gain` is 1 - after/before per document on the test side.
    `memorised` counts samples with a verbatim run from the folder over the limit, `longest` is the longest run.
    """

    step: int
    steps: int
    adapter: str
    card: str = ""
    stopped: bool = False  # by the person or by patience, and kept
    test: dict[str, Interval] = {}  # "before", "after", "gain"
    documents: int = 0
    forgetting: dict[str, Interval] = {}
    memorised: int = 0
    longest: int = 0
    diagnosis: tuple[str, ...] = ()
    seconds: float = 0.0
    device: str = ""  # where it was computed, in which numbers, by how many threads
    dtype: str = ""
    threads: int = 0


class Broke(_Line, frozen=True, kw_only=True, tag="failed"):
    """The run could not go on; what it has is kept. `code` "cancelled" is the person's wish."""

    what: str
    kept: str = ""
    do: str = ""
    code: str = "failed"
    step: int = 0
    details: str = ""


RunEvent = Surveyed | Phase | Stepped | Evaluated | Sampled | Saved | Noted | Finished | Broke


def encode_event(event: RunEvent) -> bytes:
    """One line, with its line end."""
    return msgspec.json.encode(event) + b"\n"


def decode_event(line: bytes) -> RunEvent:
    """Raises msgspec.ValidationError (a ValueError) for a line that is none, as the last one of a power cut is."""
    event: RunEvent = msgspec.json.decode(line, type=RunEvent)
    return event
