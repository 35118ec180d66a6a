"""How the next token is drawn: every knob of the samplers, checked at birth."""

from typing import Annotated, Final, Literal

from msgspec import Meta, ValidationError

from studio.core.checked import Checked

Step = Literal["penalties", "dry", "temperature", "top_n_sigma", "top_k", "typical", "top_p", "min_p", "xtc"]

STEPS: Final[tuple[Step, ...]] = (
    "penalties",
    "dry",
    "temperature",
    "top_n_sigma",
    "top_k",
    "typical",
    "top_p",
    "min_p",
    "xtc",
)
BREAKERS: Final = ("\n", ":", '"', "*")

Phrase = Annotated[str, Meta(min_length=1, max_length=200)]
Bias = tuple[Phrase, Annotated[float, Meta(ge=-100.0, le=100.0)]]


class Sampling(Checked, frozen=True, kw_only=True):
    """How the next token is drawn. The steps run in the order of `order`; each sees what the one before left.

    `temperature` 0 takes the likeliest token; `top_k` 0, `top_p` 1, `typical_p` 1, `min_p` 0, `top_n_sigma` 0,
    `repetition_penalty` 1, `presence_penalty` 0, `frequency_penalty` 0, `dry_multiplier` 0, `xtc_probability` 0,
    `dynamic_range` 0 and `mirostat` 0 switch a thing off. The penalties look back over `penalty_tokens` tokens,
    DRY over `dry_tokens` (0: all). `dynamic_range` R lets the temperature move within T - R .. T + R with the
    entropy, bent by `dynamic_exponent`. `mirostat` 2 replaces all steps between the temperature and the draw.
    `banned_phrases` never stand in a take (the words are drawn again from where one began); `logit_bias` adds to the
    scores of a text's tokens (-100 forbids).
    """

    temperature: Annotated[float, Meta(ge=0.0, le=5.0)] = 0.8
    dynamic_range: Annotated[float, Meta(ge=0.0, le=5.0)] = 0.0
    dynamic_exponent: Annotated[float, Meta(gt=0.0, le=10.0)] = 1.0
    top_k: Annotated[int, Meta(ge=0, le=100_000)] = 0
    top_p: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.95
    min_p: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.05
    typical_p: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    top_n_sigma: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.0
    repetition_penalty: Annotated[float, Meta(ge=1.0, le=2.0)] = 1.05
    presence_penalty: Annotated[float, Meta(ge=-2.0, le=2.0)] = 0.0
    frequency_penalty: Annotated[float, Meta(ge=-2.0, le=2.0)] = 0.0
    penalty_tokens: Annotated[int, Meta(ge=0, le=4096)] = 128
    dry_multiplier: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.0
    dry_base: Annotated[float, Meta(ge=1.0, le=4.0)] = 1.75
    dry_allowed_length: Annotated[int, Meta(ge=1, le=100)] = 2
    dry_tokens: Annotated[int, Meta(ge=0, le=100_000)] = 0
    dry_breakers: tuple[Phrase, ...] = BREAKERS
    xtc_probability: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    xtc_threshold: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.1
    mirostat: Literal[0, 2] = 0
    mirostat_tau: Annotated[float, Meta(gt=0.0, le=20.0)] = 5.0
    mirostat_eta: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.1
    banned_phrases: Annotated[tuple[Phrase, ...], Meta(max_length=200)] = ()
    logit_bias: Annotated[tuple[Bias, ...], Meta(max_length=200)] = ()
    order: tuple[Step, ...] = STEPS

    def __post_init__(self) -> None:
        super().__post_init__()
        if sorted(self.order) != sorted(STEPS):
            raise ValidationError(f"order: name each of these steps once: {', '.join(STEPS)}")
