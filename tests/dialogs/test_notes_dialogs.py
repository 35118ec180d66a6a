"""The dialogs about notes: what they show, what they answer, what they tell while they are open."""

from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.dialogs.humanise import HumaniseDialog
from studio.dialogs.notes_dialog import NotesDialog
from studio.dialogs.quantise import QuantiseDialog
from studio.dialogs.tidy_notes import TidyNotesDialog, TidyScope
from studio.dialogs.transpose import TransposeDialog
from studio.dialogs.velocity import VelocityDialog
from studio.media.music.score import Key, Note, Score, Track
from studio.media.music.tidying import TIDYINGS, Tidied, TidyWish
from studio.media.music.wishes import HumaniseWish, QuantiseWish, TransposeWish, VelocityWish

W = TypeVar("W", bound=QWidget)
ALL = "12 chosen notes"
CHECKED, UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked
LINE = Qt.ItemDataRole.DisplayRole
TICK = Qt.ItemDataRole.CheckStateRole


def shown(qtbot: QtBot, dialog: W) -> W:
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.mark.parametrize(
    ("dialog", "wish"),
    [
        (QuantiseDialog, QuantiseWish(grid_ticks=160, strength=0.7, swing=2 / 3, ends=True)),
        (HumaniseDialog, HumaniseWish(timing=30, unit="ticks", velocity=3, seed=77)),
        (lambda about, last: TransposeDialog(about, "D minor", last), TransposeWish(by=-3, in_key=True)),
        (VelocityDialog, VelocityWish(how="ramp", value=3, by=-4, percent=50, first=6, last=7)),
    ],
)
def test_a_dialog_shows_what_was_chosen_last_and_answers_it(qtbot: QtBot, dialog, wish) -> None:
    box: NotesDialog = shown(qtbot, dialog(ALL, wish))
    assert box.choice() == wish
    assert ALL in [one.text() for one in box.findChildren(QLabel)]
    box.show_effect("3 notes would change.")
    assert "3 notes would change." in [one.text() for one in box.findChildren(QLabel)]


def test_every_touch_is_told_so_that_the_roll_can_show_it(qtbot: QtBot) -> None:
    quantise = shown(qtbot, QuantiseDialog(ALL))
    told: list[QuantiseWish] = []
    quantise.changed.connect(told.append)
    quantise._grid.set_value(240)
    quantise._strength.set_value(40)
    quantise._swing.set_value(60)
    quantise._ends.setChecked(True)
    assert told[-1] == QuantiseWish(grid_ticks=240, strength=0.4, swing=0.6, ends=True) and len(told) == 4
    humanise = shown(qtbot, HumaniseDialog(ALL))
    others: list[HumaniseWish] = []
    humanise.changed.connect(others.append)
    humanise._seed.set_value(9)
    humanise._unit.set_value("ticks")
    assert others[-1] == HumaniseWish(unit="ticks", seed=9)


def test_without_a_key_there_are_only_semitones(qtbot: QtBot) -> None:
    dialog = shown(qtbot, TransposeDialog(ALL, "", TransposeWish(by=2, in_key=True)))
    assert dialog.choice() == TransposeWish(by=2)
    assert not dialog._in_key.isEnabled() and "no key" in dialog._in_key.toolTip()


def test_only_the_fields_of_the_chosen_way_are_seen(qtbot: QtBot) -> None:
    dialog = shown(qtbot, VelocityDialog(ALL))
    seen = {how: [] for how in ("set", "change", "scale", "ramp")}
    for how, fields in seen.items():
        dialog._how.set_value(how)
        fields += [name for name, field in dialog._fields.items() if field.isVisible()]
    assert seen == {"set": ["value"], "change": ["by"], "scale": ["percent"], "ramp": ["first", "last"]}


# -- tidy -----------------------------------------------------------------------------------------

NOTES = (Note(10, 61, 480), Note(500, 60, 480), Note(960, 63, 480, locked=True))
PIECE = Score(
    tracks=(Track(id="a", name="Piano").with_notes(NOTES), Track(id="b", name="Bass").with_notes(NOTES[:1])),
    keys=(Key(0, 0),),
)
ALL_TRACKS = TidyScope(title="All tracks")
PIANO = TidyScope(title="All of Piano", picks={"a": NOTES})


class Tidier:
    """A person at the dialog."""

    def __init__(
        self, qtbot: QtBot, *scopes: TidyScope, wish: TidyWish | None = None, score: Score = PIECE
    ) -> None:
        self.qtbot = qtbot
        self.dialog = shown(qtbot, TidyNotesDialog(score, scopes or (PIANO, ALL_TRACKS), wish))
        self.told: list[Tidied] = []
        self.dialog.tidied.connect(self.told.append)
        self.settles()

    def settles(self) -> None:
        self.qtbot.waitUntil(lambda: self.dialog.settled, timeout=20_000)

    @property
    def lines(self) -> list[str]:
        model = self.dialog.list.model()
        return [model.index(row, 0).data(LINE) for row in range(model.rowCount())]

    def ticks(self, row: int, state: Qt.CheckState) -> None:
        model = self.dialog.list.model()
        assert model.setData(model.index(row, 0), state.value, TICK)
        self.settles()

    @property
    def note(self) -> str:
        return self.dialog._note.text()


