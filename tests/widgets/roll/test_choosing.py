"""Choosing notes: by click, box, lasso, key of the piano."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.media.music.score import Note
from tests.widgets.roll.desk import ALT, MOVE, PRESS, RELEASE, SHIFT, Desk, piece

A, B, C, D = Note(0, 72, 480), Note(480, 74, 480), Note(960, 76, 480), Note(1440, 74, 960)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot, piece(A, B, C, D))


def test_a_click_chooses_one_and_sounds_it_and_beside_it_none(desk: Desk) -> None:
    desk.click(desk.point(700, 74))
    assert desk.view.selection() == (B,) and desk.heard == [(74, 80, "m")]
    desk.click(desk.point(1200, 76))
    assert desk.view.selection() == (C,)
    desk.click(desk.point(1200, 70))
    assert desk.view.selection() == ()
    assert not desk.steps


def test_shift_adds_one_and_takes_it_away_again(desk: Desk) -> None:
    desk.click(desk.point(700, 74))
    desk.click(desk.point(1200, 76), held=SHIFT)
    assert desk.view.selection() == (B, C)
    desk.click(desk.point(700, 74), held=SHIFT)
    assert desk.view.selection() == (C,)


def test_a_click_on_one_of_many_leaves_it_alone_and_a_drag_does_not(desk: Desk) -> None:
    desk.view.choose([A, B])
    desk.click(desk.point(700, 74))
    assert desk.view.selection() == (B,)


def test_a_box_chooses_all_it_touches_while_it_is_drawn(desk: Desk) -> None:
    start = desk.point(500, 77)
    desk.drag(start, desk.point(800, 73), drop=False)
    assert desk.view.selection() == (B,)
    desk.send(MOVE, desk.point(1600, 73))
    assert desk.view.selection() == (B, C, D)


def test_shift_adds_a_box_and_alt_takes_it_away(desk: Desk) -> None:
    desk.view.choose([A])
    desk.drag(desk.point(1300, 77), desk.point(1000, 75), held=SHIFT)
    assert desk.view.selection() == (A, C)
    desk.drag(desk.point(-40, 73), desk.point(200, 71), held=ALT)
    assert desk.view.selection() == (C,)


def test_escape_brings_back_what_was_chosen_before_the_box(desk: Desk) -> None:
    desk.view.choose([A])
    desk.drag(desk.point(2600, 78), desk.point(400, 71), held=SHIFT, drop=False)
    assert len(desk.view.selection()) == 4
    desk.key(Qt.Key.Key_Escape)
    assert desk.view.selection() == (A,)
    desk.send(RELEASE, desk.point(400, 71))
    assert desk.view.selection() == (A,)


def test_a_lasso_chooses_the_notes_whose_middle_it_goes_around(desk: Desk) -> None:
    desk.view.set_tool("lasso")
    points = [desk.point(tick, pitch) for tick, pitch in ((900, 78), (1500, 78), (1500, 75), (900, 75))]
    desk.drag(*points)
    assert desk.view.selection() == (C,)
    points = [desk.point(tick, pitch) for tick, pitch in ((400, 75), (2700, 75), (2700, 73), (400, 73))]
    desk.drag(*points)
    assert desk.view.selection() == (B, D)


def test_a_key_of_the_piano_chooses_all_its_notes_and_sounds(desk: Desk) -> None:
    piano = desk.view.piano
    at = QPointF(10, desk.point(0, 74).y())
    desk.click(at, over=piano)
    assert desk.view.selection() == (B, D) and desk.heard == [(74, 90, "m")]
    desk.click(QPointF(10, desk.point(0, 72).y()), held=SHIFT, over=piano)
    assert desk.view.selection() == (A, B, D)


def test_a_hand_that_glides_over_the_keys_sounds_each_once(desk: Desk) -> None:
    keys = [QPointF(10, desk.point(0, pitch).y()) for pitch in (72, 72, 73, 74)]
    desk.drag(*keys, over=desk.view.piano)
    assert [pitch for pitch, _, _ in desk.heard] == [72, 73, 74]


def test_the_piano_says_which_key_it_is(desk: Desk) -> None:
    words = desk.view.piano.tip(QPointF(10, desk.point(0, 74).y()))
    assert words.startswith("D5 (74): 2 notes")


def test_what_is_chosen_is_told_and_outlives_other_edits(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.view.selection_changed):
        desk.view.choose([B, C])
    desk.view.show_score(piece(A, Note(240, 50, 10), B, C), "m")
    assert desk.view.selection() == (B, C)
    with qtbot.waitSignal(desk.view.selection_changed):
        desk.view.show_score(piece(A, B), "m")
    assert desk.view.selection() == (B,)


def test_a_menu_is_asked_for_over_the_note_it_is_about(desk: Desk, qtbot: QtBot) -> None:
    at = desk.point(1200, 76)
    desk.send(PRESS, at, button=Qt.MouseButton.RightButton)
    assert desk.view.selection() == (C,)
    grid = desk.view.grid
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at.toPoint(), grid.mapToGlobal(at.toPoint()))
    with qtbot.waitSignal(desk.view.menu_wanted):
        QApplication.sendEvent(grid, event)
