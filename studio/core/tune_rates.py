"""Learning rates to begin with, by method and size of model: where the settings name none."""

from typing import Final

from studio.core.tuning import Method

_BILLION: Final = 1_000_000_000
# For a model of a billion numbers. The smaller the model, the larger its steps may be.
RATES: Final[dict[Method, float]] = {
    "lora": 2e-4,
    "dora": 2e-4,
    "adalora": 5e-4,
    "ia3": 3e-3,
    "prefix": 5e-3,
    "prompt": 5e-3,
    "bitfit": 2e-4,
    "last_layers": 5e-5,
    "full": 2e-5,
    "textual_inversion": 5e-3,
}
_STEADY: Final[frozenset[Method]] = frozenset(("ia3", "prefix", "prompt", "textual_inversion"))


def rate_of(method: Method, parameters: int) -> float:
    """A learning rate for AdamW to begin with; `parameters` are those of the base model.

    Weights take steps that shrink with the cube root of the model's size, within a factor of eight; learnt vectors
    (which do not grow with the model) take the same ones everywhere.
    """
    rate = RATES[method]
    if method in _STEADY:
        return rate
    factor = (_BILLION / max(parameters, 1)) ** (1 / 3)
    return float(f"{rate * min(max(factor, 0.5), 8.0):.1e}")
