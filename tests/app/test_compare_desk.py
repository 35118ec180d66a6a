"""Compare and tidy at the window: what is put side by side, and what becomes of the choice."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QDialog

from studio.dialogs.compare import CompareDialog
from studio.dialogs.tidy import TidyDialog
from tests.app.conftest import Scripted

T = TypeVar("T", bound=QDialog)


def dialog_of(person: Scripted, kind: type[T]) -> T:
    """The open dialog of that kind."""
    found = [dialog for dialog in person.window.findChildren(kind) if dialog.isVisible()]
    assert found, f"no {kind.__name__} is open"
    return found[-1]


@pytest.fixture
def drafted(person: Scripted) -> Scripted:
    """A few words and the takes that go on from them."""
    person.types("The old fox ")
    person.proposes()
    return person


def test_takes_are_compared_with_each_other_and_one_accepted(drafted: Scripted) -> None:
    drafted.wiring.compare.compare_takes()
    dialog = dialog_of(drafted, CompareDialog)
    left, right = dialog.chosen()
    takes = drafted.pane.strip.take_ids()
    assert left != right
    assert {left, right} <= set(takes)
    dialog.used.emit(right)
    assert drafted.wiring.text.takes[right].verdict == "accepted"
    assert drafted.wiring.text.takes[right].text in drafted.pane.value().text


def test_without_takes_there_is_a_word_about_it(person: Scripted) -> None:
    person.wiring.compare.compare_takes()
    assert "nothing to compare" in person.told


def test_two_lines_of_the_lineage_are_compared_as_whole_texts(person: Scripted) -> None:
    person.types("The red fox")
    person.pane.flush()
    first = person.session.history(person.wiring.text.work).head
    person.types(" ran")
    person.pane.flush()
    head = person.session.history(person.wiring.text.work).head
    person.window.lineage.compare_requested.emit(first, head)
    dialog = dialog_of(person, CompareDialog)
    assert dialog.view.text() == "The red fox ran"
    assert dialog.view.changes() == 1
    dialog.used.emit(first)
    person.sees(lambda: person.pane.value().text == "The red fox")
    assert person.session.history(person.wiring.text.work).head == first


def test_tidying_the_scene_is_one_step_that_undo_takes_back(person: Scripted) -> None:
    person.types("The  fox ran ran home.")
    person.wiring.compare.tidy()
    dialog = dialog_of(person, TidyDialog)
    edit = dialog.edit()
    dialog.accept()
    dialog.tidied.emit(edit)
    assert person.pane.value().text == "The fox ran home."
    history = person.session.history(person.wiring.text.work)
    assert history.node(history.head).kind == "tidied"
    person.pane.undo()
    assert person.pane.value().text == "The  fox ran ran home."


def test_only_the_selection_is_tidied(person: Scripted) -> None:
    person.types("a  b and c  d")
    cursor = person.pane.editor.textCursor()
    cursor.setPosition(0)
    cursor.setPosition(5, cursor.MoveMode.KeepAnchor)
    person.pane.editor.setTextCursor(cursor)
    person.wiring.compare.tidy()
    dialog = dialog_of(person, TidyDialog)
    dialog.tidied.emit(dialog.edit())
    assert person.pane.value().text == "a b and c  d"


def test_a_take_is_tidied_as_the_person_s_edit_of_it(scripted: Callable[..., Scripted]) -> None:
    person = scripted("good")
    person.types("The old fox ")
    person.proposes()
    take = person.pane.strip.take_ids()[0]
    draft = person.pane.strip.draft(take)
    assert draft is not None
    edit = draft.edit(0, 0, "Then,  ")
    person.pane.strip.apply_draft(take, edit)
    person.pane.take_edited.emit(take, edit)
    desk = person.wiring.compare
    shown = person.pane.strip.draft(take)
    assert shown is not None
    tidied = TidyDialog(shown, "the chosen take").edit()
    assert tidied is not None
    desk._tidy_take(take, tidied, shown)
    assert "Then, " in person.pane.strip.draft(take).text  # type: ignore[union-attr]
    person.sees(lambda: "  " not in person.session.reader.take_draft(take).text)
