"""The menu over the notes, what is chosen in words, changes in words."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.media.music.score import Key, Note, Score, Track
from studio.media.music.tidy import Change
from studio.widgets.roll.change_words import change_words
from studio.widgets.roll.chosen_words import chosen_words, key_words, surprise_words
from studio.widgets.roll.menu import fill_roll_menu
from tests.widgets.roll.desk import Desk, piece

SCORE = Score(tracks=(Track(id="a", name="Piano"),), keys=(Key(0, 2, "minor"),))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (Note(2400, 61, 480), Note(2400, 60, 480), "Bar 2 beat 2, C#4 → C4"),
        (Note(2400, 61, 480), None, "Bar 2 beat 2, C#4: taken out"),
        (Note(2400, 61, 480), Note(2400, 61, 240), "Bar 2 beat 2, C#4: quarter → eighth"),
        (Note(2440, 61, 480), Note(2400, 61, 480), "Bar 2 beat 2.083, C#4: to beat 2"),
        (Note(1900, 61, 480), Note(1920, 61, 480), "Bar 1 beat 4.958, C#4: to bar 2 beat 1"),
        (Note(0, 61, 480, 90), Note(0, 61, 480, 70), "Bar 1 beat 1, C#4: velocity 90 → 70"),
        (
            Note(10, 61, 480, 90),
            Note(0, 60, 480, 70),
            "Bar 1 beat 1.021, C#4 → C4, to beat 1, velocity 90 → 70",
        ),
    ],
)
def test_a_change_says_where_what_and_what_it_becomes(before: Note, after: Note | None, words: str) -> None:
    bars = SCORE.bars(at_least=4)
    assert change_words(Change("a", before, after), SCORE, bars, SCORE.tracks[0]) == words


def test_a_change_names_its_track_among_several_and_a_drum_by_its_name() -> None:
    kit = Track(id="d", name="Kit", drums=True)
    change = Change("d", Note(0, 38, 240, 90), Note(0, 38, 240, 80))
    words = change_words(change, SCORE, SCORE.bars(), kit, names=True)
    assert words == "Kit, bar 1 beat 1, Acoustic snare: velocity 90 → 80"


def test_what_is_chosen_in_a_few_words(qtbot: QtBot) -> None:
    desk = Desk(qtbot, piece(Note(0, 60, 480), Note(480, 61, 480), Note(960, 72, 480), keys=SCORE.keys))
    view = desk.view
    assert chosen_words(view) == ""
    view.choose(desk.notes)
    assert chosen_words(view) == "3 notes, C4 to C5"
    view.choose(desk.notes[:2])
    assert chosen_words(view) == "2 notes, C4 to C#4"
    view.choose(desk.notes[1:2])
    assert chosen_words(view) == "C#4, bar 1 beat 2, quarter, velocity 80"
    view.set_surprise({desk.notes[1]: 7.24})
    assert chosen_words(view) == "C#4, bar 1 beat 2, quarter, velocity 80; unusual, 7.2 nats of surprise"
    assert key_words(view) == "D minor"


def test_notes_of_one_pitch_name_it_once(qtbot: QtBot) -> None:
    desk = Desk(qtbot, piece(Note(0, 60, 480), Note(480, 60, 480)))
    desk.view.choose(desk.notes)
    assert chosen_words(desk.view) == "2 notes, C4"


def test_surprise_goes_by_the_legend_of_the_roll() -> None:
    assert surprise_words(1.0).startswith("expected, 1.0")
    assert surprise_words(12.0).startswith("surprising, 12.0")


def test_the_menu_holds_the_windows_actions_and_says_what_is_wished_for_a_place(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    made: dict[str, QAction] = {}

    def action(action_id: str) -> QAction:
        return made.setdefault(action_id, QAction(action_id, menu))

    said: list[str] = []
    fill_roll_menu(menu, action, "bars 3 to 4", said.append)
    entries = {one.text(): one for one in menu.actions()}
    for wish in ("Ask for bars 3 to 4", "Chord here…", "Marker here…"):
        entries[wish].trigger()
    assert said == ["ask_bars", "chord", "marker"]
    assert {"roll.cut", "roll.paste", "edit.lock", "roll.quantise", "roll.redo_notes"} <= set(made)
    assert made["roll.copy"] in menu.actions()
