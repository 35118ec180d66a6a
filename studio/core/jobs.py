"""What the person asks of a model: one frozen object a request, checked at birth.

The same declarations check the dialog's values, cross the pipe, are stored with
each take as its recipe, and are what the command line parses into.
"""

from typing import Annotated, Literal, get_args

from msgspec import Meta

from studio.core.adapter import Adapter as Adapter
from studio.core.checked import Checked
from studio.core.pictures import ImageJob as ImageJob
from studio.core.pieces import PieceJob as PieceJob
from studio.core.sampling import Sampling as Sampling

Act = Literal["continue", "rewrite", "expand", "shorten", "describe", "tone", "instruct", "summarise"]
ACTS: tuple[Act, ...] = get_args(Act)
PartKind = Literal["memory", "summary", "lore", "note"]


class Frame(Checked, frozen=True, kw_only=True):
    """How an act on a selection is put to a model; an editable template file becomes one of these.

    An instruct model is told `system` and `user` through its chat template; a base model reads `shots`, a text
    with worked examples that ends where its answer begins and whose answers end with one of `stops`.
    In all three {selection}, {instruction}, {before} and {after} stand for the job's own.
    `length` is the least and most length of an honest answer, as a multiple of the selection's characters.
    """

    act: Act
    title: str
    system: str = ""
    user: str = ""
    shots: str = ""
    stops: tuple[str, ...] = ()
    length: tuple[float, float] = (0.0, 100.0)


class ContextPart(Checked, frozen=True, kw_only=True):
    """A piece the model reads beside the text: memory, the running summary, a lore entry, the author's note.

    `depth` says how many paragraphs before the caret it stands; -1 is before the whole text. Where the room does
    not suffice, entries of a higher `order` stay longer. `limit_tokens` cuts this piece alone (0: no limit).
    `why` says what brought it in ("key “fox” in the last paragraph").
    """

    kind: PartKind
    text: str
    id: str = ""
    title: str = ""
    order: int = 100
    depth: Annotated[int, Meta(ge=-1, le=1000)] = -1
    limit_tokens: Annotated[int, Meta(ge=0, le=100_000)] = 0
    why: str = ""


class TextJob(Checked, frozen=True, kw_only=True, tag="text"):
    """Propose continuations of a text, or other wordings of a selection.

    `prompt` is the text before the caret (or before the selection), `suffix` the text after it (used by models
    that were trained to fill in). `selection` is what an act other than "continue" works on; its takes replace
    those characters. `note` is what the model should know first for this one request: it is read before the
    prompt and is no part of the work. `lead` is how every take begins: the model reads it as its own words.
    `at` is the place of the caret (or of the selection's start) in the work, in characters. `parent` is the
    revision the takes grow from. `lore_tokens` is the room that all lore together may take. `kernel` is the code that
    is to compute it, from the recipe of takes to be made again (see `Made`); "" is the fastest one ready.
    """

    id: str
    work: str = ""
    parent: str = ""
    at: Annotated[int, Meta(ge=0)] = 0
    act: Act = "continue"
    prompt: str
    selection: str = ""
    suffix: str = ""
    note: str = ""
    instruction: str = ""
    lead: str = ""
    frame: Frame | None = None
    parts: tuple[ContextPart, ...] = ()
    lore_tokens: Annotated[int, Meta(ge=0, le=100_000)] = 512
    model: str
    adapters: tuple[Adapter, ...] = ()
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    takes: Annotated[int, Meta(ge=1, le=8)] = 3
    tokens: Annotated[int, Meta(ge=1, le=4096)] = 80
    sampling: Sampling = Sampling()
    trim: Literal["sentence", "none"] = "sentence"
    kernel: Literal["", "torch", "native", "llama.cpp"] = ""


Job = TextJob | ImageJob | PieceJob


def units_of(job: Job) -> int:
    """How many steps of its kind one take of a job has: tokens, denoising steps, or bars times tracks."""
    match job:
        case TextJob():
            return job.tokens
        case ImageJob():
            return job.steps
        case PieceJob():
            return job.cells


def files_of(job: Job) -> tuple[str, ...]:
    """The assets of the project that a job reads."""
    return () if isinstance(job, TextJob) else job.files
