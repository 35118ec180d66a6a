"""Schedulers: a fresh one for each run, and what the finished picture looks like from the middle of one."""

import functools
from collections.abc import Callable
from typing import Any, Final

import diffusers
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from studio.core.errors import StudioError
from studio.media.picture.schedulers import Spacing, joined, parted, works

Seen = Callable[
    [Any, Tensor, Any, Tensor], None
]  # told (scheduler, model output, timestep, sample) after a step

_BETA: Final = "use_beta_sigmas"
_SWITCHES: Final[dict[Spacing, str]] = {
    "karras": "use_karras_sigmas", "exponential": "use_exponential_sigmas",
}  # fmt: skip
_PIECES: Final = 100_000


def fresh(own: Any, name: str, allowed: tuple[str, ...]) -> Any:
    """A new scheduler of the choice `name` ("": the model's own) with the model's settings.

    Raises StudioError when that class does not work with the model, or does not know that spacing.
    """
    kind_name = name.partition(":")[0]
    kind = type(own) if not name else getattr(diffusers, kind_name, None)
    known = works(name, allowed or (kind_name,)) if name else True
    if kind is None or not known or not hasattr(kind, "set_timesteps"):
        raise StudioError(
            f"The scheduler {name} does not work with this model.",
            do=f"Choose one of these: {', '.join(allowed) or type(own).__name__}.",
            code="scheduler",
        )
    # PNDM's first steps by Runge-Kutta are not for pictures, and fail with few steps
    short = {} if name != "PNDMScheduler" or "skip_prk_steps" in own.config else {"skip_prk_steps": True}
    _kind, spacing = parted(name)
    if not spacing:
        return kind.from_config(own.config, **short)
    switches = {switch: way == spacing for way, switch in _SWITCHES.items()}
    spaced = kind.from_config(own.config, **switches, **{_BETA: False})
    return _with_beta(spaced) if spacing == "beta" else spaced


def used(own: Any, name: str) -> str:
    """The choice that `fresh` makes, for the recipe: a model's own spacing is named too."""
    if ":" in name:
        return name
    kind = name or type(own).__name__
    spaced = joined(kind, _spacing(own.config))
    return spaced if works(spaced, (kind,)) else kind


def _spacing(config: Any) -> Spacing:
    ways = (*_SWITCHES.items(), ("beta", _BETA))
    return next((way for way, switch in ways if config.get(switch)), "")


def _with_beta(scheduler: Any) -> Any:
    """Space its steps by the quantiles of the beta distribution. (diffusers would do that with scipy, which takes
    the worker longer to import than a small picture takes to draw.)"""

    def convert(in_sigmas: Any, num_inference_steps: int, alpha: float = 0.6, beta: float = 0.6) -> Any:
        low, high = (
            float(ends) if ends is not None else float(in_sigmas[at])
            for ends, at in ((scheduler.config.get("sigma_min"), -1), (scheduler.config.get("sigma_max"), 0))
        )
        return low + beta_quantiles(1 - np.linspace(0, 1, num_inference_steps), alpha, beta) * (high - low)

    scheduler.register_to_config(**{_BETA: True})
    scheduler._convert_to_beta = convert
    return scheduler


def beta_quantiles(shares: NDArray[np.float64], alpha: float, beta: float) -> NDArray[np.float64]:
    """Where the beta distribution has these shares below; exact to 1e-6.

    With x = sin(t)² its density over t is smooth enough to be summed up: 2 sin(t)^(2 alpha - 1) cos(t)^(2 beta - 1).
    """
    edges = np.linspace(0, np.pi / 2, _PIECES + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    weights = np.sin(middles) ** (2 * alpha - 1) * np.cos(middles) ** (2 * beta - 1)
    below = np.concatenate([[0.0], np.cumsum(weights)])
    return np.sin(np.interp(shares * below[-1], below, edges)) ** 2


def watch(scheduler: Any, seen: Seen) -> Callable[[], None]:
    """Have every step of a scheduler told to `seen`; what ends that, so that nothing is held by it any more."""
    step = scheduler.step

    @functools.wraps(step)  # pipelines look at its signature
    def watched(output: Tensor, timestep: Any, sample: Tensor, *args: Any, **options: Any) -> Any:
        result = step(output, timestep, sample, *args, **options)
        seen(scheduler, output, timestep, sample)
        return result

    scheduler.step = watched

    def end() -> None:
        del scheduler.step

    return end


def predicted_original(scheduler: Any, output: Tensor, timestep: Any, sample: Tensor) -> Tensor:
    """The noiseless latents that a step (just done) points at, from what went into it."""
    kind = scheduler.config.get("prediction_type", "epsilon")
    flows = "FlowMatch" in type(scheduler).__name__ or kind == "flow_prediction"
    if (
        flows or float(scheduler.init_noise_sigma) > 1.5
    ):  # the sample is x0 + sigma * noise, or a flow's blend
        sigma = _sigma(scheduler).to(sample.device, sample.dtype)
        if flows:
            return sample - sigma * output
        if kind == "v_prediction":
            return sample / (sigma**2 + 1) - output * sigma / (sigma**2 + 1) ** 0.5
        return output if kind == "sample" else sample - sigma * output
    at = min(max(int(timestep), 0), len(scheduler.alphas_cumprod) - 1)
    alpha = scheduler.alphas_cumprod[at].to(sample.device, sample.dtype)
    if kind == "v_prediction":
        return alpha**0.5 * sample - (1 - alpha) ** 0.5 * output
    return output if kind == "sample" else (sample - (1 - alpha) ** 0.5 * output) / alpha**0.5


def _sigma(scheduler: Any) -> Tensor:
    """The noise level of the step that has just been done."""
    done = scheduler.step_index
    at = min(max((done or 1) - 1, 0), len(scheduler.sigmas) - 1)
    sigma: Tensor = scheduler.sigmas[at]
    return sigma
