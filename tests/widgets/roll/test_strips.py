"""The strips beside the notes: velocities, ruler, chords."""

import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from studio.media.music.score import Chord, Note, Word
from tests.widgets.roll.desk import MOVE, PRESS, RELEASE, SHIFT, Desk, piece

A, B, C = Note(480, 72, 480, 40), Note(960, 76, 480, 60), Note(1440, 74, 480, 80)
FIXED = Note(1920, 70, 480, 80, "", True)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    chords = (Chord(0, 1920, "C"), Chord(1920, 1920, "G7"))
    return Desk(qtbot, piece(A, B, C, FIXED, chords=chords, markers=(Word(3840, "Verse"),)))


def stem(desk: Desk, tick: int, velocity: int) -> QPointF:
    lane = desk.view.velocities
    return QPointF(desk.view.state.sight.x(tick) + 1, lane._y(velocity))


def velocities(desk: Desk) -> list[int]:
    return [note.velocity for note in desk.notes]


# -- velocities ------------------------------------------------------------------------------------


def test_a_stem_is_dragged_alone_and_told_once(desk: Desk) -> None:
    lane = desk.view.velocities
    desk.drag(stem(desk, 960, 60), stem(desk, 960, 80), stem(desk, 960, 100), over=lane, drop=False)
    assert not desk.steps and desk.view.state.draft is not None
    desk.send(RELEASE, stem(desk, 960, 100), over=lane)
    assert velocities(desk)[0] == 40 and abs(velocities(desk)[1] - 100) <= 2
    assert desk.steps == [("Velocity of a note", "adjusted")]


def test_all_chosen_ones_go_with_it_but_not_the_locked(desk: Desk) -> None:
    desk.view.choose([A, B, FIXED])
    lane = desk.view.velocities
    desk.drag(stem(desk, 480, 40), stem(desk, 480, 60), over=lane)
    first, second, third, fixed = velocities(desk)
    assert abs(first - 60) <= 2 and second - first == 20 and (third, fixed) == (80, 80)


def test_a_line_over_several_paints_them_and_shift_makes_a_ramp(desk: Desk) -> None:
    lane = desk.view.velocities
    beside = QPointF(desk.view.state.sight.x(480) - 20, lane._y(100))
    desk.drag(beside, stem(desk, 700, 100), stem(desk, 1600, 100), over=lane)
    assert all(abs(one - 100) <= 2 for one in velocities(desk)[:3]) and velocities(desk)[3] == 80
    desk.drag(stem(desk, 480, 20), stem(desk, 1440, 120), held=SHIFT, over=lane)
    low, middle, high, _ = velocities(desk)
    assert abs(low - 20) <= 3 and abs(middle - 70) <= 3 and abs(high - 120) <= 3
    assert len(desk.steps) == 2


def test_escape_gives_a_velocity_drag_up(desk: Desk) -> None:
    lane = desk.view.velocities
    desk.drag(stem(desk, 960, 60), stem(desk, 960, 120), over=lane, drop=False)
    desk.key(Qt.Key.Key_Escape)
    desk.send(RELEASE, stem(desk, 960, 120), over=lane)
    assert not desk.steps and desk.view.state.draft is None


# -- the ruler -------------------------------------------------------------------------------------


def ruled(desk: Desk, tick: int, y: int = 40) -> QPointF:
    return QPointF(desk.view.state.sight.x(tick), y)


def test_a_click_asks_for_the_playhead_on_the_grid(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.view.playhead_wanted) as wish:
        desk.click(ruled(desk, 1000), over=desk.view.ruler)
    assert wish.args == [960]


def test_a_drag_chooses_whole_bars(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.view.bars_chosen) as wish:
        desk.drag(ruled(desk, 5000), ruled(desk, 2000), over=desk.view.ruler)
    assert wish.args == [(1, 2)] and desk.view.state.range == (1, 2)
    with qtbot.waitSignal(desk.view.bars_chosen) as wish:
        desk.click(ruled(desk, 1000), over=desk.view.ruler)
    assert wish.args == [None] and desk.view.state.range is None


