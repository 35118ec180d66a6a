"""Outside of the mask, and in the lock, not one pixel changes; inside of it all is drawn anew."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from studio.core.errors import StudioError
from studio.core.pictures import ImageJob, Inpaint, Upscale
from studio.worker.image.masks import composite, spread, weights_of
from studio.worker.image.plan import Plan, plan_of
from studio.worker.image.tiles import tile_plan
from tests.worker.image.conftest import Painter, noise, png, square

BYTES = st.integers(0, 255)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_weight_keeps_every_byte_and_full_weight_takes_every_colour(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    base = data.draw(arrays(np.uint8, (*shape, 4), elements=BYTES))
    drawn = data.draw(arrays(np.uint8, (*shape, 3), elements=BYTES))
    weights = data.draw(arrays(np.uint8, shape, elements=st.sampled_from([0, 255, 100])))
    out = composite(base, drawn, weights)
    assert np.array_equal(out[weights == 0], base[weights == 0])
    full = weights == 255
    assert np.array_equal(out[full][:, :3], drawn[full])
    opaque = base[..., 3] == 255
    assert (out[full & opaque][:, 3] == 255).all()


@pytest.mark.parametrize(("grow", "feather"), [(0, 0), (0, 6), (5, 0), (4, 7), (-3, 2)])
def test_weights_end_where_the_feather_ends(grow: int, feather: int) -> None:
    weights = weights_of(square(20, 20, 44, 44), grow, feather)
    reach = grow + feather
    far = square(20 - reach, 20 - reach, 44 + reach, 44 + reach) == 0
    assert not weights[far].any()
    assert weights[32, 32] == 255
    assert weights[32, 20 - grow] >= 127  # the edge, where a feather is at its half
    assert (weights[32, 20 - grow - 1] > 0) == (feather > 0)


def test_unknown_pixels_take_the_colours_around_them() -> None:
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[:, :16], picture[:, 16:] = (200, 0, 0), (0, 0, 200)
    known = square(10, 10, 22, 22, 32) == 0
    filled = spread(np.where(known[..., None], picture, 77).astype(np.uint8), known)
    assert np.array_equal(filled[known], picture[known])
    assert filled[15, 10, 0] > 120
    assert filled[15, 21, 2] > 120
    assert (filled[..., 1] < 20).all()


INIT = noise(64, 64, 3)


@pytest.mark.parametrize("fill", ["original", "blur", "noise", "colour"])
def test_outside_of_the_mask_nothing_changes_whatever_fills_it(fill: str, painter: Painter) -> None:
    files = {"init": png(INIT), "mask": png(square(24, 20, 40, 50))}
    inpaint = Inpaint(mask="mask", feather_px=3, grow_px=2, fill=fill)
    [drawn] = painter.draw(files, mode="inpaint", init="init", inpaint=inpaint, strength=1.0).pixels
    kept = square(19, 15, 45, 55) == 0
    assert np.array_equal(drawn[kept], INIT[kept])
    inside = np.s_[20:50, 24:40]
    assert (drawn[inside] != INIT[inside]).any(axis=-1).mean() > 0.9


def test_the_fills_are_what_they_say() -> None:
    def filled(fill: str) -> np.ndarray:
        from studio.core.pictures import ImageJob

        init = np.full((64, 64, 3), (10, 200, 30), np.uint8)
        init[28:36, 28:36] = 255
        job = ImageJob(
            id="j", model="m", prompt="", seed=1, width=64, height=64, mode="inpaint", init="init",
            inpaint=Inpaint(mask="mask", feather_px=0, fill=fill),  # type: ignore[arg-type]
        )  # fmt: skip
        files = {"init": png(init), "mask": png(square(24, 24, 40, 40))}
        first = plan_of(job, files, 8).init
        assert first is not None
        return first[24:40, 24:40].astype(int)

    assert (filled("original")[8, 8] == 255).all()
    for fill in ("blur", "colour"):
        assert np.abs(filled(fill) - (10, 200, 30)).max() <= 1
    assert filled("noise").std() > 50


def test_only_the_masked_part_is_drawn_at_full_resolution() -> None:
    from studio.core.pictures import ImageJob

    init = noise(200, 300, 3)
    mask = np.zeros((200, 300), np.uint8)
    mask[100:120, 250:280] = 255
    job = ImageJob(
        id="j", model="m", prompt="", seed=1, width=128, height=64, mode="inpaint", init="init",
        inpaint=Inpaint(mask="mask", feather_px=4, area="masked", padding_px=10),
    )  # fmt: skip
    plan = plan_of(job, {"init": png(init), "mask": png(mask)}, 8)
    assert plan.size == (300, 200)
    x, y, width, height = plan.place
    assert x <= 250 - 14
    assert y <= 100 - 14
    assert x + width == 300  # moved in from the edge
    assert y + height >= 134
    assert width / height == pytest.approx(2.0, abs=0.05)
    out = plan.finish(np.zeros((64, 128, 3), np.uint8))
    assert out.shape == (200, 300, 4)
    far = mask.copy()
    far[96:124, 246:284] = 255
    assert np.array_equal(out[far == 0][:, :3], init[far == 0])
    assert (out[105:115, 255:275, :3] == 0).all()


def test_masked_area_keeps_everything_else_through_the_real_pipeline(painter: Painter) -> None:
    init = noise(100, 140, 3)
    mask = np.zeros((100, 140), np.uint8)
    mask[40:60, 50:80] = 255
    inpaint = Inpaint(mask="mask", feather_px=2, area="masked", padding_px=6)
    files = {"init": png(init), "mask": png(mask)}
    [drawn] = painter.draw(files, mode="inpaint", init="init", inpaint=inpaint).pixels
    mask[38:62, 48:82] = 255
    assert np.array_equal(drawn[mask == 0], init[mask == 0])
    assert not np.array_equal(drawn[40:60, 50:80], init[40:60, 50:80])


def test_what_was_transparent_is_drawn_and_the_rest_stays(painter: Painter) -> None:
    alpha = square(0, 0, 40, 64)
    files = {"init": png(np.dstack([INIT, alpha])), "mask": png(np.zeros((64, 64), np.uint8))}
    inpaint = Inpaint(mask="mask", feather_px=0)
    [drawn] = painter.draw(files, mode="inpaint", init="init", inpaint=inpaint).pixels
    assert drawn.shape == (64, 64, 3)  # nothing is transparent any more
    assert np.array_equal(drawn[:, :40], INIT[:, :40])
    assert drawn[:, 40:].std() > 0


def test_the_lock_stays_in_every_mode(painter: Painter) -> None:
    lock = square(30, 0, 64, 64)
    files = {"init": png(INIT), "mask": png(square(16, 16, 60, 60)), "lock": png(lock)}
    inpaint = Inpaint(mask="mask", feather_px=8)
    for how in ({"mode": "inpaint", "inpaint": inpaint}, {"mode": "image"}):
        [drawn] = painter.draw(files, init="init", lock="lock", **how).pixels
        assert np.array_equal(drawn[lock > 0], INIT[lock > 0])
        assert not np.array_equal(drawn[lock == 0], INIT[lock == 0])


def test_a_lock_without_a_picture_stays_transparent(painter: Painter) -> None:
    lock = square(30, 0, 64, 64)
    [drawn] = painter.draw({"lock": png(lock)}, lock="lock").pixels
    assert (drawn[lock > 0] == 0).all()
    assert (drawn[lock == 0][:, 3] == 255).all()


def test_an_empty_mask_is_refused(painter: Painter) -> None:
    files = {"init": png(INIT), "mask": png(np.zeros((64, 64), np.uint8))}
    with pytest.raises(StudioError, match="mask is empty"):
        painter.draw(files, mode="inpaint", init="init", inpaint=Inpaint(mask="mask"))


def _planned(init: Any, mask: Any, lock: Any = None, **more: Any) -> Plan:
    """The plan of drawing under a mask at 64 x 64."""
    files = {"init": png(init), "mask": png(mask)} | ({} if lock is None else {"lock": png(lock)})
    job = ImageJob(
        id="j", prompt="x", model="m", seed=1, takes=1, width=64, height=64, mode="inpaint", init="init",
        inpaint=Inpaint(mask="mask", feather_px=0, **more), lock="" if lock is None else "lock",
    )  # fmt: skip
    return plan_of(job, files, 8)


def test_half_transparent_pixels_are_drawn_as_far_as_they_are_transparent() -> None:
    alpha = np.full((64, 64), 255, np.uint8)
    alpha[:, 40:] = 100
    plan = _planned(np.dstack([INIT, alpha]), np.zeros((64, 64), np.uint8))
    assert plan.weights is not None
    assert plan.mask is not None
    assert (plan.weights[:, :40] == 0).all()
    assert (plan.weights[:, 40:] == 155).all()
    assert (plan.mask[:, 40:] == 255).all()  # drawn wherever a little of it shows
    out = plan.finish(np.full((64, 64, 3), 9, np.uint8))
    assert np.array_equal(out[:, :40, :3], INIT[:, :40])
    assert (out[:, 40:, 3] > 155).all()


def test_what_hides_under_transparency_is_not_drawn_from() -> None:
    init = np.full((64, 64, 4), 200, np.uint8)
    init[..., 3] = 255
    init[:, 32:] = (0, 255, 0, 0)  # an editor left its green there
    plan = _planned(init, np.zeros((64, 64), np.uint8))
    assert plan.init is not None
    assert (plan.init == 200).all()


def test_a_grey_mask_is_drawn_and_shows_in_part() -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[:, 32:] = 64
    plan = _planned(INIT, mask)
    assert plan.mask is not None
    assert plan.weights is not None
    assert (plan.mask[:, 32:] == 255).all()
    assert (plan.mask[:, :32] == 0).all()
    assert (plan.weights[:, 32:] == 64).all()


def test_a_grey_lock_holds_in_part() -> None:
    lock = np.zeros((64, 64), np.uint8)
    lock[:, 16:32], lock[:, 32:48], lock[:, 48:] = 1, 128, 255
    plan = _planned(INIT, np.full((64, 64), 255, np.uint8), lock)
    assert plan.weights is not None
    assert [int(plan.weights[0, at]) for at in (0, 20, 40, 60)] == [255, 254, 127, 0]


def test_an_enlarged_lock_keeps_even_the_colours_that_are_transparent() -> None:
    init = np.dstack([INIT, square(0, 0, 30, 64)])
    files = {"init": png(init), "lock": png(np.full((64, 64), 255, np.uint8))}
    job = ImageJob(
        id="j",
        prompt="x",
        model="m",
        seed=1,
        mode="upscale",
        init="init",
        lock="lock",
        upscale=Upscale(factor=2.0),
    )
    plan = tile_plan(job, files, 8)
    assert np.array_equal(plan.finish(np.zeros_like(plan.rgb)), plan.base)


def test_of_a_drawing_on_the_models_grid_the_upper_left_part_is_the_take() -> None:
    files = {"init": png(noise(56, 72, 3))}
    for how in ({"mode": "text"}, {"mode": "image", "init": "init"}):
        plan = plan_of(ImageJob(id="j", prompt="x", model="m", seed=1, width=72, height=56, **how), files, 16)
        drawn = noise(64, 80, 3, seed=2)
        assert (plan.width, plan.height) == (80, 64)
        assert np.array_equal(plan.finish(drawn), drawn[:56, :72])
