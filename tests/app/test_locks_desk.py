"""Locked passages in the real window: nothing changes them but unlocking, undo and branches."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core.errors import StudioError
from tests.app.conftest import Scripted

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def locked(person: Scripted) -> Scripted:
    """“One two three” with “two” locked."""
    person.types("One two three")
    person.pane.editor.select(4, 7)
    person.does("edit.lock")
    return person


def locks(person: Scripted) -> tuple[tuple[int, int], ...]:
    return person.session.history(person.wiring.text.work).text.locks()


def test_the_selection_is_locked_and_unlocked_again(locked: Scripted) -> None:
    assert locks(locked) == ((4, 7),) == locked.pane.value().locks()
    locked.pane.editor.select(4, 7)
    locked.does("edit.lock")
    assert locks(locked) == ()


def test_inside_a_locked_passage_the_key_frees_all_of_it(locked: Scripted) -> None:
    locked.pane.editor.set_caret(6)
    QTest.keyClick(locked.pane.editor, Qt.Key.Key_L, CTRL)
    assert locks(locked) == ()
    locked.does("edit.lock")
    assert "Nothing is selected" in locked.told


def test_locks_are_steps_of_the_lineage_and_undone(locked: Scripted) -> None:
    history = locked.session.history(locked.wiring.text.work)
    assert history.node(history.head).kind == "locked"
    locked.does("edit.undo")
    assert locks(locked) == () and locked.text == "One two three"
    locked.does("edit.redo")
    assert locks(locked) == ((4, 7),)
    locked.does("edit.undo")
    locked.does("edit.undo")
    assert locked.text == "", "undo goes back in time, over locks as over all else"


def test_a_lock_survives_a_restart(locked: Scripted, scripted) -> None:
    locked.saved()
    locked.window.close()
    again: Scripted = scripted()
    assert locks(again) == ((4, 7),)


@pytest.mark.parametrize("how", ["type", "delete", "cut", "paste", "replace"])
def test_nothing_the_person_does_changes_it_and_they_are_told(locked: Scripted, how: str) -> None:
    editor = locked.pane.editor
    editor.select(5, 10)
    match how:
        case "type":
            locked.types("x")
        case "delete":
            QTest.keyClick(editor, Qt.Key.Key_Delete)
        case "cut":
            editor.cut()
        case "paste":
            QApplication.clipboard().setText("xyz")
            editor.paste()
        case "replace":
            assert not editor.replace_range(5, 10, "xyz")
    locked.pane.flush()
    assert locked.text == "One two three" and "locked" in locked.told


def test_an_edit_that_slips_through_is_refused_by_the_session_and_taken_back(locked: Scripted) -> None:
    pane, text = locked.pane, locked.wiring.text
    edit = pane.value().edit(5, 1, "W")
    with pytest.raises(StudioError, match="locked"):
        locked.session.revise(text.work, edit, "typed")
    pane.editor.apply(edit)
    pane.revised.emit(edit, "typed")
    assert locked.text == "One two three" and "locked" in locked.told
    assert pane.value() == locked.session.history(text.work).text


def test_a_take_asked_for_inside_text_that_was_locked_since_stays_a_take(person: Scripted) -> None:
    person.types("One two three")
    person.pane.editor.set_caret(5)
    person.proposes()
    person.pane.editor.select(4, 7)
    person.does("edit.lock")
    person.does("take.accept")
    assert person.text == "One two three" and "locked" in person.told
    assert {take.verdict for take in person.wiring.text.takes.values()} == {None}


def test_no_ghost_shows_inside_locked_text(person: Scripted) -> None:
    person.types("One two three")
    person.pane.editor.set_caret(5)
    person.proposes()
    assert person.pane.editor.ghost()
    person.pane.editor.select(4, 7)
    person.does("edit.lock")
    person.pane.editor.set_caret(5)
    assert not person.pane.editor.ghost()


def test_takes_go_on_right_after_a_locked_passage(person: Scripted) -> None:
    person.types("Once")
    person.pane.editor.select(0, 4)
    person.does("edit.lock")
    person.pane.editor.set_caret(4)
    (take, *_) = person.proposes()
    person.does("take.accept")
    assert person.text == "Once" + take.text and locks(person) == ((0, 4),)