def test_the_loop_is_drawn_moved_stretched_and_taken_away(desk: Desk, qtbot: QtBot) -> None:
    ruler = desk.view.ruler
    told: list[object] = []
    desk.view.loop_changed.connect(told.append)
    desk.drag(ruled(desk, 960, 5), ruled(desk, 1930, 5), over=ruler)
    desk.drag(ruled(desk, 1440, 5), ruled(desk, 1440 + 1920, 5), over=ruler)
    desk.drag(ruled(desk, 3840, 5), ruled(desk, 4800, 5), over=ruler)
    assert told == [(960, 1920), (2880, 3840), (2880, 4800)]
    desk.drag(ruled(desk, 4800, 5), ruled(desk, 5300, 5), over=ruler, drop=False)
    desk.key(Qt.Key.Key_Escape)
    desk.send(RELEASE, ruled(desk, 5300, 5), over=ruler)
    assert desk.view.state.loop == (2880, 4800) and len(told) == 3
    desk.twice(ruled(desk, 3500, 5), over=ruler)
    assert told[-1] is None and desk.view.state.loop is None
    desk.view.set_loop((0, 1920))
    assert desk.view.state.loop == (0, 1920) and len(told) == 4


def test_a_marker_is_named_moved_and_taken_away(desk: Desk, qtbot: QtBot) -> None:
    ruler = desk.view.ruler
    desk.twice(ruled(desk, 1930), over=ruler)
    qtbot.keyClicks(ruler.field, "Bridge")
    qtbot.keyClick(ruler.field, Qt.Key.Key_Return)
    assert desk.score.markers == (Word(1920, "Bridge"), Word(3840, "Verse"))
    on_flag = QPointF(desk.view.state.sight.x(3840) + 6, 20)
    desk.drag(on_flag, QPointF(desk.view.state.sight.x(5760), 20), over=ruler)
    assert desk.score.markers == (Word(1920, "Bridge"), Word(5760, "Verse"))
    ruler.ask_marker(1920, Word(1920, "Bridge"))
    ruler.field.clear()
    qtbot.keyClick(ruler.field, Qt.Key.Key_Return)
    assert desk.score.markers == (Word(5760, "Verse"),)
    assert [kind for _, kind in desk.steps] == ["arranged"] * 3
    desk.undo()
    assert len(desk.view.score().markers) == 2


def test_escape_leaves_a_marker_as_it_was(desk: Desk, qtbot: QtBot) -> None:
    ruler = desk.view.ruler
    ruler.ask_marker(3840, Word(3840, "Verse"))
    qtbot.keyClicks(ruler.field, "Other")
    qtbot.keyClick(ruler.field, Qt.Key.Key_Escape)
    assert not desk.steps and ruler.field.isHidden()


# -- chords ----------------------------------------------------------------------------------------


def chord_point(desk: Desk, tick: int) -> QPointF:
    return QPointF(desk.view.state.sight.x(tick), 10)


def test_a_double_click_writes_a_chord_for_the_rest_of_an_empty_bar(desk: Desk, qtbot: QtBot) -> None:
    lane = desk.view.chords
    desk.twice(chord_point(desk, 4000), over=lane)
    qtbot.keyClicks(lane.field, "D-7")
    qtbot.keyClick(lane.field, Qt.Key.Key_Return)
    assert desk.score.chords[-1] == Chord(3840, 1920, "Dm7")
    desk.twice(chord_point(desk, 100), over=lane)
    lane.field.setText("Am")
    qtbot.keyClick(lane.field, Qt.Key.Key_Return)
    assert desk.score.chords[0] == Chord(0, 1920, "Am") and len(desk.score.chords) == 3


def test_what_is_no_chord_is_refused_and_changes_nothing(desk: Desk, qtbot: QtBot) -> None:
    lane = desk.view.chords
    lane.ask(desk.score.chords[0])
    lane.field.setText("Hmm")
    qtbot.keyClick(lane.field, Qt.Key.Key_Return)
    assert desk.refusals and "Hmm" in desk.refusals[-1] and not desk.steps


def test_an_empty_symbol_takes_the_chord_away(desk: Desk, qtbot: QtBot) -> None:
    lane = desk.view.chords
    lane.ask(desk.score.chords[0])
    lane.field.clear()
    qtbot.keyClick(lane.field, Qt.Key.Key_Return)
    assert desk.score.chords == (Chord(1920, 1920, "G7"),)


def test_chords_are_moved_and_stretched_and_the_others_give_way(desk: Desk) -> None:
    lane = desk.view.chords
    desk.drag(chord_point(desk, 1915), chord_point(desk, 2395), over=lane)
    assert desk.score.chords == (Chord(0, 2400, "C"), Chord(2400, 1440, "G7"))
    desk.drag(chord_point(desk, 1000), chord_point(desk, 1000 + 960), over=lane)
    assert desk.score.chords == (Chord(960, 2400, "C"), Chord(3360, 480, "G7"))
    desk.send(PRESS, chord_point(desk, 1500), over=lane)
    desk.send(MOVE, chord_point(desk, 4000), over=lane)
    desk.key(Qt.Key.Key_Escape)
    desk.send(RELEASE, chord_point(desk, 4000), over=lane)
    assert len(desk.steps) == 2
