"""What shows under a lock stays as it is, whatever a person does to layers; everything else goes on as before."""

import random
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.core.pictures import Box
from studio.media.picture import arrange
from studio.media.picture.document import Adjust, Layer, PictureDoc
from studio.media.picture.png import named as png_name
from studio.media.picture.png import png_of
from studio.widgets.canvas.lock_guard import LOCKED_FROM
from studio.widgets.canvas.pixels import rgba_of
from tests.widgets.canvas.desk import Bytes, Desk

SIDE = 64
GROUND, STAMP, LOCK = "ground", "stamp", "lock"
HELD = (slice(16, 32), slice(16, 32))  # rows and columns that are locked


def plain(colour: tuple[int, ...], side: int) -> Bytes:
    out = np.zeros((side, side, 4), dtype=np.uint8)
    out[:] = colour
    return out


def named(pixels: Bytes) -> str:
    return png_name(png_of(pixels))


def raster(id_: str, pixels: Bytes, **more: object) -> Layer:
    height, width = pixels.shape[:2]
    layer: Layer = Layer(id=id_, name=id_.title(), asset=named(pixels), width=width, height=height).changed(
        **more
    )
    return layer


@pytest.fixture
def desk(qtbot: QtBot) -> Callable[..., Desk]:
    return partial(Desk, qtbot)


@pytest.fixture
def locked(desk: Callable[..., Desk]) -> Desk:
    """A red ground with a small green stamp at its right lower corner, its middle locked."""
    rng = np.random.default_rng(5)
    ground = plain((200, 30, 30, 255), SIDE)
    ground[..., 1] = rng.integers(0, 255, (SIDE, SIDE))
    stamp = plain((20, 220, 20, 255), 12)
    lock = np.zeros((SIDE, SIDE), dtype=np.uint8)
    lock[HELD] = 255
    layers = (
        raster(GROUND, ground),
        raster(STAMP, stamp, x=44, y=44),
        Layer(id=LOCK, name="Sky", kind="lock", asset=named(lock), width=SIDE, height=SIDE),
    )
    doc = PictureDoc(width=SIDE, height=SIDE, layers=layers, frame=Box(x=0, y=0, width=SIDE, height=SIDE))
    return desk(doc, {named(one): one for one in (ground, stamp, lock)})


def seen(desk: Desk) -> Bytes:
    desk.view.flush()
    return rgba_of(desk.view.flatten())


CHANGES: dict[str, Callable[[Desk], object]] = {
    "hide": lambda d: d.view.steps.show_layer(GROUND, False),
    "fade": lambda d: d.view.steps.fade(GROUND, 0.5),
    "adjust": lambda d: d.view.steps.adjust(GROUND, Adjust(gamma=2.0)),
    "flip": lambda d: d.view.steps.flip(GROUND, "x"),
    "turn": lambda d: d.view.steps.turn(GROUND, 1),
    "remove": lambda d: d.view.steps.remove(GROUND),
    "move over": lambda d: d.view.commit(
        "Move", "arranged", lambda doc: doc.with_layer(arrange.moved(doc.layer(STAMP), -20, -20))
    ),
    "move from": lambda d: d.view.commit(
        "Move", "arranged", lambda doc: doc.with_layer(arrange.moved(doc.layer(GROUND), 1, 0))
    ),
}


@pytest.mark.parametrize("how", CHANGES)
def test_a_step_that_would_change_what_is_locked_is_refused_in_words(locked: Desk, how: str) -> None:
    before, doc = seen(locked), locked.doc
    CHANGES[how](locked)
    assert locked.doc == doc and locked.steps == []
    assert np.array_equal(seen(locked), before)
    (why,) = locked.refusals
    assert "“Sky”" in why and "Ctrl+L" in why and "Hide the lock" in why


@pytest.mark.parametrize("how", CHANGES)
def test_a_hidden_lock_or_none_binds_nobody(locked: Desk, how: str) -> None:
    locked.view.steps.show_layer(LOCK, False)
    CHANGES[how](locked)
    assert len(locked.steps) == 2 and locked.refusals == []


FREE: dict[str, Callable[[Desk], object]] = {
    "beside": lambda d: d.view.commit(
        "Move", "arranged", lambda doc: doc.with_layer(arrange.moved(doc.layer(STAMP), 3, -3))
    ),
    "fade beside": lambda d: d.view.steps.fade(STAMP, 0.3),
    "remove beside": lambda d: d.view.steps.remove(STAMP),
    "rename": lambda d: d.view.steps.rename(GROUND, "Soil"),
    "hold": lambda d: d.view.steps.hold(GROUND, True),
    "copy": lambda d: d.view.steps.duplicate(GROUND),
    "merge": lambda d: d.view.steps.merge_down(STAMP),
    "flatten": lambda d: d.view.steps.flatten_visible(),
    "add": lambda d: d.view.steps.add_layer("raster"),
    "mask": lambda d: d.view.steps.mask_box(Box(x=0, y=0, width=40, height=40)),
    "flip all": lambda d: d.view.steps.flip_canvas("x"),
    "turn all": lambda d: d.view.steps.turn_canvas(1),
    "crop": lambda d: d.view.steps.crop_canvas(Box(x=8, y=8, width=40, height=40)),
    "frame": lambda d: d.view.steps.set_frame(Box(x=0, y=0, width=32, height=32)),
    "the lock itself": lambda d: d.view.steps.remove(LOCK),
}


