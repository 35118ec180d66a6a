"""Strokes: what they cover, that opacity is not added up within one, that they are told once and in order."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from pytestqt.qtbot import QtBot

from studio.core.pictures import Box
from studio.media.picture.document import Layer, PictureDoc
from studio.widgets.canvas.kinds import Brush
from studio.widgets.canvas.stamps import Stamps
from studio.widgets.canvas.stroke import Stroke
from tests.widgets.canvas.desk import NONE, Desk

DOC = PictureDoc(width=200, height=160, frame=Box(x=0, y=0, width=128, height=128))


def painted(
    brush: Brush, points: list[tuple[float, float]], *, on: int = 0, rubs: bool = False, pressure: float = 1.0
):  # type: ignore[no-untyped-def]
    mask = np.full((160, 200), on, dtype=np.uint8)
    stroke = Stroke(mask, 0, 0, brush, Stamps(), rubs=rubs)
    for point in points:
        stroke.go_to(QPointF(*point), pressure)
    return mask, stroke


@pytest.mark.parametrize("size", [1, 2, 3, 10, 31.5, 64, 101])
def test_a_hard_dab_covers_a_disc_of_its_size(size: float) -> None:
    mask, _ = painted(Brush(size_px=size, softness=0.0), [(100.0, 80.0)])
    area = mask.astype(float).sum() / 255
    assert area == pytest.approx(math.pi * (size / 2) ** 2, rel=0.06, abs=0.6)
    ys, xs = np.nonzero(mask)
    middle = np.array(
        [np.average(xs + 0.5, weights=mask[ys, xs]), np.average(ys + 0.5, weights=mask[ys, xs])]
    )
    assert np.abs(middle - (100, 80)).max() <= 0.5


def test_a_soft_dab_falls_from_its_core_to_its_rim() -> None:
    mask, _ = painted(Brush(size_px=80, softness=1.0), [(100.5, 80.5)])
    row = mask[80, 100:145].astype(int)
    assert row[0] == 255 and row[42:].max() == 0
    assert (np.diff(row) <= 0).all() and 100 < row[20] < 155


def test_opacity_is_reached_once_however_often_a_stroke_passes() -> None:
    brush = Brush(size_px=30, softness=0.2, opacity=0.5)
    once, _ = painted(brush, [(40, 80), (150, 80)])
    often, _ = painted(brush, [(40, 80), (150, 80), (40, 80), (150, 80)])
    assert once.max() == often.max() == 128
    mask = once.copy()
    second = Stroke(mask, 0, 0, brush, Stamps(), rubs=False)
    second.go_to(QPointF(40, 80))
    second.go_to(QPointF(150, 80))
    assert mask.max() == 192, "another stroke adds to the first"


def test_the_eraser_leaves_the_rest_exactly() -> None:
    mask, stroke = painted(Brush(size_px=20, softness=0.5), [(60, 80), (90, 80)], on=200, rubs=True)
    assert mask[80, 75] == 0
    outside = np.ones_like(mask, dtype=bool)
    rect = stroke.touched
    outside[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1] = False
    assert (mask[outside] == 200).all()


def test_a_slow_and_a_fast_hand_paint_the_same() -> None:
    brush = Brush(size_px=24, softness=0.4, spacing=0.1)
    fast, _ = painted(brush, [(30, 40), (170, 120)])
    slow, _ = painted(brush, [(30 + 140 * i / 700, 40 + 80 * i / 700) for i in range(701)])
    assert np.abs(fast.astype(int) - slow).max() <= 24
    assert abs(int(fast.sum()) - int(slow.sum())) < fast.sum() * 0.01


def test_pressure_makes_it_thinner() -> None:
    brush = Brush(size_px=60, softness=0.0)
    light, _ = painted(brush, [(100, 80)], pressure=0.2)
    full, _ = painted(brush, [(100, 80)])
    same, _ = painted(brush.changed(pressure=False), [(100, 80)], pressure=0.2)
    assert light.sum() < full.sum() * 0.2
    assert np.array_equal(same, full)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-60, 260), st.floats(-60, 220)), min_size=1, max_size=6),
    st.floats(1, 120),
    st.booleans(),
)
def test_a_stroke_changes_only_where_it_says_and_is_taken_back_whole(
    points: list[tuple[float, float]], size: float, rubs: bool
) -> None:
    before = np.random.default_rng(1).integers(0, 256, (160, 200), dtype=np.uint8)
    mask = before.copy()
    stroke = Stroke(mask, 0, 0, Brush(size_px=size), Stamps(), rubs=rubs)
    for x, y in points:
        stroke.go_to(QPointF(x, y))
    changed = np.argwhere(mask != before)
    rect = stroke.touched
    assert all(rect.contains(int(x), int(y)) for y, x in changed)
    stroke.undo()
    assert np.array_equal(mask, before)


# -- in the canvas ---------------------------------------------------------------------------------


def test_the_first_stroke_makes_a_mask_cut_to_what_it_holds(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.view.set_brush(Brush(size_px=20, softness=0.0))
    desk.stroke([(60, 50), (100, 50)])
    (layer,) = desk.doc.layers
    assert desk.steps == [("Brush on “Mask”", "painted")]
    assert layer.kind == "mask" and desk.view.chosen() == layer.id
    assert (layer.x, layer.y, layer.width, layer.height) == (50, 40, 60, 20)
    assert desk.mask()[50, 60:100].min() == 255 and desk.mask()[80].max() == 0


def test_an_erased_mask_is_an_empty_layer(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.view.set_brush(Brush(size_px=20))
    desk.stroke([(60, 50), (100, 50)])
    desk.view.set_tool("eraser")
    desk.view.set_brush(Brush(size_px=90, softness=0.0))
    desk.stroke([(50, 50), (110, 50)])
    (layer,) = desk.doc.layers
    assert (layer.asset, layer.width, layer.height) == ("", 200, 160)
    assert desk.steps[-1] == ("Erase on “Mask”", "painted")
    assert desk.view.mask_of(Box(x=0, y=0, width=200, height=160), 200, 160) is None


def test_quick_strokes_are_told_in_their_order_each_with_those_before(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.view.set_brush(Brush(size_px=10, softness=0.0))
    for number in range(8):
        desk.stroke([(20 + 20 * number, 40), (20 + 20 * number, 60)])
    desk.settle()
    assert len(desk.steps) == 8
    assert [doc.layers[0].width for doc in desk.docs[1:]] == [10 + 20 * number for number in range(8)]


def test_undo_while_a_mask_is_packed_takes_back_the_last_stroke(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.view.set_brush(Brush(size_px=10, softness=0.0))
    desk.stroke([(30, 40), (60, 40)])
    first = desk.mask()
    desk.stroke([(30, 90), (60, 90)])
    assert desk.view.busy() or len(desk.steps) == 2
    desk.undo()
    assert len(desk.steps) == 2
    assert np.array_equal(desk.mask(), first)
    desk.redo()
    assert desk.mask()[90, 45] == 255


def test_another_document_while_a_mask_is_packed_gives_the_stroke_up(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.stroke([(30, 40), (60, 40)])
    other = PictureDoc(width=64, height=64)
    desk.view.show_document(other)
    desk.settle()
    assert desk.view.document() == other and desk.view.scene.doc == other
    desk.docs, desk.at = [other], 0
    assert desk.mask().max() == 0


def test_an_older_document_while_a_mask_is_packed_holds(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.stroke([(30, 40), (60, 40)])
    first, doc = desk.mask(), desk.doc
    desk.view.steps.rename(doc.layers[0].id, "Other")
    desk.stroke([(30, 90), (60, 90)])
    desk.at = 1
    desk.view.show_document(doc)
    desk.settle()
    assert desk.view.document() == doc and np.array_equal(desk.mask(), first)


def test_a_mask_that_was_removed_while_it_changed_comes_back_as_it_was(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.stroke([(30, 40), (60, 40)])
    desk.settle()
    mask = desk.view.chosen()
    desk.stroke([(30, 90), (60, 90)])
    desk.view.steps.remove(mask)
    desk.view.steps.invert_mask()
    desk.undo()
    fresh = Desk(qtbot, desk.doc)
    fresh.files.update(desk.files)
    assert desk.mask()[90, 45] > 0 and np.array_equal(desk.mask(), fresh.mask())


def test_a_stroke_right_after_growing_keeps_what_was_grown(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.view.set_brush(Brush(size_px=10, softness=0.0))
    desk.stroke([(30, 40), (60, 40)])
    desk.settle()
    desk.view.steps.refine_mask(12, 0)
    desk.stroke([(30, 120), (60, 120)])
    mask = desk.mask()
    assert mask[40 + 14, 45] == 255 and mask[120, 45] == 255


def test_a_layer_dragged_right_after_a_stroke_shows_the_stroke(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.view.set_brush(Brush(size_px=10, softness=0.0))
    desk.stroke([(30, 40), (60, 40)])
    desk.view.set_tool("move")
    ctrl = Qt.KeyboardModifier.ControlModifier
    desk.send(*_press(40, 40), ctrl)
    desk.send(*_move(60, 50), NONE, ctrl)
    layer = desk.view.scene.doc.layers[0]
    pixels = desk.view.scene.masks.of(layer)
    assert (layer.x, layer.y) == (45, 45) and pixels is not None
    assert pixels.part(QRect(60, 45, 1, 10)).min() > 240


def test_steps_of_layers_wait_for_the_strokes_before_them(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.stroke([(30, 40), (60, 40)])
    desk.settle()
    mask = desk.view.chosen()
    desk.stroke([(30, 90), (60, 90)])
    desk.view.steps.rename(mask, "Sky")
    desk.settle()
    assert [title for title, _ in desk.steps] == ["Brush on “Mask”"] * 2 + ["Rename “Mask” to “Sky”"]
    assert desk.doc.layers[0].name == "Sky" and desk.mask()[90, 45] > 0


def test_shift_draws_a_straight_line_from_the_last_end(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.view.set_brush(Brush(size_px=8, softness=0.0))
    desk.stroke([(30, 40)])
    desk.stroke([(150, 100)], Qt.KeyboardModifier.ShiftModifier)
    mask = desk.mask()
    assert mask[70, 90] == 255 and mask[40, 30] == 255 and mask[100, 150] == 255


def test_escape_takes_a_stroke_back_and_tells_nothing(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.view.setFocus()
    desk.send(*_press(30, 40))
    desk.send(*_move(90, 40))
    qtbot.keyClick(desk.view, Qt.Key.Key_Escape)
    desk.settle()
    assert desk.steps == [] and desk.mask().max() == 0 and desk.doc == DOC


def test_a_held_mask_refuses_the_brush(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.stroke([(30, 40), (60, 40)])
    mask = desk.doc.layers[0].id
    desk.view.steps.hold(mask, True)
    before = desk.mask()
    desk.stroke([(30, 90), (60, 90)])
    assert np.array_equal(desk.mask(), before)
    assert "is held" in desk.refusals[0]


def test_the_frame_beyond_the_canvas_can_be_masked(qtbot: QtBot) -> None:
    doc = DOC.changed(frame=Box(x=150, y=0, width=128, height=128))
    desk = Desk(qtbot, doc)
    desk.view.set_brush(Brush(size_px=20, softness=0.0))
    desk.stroke([(240, 60), (250, 60)])
    image = desk.view.mask_of(doc.frame, 128, 128) if desk.doc else None
    assert image is not None and image.pixelColor(95, 60).value() == 255


def test_strokes_on_a_lock_are_told_as_locking(qtbot: QtBot) -> None:
    desk = Desk(qtbot, DOC)
    desk.view.steps.add_layer("lock")
    desk.stroke([(30, 40), (60, 40)])
    assert [kind for _, kind in (desk.steps if desk.doc else [])] == ["locked", "locked"]
    assert desk.mask("lock")[40, 45] == 255 and desk.mask().max() == 0


def test_painting_bakes_a_turned_mask_where_it_is_seen(qtbot: QtBot) -> None:
    asset = np.zeros((20, 40), dtype=np.uint8)
    asset[:5, :10] = 255
    layer = Layer(
        id="m", name="M", kind="mask", asset="m", x=50, y=30, width=20, height=40, turn=1, flip_y=True
    )
    desk = Desk(qtbot, DOC.changed(layers=(layer,)), {"m": asset})
    before = desk.mask()
    wanted = np.rot90(asset, -1)[::-1]
    assert np.array_equal(before[30:70, 50:70], wanted)
    desk.view.choose("m")
    desk.view.set_brush(Brush(size_px=6))
    desk.stroke([(150, 120)])
    after = desk.mask()
    assert np.array_equal(after[30:70, 50:70], wanted) and after[120, 150] > 0
    assert (desk.doc.layers[0].turn, desk.doc.layers[0].flip_y) == (0, False)


def _press(x: float, y: float):  # type: ignore[no-untyped-def]
    return QEvent.Type.MouseButtonPress, (x, y), Qt.MouseButton.LeftButton


def _move(x: float, y: float):  # type: ignore[no-untyped-def]
    return QEvent.Type.MouseMove, (x, y)
