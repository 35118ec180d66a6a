"""Locked bars in the roll: seen, said, and refused to every tool and command."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from studio.media.music.score import Held, Note
from studio.widgets.roll.kinds import LOCKED_BARS, LOCKED_NOTE, LOCKED_TRACK
from tests.widgets.roll.desk import MOVE, PRESS, SHIFT, Desk, piece

BAR = 1920
FREE, HANGING, INSIDE = Note(480, 72, 480), Note(BAR - 480, 76, 960), Note(BAR + 960, 74, 480)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    """Bar 2 of three is locked."""
    desk = Desk(qtbot, piece(FREE, HANGING, INSIDE))
    desk.view.commands.lock_bars(1, 1)
    desk.steps.clear()
    return desk


def test_bars_are_locked_and_unlocked_in_one_step_each(qtbot: QtBot) -> None:
    desk = Desk(qtbot, piece(FREE))
    desk.view.choose([FREE])
    desk.view.commands.lock_bars(1, 2)
    assert desk.score.track("m").held == (Held(BAR, 3 * BAR),)
    assert desk.view.selection() == (FREE,)
    desk.view.commands.lock_bars(2, 2, False)
    assert desk.score.track("m").held == (Held(BAR, 2 * BAR),)
    assert desk.steps == [("Lock bars 2 to 3", "locked"), ("Unlock bar 3", "unlocked")]
    desk.view.commands.lock_bars(1, 1)
    assert len(desk.steps) == 2  # they were
    desk.undo()
    desk.undo()
    assert not desk.score.track("m").held and not desk.view.state.fixed.any()


def test_notes_that_sound_in_them_are_fixed_in_the_roll(desk: Desk) -> None:
    assert desk.view.state.fixed.tolist() == [False, True, True]
    assert [desk.view.state.lock_words(at) for at in range(3)] == ["", LOCKED_BARS, LOCKED_BARS]
    desk.view.choose([HANGING])
    assert desk.view.caret_words().endswith("in locked bars")
    assert "in locked bars" in desk.view.grid.tip(desk.point(BAR + 1200, 74))
    desk.view.commands.lock(True)
    assert desk.view.state.lock_words(1) == LOCKED_NOTE
    assert desk.view.caret_words().endswith("locked") and "bars" not in desk.view.caret_words()


def test_a_held_note_is_not_dragged_by_any_part(desk: Desk) -> None:
    for tick in (BAR - 240, BAR + 470):
        desk.drag(desk.point(tick, 76), desk.point(tick + 600, 78))
    assert desk.refusals == [LOCKED_BARS, LOCKED_BARS] and not desk.steps


def test_a_drag_into_locked_bars_is_refused_and_everything_is_where_it_was(desk: Desk) -> None:
    desk.drag(desk.point(700, 72), desk.point(700 + BAR, 72))
    assert desk.refusals == [LOCKED_BARS] and not desk.steps
    assert desk.notes == (FREE, HANGING, INSIDE) and desk.view.state.draft is None
    desk.drag(desk.point(700, 72), desk.point(700 + 2 * BAR, 72))
    assert desk.notes[-1] == Note(480 + 2 * BAR, 72, 480)


def test_an_edge_is_dragged_up_to_them(desk: Desk) -> None:
    desk.drag(desk.point(480 + 470, 72), desk.point(2 * BAR, 72))
    assert desk.notes[0] == Note(480, 72, BAR - 480)


def test_nothing_is_drawn_in_them_and_a_note_before_them_stops_there(desk: Desk) -> None:
    desk.view.set_tool("draw")
    desk.click(desk.point(BAR + 20, 80))
    assert desk.refusals == [LOCKED_BARS] and not desk.steps and not desk.heard
    desk.drag(desk.point(BAR - 230, 80), desk.point(BAR + 700, 80), drop=False)
    draft = desk.view.state.draft
    assert draft is not None and draft.end.tolist() == [BAR]
    desk.drag(desk.point(BAR - 230, 80), desk.point(BAR + 700, 80))
    assert Note(BAR - 240, 80, 240) in desk.notes


def test_a_long_note_drawn_by_a_click_stops_there_too(desk: Desk) -> None:
    desk.view.choose([HANGING])  # the next is as long
    desk.view.set_tool("draw")
    desk.click(desk.point(BAR - 230, 80))
    assert desk.notes[2] == Note(BAR - 240, 80, 240)


def test_rubber_and_knife_leave_what_sounds_there(desk: Desk) -> None:
    desk.view.set_tool("erase")
    desk.drag(desk.point(BAR - 200, 76), desk.point(BAR + 100, 76), desk.point(BAR + 1000, 74))
    desk.drag(desk.point(BAR + 1200, 74), desk.point(BAR + 1210, 74), drop=False)
    assert desk.view.state.draft is None
    desk.view.set_tool("split")
    desk.click(desk.point(BAR + 1200, 74))
    assert not desk.told and not desk.steps and desk.notes == (FREE, HANGING, INSIDE)


def test_velocities_there_are_not_dragged(desk: Desk) -> None:
    lane = desk.view.velocities
    stem = QPointF(desk.view.state.sight.x(INSIDE.start) + 1, lane._y(INSIDE.velocity))
    desk.send(PRESS, stem, over=lane)
    assert not lane.busy() and desk.refusals == [LOCKED_BARS]
    desk.drag(QPointF(0, 30), QPointF(lane.width() - 1, 30), over=lane, held=SHIFT)
    assert [note.velocity for note in desk.notes][1:] == [80, 80]


def test_commands_and_keys_are_refused_in_words(desk: Desk) -> None:
    desk.view.choose([FREE])
    desk.view.commands.copy()
    desk.view.commands.paste(BAR)
    desk.view.commands.insert(60, BAR, 480, 80)
    desk.view.commands.duplicate(BAR)
    desk.key(Qt.Key.Key_Right, SHIFT)
    assert desk.refusals == [LOCKED_BARS] * 4 and not desk.steps
    desk.view.choose([INSIDE])
    desk.key(Qt.Key.Key_Delete)
    assert not desk.steps and desk.told == ["1 locked note was left as it is."]


def test_what_partly_goes_in_is_put_down_and_the_rest_is_told(desk: Desk) -> None:
    desk.view.choose([FREE])
    desk.view.commands.copy()
    desk.view.commands.clip = type(desk.view.commands.clip)(
        (("m", (Note(0, 72, 240), Note(480, 72, 240))),), 720
    )
    desk.view.commands.paste(BAR - 480)
    assert desk.steps == [("Paste 2 notes", "drawn")]
    assert desk.told == ["1 note was kept out of locked bars."] and not desk.refusals


def test_a_locked_track_says_so_first(desk: Desk) -> None:
    track = desk.score.track("m")
    locked = desk.score.with_track(type(track)(id="m", notes=track.notes, held=track.held, locked=True))
    desk.view.show_score(locked, "m")
    desk.drag(desk.point(BAR + 1200, 74), desk.point(BAR + 1200, 75))
    assert desk.refusals == [LOCKED_TRACK]


def test_the_ground_there_is_hatched_and_scrolls_as_one(desk: Desk) -> None:
    view, sight = desk.view, desk.view.state.sight
    left, right = sight.x(BAR) + 4, sight.x(2 * BAR) - 4
    row = sight.y(90) + sight.row_px // 2
    locked = desk.picture()[row - 3 : row + 3, left:right]
    desk.view.commands.lock_bars(1, 1, False)
    free = desk.picture()[row - 3 : row + 3, left:right]
    assert (locked != free).any(axis=2).mean() > 0.5
    assert len(np.unique(locked.reshape(-1, 3), axis=0)) > len(np.unique(free.reshape(-1, 3), axis=0))
    desk.view.commands.lock_bars(1, 1)
    desk.picture()
    before = sight.left, sight.top
    view.state.scroll_to(sight.left + 37, sight.top + 8)
    assert (sight.left, sight.top) == (before[0] + 37, before[1] + 8)
    scrolled = desk.picture()
    view.state.rest_changed.emit()
    assert np.array_equal(scrolled, desk.picture())


def test_the_ruler_shows_a_lock_and_says_which_bars(desk: Desk) -> None:
    ruler, sight = desk.view.ruler, desk.view.state.sight
    left, right = sight.x(BAR), sight.x(2 * BAR)
    locked = desk.picture(ruler)
    assert ruler.tip(QPointF(left + 5, 35)) == "Bar 2 is locked"
    assert ruler.tip(QPointF(left - 5, 35)) == ruler.tip(QPointF(right + 5, 35)) == ""
    desk.view.commands.lock_bars(1, 1, False)
    free = desk.picture(ruler)
    changed = (locked != free).any(axis=2)
    padlock = [*desk.view.state.looks.lock.getRgb()][:3]
    assert (locked[30:42, left:right] == padlock).all(axis=2).sum() >= 40
    assert not (free == padlock).all(axis=2).any()
    assert changed[20:44, left + 2 : right - 2].mean() > 0.6
    assert not changed[:, : left - 1].any() and not changed[:, right + 1 :].any()
    desk.view.commands.lock_bars(1, 2)
    assert ruler.tip(QPointF(left + 5, 35)) == "Bars 2 to 3 are locked"


def test_a_note_that_begins_where_they_end_is_free(desk: Desk) -> None:
    desk.view.show_score(piece(Note(BAR - 480, 60, 480), Note(2 * BAR, 60, 480)), "m")
    desk.view.commands.lock_bars(1, 1)
    assert desk.view.state.fixed.tolist() == [False, False]


def test_of_chosen_notes_only_the_free_ones_are_in_the_hand(desk: Desk) -> None:
    desk.view.choose([FREE, HANGING, INSIDE])
    desk.drag(desk.point(700, 72), desk.point(700, 75), drop=False)
    draft = desk.view.state.draft
    assert draft is not None and draft.pitch.tolist() == [75]
    desk.key(Qt.Key.Key_Escape)


def test_the_note_in_the_pencil_ends_before_them_from_the_first_moment(desk: Desk) -> None:
    desk.view.choose([HANGING])
    desk.view.set_tool("draw")
    desk.send(PRESS, desk.point(BAR - 230, 80))
    draft = desk.view.state.draft
    assert draft is not None and draft.end.tolist() == [BAR]


def test_notes_there_are_hatched_as_locked_ones_are(desk: Desk) -> None:
    desk.view.fit()
    sight = desk.view.state.sight
    top = sight.y(INSIDE.pitch)
    left, right = sight.x(INSIDE.start) + 4, sight.x(INSIDE.end) - 4

    def colours() -> int:
        at = top + sight.row_px // 2
        return len(np.unique(desk.picture()[at, left:right].reshape(-1, 3), axis=0))

    assert colours() > 1
    desk.view.commands.lock_bars(1, 1, False)
    assert colours() == 1


def test_a_drag_over_them_draws_nothing_until_it_is_let_go(desk: Desk) -> None:
    desk.send(PRESS, desk.point(700, 72))
    desk.send(MOVE, desk.point(700 + BAR, 72))
    assert desk.view.state.draft is not None and not desk.refusals
    desk.key(Qt.Key.Key_Escape)
    assert desk.view.state.draft is None and not desk.refusals and desk.notes == (FREE, HANGING, INSIDE)
