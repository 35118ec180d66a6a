"""Tiles: they cover the picture, overlap as asked, and blend without a seam."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.pictures import ImageJob, Upscale
from studio.worker.image.tiles import Canvas, TilePlan, tile_plan
from tests.worker.image.conftest import noise, png, square


def plan(
    width: int = 60,
    height: int = 40,
    factor: float = 2.0,
    tile_px: int = 64,
    overlap_px: int = 16,
    **more: object,
) -> TilePlan:
    """The plan of a random picture of that size."""
    files = {"init": png(noise(height, width, 3)), "lock": png(square(0, 0, 20, 20))}
    job = ImageJob(
        id="j", model="m", prompt="", seed=1, mode="upscale", init="init",
        upscale=Upscale(factor=factor, tile_px=tile_px, overlap_px=overlap_px), **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return tile_plan(job, files, 8)


@given(
    st.integers(16, 150), st.integers(16, 150), st.floats(1.1, 4.0), st.integers(64, 128), st.integers(0, 60)
)
@settings(max_examples=40, deadline=None)
def test_tiles_cover_everything_and_overlap(
    width: int, height: int, factor: float, tile: int, overlap: int
) -> None:
    made = plan(width, height, factor, tile, overlap)
    seen = np.zeros((made.size[1], made.size[0]), int)
    for x, y in made.places:
        seen[y : y + made.tile[1], x : x + made.tile[0]] += 1
    assert (seen > 0).all()
    overlap = min(overlap, tile // 2)
    for axis in (0, 1):
        starts = sorted({place[axis] for place in made.places})
        for one, next_ in itertools.pairwise(starts):
            assert one + made.tile[axis] - next_ >= min(overlap, made.tile[axis] - 1) - 1


def test_tiles_that_are_what_was_there_give_what_was_there() -> None:
    made = plan()
    canvas = Canvas(made)
    for place in made.places:
        canvas.put(place, made.cut(place))
    assert np.array_equal(canvas.pixels(), made.rgb)


def test_neighbours_fade_into_each_other() -> None:
    made = plan(width=56, height=32, overlap_px=16)
    assert made.places == ((0, 0), (48, 0))
    canvas = Canvas(made)
    canvas.put((0, 0), np.zeros((64, 64, 3), np.uint8))
    assert np.array_equal(canvas.pixels()[:, 64:], made.rgb[:, 64:])  # not drawn yet
    canvas.put((48, 0), np.full((64, 64, 3), 255, np.uint8))
    row = canvas.pixels()[30, :, 0].astype(int)
    assert (row[:48] == 0).all()
    assert (row[64:] == 255).all()
    steps = np.diff(row[47:65])
    assert (steps >= 0).all()
    assert steps.max() <= 20


def test_the_lock_keeps_what_lanczos_made() -> None:
    made = plan(lock="lock")
    out = made.finish(np.zeros_like(made.rgb))
    lock = made.lock
    assert lock is not None
    assert np.array_equal(out[lock == 255], made.base[lock == 255])
    assert (out[lock == 0][:, :3] == 0).all()


@pytest.mark.parametrize(("side", "tile"), [(64, 64), (50, 56), (30, 32)])
def test_a_picture_smaller_than_a_tile_is_one_tile_on_the_models_grid(side: int, tile: int) -> None:
    made = plan(side // 2, side // 2, 2.0, 128)
    assert made.places == ((0, 0),)
    assert made.tile == (tile, tile)
    assert made.cut((0, 0)).shape == (tile, tile, 3)
