"""How the steps of a scheduler are spaced."""

import numpy as np
import pytest
from diffusers import DPMSolverMultistepScheduler, EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler

from studio.core.errors import StudioError
from studio.worker.image.schedulers import beta_quantiles, fresh, used

pytestmark = pytest.mark.filterwarnings("ignore:__array__")  # what diffusers asks of numpy
SD = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
CLASSES = ("EulerDiscreteScheduler", "DPMSolverMultistepScheduler", "DDIMScheduler")


def sigmas(choice: str, steps: int = 12) -> list[float]:
    scheduler = fresh(EulerDiscreteScheduler(**SD), choice, CLASSES)
    scheduler.set_timesteps(steps)
    return [round(float(sigma), 4) for sigma in scheduler.sigmas]


def test_each_spacing_is_its_own_from_the_same_start_to_the_same_end() -> None:
    ways = {way: sigmas(f"EulerDiscreteScheduler{way}") for way in ("", ":karras", ":exponential", ":beta")}
    assert len({tuple(way) for way in ways.values()}) == 4
    for way in ways.values():
        assert way == sorted(way, reverse=True) and way[-1] == 0
        assert way[0] == pytest.approx(ways[""][0], rel=0.01)


def test_karras_is_the_published_formula() -> None:
    low, high = (part ** (1 / 7) for part in (0.0292, 14.6146))
    wanted = [(high + at / 9 * (low - high)) ** 7 for at in range(10)]
    assert sigmas("EulerDiscreteScheduler:karras", 10)[:-1] == pytest.approx(wanted, rel=0.01)


def test_the_beta_distribution_is_that_of_the_books() -> None:
    """The numbers are those of scipy.stats.beta.ppf."""
    shares = np.array([0, 0.01, 0.1, 0.25, 0.5, 0.9, 0.999, 1])
    wanted = [0, 0.0008612388, 0.0395844056, 0.1756803787, 0.5, 0.9604155944, 0.9999814413, 1]
    assert beta_quantiles(shares, 0.6, 0.6) == pytest.approx(wanted, abs=1e-6)
    wanted = [0.0267631911, 0.1611629168, 0.5103163066]
    assert beta_quantiles(np.array([0.01, 0.25, 0.9]), 2, 5) == pytest.approx(wanted, abs=1e-6)


def test_flow_schedulers_are_spaced_too() -> None:
    name = "FlowMatchEulerDiscreteScheduler"
    spaced = fresh(FlowMatchEulerDiscreteScheduler(), f"{name}:beta", (name,))
    spaced.set_timesteps(5)
    plain = fresh(FlowMatchEulerDiscreteScheduler(), name, (name,))
    plain.set_timesteps(5)
    assert spaced.sigmas.tolist() != plain.sigmas.tolist()
    first, middle, last = (float(spaced.sigmas[at]) for at in (0, 2, 4))
    assert middle == pytest.approx((first + last) / 2, abs=1e-4), "the distribution is even-handed"


def test_a_models_own_spacing_gives_way_and_is_told_in_the_recipe() -> None:
    own = EulerDiscreteScheduler(use_karras_sigmas=True)
    multi = "DPMSolverMultistepScheduler"
    assert used(own, "") == "EulerDiscreteScheduler:karras"
    assert used(own, multi) == f"{multi}:karras" and fresh(own, multi, ()).config.use_karras_sigmas
    assert used(own, "DDIMScheduler") == "DDIMScheduler"
    assert used(own, f"{multi}:beta") == f"{multi}:beta"
    spaced = fresh(own, f"{multi}:exponential", ())
    assert isinstance(spaced, DPMSolverMultistepScheduler)
    assert (spaced.config.use_karras_sigmas, spaced.config.use_exponential_sigmas) == (False, True)
    assert used(DPMSolverMultistepScheduler(), "") == multi


@pytest.mark.parametrize(
    "choice", ["DDIMScheduler:karras", "EulerDiscreteScheduler:", "EulerDiscreteScheduler:x"]
)
def test_a_spacing_that_does_not_go_with_it_is_refused(choice: str) -> None:
    with pytest.raises(StudioError, match="does not work with this model"):
        sigmas(choice)
