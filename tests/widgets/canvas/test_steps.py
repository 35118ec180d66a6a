"""Steps on layers: merged and flattened pixels, order, masks as a whole, what is refused."""

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from studio.core.pictures import Box
from studio.media.picture import masks
from studio.media.picture.document import Adjust, Layer, PictureDoc
from studio.widgets.canvas.pixels import image_of_grey, image_of_rgba, masked_by_lock, png_bytes, rgba_of
from tests.widgets.canvas.desk import Desk, noise, plain, raster

ASSETS = {"a": noise(60, 40), "b": plain(30, 30, (200, 10, 10, 255)), "m": noise(20, 20, 4)[..., 0]}
DOC = PictureDoc(
    width=60,
    height=40,
    frame=Box(x=8, y=8, width=16, height=16),
    layers=(
        raster("a", "a", 60, 40, adjust=Adjust(gamma=1.3)),
        raster("b", "b", 30, 30, x=20, y=-5, opacity=0.5, turn=1),
        Layer(id="m", name="m", kind="mask", asset="m", x=5, y=5, width=20, height=20),
    ),
)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot, DOC, ASSETS)


def test_merging_down_looks_the_same_and_leaves_one_layer(desk: Desk) -> None:
    before = desk.flat()
    desk.view.steps.merge_down("b")
    doc = desk.doc
    assert [layer.id for layer in doc.layers] == ["a", "m"] and desk.view.chosen() == "a"
    assert np.array_equal(desk.flat(), before)
    assert doc.layer("a").adjust == Adjust() and doc.layer("a").y == -5
    desk.undo()
    assert desk.view.document() == DOC and np.array_equal(desk.flat(), before)


def test_merging_gives_the_same_asset_every_time(qtbot: QtBot) -> None:
    names = []
    for _ in range(2):
        desk = Desk(qtbot, DOC, ASSETS)
        desk.view.steps.flatten_visible()
        names.append(desk.doc.layers[0].asset)
    assert names[0] == names[1]


def test_flattening_leaves_masks_and_hidden_layers(desk: Desk) -> None:
    desk.view.steps.duplicate("b")
    copy = desk.view.chosen()
    desk.view.steps.show_layer(copy, False)
    before = desk.flat()
    desk.view.steps.flatten_visible()
    assert [layer.id for layer in desk.doc.layers] == ["a", copy, "m"]
    assert np.array_equal(desk.flat(), before)


def test_masks_merge_into_one(desk: Desk) -> None:
    desk.view.choose("m")
    desk.view.steps.add_layer("mask")
    upper = desk.view.chosen()
    desk.view.steps.mask_box(Box(x=30, y=10, width=10, height=10))
    wanted = desk.mask()
    desk.view.steps.merge_down(upper)
    assert [layer.id for layer in desk.doc.layers] == ["a", "b", "m"]
    assert np.array_equal(desk.mask(), wanted)


def test_the_lowest_has_nothing_to_merge_with(desk: Desk) -> None:
    desk.view.steps.merge_down("a")
    assert desk.steps == [] and "nothing of its kind below" in desk.refusals[0]


def test_inverting_twice_is_as_before_and_clearing_empties(desk: Desk) -> None:
    before = desk.mask()
    desk.view.choose("m")
    desk.view.steps.invert_mask()
    assert np.array_equal(desk.mask(), 255 - before)
    desk.view.steps.invert_mask()
    assert np.array_equal(desk.mask(), before)
    desk.view.steps.clear_mask()
    assert desk.mask().max() == 0 and desk.doc.layer("m").asset == ""
    assert {kind for _, kind in desk.steps} == {"painted"}


def test_grow_and_feather_are_seen_before_and_kept_when_asked(desk: Desk, qtbot: QtBot) -> None:
    desk.view.choose("m")
    before = desk.mask()
    wanted = masks.feather(masks.grow(before, 4), 3)
    desk.view.steps.try_refined(4, 3)
    desk.settle()
    tried = desk.view.scene.masks.seen(desk.doc.layer("m"))
    assert tried is not None and np.array_equal(tried.values[:40, :60], wanted)
    assert np.array_equal(desk.mask(), before) and desk.steps == []
    desk.view.steps.refine_mask(4, 3)
    assert np.array_equal(desk.mask(), wanted)
    assert [title for title, _ in desk.steps] == ["Grow by 4 px, feather by 3 px: “m”"]
    seen = desk.view.scene.masks.seen(desk.doc.layer("m"))
    assert seen is not tried


def test_clearing_without_a_mask_says_so(qtbot: QtBot) -> None:
    desk = Desk(qtbot, PictureDoc(width=20, height=20))
    desk.view.steps.clear_mask()
    assert "no mask yet" in desk.refusals[0]


def test_a_live_opacity_is_shown_and_told_once(desk: Desk) -> None:
    for opacity in (0.4, 0.2, 0.1):
        desk.view.steps.fade_live("b", opacity)
    assert desk.steps == [] and desk.view.scene.doc.layer("b").opacity == 0.1
    desk.view.steps.fade("b", 0.1)
    assert desk.steps == [("Opacity of “b” 10 %", "arranged")]


def test_kinds_of_steps_on_locks(desk: Desk) -> None:
    desk.view.steps.add_layer("lock")
    lock = desk.view.chosen()
    desk.view.steps.duplicate(lock)
    desk.view.steps.remove(lock)
    assert [kind for _, kind in desk.steps] == ["locked", "locked", "unlocked"]


def test_what_is_locked_is_kept_when_a_take_is_laid_over_it() -> None:
    take = image_of_rgba(plain(4, 2, (10, 20, 30, 255)))
    lock = image_of_grey(np.array([[255, 0, 0, 0], [0, 0, 0, 255]], dtype=np.uint8))
    out = masked_by_lock(take, lock)
    assert rgba_of(out)[..., 3].tolist() == [[0, 255, 255, 255], [255, 255, 255, 0]]
    assert masked_by_lock(take, None) is take


def test_an_opaque_image_is_packed_without_alpha() -> None:
    opaque = QImage.fromData(png_bytes(image_of_rgba(noise(6, 5))))
    assert not opaque.hasAlphaChannel() and np.array_equal(rgba_of(opaque), noise(6, 5))
    assert QImage.fromData(png_bytes(image_of_rgba(plain(3, 3, (1, 2, 3, 0))))).hasAlphaChannel()
