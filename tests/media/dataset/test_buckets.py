"""Buckets: sizes for pictures of all shapes, how pictures are fitted into them, and batches."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.dataset.buckets import batches, bucket_for, buckets, default_step, fit, lost


def test_buckets_of_a_known_size() -> None:
    assert buckets(512, 64) == ((384, 640), (448, 576), (512, 512), (576, 448), (640, 384))
    assert buckets(100, 64) == ((64, 64),)


@given(st.integers(1, 12), st.sampled_from([8, 24, 64]), st.floats(1.0, 3.0))
def test_buckets_fit_the_model_and_the_memory(times: int, step: int, ratio_most: float) -> None:
    size = times * step
    found = buckets(size, step, ratio_most)
    assert (size, size) in found
    for width, height in found:
        assert width % step == height % step == 0
        assert width * height <= size * size
        assert max(width, height) <= ratio_most * min(width, height)
        assert (height, width) in found
    shapes = [width / height for width, height in found]
    assert shapes == sorted(set(shapes))


@pytest.mark.parametrize(("size", "step", "ratio"), [(32, 64, 2.0), (64, 0, 2.0), (64, 8, 0.5)])
def test_sizes_that_make_no_bucket_are_refused(size: int, step: int, ratio: float) -> None:
    with pytest.raises(ValueError, match="no buckets"):
        buckets(size, step, ratio)


def test_the_default_step_is_a_multiple_of_the_models() -> None:
    assert [default_step(size, 8) for size in (1024, 512, 128, 32)] == [128, 64, 16, 8]
    assert default_step(512, 64) == 64 and default_step(128, 32) == 32


@given(st.integers(1, 5_000), st.integers(1, 5_000))
def test_the_nearest_shape_cuts_off_least(width: int, height: int) -> None:
    among = buckets(256, 32)
    at = bucket_for(width, height, among)
    assert lost(width, height, among[at]) <= min(lost(width, height, one) for one in among) + 0.01 + 2 / min(
        fit(width, height, among[at]).width, fit(width, height, among[at]).height
    )


def test_tall_pictures_get_tall_buckets() -> None:
    among = buckets(512, 64)
    assert among[bucket_for(1000, 1000, among)] == (512, 512)
    assert among[bucket_for(300, 900, among)] == (384, 640)
    assert among[bucket_for(4000, 3000, among)] == (576, 448)


@given(
    st.integers(1, 3_000),
    st.integers(1, 3_000),
    st.sampled_from(buckets(256, 32)),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_fitted_picture_covers_its_bucket_in_its_own_shape(
    width: int, height: int, bucket: tuple[int, int], across: float, down: float
) -> None:
    made = fit(width, height, bucket, across, down)
    assert 0 <= made.left <= made.width - bucket[0] and 0 <= made.top <= made.height - bucket[1]
    assert made.width == bucket[0] or made.height == bucket[1]
    scale = max(bucket[0] / width, bucket[1] / height)
    assert math.isclose(made.width, width * scale, abs_tol=1) and math.isclose(
        made.height, height * scale, abs_tol=1
    )


def test_the_cut_is_in_the_middle_unless_it_is_placed() -> None:
    assert (fit(200, 100, (64, 64)).left, fit(200, 100, (64, 64)).top) == (32, 0)
    assert fit(200, 100, (64, 64), across=0.0).left == 0 and fit(200, 100, (64, 64), across=1.0).left == 64
    assert lost(200, 100, (64, 64)) == 0.5 and lost(64, 64, (32, 32)) == 0.0


@given(st.lists(st.integers(0, 4), max_size=60), st.integers(1, 8), st.integers(0, 5), st.integers(0, 3))
def test_batches_hold_each_picture_once_and_one_bucket(
    of: list[int], batch: int, seed: int, epoch: int
) -> None:
    made = batches(of, batch, seed, epoch)
    assert sorted(at for one in made for at in one) == list(range(len(of)))
    assert all(len(one) <= batch and len({of[at] for at in one}) == 1 for one in made)
    assert len(made) == sum(math.ceil(of.count(bucket) / batch) for bucket in set(of))
    assert made == batches(of, batch, seed, epoch)


def test_each_epoch_has_an_order_of_its_own_that_is_the_same_everywhere() -> None:
    of = [0, 1] * 20
    assert len({batches(of, 4, seed, epoch) for seed in (1, 2) for epoch in range(3)}) == 6
    assert batches(of, 4, 1, 0)[:2] == ((35, 23, 33, 27), (37, 19, 3, 13))
    with pytest.raises(ValueError, match="no pictures"):
        batches(of, 0, 1, 0)
