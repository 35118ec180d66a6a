"""Optimisers and learning-rate schedules by name: torch's and transformers' own, 8-bit ones from bitsandbytes."""

import importlib
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from transformers import get_scheduler

from studio.catalog.tunable import why_no_8bit
from studio.core.errors import StudioError
from studio.core.tune_rates import rate_of
from studio.core.tuning import TuneSettings

_CYCLES = 4  # restarts of "cosine_with_restarts"
_BETAS = (0.9, 0.999)


def optimizer_for(models: nn.Module | Iterable[nn.Module], settings: TuneSettings) -> Optimizer:
    """The optimiser over all that is to learn in the model(s). Weight decay pulls at matrices only, as is usual.

    Raises StudioError "optimizer" when it is not to be had here.
    """
    chosen = [models] if isinstance(models, nn.Module) else list(models)
    weights = {
        id(weight): weight for model in chosen for weight in model.parameters() if weight.requires_grad
    }
    options = settings.optimizer
    total = sum(weight.numel() for model in chosen for weight in model.parameters())
    rate = options.rate or rate_of(settings.method, total)
    groups = [
        {
            "params": [weight for weight in weights.values() if weight.ndim >= 2],
            "weight_decay": options.weight_decay,
        },
        {"params": [weight for weight in weights.values() if weight.ndim < 2], "weight_decay": 0.0},
    ]
    return _make(options.optimizer, [group for group in groups if group["params"]], rate)


def schedule_for(optimizer: Optimizer, settings: TuneSettings, steps: int) -> LRScheduler:
    """The learning rate over `steps` optimizer steps; its `step()` is called behind each of them."""
    options = settings.optimizer
    warm = min(int(options.warmup * steps), max(steps - 1, 0))
    name: str = options.schedule
    if name == "constant":
        name = "constant_with_warmup"
    special: dict[str, Any] = {}
    if name == "cosine_with_restarts":
        special = {"num_cycles": _CYCLES}
    if name == "polynomial":  # down to nothing but a trace, in a square's curve
        special = {"power": 2.0, "lr_end": min(1e-7, optimizer.param_groups[0]["lr"] * 1e-3)}
    return get_scheduler(
        name,
        optimizer,
        num_warmup_steps=warm,
        num_training_steps=max(steps, 1),
        scheduler_specific_kwargs=special or None,
    )


def _make(name: str, groups: list[dict[str, Any]], rate: float) -> Optimizer:
    match name:
        case "adamw_fused":
            return torch.optim.AdamW(groups, lr=rate, betas=_BETAS, fused=True)
        case "adamw_8bit":
            return _eight_bit(groups, rate)
        case "adafactor":
            return torch.optim.Adafactor(groups, lr=rate)
        case "sgd":
            return torch.optim.SGD(groups, lr=rate, momentum=0.9)
        case _:
            return torch.optim.AdamW(groups, lr=rate, betas=_BETAS)


def _eight_bit(groups: list[dict[str, Any]], rate: float) -> Optimizer:
    why = why_no_8bit()
    if why:
        raise StudioError(
            f"The 8-bit optimiser can't be used. {why}",
            kept="Nothing was trained yet.",
            do="Install it, or choose AdamW.",
            code="optimizer",
        )
    made: Optimizer = importlib.import_module("bitsandbytes").optim.AdamW8bit(groups, lr=rate, betas=_BETAS)
    return made
