"""Levels, balance, saturation, sharpness: the defaults change nothing, each does what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from studio.media.picture.adjust import Rgba, adjust, histogram, luma, table
from studio.media.picture.document import Adjust

PICTURES = hnp.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(4)))
LOOKS = st.builds(
    Adjust,
    black=st.integers(0, 254),
    white=st.integers(1, 255),
    gamma=st.floats(0.1, 10),
    saturation=st.floats(-1, 1),
    sharpness=st.floats(-1, 1),
    red=st.floats(-1, 1),
    green=st.floats(-1, 1),
    blue=st.floats(-1, 1),
)


def ramp() -> Rgba:
    image = np.zeros((8, 256, 4), dtype=np.uint8)
    image[..., 0] = np.arange(256)
    image[..., 1] = np.arange(256)[::-1]
    image[..., 2] = 90
    image[..., 3] = 255
    return image


def test_the_defaults_give_the_very_array() -> None:
    image = ramp()
    assert adjust(image, Adjust()) is image


@given(PICTURES, LOOKS)
def test_any_look_keeps_alpha_size_and_what_it_was_given(image: Rgba, how: Adjust) -> None:
    before = image.copy()
    out = adjust(image, how)
    assert out.shape == image.shape and out.dtype == np.uint8
    assert np.array_equal(out[..., 3], image[..., 3])
    assert np.array_equal(image, before)


def test_tables_of_the_defaults_are_the_identity() -> None:
    assert all(np.array_equal(table(Adjust(), channel), np.arange(256)) for channel in range(3))


def test_levels_stretch_between_black_and_white() -> None:
    levels = table(Adjust(black=64, white=192), 0)
    assert levels[:65].max() == 0 and levels[192:].min() == 255
    assert abs(int(levels[128]) - 128) <= 1
    assert (np.diff(levels.astype(int)) >= 0).all()


def test_gamma_above_one_is_lighter_and_keeps_the_ends() -> None:
    lighter = table(Adjust(gamma=2.0), 1)
    assert lighter[0] == 0 and lighter[255] == 255
    assert lighter[64] == round((64 / 255) ** 0.5 * 255)


def test_a_colour_moves_alone_and_leaves_black_and_white() -> None:
    how = Adjust(red=0.5)
    assert table(how, 0)[128] > 128 and table(how, 0)[0] == 0 and table(how, 0)[255] == 255
    assert np.array_equal(table(how, 1), np.arange(256))
    assert table(Adjust(red=-0.5), 0)[128] < 128


def test_no_saturation_is_grey_of_the_same_lightness() -> None:
    image = ramp()
    grey = adjust(image, Adjust(saturation=-1.0))
    assert np.array_equal(grey[..., 0], luma(image))
    assert np.array_equal(grey[..., 0], grey[..., 1]) and np.array_equal(grey[..., 0], grey[..., 2])
    more = adjust(image, Adjust(saturation=0.5)).astype(int)
    assert np.abs(more[..., 0] - more[..., 1]).mean() > np.abs(255 - 2 * np.arange(256)).mean()


@pytest.mark.parametrize("by", [-1.0, 0.4, 1.0])
def test_sharpness_leaves_plain_areas_and_changes_edges(by: float) -> None:
    image = np.full((16, 16, 4), 255, dtype=np.uint8)
    image[:, :8, :3] = 60
    image[:, 8:, :3] = 180
    out = adjust(image, Adjust(sharpness=by)).astype(int)
    assert (out[:, :6, 0] == 60).all() and (out[:, 10:, 0] == 180).all()
    contrast = out[8, 8, 0] - out[8, 7, 0]
    assert contrast < 120 if by < 0 else contrast > 120


def test_the_histogram_counts_visible_pixels_only() -> None:
    image = np.zeros((2, 2, 4), dtype=np.uint8)
    image[0] = (10, 20, 30, 255)
    counts = histogram(image)
    assert counts.shape == (4, 256)
    assert counts[1][10] == counts[2][20] == counts[3][30] == 2
    assert counts.sum() == 8
