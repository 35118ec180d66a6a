"""Schedulers: a fresh one for each run, and what the finished picture looks like from the middle of one."""

import functools
from collections.abc import Callable
from typing import Any

import diffusers
from torch import Tensor

from studio.core.errors import StudioError

Seen = Callable[
    [Any, Tensor, Any, Tensor], None
]  # told (scheduler, model output, timestep, sample) after a step


def fresh(own: Any, name: str, allowed: tuple[str, ...]) -> Any:
    """A new scheduler of class `name` ("": the model's own) with the model's settings.

    Raises StudioError when that class does not work with the model.
    """
    kind = type(own) if not name else getattr(diffusers, name, None)
    if kind is None or (name and allowed and name not in allowed) or not hasattr(kind, "set_timesteps"):
        raise StudioError(
            f"The scheduler {name} does not work with this model.",
            do=f"Choose one of these: {', '.join(allowed) or type(own).__name__}.",
            code="scheduler",
        )
    # PNDM's first steps by Runge-Kutta are not for pictures, and fail with few steps
    short = {} if name != "PNDMScheduler" or "skip_prk_steps" in own.config else {"skip_prk_steps": True}
    return kind.from_config(own.config, **short)


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