def test_every_change_is_a_line_and_can_be_left_out(qtbot: QtBot) -> None:
    tidier = Tidier(qtbot, wish=TidyWish(kinds=("scale", "grid")))
    assert tidier.lines == [
        "Key:  Bar 1 beat 1.021, Db4 → C4",
        "Grid:  Bar 1 beat 1.021, C4: to beat 1",
        "Grid:  Bar 1 beat 2.042, C4: to beat 2",
    ]
    assert tidier.note == "3 of 3 changes. 1 locked note stays as it is."
    tidier.ticks(0, UNCHECKED)
    assert tidier.lines[1] == "Grid:  Bar 1 beat 1.021, Db4: to beat 1"
    assert tidier.note.startswith("2 of 3 changes.")
    tidier.dialog._tidy.click()
    (done,) = tidier.told
    assert done.score.track("a").notes == (Note(0, 61, 480), Note(480, 60, 480), NOTES[2])
    assert done.score.track("b") == PIECE.track("b")


def test_a_change_that_was_left_out_can_be_made_after_all(qtbot: QtBot) -> None:
    tidier = Tidier(qtbot, wish=TidyWish(kinds=("scale",)))
    tidier.ticks(0, UNCHECKED)
    assert not tidier.dialog._tidy.isEnabled() and tidier.dialog.now().score == PIECE
    tidier.ticks(0, CHECKED)
    assert tidier.dialog._tidy.isEnabled()


def test_the_scope_says_which_notes_are_looked_at(qtbot: QtBot) -> None:
    tidier = Tidier(qtbot, wish=TidyWish(kinds=("scale",)))
    assert len(tidier.lines) == 1
    with qtbot.waitSignal(tidier.dialog.previewed, timeout=20_000):
        tidier.dialog._scope.set_value(1)
    assert tidier.lines == [
        "Key:  Piano, bar 1 beat 1.021, Db4 → C4",
        "Key:  Bass, bar 1 beat 1.021, Db4 → C4",
    ]


def test_settings_count_at_once_and_are_answered(qtbot: QtBot) -> None:
    tidier = Tidier(qtbot)
    fields = tidier.dialog._fields
    for kind in TIDYINGS:
        fields._boxes[kind].setChecked(kind == "grid")
    fields._grid.set_value(480)
    fields._strength.set_value(50)
    tidier.settles()
    assert tidier.dialog.wish() == TidyWish(kinds=("grid",), grid_ticks=480, strength=0.5)
    assert [note.start for note in tidier.dialog.now().score.track("a").notes] == [5, 490, 960]
    assert (
        fields._boxes["grid"].text() == "To the grid (2)" and fields._boxes["scale"].text() == "Into the key"
    )
    fields._key.set_value("D minor")
    fields._scale.set_value("dorian")
    assert (tidier.dialog.wish().key, tidier.dialog.wish().scale) == (Key(0, 2, "minor"), "dorian")
    again = shown(qtbot, TidyNotesDialog(PIECE, [ALL_TRACKS], tidier.dialog.wish()))
    assert again.wish() == tidier.dialog.wish()


def test_tidy_pressed_before_it_was_looked_through_does_what_stands_there(qtbot: QtBot) -> None:
    tidier = Tidier(qtbot, wish=TidyWish(kinds=("scale",)))
    tidier.dialog._fields._way.set_value("up")
    assert not tidier.dialog.settled
    tidier.dialog._tidy.click()
    assert tidier.told[0].score.track("a").notes[0].pitch == 62


def test_what_changes_while_it_is_looked_through_is_looked_at_as_well(qtbot: QtBot) -> None:
    tidier = Tidier(qtbot, wish=TidyWish(kinds=("scale",)))
    tidier.dialog.look()
    tidier.dialog._fields._way.set_value("up")
    tidier.dialog.look()
    tidier.settles()
    assert tidier.lines == ["Key:  Bar 1 beat 1.021, Db4 → D4"]


def test_it_says_when_there_is_nothing_to_do_and_why(qtbot: QtBot) -> None:
    bare = Score(tracks=PIECE.tracks)
    tidier = Tidier(qtbot, ALL_TRACKS, wish=TidyWish(kinds=("scale",)), score=bare)
    assert tidier.note == "Nothing to change. The piece has no key: choose one."
    assert not tidier.dialog._tidy.isEnabled()
    tidier.dialog._fields._boxes["scale"].setChecked(False)
    tidier.settles()
    assert tidier.note == "Tick what is to be tidied."


def test_a_chosen_line_is_told_to_be_looked_at(qtbot: QtBot) -> None:
    tidier = Tidier(qtbot, wish=TidyWish(kinds=("grid",)))
    with qtbot.waitSignal(tidier.dialog.looked_at) as told:
        tidier.dialog.list.setCurrentIndex(tidier.dialog.list.model().index(1, 0))
    assert told.args == ["a", 500]


def test_thousands_of_changes_are_shown_without_holding_up_the_window(qtbot: QtBot) -> None:
    many = Score(tracks=(Track(id="a").with_notes(Note(120 * at + 7, 60, 100) for at in range(5_000)),))
    tidier = Tidier(qtbot, ALL_TRACKS, wish=TidyWish(kinds=("grid",)), score=many)
    assert tidier.dialog.list.model().rowCount() == 5_000
    assert tidier.note == "5,000 of 5,000 changes."
