"""Tools by mouse, pen and keys: selections, frame, crop, move, pan, keys that are ours only with the focus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QAction,
    QInputDevice,
    QKeySequence,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from studio.core.pictures import Box
from studio.media.picture.document import PictureDoc
from studio.widgets.canvas.box_drag import dragged, handle_at
from studio.widgets.canvas.guides import guide_lines
from studio.widgets.canvas.kinds import Brush
from studio.widgets.canvas.pixels import image_of_rgba
from studio.widgets.canvas.view import CanvasView
from tests.widgets.canvas.desk import LEFT, NONE, Desk, noise, plain, raster

DOC = PictureDoc(
    width=200,
    height=160,
    frame=Box(x=0, y=0, width=128, height=128),
    layers=(raster("a", "a", 60, 40, x=20, y=30),),
)
ASSETS = {"a": noise(60, 40)}
TOOL_KEYS = ("eraser", "brush", "lasso", "rectangle", "move", "crop", "frame", "pan")
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    made = Desk(qtbot, DOC, ASSETS)
    made.view.choose("a")
    made.view.setFocus()
    return made


def test_a_rectangle_replaces_adds_and_takes_away(desk: Desk) -> None:
    desk.view.set_tool("rectangle")
    desk.stroke([(10, 10), (60, 50)])
    wanted = np.zeros((160, 200), dtype=np.uint8)
    wanted[10:50, 10:60] = 255
    assert np.array_equal(desk.mask(), wanted)
    desk.stroke([(100, 80), (140, 120)], SHIFT)
    wanted[80:120, 100:140] = 255
    assert np.array_equal(desk.mask(), wanted)
    desk.stroke([(20, 20), (120, 100)], ALT)
    wanted[20:100, 20:120] = 0
    assert np.array_equal(desk.mask(), wanted)
    desk.stroke([(0, 0), (5, 5)])
    assert desk.mask().sum() == 25 * 255
    assert [title for title, _ in desk.steps] == [
        f"{verb} a rectangle on “Mask”" for verb in ("Select", "Add", "Take away", "Select")
    ]


def test_a_lasso_masks_what_it_goes_around(desk: Desk) -> None:
    desk.view.set_tool("lasso")
    desk.stroke([(20, 20), (120, 20), (120, 120), (20, 120)])
    mask = desk.mask()
    assert mask[70, 70] == 255 and mask[10, 10] == 0 and mask[140, 70] == 0
    assert abs(mask.astype(float).sum() / 255 - 100 * 100) < 250


def test_the_frame_is_dragged_on_the_models_grid_and_beyond_the_canvas(desk: Desk) -> None:
    desk.view.set_tool("frame")
    desk.view.set_grid(16)
    desk.stroke([(64, 64), (164, 100)], CTRL)
    assert desk.doc.frame == Box(x=100, y=36, width=128, height=128)
    desk.stroke([(228, 164), (255, 164)], CTRL)
    assert desk.doc.frame == Box(x=100, y=36, width=160, height=128)
    assert [kind for _, kind in desk.steps] == ["arranged", "arranged"]


def test_the_frame_tells_its_size_while_it_is_dragged(desk: Desk, qtbot: QtBot) -> None:
    desk.view.set_tool("frame")
    desk.send(QEvent.Type.MouseButtonPress, (128, 128), LEFT)
    with qtbot.waitSignal(desk.view.frame_changed) as told:
        desk.send(QEvent.Type.MouseMove, (96, 96), NONE, CTRL)
    assert told.args == [Box(x=0, y=0, width=96, height=96)] and desk.steps == []
    qtbot.keyClick(desk.view, Qt.Key.Key_Escape)
    assert desk.view.scene.doc == DOC and desk.doc == DOC


def test_a_crop_waits_for_return_and_loses_no_pixel(desk: Desk, qtbot: QtBot) -> None:
    before = desk.flat()
    desk.view.set_tool("crop")
    desk.stroke([(0, 80), (40, 80)], CTRL)
    assert desk.steps == []
    qtbot.keyClick(desk.view, Qt.Key.Key_Return)
    assert desk.steps == [("Crop to 160 × 160", "cropped")]
    assert np.array_equal(desk.flat(), before[:, 40:])
    desk.stroke([(160, 80), (170, 80)], CTRL)
    qtbot.keyClick(desk.view, Qt.Key.Key_Escape)
    qtbot.keyClick(desk.view, Qt.Key.Key_Return)
    assert len(desk.steps) == 1, "a cut that was given up cuts nothing"
    desk.undo()
    assert np.array_equal(desk.flat(), before)


def test_a_layer_moves_and_snaps_to_edges_and_middle(desk: Desk) -> None:
    desk.view.set_tool("move")
    desk.stroke([(30, 40), (12, 45)], SHIFT)
    assert (desk.doc.layer("a").x, desk.doc.layer("a").y) == (0, 30), "its edge is the canvas's"
    desk.stroke([(30, 40), (103, 71)])
    assert (desk.doc.layer("a").x, desk.doc.layer("a").y) == (70, 60), "its middle is the canvas's"
    desk.stroke([(100, 80), (103, 85)], CTRL)
    assert (desk.doc.layer("a").x, desk.doc.layer("a").y) == (73, 65)
    desk.stroke([(100, 80), (140, 85)], CTRL | SHIFT)
    assert (desk.doc.layer("a").x, desk.doc.layer("a").y) == (113, 65)


@pytest.mark.parametrize(
    ("tool", "key", "modifiers", "wanted"),
    [
        ("move", Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, "Move “a”"),
        ("move", Qt.Key.Key_Up, SHIFT, "Move “a”"),
        ("frame", Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, "Frame of 128 × 128"),
        ("frame", Qt.Key.Key_Right, ALT, "Frame of 136 × 128"),
    ],
)
def test_arrows_do_it_without_a_mouse(
    desk: Desk, qtbot: QtBot, tool: str, key: Qt.Key, modifiers: Qt.KeyboardModifier, wanted: str
) -> None:
    desk.view.set_tool(tool)  # type: ignore[arg-type]
    qtbot.keyClick(desk.view, key, modifiers)
    assert [title for title, _ in desk.steps] == [wanted]


def test_a_held_layer_is_neither_moved_nor_removed_nor_turned(desk: Desk) -> None:
    desk.view.steps.hold("a", True)
    desk.view.set_tool("move")
    desk.stroke([(30, 40), (90, 90)])
    desk.view.steps.remove("a")
    desk.view.steps.turn("a", 1)
    desk.view.steps.merge_down("a")
    assert len(desk.steps) == 1 and len(desk.refusals) == 4
    assert all("is held" in why for why in desk.refusals)


def test_keys_choose_tools_only_with_the_focus(qtbot: QtBot) -> None:
    window, view = QMainWindow(), CanvasView()
    qtbot.addWidget(window)
    window.setCentralWidget(view)
    fired: list[str] = []
    for key in ("E", "Esc"):
        action = QAction(window)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _=False, key=key: fired.append(key))
        window.addAction(action)
    window.show()
    window.activateWindow()
    qtbot.waitActive(window)
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    for key, tool in zip("EBLRMCFH", TOOL_KEYS, strict=True):
        qtbot.keyClick(view, Qt.Key[f"Key_{key}"])
        assert view.tool() == tool
    assert fired == []
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert fired == ["Esc"], "with nothing begun Escape is the window's"


def test_brackets_size_the_brush(desk: Desk, qtbot: QtBot) -> None:
    desk.view.set_brush(Brush(size_px=1))
    for _ in range(60):
        qtbot.keyClick(desk.view, Qt.Key.Key_BracketRight)
    assert desk.view.brush().size_px == 1024
    for _ in range(80):
        qtbot.keyClick(desk.view, Qt.Key.Key_BracketLeft)
    assert desk.view.brush().size_px == 1


def test_a_pen_paints_with_its_pressure_and_its_other_end_erases(desk: Desk) -> None:
    desk.view.set_brush(Brush(size_px=40, softness=0.0))
    _pen(desk, (60, 60), 0.1)
    thin = int(desk.mask().astype(bool).sum())
    _pen(desk, (140, 60), 1.0)
    assert int(desk.mask().astype(bool).sum()) > thin * 6
    _pen(desk, (140, 60), 1.0, QPointingDevice.PointerType.Eraser)
    assert desk.mask()[60, 140] == 0 and desk.view.tool() == "brush"


def _pen(
    desk: Desk,
    point: tuple[float, float],
    pressure: float,
    end: QPointingDevice.PointerType = QPointingDevice.PointerType.Pen,
) -> None:
    caps = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    device = QPointingDevice(
        "pen", 1, QInputDevice.DeviceType.Stylus, end, caps, 1, 2, "", QPointingDeviceUniqueId()
    )
    at = desk.view.viewport.to_view(QPointF(*point))
    for kind, button, held in (
        (QEvent.Type.TabletPress, LEFT, LEFT), (QEvent.Type.TabletMove, NONE, LEFT),
        (QEvent.Type.TabletRelease, LEFT, NONE),
    ):  # fmt: skip
        event = QTabletEvent(
            kind, device, at, desk.view.mapToGlobal(at), pressure, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier,
            button, held,
        )  # fmt: skip
        QApplication.sendEvent(desk.view, event)
    desk.settle()


def test_space_and_the_middle_button_move_what_is_seen(desk: Desk, qtbot: QtBot) -> None:
    view = desk.view
    start = view.viewport.to_view(QPointF(0, 0))
    qtbot.keyPress(view, Qt.Key.Key_Space)
    qtbot.mousePress(view, LEFT, pos=QPoint(100, 100))
    qtbot.mouseMove(view, QPoint(130, 90))
    qtbot.mouseRelease(view, LEFT, pos=QPoint(130, 90))
    qtbot.keyRelease(view, Qt.Key.Key_Space)
    assert view.viewport.to_view(QPointF(0, 0)) - start == QPointF(30, -10)
    assert desk.mask().max() == 0, "panning paints nothing"


def test_the_wheel_zooms_around_the_pointer(desk: Desk) -> None:
    view = desk.view
    at = QPointF(120, 90)
    before, zoom = view.canvas_point(at), view.viewport.zoom
    event = QWheelEvent(
        at, view.mapToGlobal(at), QPoint(), QPoint(0, 240), NONE, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)
    after = view.canvas_point(at)
    assert view.viewport.zoom > zoom
    assert abs(after.x() - before.x()) < 1 and abs(after.y() - before.y()) < 1


def test_the_picture_cannot_be_pushed_out_of_sight(desk: Desk) -> None:
    desk.view.pan(5000, -9000)
    seen = desk.view.viewport.rect_to_view(QRectF(0, 0, 200, 160))
    assert seen.intersects(QRectF(desk.view.rect()))


def test_a_take_is_shown_over_its_box_and_not_while_backslash_is_held(desk: Desk, qtbot: QtBot) -> None:
    before = desk.screen()
    box = Box(x=100, y=60, width=64, height=64)
    desk.view.set_live(box, image_of_rgba(plain(8, 8, (20, 0, 0, 255))))
    at = desk.view.viewport.to_view(QPointF(132, 92)).toPoint()
    assert desk.screen()[at.y(), at.x(), :3].tolist() == [20, 0, 0]
    desk.view.setFocus()
    qtbot.keyPress(desk.view, Qt.Key.Key_Backslash)
    assert np.array_equal(desk.screen()[at.y(), at.x()], before[at.y(), at.x()])
    qtbot.keyRelease(desk.view, Qt.Key.Key_Backslash)
    desk.view.set_onion(0.5)
    mixed = desk.screen()[at.y(), at.x(), 0]
    assert before[at.y(), at.x(), 0] > mixed > 20
    desk.view.set_live(None, None)
    assert np.array_equal(desk.screen()[at.y(), at.x()], before[at.y(), at.x()])


@given(
    st.sampled_from(
        ["left", "right", "top", "bottom", "top left", "top right", "bottom left", "bottom right"]
    ),
    st.floats(-300, 300),
    st.floats(-300, 300),
    st.sampled_from([1, 8, 64]),
    st.booleans(),
)
def test_a_dragged_box_keeps_to_the_grid_and_the_other_edges_stay(
    handle: str, dx: float, dy: float, grid: int, aspect: bool
) -> None:
    box = QRect(10, 20, 128, 64)
    out = dragged(box, handle, QPointF(dx, dy), grid_px=grid, aspect=aspect)  # type: ignore[arg-type]
    assert out.width() % grid == 0 and out.height() % grid == 0 and out.width() > 0 and out.height() > 0
    if "left" not in handle:
        assert out.left() == 10
    elif "right" not in handle and not aspect:
        assert abs(out.right() - box.right()) <= 1
    if aspect and grid == 1:
        assert abs(out.width() - 2 * out.height()) <= 2 or min(out.width(), out.height()) == 1


def test_corners_are_found_before_edges_and_edges_before_the_inside() -> None:
    box = QRectF(100, 100, 200, 100)
    assert handle_at(box, QPointF(103, 97)) == "top left"
    assert handle_at(box, QPointF(200, 203)) == "bottom"
    assert handle_at(box, QPointF(200, 150)) == "inside"
    assert handle_at(box, QPointF(50, 150)) == ""


def test_guides_divide_the_picture() -> None:
    area = QRectF(0, 0, 300, 90)
    assert {line.x1() for line in guide_lines("thirds", area)} >= {100.0, 200.0}
    assert len(guide_lines("centre", area)) == 4 and len(guide_lines("grid", area)) == 14
    assert guide_lines("none", area) == []
