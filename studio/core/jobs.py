"""What the person asks of a model: one frozen object a request, checked at birth.

The same declarations check the dialog's values, cross the pipe, are stored with
each take as its recipe, and are what the command line parses into.
"""

from typing import Annotated, Literal

from msgspec import Meta

from studio.core.checked import Checked


class Adapter(Checked, frozen=True, kw_only=True):
    """A fine-tuned adapter laid over a model; weight 1.0 is as trained."""

    path: str
    weight: Annotated[float, Meta(ge=-4.0, le=4.0)] = 1.0


class Sampling(Checked, frozen=True, kw_only=True):
    """How the next token is drawn. Order: repetition penalty, temperature, top-k, typical, top-p, min-p.

    `temperature` 0 takes the likeliest token; `top_k` 0, `top_p` 1, `typical_p` 1, `min_p` 0 and
    `repetition_penalty` 1 switch a step off. The penalty looks back over `penalty_tokens` tokens.
    """

    temperature: Annotated[float, Meta(ge=0.0, le=5.0)] = 0.8
    top_k: Annotated[int, Meta(ge=0, le=100_000)] = 0
    top_p: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.95
    min_p: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.05
    typical_p: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    repetition_penalty: Annotated[float, Meta(ge=1.0, le=2.0)] = 1.05
    penalty_tokens: Annotated[int, Meta(ge=0, le=4096)] = 128


class TextJob(Checked, frozen=True, kw_only=True, tag="text"):
    """Propose continuations of a text.

    `prompt` is the text before the caret, `suffix` the text after it (used by models that were
    trained to fill in), `note` what the model should know first: it is read before the prompt
    and is not part of the work. `at` is the caret's place in the work, in characters.
    `parent` is the revision the takes grow from.
    """

    id: str
    work: str = ""
    parent: str = ""
    at: Annotated[int, Meta(ge=0)] = 0
    prompt: str
    suffix: str = ""
    note: str = ""
    model: str
    adapters: tuple[Adapter, ...] = ()
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    takes: Annotated[int, Meta(ge=1, le=8)] = 3
    tokens: Annotated[int, Meta(ge=1, le=4096)] = 80
    sampling: Sampling = Sampling()
    trim: Literal["sentence", "none"] = "sentence"


Job = TextJob  # becomes a union when the image and music panes bring theirs
