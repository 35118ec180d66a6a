"""Notes moved, copied and resized by hand: local until the end, then one step."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from studio.media.music.score import Note
from studio.widgets.roll.kinds import Snap
from tests.widgets.roll.desk import ALT, CTRL, MOVE, PRESS, RELEASE, SHIFT, Desk, piece

LOW, HIGH, FIXED = Note(480, 72, 480), Note(960, 76, 480, 90, "take"), Note(1920, 74, 480, 80, "", True)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot, piece(LOW, HIGH, FIXED))


def test_a_drag_moves_in_time_and_pitch_and_what_is_moved_is_the_persons(desk: Desk) -> None:
    desk.drag(desk.point(1200, 76), desk.point(1300, 77), desk.point(1200 + 250, 79), drop=False)
    assert desk.view.state.draft is not None and not desk.steps
    assert desk.notes == (LOW, HIGH, FIXED)
    desk.send(RELEASE, desk.point(1200 + 250, 79))
    assert desk.notes == (LOW, Note(1200, 79, 480, 90), FIXED)
    assert desk.steps == [("Move a note", "drawn")] and desk.view.state.draft is None
    assert desk.view.selection() == (Note(1200, 79, 480, 90),)
    desk.undo()
    assert desk.notes == (LOW, HIGH, FIXED) and desk.view.state.table.notes == desk.notes


def test_all_chosen_notes_go_together(desk: Desk) -> None:
    desk.view.choose([LOW, HIGH])
    desk.drag(desk.point(700, 72), desk.point(700 + 480, 71))
    assert desk.notes == (Note(960, 71, 480), Note(1440, 75, 480, 90), FIXED)
    assert len(desk.view.selection()) == 2 and desk.steps == [("Move 2 notes", "drawn")]


def test_none_leaves_the_keyboard_or_the_piece(desk: Desk) -> None:
    desk.view.show_score(piece(Note(120, 126, 240), Note(480, 124, 240)), "m")
    desk.scores, desk.at = [desk.view.score()], 0
    desk.view.state.scroll_to(0, 0)
    desk.view.choose(desk.notes)
    end = desk.point(600, 124) + QPointF(-150, -120)
    desk.drag(desk.point(600, 124), end, drop=False)
    draft = desk.view.state.draft
    assert draft is not None and (draft.pitch.max(), draft.start.min()) == (127, 0)
    desk.send(RELEASE, end)
    assert desk.notes == (Note(0, 127, 240), Note(360, 125, 240))


@pytest.mark.parametrize("aim", [1210.0, 1300.0])
def test_the_note_under_the_hand_snaps_to_the_grid(desk: Desk, aim: float) -> None:
    desk.view.set_snap(Snap(4))
    desk.drag(desk.point(1200, 76), desk.point(aim + 400, 76))
    assert desk.notes[1:] == (Note(1440, 76, 480, 90), FIXED)


def test_with_ctrl_it_does_not(desk: Desk) -> None:
    desk.view.set_snap(Snap(4))
    desk.drag(desk.point(1200, 76), desk.point(1200 + 100, 76), held=CTRL)
    moved = next(note for note in desk.notes if note.pitch == 76)
    assert 1040 < moved.start < 1080


def test_with_shift_it_keeps_to_one_direction(desk: Desk) -> None:
    desk.view.choose([HIGH])
    desk.drag(desk.point(1200, 76), desk.point(1200, 76) + QPointF(90, 31))
    assert desk.notes[1].pitch != 76
    desk.undo()
    desk.view.choose([HIGH])
    at = desk.point(1200, 76)
    desk.send(PRESS, at)
    desk.send(MOVE, at + QPointF(90, 31), SHIFT)
    desk.send(RELEASE, at + QPointF(90, 31), SHIFT)
    assert Note(1560, 76, 480, 90) in desk.notes


def test_with_alt_a_copy_is_dragged_which_keeps_its_author(desk: Desk) -> None:
    desk.drag(desk.point(1200, 76), desk.point(1200 + 960, 77), held=ALT)
    assert set(desk.notes) == {LOW, HIGH, FIXED, Note(1920, 77, 480, 90, "take")}
    assert desk.steps == [("Copy a note", "drawn")]


def test_both_ends_are_dragged_on_the_grid_and_a_note_keeps_some_length(desk: Desk) -> None:
    edge = QPointF(2, 0)
    desk.drag(desk.point(1440, 76) - edge, desk.point(1440 + 245, 76) - edge)
    assert desk.notes[1] == Note(960, 76, 720, 90)
    desk.drag(desk.point(960, 76) + edge, desk.point(960 + 230, 76) + edge)
    assert desk.notes[1] == Note(1200, 76, 480, 90)
    desk.drag(desk.point(1680, 76) - edge, desk.point(300, 76))
    assert desk.notes[1].start == 1200 and 0 < desk.notes[1].duration <= 120
    assert [title for title, _ in desk.steps] == ["Resize a note"] * 3


def test_escape_puts_everything_back_and_the_release_does_nothing(desk: Desk) -> None:
    desk.drag(desk.point(1200, 76), desk.point(2000, 80), drop=False)
    desk.key(Qt.Key.Key_Escape)
    assert desk.view.state.draft is None
    desk.send(RELEASE, desk.point(2000, 80))
    assert not desk.steps and desk.view.state.table.notes == (LOW, HIGH, FIXED)
    assert desk.view.selection() == (HIGH,)


def test_a_drag_that_comes_back_is_no_step(desk: Desk) -> None:
    at = desk.point(1200, 76)
    desk.drag(at, desk.point(1800, 80), at)
    assert not desk.steps and desk.view.state.draft is None


def test_a_locked_note_stays_and_says_why(desk: Desk) -> None:
    desk.drag(desk.point(2100, 74), desk.point(2600, 80))
    assert desk.notes == (LOW, HIGH, FIXED) and "locked" in desk.refusals[-1]
    desk.view.choose([HIGH, FIXED])
    desk.drag(desk.point(1200, 76), desk.point(1200 + 480, 76))
    assert desk.notes == (LOW, Note(1440, 76, 480, 90), FIXED)


def test_nothing_moves_in_a_locked_track(desk: Desk) -> None:
    desk.view.show_score(desk.score.with_track(replace(desk.score.track("m"), locked=True)), "m")
    desk.drag(desk.point(1200, 76), desk.point(2000, 80))
    assert not desk.steps and "track is locked" in desk.refusals[-1]


def test_another_score_ends_a_drag(desk: Desk) -> None:
    desk.drag(desk.point(1200, 76), desk.point(2000, 80), drop=False)
    desk.view.show_score(piece(LOW), "m")
    assert desk.view.state.draft is None and not desk.view.grid.busy()
    desk.send(RELEASE, desk.point(2000, 80))
    assert not desk.steps
