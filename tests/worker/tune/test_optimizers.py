"""Optimisers and schedules: all of them learn, warm up and come down, and spare what decay should not pull at."""

import importlib.util

import pytest
import torch
from torch import nn

from studio.core.errors import StudioError
from studio.core.tuning import OptimizerSettings, TuneSettings
from studio.worker.tune.optimizers import optimizer_for, schedule_for
from studio.worker.tune.quantised import loading_options


def settings(**options: object) -> TuneSettings:
    """Settings with these options of the optimiser."""
    made = OptimizerSettings(**{"rate": 0.05, **options})  # type: ignore[arg-type]
    return TuneSettings(art="text", base="b", folder="f", optimizer=made)


def net() -> nn.Module:
    """A matrix, a bias and a frozen layer."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1))
    model[1].requires_grad_(False)
    return model


@pytest.mark.parametrize("name", ["adamw", "adamw_fused", "adafactor", "sgd"])
def test_optimizer_lowers_a_loss_and_leaves_the_frozen_alone(name: str) -> None:
    model, frozen = net(), net()[1].weight.clone()
    optimizer = optimizer_for(model, settings(optimizer=name))
    inputs, losses = torch.randn(8, 4), []
    for _ in range(30):
        loss = (model(inputs) - 3.0).square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < losses[0] * 0.7
    assert torch.equal(model[1].weight, frozen)  # type: ignore[index]


def test_weight_decay_pulls_at_matrices_only() -> None:
    model = net()
    before = model[0].bias.clone()  # type: ignore[index]
    optimizer = optimizer_for(model, settings(weight_decay=0.5))
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    matrix = model[0].weight.clone()  # type: ignore[index]
    optimizer.step()
    assert torch.equal(model[0].bias, before)  # type: ignore[index]
    assert torch.allclose(model[0].weight, matrix * (1 - 0.05 * 0.5))  # type: ignore[index]


def test_the_same_weight_in_two_models_is_stepped_once() -> None:
    model = net()
    optimizer = optimizer_for([model, model], settings())
    assert sum(len(group["params"]) for group in optimizer.param_groups) == 2


def test_rate_left_open_is_the_methods_own() -> None:
    optimizer = optimizer_for(net(), settings(rate=0.0))
    assert 1e-3 < optimizer.param_groups[0]["lr"] < 2e-3  # LoRA over something very small


@pytest.mark.parametrize(
    "name", ["cosine", "linear", "constant", "polynomial", "inverse_sqrt", "cosine_with_restarts"]
)
def test_schedule_warms_up_and_never_rises_above_the_rate(name: str) -> None:
    wanted = settings(schedule=name, warmup=0.2)
    optimizer = optimizer_for(net(), wanted)
    schedule = schedule_for(optimizer, wanted, 20)
    rates = []
    for _ in range(20):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    assert rates[:4] == sorted(rates[:4])
    assert rates[4] == pytest.approx(0.05)
    assert max(rates) <= 0.05 * (1 + 1e-6)
    assert rates[-1] < 0.05 or name == "constant"


def test_run_of_one_step_has_a_rate() -> None:
    wanted = settings(warmup=1.0)
    schedule = schedule_for(optimizer_for(net(), wanted), wanted, 1)
    assert schedule.get_last_lr()[0] == pytest.approx(0.05)


@pytest.mark.skipif(importlib.util.find_spec("bitsandbytes") is not None, reason="it is there")
def test_8bit_without_bitsandbytes_is_told() -> None:
    with pytest.raises(StudioError, match="bitsandbytes is not installed") as told:
        optimizer_for(net(), settings(optimizer="adamw_8bit"))
    assert told.value.code == "optimizer"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card")
def test_quantised_base_without_a_card_is_told() -> None:
    assert loading_options(0, torch.float32) == {}
    with pytest.raises(StudioError, match="needs an NVIDIA card") as told:
        loading_options(4, torch.float32)
    assert told.value.code == "quantised"
