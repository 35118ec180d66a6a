"""The velocity and chord lanes at their edges: what is under the hand, how far it goes, what is told."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from studio.media.music.score import Chord, Note
from studio.widgets.roll.kinds import LOCKED_NOTE, LOCKED_TRACK
from studio.widgets.roll.velocity_lane import tallest
from tests.widgets.roll.desk import MOVE, PRESS, RELEASE, SHIFT, Desk, piece

A, B, C = Note(480, 72, 480, 40), Note(960, 76, 480, 60, "take"), Note(1440, 74, 480, 80)
RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot, piece(A, B, C))


def stem(desk: Desk, tick: int, velocity: int) -> QPointF:
    lane = desk.view.velocities
    return QPointF(desk.view.state.sight.x(tick) + 1, lane._y(velocity))


def velocities(desk: Desk) -> list[int]:
    return [note.velocity for note in desk.notes]


def close(found: list[int], wanted: list[int]) -> bool:
    return all(abs(one - other) <= 2 for one, other in zip(found, wanted, strict=True))


# -- velocities ------------------------------------------------------------------------------------


def test_only_the_left_button_and_only_over_notes_begins_something(desk: Desk) -> None:
    lane = desk.view.velocities
    desk.send(PRESS, stem(desk, 960, 60), over=lane, button=RIGHT)
    assert not lane.busy() and desk.view.selection() == ()
    desk.view.show_score(piece(), "m")
    desk.send(PRESS, QPointF(40, 40), over=lane)
    assert not lane.busy()


def test_a_locked_track_and_a_locked_note_say_so(desk: Desk) -> None:
    lane = desk.view.velocities
    fixed = Note(480, 72, 480, 40, "", True)
    desk.view.show_score(piece(fixed), "m")
    desk.drag(stem(desk, 480, 40), stem(desk, 480, 90), over=lane)
    track = desk.view.track()
    locked = type(track)(id="m", notes=(A,), locked=True)
    desk.view.show_score(desk.view.score().with_track(locked), "m")
    desk.drag(stem(desk, 480, 40), stem(desk, 480, 90), over=lane)
    assert desk.refusals == [LOCKED_NOTE, LOCKED_TRACK] and not desk.steps


def test_a_stem_that_is_not_chosen_is_chosen_alone_and_one_that_is_keeps_the_others(desk: Desk) -> None:
    lane = desk.view.velocities
    desk.view.choose([A, C])
    desk.send(PRESS, stem(desk, 480, 40), over=lane)
    assert desk.view.selection() == (A, C)
    desk.send(RELEASE, stem(desk, 480, 40), over=lane)
    desk.send(PRESS, stem(desk, 960, 60), over=lane)
    assert desk.view.selection() == (B,)
    desk.send(RELEASE, stem(desk, 960, 60), over=lane)
    assert not desk.steps


def test_painting_leaves_what_is_not_chosen(desk: Desk) -> None:
    desk.view.choose([A, C])
    lane = desk.view.velocities
    left = stem(desk, 300, 100)
    desk.drag(left, stem(desk, 1700, 100), over=lane)
    assert close(velocities(desk), [100, 60, 100])
    assert desk.steps == [("Velocity of 2 notes", "adjusted")]


def test_painting_follows_the_hand_from_place_to_place(desk: Desk) -> None:
    lane = desk.view.velocities
    points = [
        stem(desk, tick, level)
        for tick, level in ((300, 100), (480, 100), (960, 20), (1440, 110), (1500, 110))
    ]
    desk.drag(*points, over=lane)
    assert close(velocities(desk), [100, 20, 110])


def test_painting_may_go_back_over_what_was_painted(desk: Desk) -> None:
    lane = desk.view.velocities
    points = [stem(desk, tick, level) for tick, level in ((1700, 90), (900, 90), (300, 90), (700, 30))]
    desk.drag(*points, over=lane)
    assert abs(velocities(desk)[0] - 63) < 14 and close(velocities(desk)[1:], [90, 90])


def test_a_ramp_is_where_the_hand_is_now_and_the_rest_is_as_it_was(desk: Desk) -> None:
    lane = desk.view.velocities
    right, middle = stem(desk, 1440, 120), stem(desk, 960, 100)
    desk.drag(stem(desk, 480, 20), right, middle, held=SHIFT, over=lane)
    assert close(velocities(desk), [20, 100, 80])
    desk.view.commands.select_none()
    desk.drag(stem(desk, 1440, 10), stem(desk, 480, 90), held=SHIFT, over=lane)
    assert close(velocities(desk), [90, 50, 10])


def test_velocities_stay_between_1_and_127(desk: Desk) -> None:
    lane = desk.view.velocities
    desk.view.commands.select_all()
    desk.drag(stem(desk, 480, 40), stem(desk, 480, 40) - QPointF(0, 500), over=lane)
    assert velocities(desk)[2] == 127 and max(velocities(desk)) == 127
    desk.drag(stem(desk, 480, velocities(desk)[0]), stem(desk, 480, 0) + QPointF(0, 500), over=lane)
    assert min(velocities(desk)) == 1
    desk.view.commands.select_none()
    desk.drag(QPointF(stem(desk, 300, 9).x(), -300), QPointF(stem(desk, 1700, 9).x(), -300), over=lane)
    assert velocities(desk) == [127] * 3
    desk.drag(QPointF(stem(desk, 300, 9).x(), 900), QPointF(stem(desk, 1700, 9).x(), 900), over=lane)
    assert velocities(desk) == [1] * 3


def test_what_is_dragged_hides_its_notes_and_is_the_persons(desk: Desk) -> None:
    lane = desk.view.velocities
    desk.send(PRESS, stem(desk, 960, 60), over=lane)
    desk.send(MOVE, stem(desk, 960, 100), over=lane)
    draft = desk.view.state.draft
    assert draft is not None and draft.hidden is not None
    assert draft.hidden.tolist() == [False, True, False] and draft.model.tolist() == [False]
    desk.send(MOVE, stem(desk, 960, 60), over=lane)
    assert desk.view.state.draft is None
    desk.send(RELEASE, stem(desk, 960, 60), over=lane)
    assert not desk.steps


def test_only_notes_that_changed_are_told(desk: Desk) -> None:
    lane = desk.view.velocities
    desk.drag(stem(desk, 800, 100), stem(desk, 1100, 100), over=lane)
    assert desk.steps == [("Velocity of a note", "adjusted")]
    assert desk.notes[0] == A and desk.notes[2] == C and desk.view.state.draft is None


def test_of_stems_at_one_place_the_nearest_head_is_taken_and_a_chosen_one_before_it(desk: Desk) -> None:
    low, high = Note(480, 60, 480, 20), Note(480, 72, 480, 110)
    desk.view.show_score(piece(low, high), "m")
    lane = desk.view.velocities
    assert lane.stem_at(stem(desk, 480, 25)) == 0
    assert lane.stem_at(stem(desk, 480, 100)) == 1
    desk.view.choose([low])
    assert lane.stem_at(stem(desk, 480, 100)) == 0
    assert lane.tip(stem(desk, 480, 100)) == "Velocity 20"
    assert lane.stem_at(stem(desk, 480, 25) + QPointF(9, 0)) == -1
    assert lane.tip(stem(desk, 480, 25) + QPointF(9, 0)) == ""


def test_of_many_stems_at_one_place_the_highest_is_painted() -> None:
    x, velocity = np.array([7, 3, 7, 3, 9], np.int32), np.array([10, 90, 70, 20, 5], np.int32)
    found = tallest(x, velocity)
    assert [one.tolist() for one in found] == [[3, 7, 9], [90, 70, 5]]


def test_dragged_stems_leave_their_place(desk: Desk) -> None:
    lane = desk.view.velocities
    at = stem(desk, 960, 30).toPoint()
    before = desk.picture(lane)[at.y(), at.x()].tolist()
    desk.send(PRESS, stem(desk, 960, 60), over=lane)
    desk.send(MOVE, stem(desk, 960, 5), over=lane)
    gone = desk.picture(lane)[at.y(), at.x()].tolist()
    assert gone != before
    desk.key(Qt.Key.Key_Escape)
    assert not lane.busy() and not lane.cancel()
    desk.send(RELEASE, stem(desk, 960, 5), over=lane)
    assert desk.picture(lane)[at.y(), at.x()].tolist() != gone and not desk.steps


# -- chords ----------------------------------------------------------------------------------------


def at(desk: Desk, tick: float, px: int = 0) -> QPointF:
    return QPointF(desk.view.state.sight.x(tick) + px, 10)


def chords(desk: Desk, *found: Chord) -> None:
    desk.view.show_score(piece(A, chords=found), "m")
    desk.scores, desk.at = [desk.view.score()], 0


def test_a_chord_reaches_up_to_where_the_next_begins(desk: Desk) -> None:
    chords(desk, Chord(0, 1920, "C"), Chord(1920, 1920, "G"))
    lane = desk.view.chords
    assert [lane.chord_at(at(desk, tick)) for tick in (0, 1920, 3841)] == [*desk.score.chords, None]
    assert lane.tip(at(desk, 1930)) == "G: double-click to change it" and lane.tip(at(desk, 4000)) == ""


def test_the_right_button_takes_no_chord(desk: Desk) -> None:
    chords(desk, Chord(0, 1920, "C"))
    desk.send(PRESS, at(desk, 900), over=desk.view.chords, button=RIGHT)
    assert not desk.view.chords.busy()


def test_a_narrow_chord_is_moved_by_its_beginning_and_a_wide_one_stretched(desk: Desk) -> None:
    lane, sight = desk.view.chords, desk.view.state.sight
    narrow = int(12 / sight.zoom)
    chords(desk, Chord(960, narrow, "C"))
    desk.drag(at(desk, 960, 2), at(desk, 1920, 2), over=lane)
    assert desk.score.chords == (Chord(1920, narrow, "C"),)
    chords(desk, Chord(960, 960, "C"))
    desk.drag(at(desk, 960, 2), at(desk, 480, 2), over=lane)
    assert desk.score.chords == (Chord(480, 1440, "C"),)
    assert desk.steps[-1] == ("Move the chord C", "arranged")


def test_no_edge_passes_the_other_and_nothing_goes_before_the_piece(desk: Desk) -> None:
    lane = desk.view.chords
    chords(desk, Chord(960, 960, "C"))
    desk.drag(at(desk, 960, 2), at(desk, 2900), over=lane)
    desk.drag(at(desk, 1920, -2), at(desk, 100), over=lane)
    assert not desk.steps and not lane.busy()
    desk.drag(at(desk, 1440), QPointF(-400, 10), over=lane)
    assert desk.score.chords == (Chord(0, 960, "C"),)
    chords(desk, Chord(960, 960, "C"))
    desk.drag(at(desk, 960, 2), QPointF(-400, 10), over=lane)
    assert desk.score.chords == (Chord(0, 1920, "C"),)


def test_a_double_click_between_chords_asks_for_the_room_that_is_left(desk: Desk, qtbot: QtBot) -> None:
    lane = desk.view.chords
    chords(desk, Chord(0, 480, "C"), Chord(1440, 480, "G"))
    desk.twice(at(desk, 900), over=lane)
    qtbot.keyClicks(lane.field, "F")
    qtbot.keyClick(lane.field, Qt.Key.Key_Return)
    assert desk.score.chords[1] == Chord(480, 960, "F")
    assert desk.steps == [("Chord F", "arranged")]
    chords(desk, Chord(0, 900, "C"), Chord(960, 960, "G"))
    lane.ask(lane._room(930))
    qtbot.keyClicks(lane.field, "F")
    qtbot.keyClick(lane.field, Qt.Key.Key_Return)
    assert desk.score.chords[1].duration == 120  # never shorter than a sixteenth


def test_the_same_symbol_is_no_step_and_another_takes_the_whole_place(desk: Desk, qtbot: QtBot) -> None:
    lane = desk.view.chords
    chords(desk, Chord(0, 1920, "C"))
    lane.ask(desk.score.chords[0])
    qtbot.keyClick(lane.field, Qt.Key.Key_Return)
    lane.ask(desk.score.chords[0])
    lane.field.setText("C ")
    qtbot.keyClick(lane.field, Qt.Key.Key_Return)
    assert not desk.steps
    lane.ask(Chord(1920, 1920, ""))
    qtbot.keyClick(lane.field, Qt.Key.Key_Return)
    assert not desk.steps and not desk.refusals
    lane.ask(Chord(0, 960, "C"))  # what is written replaces all that lay in its place, and nothing else
    lane.field.setText("Am")
    qtbot.keyClick(lane.field, Qt.Key.Key_Return)
    assert desk.score.chords == (Chord(0, 960, "Am"), Chord(960, 960, "C"))


def test_a_chord_in_a_hand_is_painted_where_it_would_be_and_escape_puts_it_back(desk: Desk) -> None:
    lane = desk.view.chords
    chords(desk, Chord(0, 480, "C"))
    rest = desk.picture(lane)
    desk.send(PRESS, at(desk, 240), over=lane)
    desk.send(MOVE, at(desk, 240 + 1920), over=lane)
    held = desk.picture(lane)
    x = int(at(desk, 240).x())
    assert (held[:, x - 4 : x + 4] != rest[:, x - 4 : x + 4]).any()
    there = int(at(desk, 240 + 1920).x())
    assert (held[:, there - 4 : there + 4] != rest[:, there - 4 : there + 4]).any()
    assert lane.cancel() and not lane.cancel()
    assert np.array_equal(desk.picture(lane), rest)
    desk.send(RELEASE, at(desk, 240 + 1920), over=lane)
    assert not desk.steps
