"""The roll as the pane uses it: scores in, steps out, commands from outside, and undo of it all."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.media.music.score import Key, Note, Score, Track
from studio.widgets.roll.kinds import TOOLS
from studio.widgets.roll.model import NoteTable
from studio.widgets.roll.replay import replay_drag, replay_scroll
from studio.widgets.roll.view import RollView
from tests.widgets.roll.desk import ALT, CTRL, PLAIN, SHIFT, Desk, piece, pitches, starts

A, B, C = Note(0, 60, 480), Note(480, 64, 480, 90), Note(960, 67, 960, 100, "take")


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot, piece(A, B, C, keys=(Key(0, 0, "major"),)))


def test_commands_change_what_is_chosen_each_in_one_step(desk: Desk) -> None:
    view = desk.view
    view.choose([A, B])
    view.commands.transpose(2)
    assert pitches(desk.notes) == [62, 66, 67]
    view.commands.transpose_in_key(1)
    assert pitches(desk.notes)[0] == 64
    view.commands.invert()
    view.commands.reverse()
    view.commands.duplicate()
    assert len(desk.notes) == 5 and all(note.start >= 960 for note in view.selection())
    view.commands.lock()
    assert all(note.locked for note in view.selection())
    view.commands.lock(False)
    kinds = [kind for _, kind in desk.steps]
    assert kinds == ["drawn"] * 5 + ["locked", "unlocked"]
    while desk.at:
        desk.undo()
    assert desk.notes == (A, B, C) == view.state.table.notes


def test_joining_splitting_and_legato(desk: Desk) -> None:
    view = desk.view
    view.choose([C])
    view.commands.split(1200)
    assert [(n.start, n.duration) for n in view.selection()] == [(960, 240), (1200, 720)]
    view.commands.join()
    assert [(n.start, n.duration) for n in view.selection()] == [(960, 960)]
    view.commands.split()
    assert [(n.start, n.duration) for n in view.selection()] == [(960, 480), (1440, 480)]
    view.choose([A, B])
    view.commands.resize(-240)
    view.commands.legato()
    assert desk.notes[0] == Note(0, 60, 480)


def test_quantising_and_humanising_take_all_when_none_is_chosen(desk: Desk) -> None:
    view = desk.view
    view.commands.humanise(seed=7)
    assert starts(desk.notes) != [0, 480, 960]
    view.commands.quantise(120)
    assert starts(desk.notes) == [0, 480, 960]
    assert [kind for _, kind in desk.steps] == ["adjusted", "adjusted"]
    assert desk.steps[-1][0] == "Quantise 3 notes" or desk.steps[-1][0] == "Quantise a note"


def test_without_chosen_notes_commands_say_so(desk: Desk) -> None:
    desk.view.commands.transpose(1)
    desk.view.commands.paste()
    assert not desk.steps and len(desk.refusals) == 2 and "Choose notes first" in desk.refusals[0]


def test_choosing_by_command(desk: Desk) -> None:
    desk.view.commands.select_pitch(64)
    assert desk.view.selection() == (B,)
    desk.view.commands.select_inverse()
    assert desk.view.selection() == (A, C)


def test_showing_what_was_told_changes_nothing_and_another_track_starts_anew(desk: Desk) -> None:
    told: list[object] = []
    desk.view.changed.connect(lambda *step: told.append(step))
    desk.view.choose([A])
    desk.view.show_score(piece(A, B, C, keys=(Key(0, 0, "major"),)), "m")
    assert desk.view.selection() == (A,) and not told
    bass = Track(id="b", name="Bass", notes=(Note(0, 36, 480),))
    desk.view.show_score(desk.score.with_track(bass), "b")
    assert desk.view.selection() == () and desk.view.track().id == "b"
    assert desk.view.grid.accessibleName() == "Piano roll, Bass, 1 note"
    with pytest.raises(KeyError):
        desk.view.show_score(desk.score, "gone")


def test_an_empty_piece_and_a_very_long_one_are_shown(qtbot: QtBot) -> None:
    desk = Desk(qtbot, Score(tracks=(Track(id="m"),)))
    desk.view.fit()
    assert desk.picture().any()
    desk.key(Qt.Key.Key_Tab)
    desk.view.show_score(piece(Note(0, 60, 480), Note(1920 * 4000, 0, 480), Note(1920 * 4000, 127, 1)), "m")
    desk.view.fit()
    sight = desk.view.state.sight
    assert sight.x(1920 * 4000) < sight.width and desk.picture().any()


def test_a_take_over_an_empty_track_is_what_fits(qtbot: QtBot) -> None:
    desk = Desk(qtbot, Score(tracks=(Track(id="m"),)))
    high = Note(480, 110, 480)
    desk.view.set_ghost([high], (0, 1920))
    desk.view.fit()
    sight = desk.view.state.sight
    assert 110 in sight.pitches and 0 <= sight.y(110) < sight.height


def test_the_wheel_scrolls_and_with_ctrl_and_alt_zooms(desk: Desk) -> None:
    sight = desk.view.state.sight

    def turn(held: Qt.KeyboardModifier, notches: int = 1) -> None:
        at = QPointF(200, 100)
        event = QWheelEvent(
            at,
            desk.view.grid.mapToGlobal(at),
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            held,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(desk.view.grid, event)

    top, zoom, row = sight.top, sight.zoom, sight.row_px
    turn(PLAIN, -1)
    assert sight.top > top
    turn(SHIFT, -1)
    assert sight.left > 0
    tick = sight.tick(200)
    turn(CTRL)
    assert sight.zoom > zoom and abs(sight.tick(200) - tick) < 10
    turn(ALT)
    assert sight.row_px > row
    turn(CTRL | SHIFT, -1)
    assert sight.row_px == row


def test_the_scroll_bars_and_the_view_go_together(desk: Desk) -> None:
    desk.view._across.setValue(120)
    assert desk.view.state.sight.left == 120
    desk.view.state.scroll_to(50, desk.view.state.sight.top)
    assert desk.view._across.value() == 50


def test_what_takes_the_keyboard_has_a_name_and_a_tip(desk: Desk) -> None:
    view = desk.view
    for part in (view.piano, view.ruler, view.chords, view.velocities):
        assert part.accessibleName() and part.toolTip()
    assert view.grid.accessibleName() and "Escape" in view.grid.accessibleDescription()
    assert view.grid.tip(desk.point(200, 60)) == "C4, bar 1 beat 1, quarter, velocity 80"
    assert view.grid.tip(desk.point(200, 61)) == ""
    view.set_surprise({A: 4.25})
    assert view.grid.tip(desk.point(200, 60)).endswith("Surprise 4.2 nats")
    assert view.focusProxy() is view.grid


# -- undo ------------------------------------------------------------------------------------------

PLACES = st.tuples(st.integers(0, 4000), st.integers(57, 84))
ACTS = st.one_of(
    st.tuples(st.just("drag"), PLACES, PLACES, st.sampled_from([PLAIN, SHIFT, CTRL, ALT])),
    st.tuples(st.just("tool"), st.sampled_from(TOOLS)),
    st.tuples(
        st.just("key"),
        st.sampled_from(
            [Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Delete, Qt.Key.Key_Tab, Qt.Key.Key_Insert]
        ),
    ),
    st.tuples(
        st.just("command"),
        st.sampled_from(["reverse", "invert", "duplicate", "join", "split", "legato", "lock", "select_all"]),
    ),
    st.tuples(st.just("undo")),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTS, max_size=12))
def test_whatever_was_done_is_undone_step_by_step_and_the_arrays_always_agree(
    qtbot: QtBot, acts: list[tuple[object, ...]]
) -> None:
    first = piece(A, B, C, keys=(Key(0, 0, "major"),))
    desk = Desk(qtbot, first)
    for act in acts:
        do(desk, act)
        table, fresh = desk.view.state.table, NoteTable.of(desk.notes)
        assert table.notes == fresh.notes and len(desk.view.state.chosen) == len(fresh)
        assert (table.start == fresh.start).all() and (table.end == fresh.end).all()
        assert (table.model == fresh.model).all() and (table.locked == fresh.locked).all()
        assert desk.view.state.draft is None
    last = desk.score
    steps = desk.at
    for _ in range(steps):
        desk.undo()
    assert desk.view.score() == first and desk.view.state.table.notes == (A, B, C)
    for _ in range(steps):
        desk.redo()
    assert desk.view.score() == last
    desk.gone()


def do(desk: Desk, act: tuple[object, ...]) -> None:
    match act:
        case ("drag", (int(tick), int(pitch)), (int(to), int(up)), Qt.KeyboardModifier() as held):
            desk.drag(desk.point(tick, pitch), desk.point(to, up), held=held)
        case ("tool", str(tool)):
            desk.view.set_tool(tool)  # type: ignore[arg-type]
        case ("key", Qt.Key() as key):
            desk.key(key)
        case ("command", str(name)):
            getattr(desk.view.commands, name)()
        case _:
            desk.undo()


# -- the bench's hand ------------------------------------------------------------------------------


def test_replays_scroll_and_drag_and_leave_everything_as_it_was(desk: Desk) -> None:
    view: RollView = desk.view
    late_ms = replay_scroll(view, 12)
    assert len(late_ms) >= 12 and view.state.sight.left > 0
    with pytest.raises(ValueError, match="no chosen note"):
        replay_drag(view, 3)
    view.state.scroll_to(0, view.state.sight.top)
    view.choose([A, B])
    seen: list[object] = []
    late_ms = replay_drag(view, 12, each=lambda: seen.append(view.state.draft))
    assert len(late_ms) >= 12 and any(draft is not None for draft in seen)
    assert view.state.draft is None and not desk.steps and desk.notes == (A, B, C)
