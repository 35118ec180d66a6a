"""The roll's bar: what it tells, what it shows, what goes into its menu in a narrow window; joined with a roll."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QMenu
from pytestqt.qtbot import QtBot

from studio.media.music.score import Key, Note
from studio.widgets.icons import IconButton
from studio.widgets.roll.bar import HEIGHT_PX, RollBar
from studio.widgets.roll.bar_joined import join
from studio.widgets.roll.kinds import SNAPS, TOOLS, Snap
from tests.widgets.roll.desk import MOVE, NONE, Desk, piece


@pytest.fixture
def bar(qtbot: QtBot) -> RollBar:
    bar = RollBar()
    qtbot.addWidget(bar)
    bar.resize(760, HEIGHT_PX)
    bar.show()
    qtbot.waitExposed(bar)
    return bar


def button(bar: RollBar, tip: str) -> IconButton:
    return next(one for one in bar.findChildren(IconButton) if one.toolTip().startswith(tip))


def test_everything_fits_where_the_pane_is_760_px_wide(bar: RollBar) -> None:
    assert bar.left_out() == []
    assert bar.height() == HEIGHT_PX


@pytest.mark.parametrize("width", [640, 560, 480, 420])
def test_in_a_narrow_window_the_last_go_into_the_menu_and_nothing_is_cut_off(
    qtbot: QtBot, bar: RollBar, width: int
) -> None:
    bar.resize(width, HEIGHT_PX)
    shown = [one for one in bar.findChildren(IconButton) if one.isVisible()]
    assert all(one.mapTo(bar, one.rect().topRight()).x() < width for one in shown)
    assert all(one.width() >= one.sizeHint().width() for one in shown if one.maximumWidth() > 100)
    if width < 560:
        assert "All notes of the track (0)" in bar.left_out()
    bar.resize(760, HEIGHT_PX)
    assert bar.left_out() == []


def test_what_is_in_the_menu_does_what_its_button_did(qtbot: QtBot, bar: RollBar) -> None:
    bar.resize(bar.minimumSizeHint().width(), HEIGHT_PX)
    menu: QMenu = bar.menu_of_more(bar)
    entries = {action.text(): action for action in menu.actions()}
    assert "Surprise" in entries and entries["Notes of the other tracks"].isChecked()
    with qtbot.waitSignal(bar.surprise_shown) as told:
        entries["Surprise"].trigger()
    assert told.args == [True] and bar.switch("surprise")
    with qtbot.waitSignal(bar.fit_requested):
        entries["All notes of the track (0)"].trigger()


def test_a_tool_is_told_and_only_one_is_pressed(qtbot: QtBot, bar: RollBar) -> None:
    for tool, tip in zip(
        TOOLS, ("Choose and", "Draw", "Choose what", "Take notes", "Cut", "Move"), strict=True
    ):
        with qtbot.waitSignal(bar.tool_chosen) as told:
            qtbot.mouseClick(button(bar, tip), Qt.MouseButton.LeftButton)
        assert told.args == [tool]
        assert [one for one in TOOLS if bar._tools[one].isChecked()] == [tool]
    bar.set_tool("draw")
    assert button(bar, "Draw").isChecked()


def test_the_grid_is_told_when_a_person_chooses_it_and_not_when_it_is_shown(
    qtbot: QtBot, bar: RollBar
) -> None:
    told: list[Snap] = []
    bar.snap_chosen.connect(told.append)
    bar.set_snap(Snap(8, triplet=True))
    assert (told, bar.snap()) == ([], Snap(8, triplet=True))
    field = bar.findChild(QComboBox)
    assert field is not None and field.count() == len(SNAPS)
    field.setCurrentIndex(field.findText("No grid"))
    assert told == [Snap(0)]


def test_a_switch_says_why_it_is_grey(bar: RollBar) -> None:
    bar.set_switch_reason("surprise", "No model is chosen.")
    assert not button(bar, "No model is chosen.").isEnabled()
    bar.set_switch_reason("surprise", "")
    assert button(bar, "Colour each note").isEnabled()


def test_the_odd_line_shows_with_surprise_alone(qtbot: QtBot, bar: RollBar) -> None:
    assert not bar.odd.isVisible()
    bar.set_switch("surprise", True)
    assert bar.odd.isVisible()
    told: list[float] = []
    bar.odd.share_changed.connect(told.append)
    bar.odd._slider.setValue(0)
    assert told == [0.02] and bar.odd.share() == 0.02
    bar.odd.set_share(0.18)
    assert (bar.odd.share(), told) == (0.2, [0.02])
    bar.odd.show_found(3, "3 notes", "No model is chosen.")
    assert bar.odd._choose.isEnabled() and not bar.odd._redo.isEnabled()
    assert bar.odd._redo.toolTip() == "No model is chosen."
    bar.odd.show_found(0, "")
    assert not bar.odd._choose.isEnabled()
    bar.set_switch("surprise", False)
    assert not bar.odd.isVisible()


def test_quantise_says_what_it_would_do(qtbot: QtBot, bar: RollBar) -> None:
    bar.set_quantise("1/8, 50 %")
    with qtbot.waitSignal(bar.quantise_requested):
        qtbot.mouseClick(button(bar, "Quantise: 1/8, 50 % (Q)"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(bar.quantise_settings_requested):
        qtbot.mouseClick(button(bar, "How it is quantised"), Qt.MouseButton.LeftButton)


def test_everything_has_a_name_a_tip_and_a_place_in_the_tab_order(bar: RollBar) -> None:
    bar.set_switch("surprise", True)
    for one in [*bar.findChildren(IconButton), bar.odd._slider, bar.odd._choose, bar.odd._redo]:
        assert one.accessibleName() and one.toolTip(), one
        assert one.focusPolicy() & Qt.FocusPolicy.TabFocus, one.toolTip()


# -- joined ---------------------------------------------------------------------------------------


def test_bar_and_roll_are_joined(qtbot: QtBot) -> None:
    desk = Desk(qtbot, piece(Note(0, 61, 480), Note(480, 90, 480), keys=(Key(0, 0),)))
    bar = RollBar()
    qtbot.addWidget(bar)
    join(desk.view, bar)
    desk.key(Qt.Key.Key_B)
    assert bar._tools["draw"].isChecked() and not bar._tools["select"].isChecked()
    bar.tool_chosen.emit("split")
    assert desk.view.tool() == "split"
    bar.snap_chosen.emit(Snap(4))
    assert desk.view.state.snap == Snap(4)
    bar.set_switch("folded", True)
    assert 63 not in desk.view.state.sight.pitches and 61 in desk.view.state.sight.pitches
    bar.zoom_in_requested.emit()
    near = desk.view.state.sight.zoom
    bar.zoom_out_requested.emit()
    assert desk.view.state.sight.zoom < near


def test_the_place_under_the_pointer_is_told_in_words(qtbot: QtBot) -> None:
    desk = Desk(qtbot, piece(Note(0, 60, 480), keys=(Key(0, 0),)))
    bar = RollBar()
    qtbot.addWidget(bar)
    told: list[str] = []
    join(desk.view, bar).pointed.connect(told.append)
    desk.send(MOVE, desk.point(1920 + 500, 64), button=NONE)
    assert told[-1] == "bar 2 beat 2, E4"
    bar.snap_chosen.emit(Snap(0))
    desk.send(MOVE, desk.point(1920 + 240, 64) + QPointF(0.5, 0), button=NONE)
    assert told[-1].startswith("bar 2 beat 1.") and told[-1] != "bar 2 beat 1, E4"
    QApplication.sendEvent(desk.view.grid, QEvent(QEvent.Type.Leave))
    assert told[-1] == ""
