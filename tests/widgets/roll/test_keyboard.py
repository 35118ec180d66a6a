"""The roll without a mouse, and what a screen reader hears."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.media.music.score import Key, Note, Track
from tests.widgets.roll.desk import ALT, CTRL, PLAIN, SHIFT, Desk, piece

A, B, C = Note(3840 + 480, 60, 480), Note(3840 + 960, 64, 720, 90, "take"), Note(5760, 67, 120, 80, "", True)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot, piece(A, B, C))


def test_tab_goes_from_note_to_note_and_each_is_said(desk: Desk) -> None:
    said = []
    for _ in range(3):
        desk.key(Qt.Key.Key_Tab)
        said.append(desk.view.grid.accessibleDescription())
    assert said == [
        "C4, bar 3 beat 2, quarter, velocity 80",
        "E4, bar 3 beat 3, dotted quarter, velocity 90, by a model",
        "G4, bar 4 beat 1, sixteenth, velocity 80, locked",
    ]
    assert [pitch for pitch, _, _ in desk.heard] == [60, 64, 67]
    desk.key(Qt.Key.Key_Backtab, SHIFT)
    assert desk.view.selection() == (B,)


def test_behind_the_last_note_and_after_escape_tab_leaves_the_roll(desk: Desk) -> None:
    desk.view.choose([C])
    assert not desk.view.grid.keys(tab())
    desk.view.choose([A])
    assert desk.view.grid.keys(tab()) and desk.view.selection() == (B,)
    desk.key(Qt.Key.Key_Escape)
    assert desk.view.selection() == () and not desk.view.grid.keys(tab())
    desk.key(Qt.Key.Key_Home)
    assert desk.view.grid.keys(tab())


def tab() -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Tab, PLAIN)


def test_arrows_move_by_the_grid_and_transpose(desk: Desk) -> None:
    desk.view.choose([A])
    desk.key(Qt.Key.Key_Right)
    desk.key(Qt.Key.Key_Up)
    desk.key(Qt.Key.Key_Up, SHIFT)
    assert Note(A.start + 120, 73, 480) in desk.notes
    desk.key(Qt.Key.Key_Left, SHIFT)
    assert Note(A.start + 120 - 1920, 73, 480) in desk.notes
    assert [title for title, _ in desk.steps] == [
        "Move a note",
        "Transpose a note",
        "Transpose a note",
        "Move a note",
    ]
    for _ in desk.steps:
        desk.undo()
    assert desk.notes == (A, B, C) == desk.view.state.table.notes


def test_alt_and_arrows_resize_and_make_stronger(desk: Desk) -> None:
    desk.view.choose([A])
    desk.key(Qt.Key.Key_Right, ALT)
    desk.key(Qt.Key.Key_Down, ALT)
    assert desk.notes[0] == Note(A.start, 60, 600, 75)


def test_without_chosen_notes_arrows_scroll(desk: Desk) -> None:
    top = desk.view.state.sight.top
    desk.key(Qt.Key.Key_Down)
    desk.key(Qt.Key.Key_Right)
    sight = desk.view.state.sight
    assert sight.top > top and sight.left > 0 and not desk.steps


def test_all_are_chosen_and_deleted_but_the_locked(desk: Desk) -> None:
    desk.key(Qt.Key.Key_A, CTRL)
    assert len(desk.view.selection()) == 3
    assert desk.view.grid.accessibleDescription() == "3 notes chosen"
    desk.key(Qt.Key.Key_Delete)
    assert desk.notes == (C,) and desk.told and "locked" in desk.told[-1]


def test_insert_puts_a_note_behind_the_carets(desk: Desk) -> None:
    desk.view.choose([A])
    desk.key(Qt.Key.Key_Insert)
    assert Note(A.end, 60, 480) in desk.notes and desk.view.selection() == (Note(A.end, 60, 480),)


def test_copy_and_paste_keep_the_place_in_the_bar(desk: Desk) -> None:
    desk.view.choose([A])
    desk.key(Qt.Key.Key_C, CTRL)
    desk.key(Qt.Key.Key_V, CTRL)
    assert Note(A.start + 1920, 60, 480) in desk.notes
    desk.view.set_playhead(1920 + 5)
    desk.key(Qt.Key.Key_V, CTRL)
    assert Note(1920 + 480, 60, 480) in desk.notes
    desk.key(Qt.Key.Key_X, CTRL)
    assert Note(1920 + 480, 60, 480) not in desk.notes


def test_single_keys_take_tools_and_zero_fits(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.view.tool_changed):
        desk.key(Qt.Key.Key_B)
    assert desk.view.tool() == "draw"
    zoom = desk.view.state.sight.zoom
    desk.key(Qt.Key.Key_Plus)
    assert desk.view.state.sight.zoom > zoom
    desk.key(Qt.Key.Key_0)
    sight = desk.view.state.sight
    assert sight.x(C.end) <= sight.width and sight.left == 0


def test_the_space_bar_and_the_windows_shortcuts_are_not_taken(desk: Desk) -> None:
    for key, held, taken in (
        (Qt.Key.Key_Space, PLAIN, False),
        (Qt.Key.Key_D, CTRL, False),
        (Qt.Key.Key_Return, CTRL, False),
        (Qt.Key.Key_Escape, PLAIN, False),
        (Qt.Key.Key_B, PLAIN, True),
        (Qt.Key.Key_A, CTRL, True),
    ):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, held)
        event.ignore()
        QApplication.sendEvent(desk.view.grid, event)
        assert event.isAccepted() == taken, key


def test_in_a_key_names_are_spelled_as_in_it_and_a_kit_has_drums(qtbot: QtBot) -> None:
    desk = Desk(qtbot, piece(Note(0, 63, 480), keys=(Key(0, 0, "minor"),)))
    desk.key(Qt.Key.Key_Tab)
    assert desk.view.caret_words().startswith("Eb4, bar 1 beat 1")
    kit = Track(id="d", name="Kit", drums=True, notes=(Note(240, 42, 60),))
    desk.view.show_score(desk.score.with_track(kit), "d")
    desk.key(Qt.Key.Key_Tab)
    assert desk.view.caret_words() == "Closed hi-hat, bar 1 beat 1.5, thirty-second, velocity 80"


def test_the_caret_is_brought_into_sight(desk: Desk) -> None:
    far = Note(1920 * 40, 20, 480)
    desk.view.show_score(desk.score.with_track(replace(desk.score.track("m"), notes=(A, B, C, far))), "m")
    desk.key(Qt.Key.Key_End)
    sight = desk.view.state.sight
    assert 0 <= sight.x(far.start) < sight.width and 0 <= sight.y(20) < sight.height
