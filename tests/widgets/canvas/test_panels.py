"""The panels beside the canvas, joined with it: values in, signals out, every control with a name and by keyboard."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QLineEdit,
    QListWidget,
    QScrollBar,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.core.pictures import Box
from studio.media.picture.document import Adjust, Layer, PictureDoc
from studio.widgets.canvas.adjust_panel import AdjustPanel
from studio.widgets.canvas.joined import Joined, join
from studio.widgets.canvas.kinds import GUIDES, TOOLS
from studio.widgets.canvas.layers_panel import LayersPanel
from studio.widgets.canvas.slide_row import SlideRow
from studio.widgets.canvas.tool_bar import CanvasTools
from studio.widgets.canvas.tool_options import ToolOptions
from tests.widgets.canvas.desk import LEFT, Desk, noise, plain, raster

DOC = PictureDoc(
    width=60,
    height=40,
    frame=Box(x=0, y=0, width=32, height=32),
    layers=(
        raster("a", "a", 60, 40),
        raster("b", "b", 30, 30, x=5, y=5),
        Layer(id="m", name="Mask", kind="mask", asset="m", width=20, height=20),
    ),
)
ASSETS = {"a": noise(60, 40), "b": plain(30, 30, (200, 10, 10, 255)), "m": noise(20, 20, 4)[..., 0]}


class Room:
    """A canvas with all its panels, joined."""

    def __init__(self, qtbot: QtBot) -> None:
        self.desk = Desk(qtbot, DOC, ASSETS)
        self.view = self.desk.view
        self.layers, self.adjust = LayersPanel(), AdjustPanel()
        self.tools, self.options = CanvasTools(), ToolOptions()
        for panel in (self.layers, self.adjust, self.tools, self.options):
            qtbot.addWidget(panel)
            panel.resize(300, 500)
            panel.show()
        qtbot.__dict__.setdefault("rooms", []).append(self)
        self.joined: Joined = join(self.view, self.layers, self.adjust, self.tools, self.options)

    def list(self) -> QListWidget:
        found = self.layers.findChild(QListWidget)
        assert found is not None
        return found

    def slider(self, panel: QWidget, name: str) -> QSlider:
        return next(one for one in panel.findChildren(QSlider) if one.accessibleName() == name)

    def button(self, panel: QWidget, name: str, *, whole: bool = False) -> QAbstractButton:
        """The button whose name begins so, or is so."""
        return next(
            one
            for one in panel.findChildren(QAbstractButton)
            if (one.accessibleName() == name if whole else one.accessibleName().startswith(name))
        )


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = Room(qtbot)
    made.view.choose("b")
    return made


def test_rows_stand_from_the_highest_layer_down(room: Room) -> None:
    names = [row.text() for row in room.list().findChildren(QLineEdit)]
    assert names == ["Mask", "b", "a"]
    assert room.layers.current() == "b"


def test_choosing_in_the_list_chooses_on_the_canvas_and_back(room: Room) -> None:
    room.list().setCurrentRow(2)
    assert room.view.chosen() == "a"
    room.view.choose("m")
    assert room.list().currentRow() == 0


def test_the_eye_hides_the_lock_holds(room: Room, qtbot: QtBot) -> None:
    room.button(room.layers, "Hide “b”").click()
    assert not room.desk.doc.layer("b").visible
    room.button(room.layers, "Hold “b”").click()
    assert room.desk.doc.layer("b").held
    assert not room.button(room.layers, "Remove").isEnabled()
    room.button(room.layers, "Let go of “b”").click()
    room.button(room.layers, "Show “b”").click()
    assert room.desk.doc == DOC


def test_the_opacity_slider_shows_each_move_and_is_one_step(room: Room, qtbot: QtBot) -> None:
    slider = room.slider(room.layers, "Opacity")
    slider.setSliderDown(True)
    for value in (800, 500, 250):
        slider.setValue(value)
    assert room.desk.steps == [] and room.view.scene.doc.layer("b").opacity == 0.25
    slider.setSliderDown(False)
    assert room.desk.steps == [("Opacity of “b” 25 %", "arranged")]


def test_a_slider_moved_by_keys_is_one_step_when_it_rests(room: Room, qtbot: QtBot) -> None:
    slider = room.slider(room.layers, "Opacity")
    for _ in range(4):
        qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert room.desk.steps == []
    qtbot.waitUntil(lambda: len(room.desk.steps) == 1)
    assert room.desk.doc.layer("b").opacity == pytest.approx(0.96)


def test_a_name_is_written_in_its_row(room: Room, qtbot: QtBot) -> None:
    room.layers.activateWindow()
    qtbot.keyClick(room.list(), Qt.Key.Key_F2)
    field = next(one for one in room.list().findChildren(QLineEdit) if one.text() == "b")
    field.selectAll()
    qtbot.keyClicks(field, "Red square")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert room.desk.steps == [("Rename “b” to “Red square”", "arranged")]


def test_order_by_buttons_keys_and_drops(room: Room, qtbot: QtBot) -> None:
    room.button(room.layers, "Up in the stack").click()
    assert [layer.id for layer in room.desk.doc.layers] == ["a", "m", "b"]
    qtbot.keyClick(room.list(), Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [layer.id for layer in room.desk.doc.layers] == ["a", "b", "m"]
    room.view.choose("m")
    room.list().dropped.emit(3)  # type: ignore[attr-defined]
    assert [layer.id for layer in room.desk.doc.layers] == ["m", "a", "b"]
    room.list().dropped.emit(0)  # type: ignore[attr-defined]
    assert [layer.id for layer in room.desk.doc.layers] == ["a", "b", "m"]
    room.list().dropped.emit(2)  # type: ignore[attr-defined]
    assert [layer.id for layer in room.desk.doc.layers] == ["a", "m", "b"]


def test_adding_copying_merging_and_removing(room: Room, qtbot: QtBot) -> None:
    room.button(room.layers, "Duplicate").click()
    assert [layer.name for layer in room.desk.doc.layers] == ["a", "b", "b copy", "Mask"]
    room.button(room.layers, "Merge").click()
    room.desk.settle()
    assert [layer.name for layer in room.desk.doc.layers] == ["a", "b", "Mask"]
    room.button(room.layers, "Make one layer").click()
    room.desk.settle()
    assert [layer.name for layer in room.desk.doc.layers] == ["a", "Mask"]
    room.button(room.layers, "Add a lock").click()
    assert [layer.kind for layer in room.desk.doc.layers] == ["raster", "lock", "mask"]
    qtbot.keyClick(room.list(), Qt.Key.Key_Delete)
    assert [layer.kind for layer in room.desk.doc.layers] == ["raster", "mask"]


def test_thumbnails_follow_the_layers(room: Room, qtbot: QtBot) -> None:
    def reds() -> int:
        image = room.list().itemWidget(room.list().item(1)).grab(QRect(0, 0, 44, 44)).toImage()
        return sum(image.pixelColor(x, y).red() > 190 and image.pixelColor(x, y).green() < 40
                   for x in range(0, 44, 4) for y in range(0, 44, 4))  # fmt: skip

    qtbot.waitUntil(lambda: reds() > 40)
    room.view.steps.adjust("b", Adjust(saturation=-1.0))
    qtbot.waitUntil(lambda: reds() == 0)


def test_adjusting_shows_each_move_and_is_one_step(room: Room, qtbot: QtBot) -> None:
    slider = room.slider(room.adjust, "Saturation")
    slider.setSliderDown(True)
    slider.setValue(300)
    slider.setValue(0)
    assert room.desk.steps == [] and room.view.scene.doc.layer("b").adjust.saturation == -1.0
    slider.setSliderDown(False)
    assert room.desk.steps == [("Adjust “b”", "adjusted")]
    room.button(room.adjust, "Back to the layer").click()
    assert room.desk.doc == DOC and room.desk.steps[-1] == ("Reset “b”", "adjusted")
    assert slider.value() == 500


def test_adjustments_of_the_chosen_layer_are_shown_and_masks_have_none(room: Room) -> None:
    room.view.steps.adjust("b", Adjust(black=40, gamma=2.0, red=0.5))
    assert room.adjust.value() == Adjust(black=40, gamma=2.0, red=0.5)
    room.view.choose("m")
    assert not room.slider(room.adjust, "Black").isEnabled()
    room.view.choose("b")
    assert room.slider(room.adjust, "Black").isEnabled() and room.slider(room.adjust, "Black").value() > 0


def test_a_double_click_goes_back_to_the_usual_value(qtbot: QtBot) -> None:
    row = SlideRow("Size", "How large", 0, 10, 5)
    qtbot.addWidget(row)
    row.set_value(9)
    slider = row.findChild(QSlider)
    assert slider is not None
    at = QPointF(slider.rect().center())
    event = QMouseEvent(QEvent.Type.MouseButtonDblClick, at, at, LEFT, LEFT, Qt.KeyboardModifier.NoModifier)
    with qtbot.waitSignal(row.settled) as told:
        QApplication.sendEvent(slider, event)
    assert told.args == [5]


def test_tools_are_chosen_in_the_bar_and_shown_there(room: Room) -> None:
    for tool in TOOLS:
        room.view.set_tool(tool)
        checked = [
            one
            for one in room.tools.findChildren(QAbstractButton)
            if one.isChecked() and one.accessibleName() != "Show masks and locks"
        ]
        assert len(checked) == 1
    room.button(room.tools, "Lasso").click()
    assert room.view.tool() == "lasso"


def test_guides_masks_and_zoom_from_the_bar(room: Room) -> None:
    menu = room.tools.guides_menu()
    assert len(menu.actions()) == len(GUIDES)
    menu.actions()[1].trigger()
    assert room.view.guides() == GUIDES[1]
    menu.deleteLater()
    zoom = room.view.zoom()
    room.button(room.tools, "Larger").click()
    assert room.view.zoom() > zoom
    room.button(room.tools, "Fit").click()
    with_tint = room.desk.screen()
    room.button(room.tools, "Show masks").click()
    assert not np.array_equal(room.desk.screen(), with_tint)


def test_the_options_set_the_brush_and_follow_it(room: Room) -> None:
    room.slider(room.options, "Soft").setValue(1000)
    assert room.view.brush().softness == 1.0
    room.view.set_brush(room.view.brush().changed(size_px=1024.0, softness=0.0))
    qt_size = room.slider(room.options, "Size")
    assert qt_size.value() == 1000 or qt_size.isSliderDown()


def test_mask_buttons_of_the_options(room: Room) -> None:
    room.view.choose("m")
    before = room.desk.mask()
    room.button(room.options, "Invert").click()
    assert np.array_equal(room.desk.mask(), 255 - before)
    room.button(room.options, "Clear").click()
    assert room.desk.mask().max() == 0
    room.button(room.options, "Add the whole frame").click()
    assert room.desk.mask()[:32, :32].min() == 255 and room.desk.mask()[:, 32:].max() == 0


def test_refining_is_shown_and_only_kept_when_applied(room: Room, qtbot: QtBot) -> None:
    room.view.choose("m")
    before = room.desk.mask()
    popover = room.options.refine_popover()
    popover.set_values(5, 0)
    room.desk.settle()
    assert room.view.scene.masks.seen(DOC.layer("m")) is not room.view.scene.masks.of(DOC.layer("m"))
    popover.show()
    popover.close()
    assert room.view.scene.masks.seen(DOC.layer("m")) is room.view.scene.masks.of(DOC.layer("m"))
    assert np.array_equal(room.desk.mask(), before) and room.desk.steps == []
    popover = room.options.refine_popover()
    popover.set_values(5, 0)
    popover.show()
    room.button(popover, "Apply").click()
    assert (room.desk.mask() >= before).all() and room.desk.mask().sum() > before.sum()


def test_the_crop_is_made_and_given_up_by_buttons(room: Room) -> None:
    room.view.set_tool("crop")
    room.desk.stroke([(0, 20), (20, 20)], Qt.KeyboardModifier.ControlModifier)
    room.button(room.options, "Give up").click()
    room.button(room.options, "Crop", whole=True).click()
    assert room.desk.steps == []
    room.desk.stroke([(0, 20), (20, 20)], Qt.KeyboardModifier.ControlModifier)
    room.button(room.options, "Crop", whole=True).click()
    assert room.desk.doc.width == 40


def test_the_onion_slider_stands_there_while_a_take_is_shown(room: Room) -> None:
    slider = room.slider(room.options, "Take")
    assert not slider.isVisible()
    room.view.set_live(DOC.frame, room.view.flatten())
    assert slider.isVisible()
    slider.setValue(400)
    assert room.view.onion() == 0.4
    room.view.set_live(None, None)
    assert not slider.isVisible()


def test_every_control_has_a_name_a_tip_and_a_place_in_the_tab_order(room: Room) -> None:
    panels = (room.layers, room.adjust, room.tools, room.options, room.options.refine_popover())
    kinds = (QAbstractButton, QAbstractSlider, QLineEdit, QListWidget)
    seen = 0
    for panel in panels:
        for one in panel.findChildren(QWidget):
            if isinstance(one, kinds) and not isinstance(one, QScrollBar):
                seen += 1
                assert one.accessibleName(), one
                assert one.toolTip(), one.accessibleName()
                assert one.focusPolicy() & Qt.FocusPolicy.TabFocus, one.accessibleName()
    assert seen > 40
    panels[-1].close()
    assert room.view.accessibleName() and room.view.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_the_menu_of_a_layer_does_the_same(room: Room) -> None:
    menu = room.layers.menu()
    next(one for one in menu.actions() if one.text() == "Flip left to right").trigger()
    next(one for one in menu.actions() if one.text() == "Turn right").trigger()
    menu.deleteLater()
    layer = room.desk.doc.layer("b")
    assert (layer.turn, layer.flip_x, layer.flip_y) == (1, False, True)
    assert QPoint(layer.x, layer.y) == QPoint(5, 5)
