"""What a picture model is to foresee: noise, targets and weights as their papers have them."""

from typing import Any

import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler, FlowMatchEulerDiscreteScheduler
from diffusers.training_utils import compute_snr
from hypothesis import given
from hypothesis import strategies as st

from studio.worker.tune.picture_loss import Objective, noise_of, squared_errors

BETAS: dict[str, Any] = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def clean_and_noise() -> tuple[torch.Tensor, torch.Tensor]:
    """Three latents and noise for them."""
    return noise_of(1, (3, 4, 4, 4)), noise_of(2, (3, 4, 4, 4))


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_diffusion_is_noised_and_aimed_as_diffusers_does(kind: str) -> None:
    scheduler = DDPMScheduler(**BETAS, prediction_type=kind)
    clean, noise = clean_and_noise()
    levels = torch.tensor([0, 500, 999])
    noisy, wanted = Objective(scheduler, flow=False).noised(clean, noise, levels)
    assert torch.allclose(noisy, scheduler.add_noise(clean, noise, levels), atol=1e-6)
    targets = {
        "epsilon": noise,
        "v_prediction": scheduler.get_velocity(clean, noise, levels),
        "sample": clean,
    }
    assert torch.allclose(wanted, targets[kind], atol=1e-6)


def test_flow_goes_straight_from_noise_to_picture() -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
    objective = Objective(scheduler, flow=True)
    clean, noise = clean_and_noise()
    levels = torch.tensor([0, 400, 999])
    noisy, wanted = objective.noised(clean, noise, levels)
    assert torch.allclose(noisy, scheduler.scale_noise(clean, objective.times(levels), noise), atol=1e-6)
    sigma = (objective.times(levels) / 1000).view(-1, 1, 1, 1)
    assert torch.allclose(noisy - sigma * wanted, clean, atol=1e-5)


def test_flow_ignores_what_drawing_did_to_the_scheduler() -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
    before = Objective(scheduler, flow=True).times(torch.arange(1000))
    scheduler.set_timesteps(4)
    assert torch.equal(Objective(scheduler, flow=True).times(torch.arange(1000)), before)


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
def test_min_snr_weighs_as_diffusers_training_does(kind: str) -> None:
    scheduler = DDPMScheduler(**BETAS, prediction_type=kind)
    levels = torch.arange(1000)
    ratio = compute_snr(scheduler, levels)
    wanted = ratio.clamp(max=5.0) / (ratio + 1 if kind == "v_prediction" else ratio)
    found = Objective(scheduler, flow=False, min_snr=5.0).weights(levels)
    assert torch.allclose(found, wanted, rtol=1e-4)


def test_level_without_any_signal_has_a_weight_that_is_a_number() -> None:
    for kind in ("epsilon", "v_prediction", "sample"):
        scheduler = DDIMScheduler(**BETAS, prediction_type=kind, rescale_betas_zero_snr=True)
        assert torch.isfinite(Objective(scheduler, flow=False, min_snr=5.0).weights(torch.arange(1000))).all()


def test_without_min_snr_all_levels_count_alike() -> None:
    assert torch.equal(Objective(DDPMScheduler(**BETAS), flow=False).weights(torch.arange(9)), torch.ones(9))
    flow = Objective(FlowMatchEulerDiscreteScheduler(), flow=True, min_snr=5.0)
    assert torch.equal(flow.weights(torch.arange(9)), torch.ones(9))


@given(count=st.integers(1, 64), seed=st.integers(0, 2**31))
def test_drawn_levels_are_spread_over_all(count: int, seed: int) -> None:
    objective = Objective(DDPMScheduler(**BETAS), flow=False)
    drawn = objective.drawn(count, torch.Generator().manual_seed(seed)).sort().values
    assert drawn.min() >= 0 and drawn.max() <= 999
    assert all(
        at * 1000 // count <= level <= (at + 1) * 1000 / count for at, level in enumerate(drawn.tolist())
    )


@given(count=st.integers(1, 64), offset=st.floats(0, 0.999))
def test_weighed_levels_are_spread_evenly(count: int, offset: float) -> None:
    levels = Objective(DDPMScheduler(**BETAS), flow=False).spread(count, offset)
    assert levels.tolist() == sorted(levels.tolist()) and levels.min() >= 0 and levels.max() <= 999


def test_error_of_each_picture_is_its_own_mean() -> None:
    found = torch.zeros(2, 1, 2, 2)
    wanted = torch.stack([torch.ones(1, 2, 2), torch.full((1, 2, 2), 3.0)])
    assert squared_errors(found, wanted).tolist() == [1.0, 9.0]