@pytest.mark.parametrize("how", FREE)
def test_what_does_not_change_it_is_done(locked: Desk, how: str) -> None:
    FREE[how](locked)
    locked.view.flush()
    assert len(locked.steps) == 1 and locked.refusals == []


def test_a_layer_may_slide_over_a_lock_where_it_is_clear_and_under_what_is_opaque(locked: Desk) -> None:
    ring_pixels = plain((0, 0, 255, 255), SIDE)
    ring_pixels[HELD] = 0
    locked.files[named(ring_pixels)] = png_of(ring_pixels)
    view = locked.view
    view.commit("Put", "arranged", lambda doc: doc.with_layer(raster("ring", ring_pixels), above=STAMP))
    assert len(locked.steps) == 1, "it is clear where the lock is"
    view.commit("Move", "arranged", lambda doc: doc.with_layer(arrange.moved(doc.layer("ring"), 1, 0)))
    assert "“Sky”" in locked.refusals[-1] and len(locked.steps) == 1
    view.steps.reorder("ring", 0)
    view.commit("Move", "arranged", lambda doc: doc.with_layer(arrange.moved(doc.layer("ring"), 1, 0)))
    assert len(locked.steps) == 3 and len(locked.refusals) == 1, "what lies below an opaque layer is not seen"


def test_a_soft_edge_is_locked_where_it_is_more_locked_than_not(desk: Callable[..., Desk]) -> None:
    ground, lock = plain((9, 9, 9, 255), SIDE), np.zeros((SIDE, SIDE), dtype=np.uint8)
    stamp = plain((250, 0, 0, 255), 4)
    lock[0:4, 0:4], lock[10:14, 10:14] = LOCKED_FROM, LOCKED_FROM - 1
    layers = (
        raster(GROUND, ground),
        raster(STAMP, stamp, x=30, y=30),
        Layer(id=LOCK, name="Edge", kind="lock", asset=named(lock), width=SIDE, height=SIDE),
    )
    it = desk(
        PictureDoc(width=SIDE, height=SIDE, layers=layers), {named(a): a for a in (ground, lock, stamp)}
    )
    it.view.commit("a", "arranged", lambda d: d.with_layer(d.layer(STAMP).changed(x=10, y=10)))
    assert len(it.steps) == 1
    it.view.commit("b", "arranged", lambda d: d.with_layer(d.layer(STAMP).changed(x=2, y=2)))
    assert len(it.steps) == 1 and len(it.refusals) == 1


def test_what_panels_show_goes_back_with_a_refusal(locked: Desk) -> None:
    told: list[PictureDoc] = []
    locked.view.document_changed.connect(told.append)
    locked.view.steps.fade_live(GROUND, 0.4)
    assert told[-1].layer(GROUND).opacity == 0.4
    locked.view.steps.fade(GROUND, 0.4)
    locked.view.flush()
    assert told[-1] == locked.doc == locked.view.scene.doc
    locked.view.steps.show_layer(GROUND, False)
    assert told[-1] == locked.doc and len(told) >= 3, "told though nothing is shown otherwise"


def test_a_copy_that_is_refused_leaves_the_choice_where_it_was(locked: Desk) -> None:
    locked.view.steps.show_layer(LOCK, False)
    locked.view.steps.fade(GROUND, 0.5)
    locked.view.steps.show_layer(LOCK, True)
    locked.view.choose(GROUND)
    locked.view.steps.duplicate(GROUND)
    locked.view.flush()
    assert len(locked.refusals) == 1 and locked.view.chosen() in {layer.id for layer in locked.doc.layers}


def test_large_pictures_are_compared_beside_the_windows_thread(
    desk: Callable[..., Desk], qtbot: QtBot
) -> None:
    side = 1024
    ground = np.random.default_rng(1).integers(0, 255, (side, side, 4), dtype=np.uint8)
    ground[..., 3] = 255
    lock = np.zeros((side, side), dtype=np.uint8)
    lock[-1, -1] = lock[0, 0] = 255
    layers = (
        raster(GROUND, ground),
        Layer(id=LOCK, name="Sky", kind="lock", asset=named(lock), width=side, height=side),
    )
    it = desk(PictureDoc(width=side, height=side, layers=layers), {named(a): a for a in (ground, lock)})
    with qtbot.waitSignal(it.view.refused):
        it.view.steps.adjust(GROUND, Adjust(gamma=1.5))
        assert it.refusals == [] and it.view.busy()
    assert it.steps == []
    it.view.steps.adjust(GROUND, Adjust(black=0))  # nothing at all
    it.view.steps.fade(GROUND, 0.5)
    it.view.steps.rename(GROUND, "Soil")
    it.view.flush()
    assert [title for title, _kind in it.steps] == ["Rename “Ground” to “Soil”"] and len(it.refusals) == 2


MOVES = [
    *CHANGES,
    *(name for name in FREE if name not in ("flip all", "turn all", "crop", "the lock itself")),
]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_in_any_order_what_is_locked_stays(locked: Desk, seed: int) -> None:
    chance = random.Random(seed)
    before = seen(locked)[HELD]
    for _ in range(8):
        name = chance.choice(MOVES)
        if {GROUND, STAMP} <= {layer.id for layer in locked.doc.layers}:
            ({**CHANGES, **FREE})[name](locked)
        if chance.random() < 0.3:
            locked.undo()
        assert np.array_equal(seen(locked)[HELD], before), name
    if not locked.refusals:
        assert locked.steps
