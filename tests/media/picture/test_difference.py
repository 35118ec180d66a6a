"""What differs between pictures: counted exactly, made stronger, said in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.picture.difference import amplified, difference, difference_words


def noise(seed: int, shape: tuple[int, int, int] = (9, 7, 4)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_the_difference_is_what_plain_arithmetic_says(one: int, other: int) -> None:
    a, b = noise(one), noise(other)
    found = difference(a, b)
    apart = np.abs(a.astype(int) - b.astype(int))
    assert (found.grey == apart.max(axis=2)).all()
    assert found.changed == int((apart.max(axis=2) > 0).sum())
    assert found.most == apart.max()
    assert found.pixels == 63
    for gain in (1, 2, 16):
        seen = np.maximum(apart[..., :3], apart[..., 3:])
        assert (amplified(found, gain) == np.minimum(seen * gain, 255)).all()


def test_equal_pictures_differ_in_no_pixel() -> None:
    found = difference(noise(1), noise(1))
    assert found.share == 0.0
    assert difference_words(found).startswith("0.0 % of the pixels differ: ")


def test_one_changed_pixel_is_never_rounded_away() -> None:
    a = np.zeros((512, 512, 4), np.uint8)
    b = a.copy()
    b[100, 200, 1] = 3
    found = difference(a, b)
    assert found.changed == 1
    assert difference_words(found) == (
        "Less than 0.1 % of the pixels differ (1 of 262,144), by at most 3 of 255."
    )
    all_but_one = difference(
        a, np.where(b > 0, 0, 255).astype(np.uint8) * (b.max(axis=2, keepdims=True) == 0)
    )
    assert difference_words(all_but_one).startswith("More than 99.9 % of the pixels differ (262,143 of")


def test_a_share_is_said_in_percent() -> None:
    a = np.zeros((10, 10, 4), np.uint8)
    b = a.copy()
    b[:, :3] = 255
    assert difference_words(difference(a, b)) == (
        "30.0 % of the pixels differ (30 of 100), by at most 255 of 255."
    )


def test_pictures_of_other_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        difference(noise(1), noise(1, (7, 9, 4)))
    with pytest.raises(ValueError, match="gain"):
        amplified(difference(noise(1), noise(2)), 0)
