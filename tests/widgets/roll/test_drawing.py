"""The pencil, the eraser and the knife."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from studio.media.music.score import Note
from studio.widgets.roll.kinds import Snap
from tests.widgets.roll.desk import CTRL, MOVE, RELEASE, Desk, piece, pitches, starts


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    desk = Desk(qtbot, piece(Note(480, 72, 480), Note(960, 67, 960, 90, "take", True)))
    desk.view.set_tool("draw")
    return desk


def test_a_click_draws_a_note_on_the_grid_and_it_sounds(desk: Desk) -> None:
    desk.click(desk.point(1920 + 130, 74))
    assert Note(1920 + 120, 74, 120) in desk.notes and len(desk.notes) == 3
    assert desk.steps == [("Draw a note", "drawn")]
    assert desk.heard == [(74, 80, "m")]
    assert desk.view.selection() == (Note(1920 + 120, 74, 120),)


def test_a_drag_draws_it_as_long_as_it_is_dragged_and_nothing_is_told_before_the_end(desk: Desk) -> None:
    end = desk.point(1920 + 700, 76)
    desk.drag(desk.point(1920, 74), desk.point(1920 + 300, 74), end, drop=False)
    assert not desk.steps and len(desk.notes) == 2
    desk.send(RELEASE, end)
    assert Note(1920, 76, 720) in desk.notes
    assert [heard[0] for heard in desk.heard] == [74, 76]


def test_the_next_note_is_as_long_and_as_loud_as_the_one_before_until_the_grid_changes(desk: Desk) -> None:
    desk.drag(desk.point(1920, 74), desk.point(1920 + 470, 74))
    desk.view.commands.set_velocity(33)
    desk.click(desk.point(3840, 74))
    assert Note(3840, 74, 480, 33) in desk.notes
    desk.view.set_snap(Snap(8))
    desk.click(desk.point(5800, 74))
    assert Note(5760, 74, 240, 33) in desk.notes


def test_with_ctrl_it_stands_off_the_grid(desk: Desk) -> None:
    desk.view.zoom_in()
    at = desk.point(2011, 74)
    desk.click(at, held=CTRL)
    drawn = next(note for note in desk.notes if note.pitch == 74)
    assert abs(drawn.start - 2011) <= 1 / desk.view.state.sight.zoom + 1
    assert drawn.start % 120


def test_escape_draws_nothing(desk: Desk) -> None:
    desk.drag(desk.point(1920, 74), desk.point(2400, 74), drop=False)
    desk.key(Qt.Key.Key_Escape)
    desk.send(RELEASE, desk.point(2400, 74))
    assert not desk.steps and len(desk.notes) == 2 and desk.view.state.draft is None


def test_on_a_note_the_pencil_moves_and_resizes(desk: Desk) -> None:
    desk.drag(desk.point(700, 72), desk.point(700 + 240, 74))
    assert Note(720, 74, 480) in desk.notes
    desk.drag(desk.point(1200, 74) - QPointF(2, 0), desk.point(1440, 74) - QPointF(2, 0))
    assert Note(720, 74, 720) in desk.notes


def test_in_a_locked_track_nothing_is_drawn(desk: Desk) -> None:
    track = replace(desk.score.track("m"), locked=True)
    desk.view.show_score(desk.score.with_track(track), "m")
    desk.click(desk.point(1920, 74))
    assert not desk.steps and "locked" in desk.refusals[-1]


def test_a_double_click_on_an_empty_place_draws_with_the_arrow_too(desk: Desk) -> None:
    desk.view.set_tool("select")
    desk.twice(desk.point(3840 + 10, 70))
    assert Note(3840, 70, 120) in desk.notes
    desk.twice(desk.point(500, 72))
    assert len(desk.notes) == 3  # on a note it is no drawing


def test_the_eraser_takes_all_it_passes_over_in_one_step_but_what_is_locked(desk: Desk) -> None:
    desk.view.set_tool("erase")
    desk.drag(desk.point(600, 72), desk.point(610, 72), desk.point(1000, 67), drop=False)
    assert not desk.steps
    desk.send(RELEASE, desk.point(1000, 67))
    assert pitches(desk.notes) == [67]
    assert desk.steps == [("Delete a note", "drawn")]
    desk.undo()
    assert pitches(desk.notes) == [72, 67] and len(desk.view.state.table) == 2


def test_the_knife_cuts_on_the_grid_and_all_chosen_notes_at_once(desk: Desk) -> None:
    desk.view.show_score(piece(Note(0, 60, 960), Note(0, 64, 960), Note(0, 67, 960)), "m")
    desk.scores = [desk.view.score()]
    desk.at = 0
    desk.view.choose([Note(0, 60, 960), Note(0, 64, 960)])
    desk.view.set_tool("split")
    desk.click(desk.point(490, 60))
    assert sorted(starts(desk.notes)) == [0, 0, 0, 480, 480]
    assert desk.steps == [("Split 2 notes", "drawn")]
    desk.click(desk.point(250, 67))
    assert sorted(starts(desk.notes)) == [0, 0, 0, 240, 480, 480]
    desk.click(desk.point(5000, 50))
    assert len(desk.steps) == 2


def test_the_hand_moves_what_is_seen_and_stops_at_the_edge(desk: Desk) -> None:
    desk.view.set_tool("pan")
    state = desk.view.state
    top = state.sight.top
    desk.drag(QPointF(500, 200), QPointF(400, 150), QPointF(2, 150), drop=False)
    assert (state.sight.left, state.sight.top) == (498, top + 50)
    assert not desk.view.grid._auto.isActive()
    desk.send(RELEASE, QPointF(2, 150))
    assert not desk.steps


def test_a_drag_that_leaves_the_view_scrolls_it(desk: Desk, qtbot: QtBot) -> None:
    desk.view.set_tool("select")
    grid = desk.view.grid
    desk.drag(desk.point(700, 72), QPointF(grid.width() - 2, 100), drop=False)
    desk.send(MOVE, QPointF(grid.width() + 30, 100))
    qtbot.waitUntil(lambda: desk.view.state.sight.left > 100)
    desk.key(Qt.Key.Key_Escape)
    left = desk.view.state.sight.left
    desk.send(RELEASE, QPointF(grid.width() + 30, 100))
    assert desk.view.state.sight.left == left and not desk.steps
