"""A learning rate for every method, by the model's size."""

import pytest

from studio.core.tune_rates import RATES, rate_of
from studio.core.tuning import METHODS


def test_rates_shrink_with_the_model_and_each_method_has_one() -> None:
    assert set(RATES) == set(METHODS)
    assert rate_of("lora", 10_000_000) > rate_of("lora", 1_000_000_000) > rate_of("lora", 70_000_000_000)
    assert rate_of("lora", 1_000_000_000) == pytest.approx(2e-4)
    assert rate_of("lora", 0) == pytest.approx(1.6e-3)
    assert rate_of("prompt", 10) == rate_of("prompt", 10**10)
