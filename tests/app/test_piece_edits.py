"""What is done with notes beyond mouse and keys, in the real window: actions, dialogs, locks, the menu, the status."""

from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QLabel

from studio.dialogs.humanise import HumaniseDialog
from studio.dialogs.quantise import QuantiseDialog
from studio.dialogs.tidy_notes import TidyNotesDialog
from studio.dialogs.transpose import TransposeDialog
from studio.dialogs.velocity import VelocityDialog
from studio.media.music.holds import bars_locked
from studio.media.music.score import Key, Note, Track
from studio.widgets.roll.kinds import Snap
from tests.app.piece_person import Composer, tune

D_MINOR = Key(0, 2, "minor")


def starts(composer: Composer) -> list[int]:
    return [note.start for note in composer.notes()]


def starts_of(notes: list[Note]) -> list[int]:
    return [note.start for note in notes]


def labels(box: QDialog) -> list[str]:
    return [one.text() for one in box.findChildren(QLabel)]


def pitches(composer: Composer) -> list[int]:
    return [note.pitch for note in composer.notes()]


def action(composer: Composer, action_id: str) -> QAction:
    return composer.window.actions_by_id[action_id]


def words(composer: Composer) -> list[str]:
    """What the steps of the piece are called in the lineage, the newest first."""
    nodes = composer.session.history(composer.piece.work).nodes()
    return [node.words for node in reversed(nodes)]


def dialog(composer: Composer, kind: type[QDialog]) -> QDialog:
    """The dialog of this kind that is open."""

    def found() -> list[QDialog]:
        return [one for one in composer.window.findChildren(kind) if one.isVisible()]

    composer.sees(lambda: bool(found()))
    return found()[0]


def closed(composer: Composer) -> None:
    composer.sees(lambda: not composer.wiring.tasks.busy)


# -- actions --------------------------------------------------------------------------------------


def test_actions_on_notes_are_steps_with_their_words(composer: Composer) -> None:
    composer.writes(tune(1))
    composer.roll.choose(composer.notes()[:2])
    composer.does("roll.octave_up")
    assert pitches(composer) == [72, 74, 64, 65]
    composer.does("roll.transpose_down")
    assert pitches(composer) == [71, 73, 64, 65]
    composer.does("roll.duplicate")
    assert len(composer.notes()) == 6
    composer.does("edit.undo")
    composer.does("edit.undo")
    composer.does("edit.undo")
    assert pitches(composer) == [60, 62, 64, 65]
    assert "Transpose 2 notes" in words(composer) and "Duplicate 2 notes" in words(composer)


