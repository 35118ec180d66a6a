"""Masks as numbers: exact bounds, growing, feathering, adding and rubbing out."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from studio.media.picture import masks

GREYS = hnp.arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24)))
FLAGS = hnp.arrays(np.bool_, st.tuples(st.integers(1, 24), st.integers(1, 24))).map(
    lambda flags: flags.astype(np.uint8) * 255
)


def dot(side: int = 41) -> masks.Grey:
    mask = np.zeros((side, side), dtype=np.uint8)
    mask[side // 2, side // 2] = 255
    return mask


@given(GREYS)
def test_bounds_hold_all_and_no_less(mask: masks.Grey) -> None:
    found = masks.bounds(mask)
    places = np.argwhere(mask)
    if not len(places):
        assert found is None
        return
    (top, left), (bottom, right) = places.min(axis=0), places.max(axis=0)
    assert found == (left, top, right - left + 1, bottom - top + 1)


@given(GREYS, st.integers(0, 255))
def test_adding_and_taking_are_rounded_exactly(mask: masks.Grey, level: int) -> None:
    other = np.full_like(mask, level)
    a, b = mask.astype(float), float(level)
    assert np.array_equal(masks.added(mask, other), np.rint(255 - (255 - a) * (255 - b) / 255))
    assert np.array_equal(masks.taken(mask, other), np.rint(a * (255 - b) / 255))


def test_grown_dot_reaches_exactly_so_far_along_the_axes_and_about_so_far_aslant() -> None:
    for px in range(1, 19):
        grown = masks.grow(dot(), px)
        assert masks.bounds(grown) == (20 - px, 20 - px, 2 * px + 1, 2 * px + 1)
        ys, xs = np.nonzero(grown)
        away = np.hypot(ys - 20, xs - 20)
        assert away.max() <= max(px * 1.16, px + 1.6)
        inside = np.argwhere(np.hypot(*(np.indices(grown.shape) - 20)) <= px * 0.95)
        assert all(grown[y, x] == 255 for y, x in inside), f"a hole at {px} px"


@given(GREYS, st.integers(1, 9))
def test_growing_only_adds_and_shrinking_only_takes(mask: masks.Grey, px: int) -> None:
    assert (masks.grow(mask, px) >= mask).all()
    assert (masks.grow(mask, -px) <= mask).all()
    assert np.array_equal(masks.grow(mask, -px), 255 - masks.grow(255 - mask, px))


def test_a_mask_is_not_narrowed_from_the_edge_of_the_picture() -> None:
    mask = np.full((20, 20), 255, dtype=np.uint8)
    assert (masks.grow(mask, -5) == 255).all()


@settings(deadline=None)
@given(FLAGS, st.integers(1, 8))
def test_feather_touches_nothing_farther_than_it_says(mask: masks.Grey, px: int) -> None:
    soft = masks.feather(mask, px)
    square = masks.grow(mask, px) if px < 3 else None
    reach = mask.copy()
    for y, x in np.argwhere(mask):
        reach[max(0, y - px) : y + px + 1, max(0, x - px) : x + px + 1] = 255
    assert (soft[reach == 0] == 0).all()
    if square is not None:
        assert (soft[square == 0] == 0).all()


def test_feather_is_half_at_a_straight_edge_and_falls_evenly() -> None:
    mask = np.zeros((30, 60), dtype=np.uint8)
    mask[:, :30] = 255
    row = masks.feather(mask, 9)[15].astype(int)
    assert (np.diff(row) <= 0).all()
    assert row[20] == 255 and row[39] == 0
    assert abs(row[29] + row[30] - 255) <= 1


def test_feather_far_from_the_edge_is_the_same_as_of_the_whole_picture() -> None:
    mask = np.zeros((200, 200), dtype=np.uint8)
    mask[90:120, 80:100] = 200
    soft = masks.feather(mask, 12)
    assert np.array_equal(np.roll(soft, 50, axis=0), masks.feather(np.roll(mask, 50, axis=0), 12))
    assert abs(int(soft.sum()) - int(mask.sum())) < mask.sum() * 0.02


def test_nothing_given_is_changed() -> None:
    mask = dot()
    before = mask.copy()
    for out in (masks.grow(mask, 0), masks.grow(mask, 3), masks.feather(mask, 0), masks.feather(mask, 4)):
        out[:] = 7
    assert np.array_equal(mask, before)


def test_what_is_locked_becomes_transparent() -> None:
    image = np.full((2, 3, 4), 200, dtype=np.uint8)
    lock = np.array([[0, 255, 128], [0, 0, 255]], dtype=np.uint8)
    out = masks.masked_by_lock(image, lock)
    assert out[..., 3].tolist() == [[200, 0, 100], [200, 200, 0]]
    assert (out[..., :3] == 200).all() and (image == 200).all()
    assert masks.masked_by_lock(image, None) is image