def test_the_roll_hears_single_keys_and_nobody_else_does(composer: Composer) -> None:
    composer.writes(tune(1))
    composer.roll.setFocus()
    composer.qtbot.keyClick(composer.roll.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(composer.roll.selection()) == 4
    composer.qtbot.keyClick(composer.roll.grid, Qt.Key.Key_R)
    assert pitches(composer) == [65, 64, 62, 60]
    composer.qtbot.keyClick(composer.roll.grid, Qt.Key.Key_I)
    assert pitches(composer) != [65, 64, 62, 60]
    before = composer.score
    composer.prompt.setFocus()
    composer.qtbot.keyClick(composer.window.focusWidget(), Qt.Key.Key_R)
    assert composer.score == before


def test_actions_that_make_no_sense_are_grey_and_say_why(composer: Composer) -> None:
    def why(name: str) -> str:
        one = action(composer, f"roll.{name}")
        return "" if one.isEnabled() else one.toolTip()

    composer.sees(lambda: why("quantise") != "")
    assert why("quantise") == "There are no notes in this track yet."
    assert why("delete") == "Choose notes first."
    composer.writes(tune(1))
    assert why("quantise") == "" and why("delete") == "Choose notes first."
    composer.roll.choose(composer.notes()[:1])
    assert why("delete") == "" and why("join") == "Choose two notes or more first."
    assert why("step_up") == "The piece has no key here. Choose one first."
    assert why("select_bars") == "Choose bars in the ruler first."
    composer.becomes(keys=(D_MINOR,))
    composer.chooses_bars(0, 0)
    assert why("step_up") == why("select_bars") == ""
    composer.piece.revise(composer.score.with_track(replace(composer.score.track("t1"), locked=True)), "Lock")
    assert "locked" in why("delete") and "locked" in why("quantise") and why("copy") == ""


def test_in_a_text_the_actions_on_notes_are_grey_also_after_the_piece_said_otherwise(
    composer: Composer,
) -> None:
    composer.writes(tune(1))
    composer.roll.choose(composer.notes())
    assert action(composer, "roll.delete").isEnabled()
    scene = next(work for work in composer.session.reader.works() if work.kind == "scene")
    composer.wiring.projects.choose(scene.id)
    composer.sees(lambda: composer.piece.session is None)
    QApplication.processEvents()
    assert not action(composer, "roll.delete").isEnabled()
    assert "piece of music" in action(composer, "roll.delete").toolTip()
    composer.roll.choose(composer.notes()[:1])  # whatever the hidden roll says
    assert not action(composer, "roll.delete").isEnabled()


def test_notes_are_chosen_by_pitch_and_by_bars(composer: Composer) -> None:
    composer.writes(tune(2))
    composer.roll.choose(composer.notes()[1:2])
    composer.does("roll.select_pitch")
    assert {note.pitch for note in composer.roll.selection()} == {62}
    assert len(composer.roll.selection()) == 2
    composer.chooses_bars(1, 1)
    composer.does("roll.select_bars")
    assert [note.start for note in composer.roll.selection()] == [1920, 2400, 2880, 3360]
    composer.chooses_bars(0, 0)
    composer.does("roll.select_bars")
    assert [note.start for note in composer.roll.selection()] == [0, 480, 960, 1440]


def test_bar_and_actions_say_the_same(composer: Composer) -> None:
    bar = composer.piece.pane.bar
    composer.writes(tune(1))
    composer.becomes(keys=(D_MINOR,))
    composer.does("roll.fold")
    assert bar.switch("folded") and len(composer.roll.state.sight.pitches) < 128
    bar.set_switch("folded", False)
    assert not action(composer, "roll.fold").isChecked()
    bar.snap_chosen.emit(Snap(4))
    assert composer.roll.state.snap == Snap(4)


# -- dialogs --------------------------------------------------------------------------------------


def test_quantise_is_seen_before_it_is_done_and_remembered(composer: Composer) -> None:
    composer.writes([Note(10, 60, 200), Note(500, 62, 200)])
    composer.does("roll.quantise_how")
    box = dialog(composer, QuantiseDialog)
    assert "All 2 notes of Piano" in labels(box)
    assert [note.start for note in composer.roll.state.take.notes] == [0, 480]
    box._strength.set_value(50)
    assert [note.start for note in composer.roll.state.take.notes] == [5, 490]
    assert "2 notes would change." in labels(box)
    assert starts(composer) == [10, 500]
    box.accept()
    closed(composer)
    assert starts(composer) == [5, 490] and composer.roll.state.take is None
    assert words(composer)[0] == "Quantise 2 notes"
    composer.does("roll.quantise")
    assert starts(composer) == [2, 485]
    assert "50 %" in composer.piece.pane.bar._quantise.main.toolTip()


def test_a_dialog_that_is_cancelled_changes_nothing_and_gives_the_roll_back(composer: Composer) -> None:
    composer.writes(tune(1))
    composer.roll.choose(composer.notes()[:1])
    ghost = (Note(0, 72, 480),)
    composer.roll.set_ghost(ghost, (0, 1920))
    composer.roll.set_take_compare(True)
    composer.does("roll.transpose")
    box = dialog(composer, TransposeDialog)
    assert composer.roll.state.take.notes == (Note(0, 72, 480, 80),)
    box.reject()
    closed(composer)
    state = composer.roll.state
    assert (state.take.notes, state.span, state.compares) == (ghost, (0, 1920), True)
    assert len(words(composer)) == 1


def test_humanise_and_velocity_are_steps_and_the_next_humanise_has_another_seed(composer: Composer) -> None:
    composer.writes(tune(2))
    composer.does("roll.humanise")
    dialog(composer, HumaniseDialog).accept()
    closed(composer)
    assert starts(composer) != starts_of(tune(2))
    composer.does("roll.humanise")
    box = dialog(composer, HumaniseDialog)
    assert box.choice().seed == 2
    box.reject()
    closed(composer)
    composer.does("roll.velocity")
    ramp = dialog(composer, VelocityDialog)
    ramp._how.set_value("ramp")
    ramp.accept()
    closed(composer)
    assert [note.velocity for note in composer.notes()][::7] == [50, 100]
    assert words(composer)[:2] == ["Velocity of 8 notes", "Humanise 8 notes"]


# -- tidy -----------------------------------------------------------------------------------------


def test_tidying_is_one_step_over_the_track_and_seen_before(composer: Composer) -> None:
    composer.writes([Note(0, 61, 480), Note(480, 60, 900), Note(960, 60, 480)])
    composer.becomes(keys=(Key(0, 0),))
    composer.does("edit.tidy")
    box = dialog(composer, TidyNotesDialog)
    composer.sees(lambda: box.settled)
    assert [note.pitch for note in composer.roll.state.take.notes] == [60, 60]
    box._tidy.click()
    closed(composer)
    assert composer.notes() == (Note(0, 60, 480), Note(480, 60, 480), Note(960, 60, 480))
    assert words(composer)[0] == "Tidy: 2 changes (key, overlap)"
    history = composer.session.history(composer.piece.work)
    assert history.node(history.head).kind == "tidied"
    composer.does("edit.undo")
    assert pitches(composer) == [61, 60, 60]


def test_what_can_be_tidied_goes_from_what_is_chosen_to_the_whole_piece(composer: Composer) -> None:
    composer.writes(tune(2))
    score = composer.score
    composer.piece.revise(score.with_track(Track(id="t2", name="Bass").with_notes(tune(1))), "Add")
    titles = [scope.title for scope in composer.place.parts.tidy.scopes()]
    assert titles == ["All of Piano", "All tracks"]
    composer.roll.choose(composer.notes()[:3])
    composer.chooses_bars(1, 1)
    scopes = composer.place.parts.tidy.scopes()
    assert [scope.title for scope in scopes] == [
        "The 3 chosen notes",
        "Bar 2 of Piano",
        "Bar 2 of all tracks",
        "All of Piano",
        "All tracks",
    ]
    assert [note.start for note in scopes[1].picks["t1"]] == [1920, 2400, 2880, 3360]


def test_without_notes_there_is_nothing_to_tidy_and_that_is_said(composer: Composer) -> None:
    composer.does("edit.tidy")
    assert "There are no notes to tidy yet." in composer.told


# -- locks ----------------------------------------------------------------------------------------


def test_chosen_notes_are_locked_and_freed(composer: Composer) -> None:
    composer.writes(tune(1))
    composer.roll.choose(composer.notes()[:2])
    composer.does("edit.lock")
    assert [note.locked for note in composer.notes()] == [True, True, False, False]
    assert words(composer)[0] == "Lock 2 notes"
    composer.roll.choose(composer.notes()[1:3])
    composer.does("edit.lock")  # not all of them are locked: lock the rest
    assert [note.locked for note in composer.notes()] == [True, True, True, False]
    composer.does("edit.lock")
    assert [note.locked for note in composer.notes()] == [True, False, False, False]


def test_with_no_notes_chosen_the_chosen_bars_of_the_chosen_tracks_are_locked(composer: Composer) -> None:
    composer.writes(tune(3))
    composer.chooses_bars(1, 2)
    composer.does("edit.lock")
    assert bars_locked(composer.score, ["t1"], 1, 2)
    assert words(composer)[0] == "Lock bars 2 to 3"
    composer.roll.choose(composer.notes()[4:5])
    composer.does("roll.octave_up")
    assert pitches(composer)[4] == 67
    composer.roll.choose(())
    composer.does("edit.lock")
    assert not bars_locked(composer.score, ["t1"], 1, 2)
    assert words(composer)[0] == "Unlock bars 2 to 3"


def test_with_nothing_chosen_it_says_what_to_choose(composer: Composer) -> None:
    composer.writes(tune(1))
    composer.roll.choose(())
    composer.does("edit.lock")
    assert "Nothing is chosen." in composer.told and "Ctrl+L" in composer.told
    assert len(words(composer)) == 1


# -- the menu and the status line -----------------------------------------------------------------


def test_the_menu_asks_for_the_bars_of_what_is_chosen(composer: Composer) -> None:
    composer.writes(tune(3))
    composer.roll.choose(composer.notes()[4:9])
    menu = composer.place.parts.edits.menu_at(QPointF(10, 10), composer.roll)
    entries = {one.text(): one for one in menu.actions()}
    entries["Ask for bars 2 to 3"].trigger()
    assert composer.piece.range == (1, 2)
    menu.deleteLater()
    composer.roll.choose(())
    composer.piece.set_range(None)
    at = QPointF(composer.roll.state.sight.x(1920 * 2 + 100), 10)
    menu = composer.place.parts.edits.menu_at(at, composer.roll)
    assert menu.actions()[0].text() == "Ask for bar 3"
    menu.deleteLater()
    composer.roll.choose(composer.notes()[:1])
    composer.chooses_bars(1, 2)
    menu = composer.place.parts.edits.menu_at(at, composer.roll)
    assert menu.actions()[0].text() == "Ask for bars 2 to 3"
    menu.deleteLater()


def test_the_status_line_says_what_is_chosen_and_the_key(composer: Composer) -> None:
    status = composer.piece.pane.status
    composer.writes(tune(1))
    composer.becomes(keys=(D_MINOR,))
    composer.roll.choose(composer.notes())
    composer.is_saved()
    composer.sees(lambda: status.text() == "4 notes, C4 to F4  D minor  Saved")
    composer.does("roll.delete")
    assert "notes" not in status.text()
