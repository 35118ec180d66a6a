"""Each test was red once: faults of the writing pane that someone found by looking for them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.dialogs.compare import CompareDialog
from studio.dialogs.removed import RemovedDialog
from studio.dialogs.tidy import TidyDialog
from tests.app.conftest import Scripted

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier

COPY_AND_QUIT = """
from PySide6.QtCore import QTimer
import studio.app.main as main
opened = main.open_window
def open_window(*given):
    wiring = opened(*given)
    def copy_and_quit():
        editor = wiring.window.pane.editor
        editor.insert_text("mine")
        editor.selectAll()
        editor.copy()
        wiring.window.close()
    QTimer.singleShot(0, copy_and_quit)
    return wiring
main.open_window = open_window
raise SystemExit(main.run_window())
"""


# was a bug: Qt's offscreen clipboard outlives Python and crashed over our copy at exit (status -11)
def test_a_window_quit_after_copying_ends_well() -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", COPY_AND_QUIT],
        check=False,
        cwd=root,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def card_with_keyboard(person: Scripted):
    """The text of the chosen take's card, with the keyboard in it."""
    body = person.card(person.pane.chosen_take()).text_body
    person.window.activateWindow()
    body.setFocus()
    person.sees(body.hasFocus)
    return body


def tidies(person: Scripted) -> None:
    """Ask for Tidy and press its button."""
    person.does("edit.tidy")
    dialogs = person.window.findChildren(TidyDialog)
    person.sees(lambda: any(dialog.isVisible() for dialog in dialogs))
    next(dialog for dialog in dialogs if dialog.isVisible())._on_tidy()


# was a bug: take_body.py:apply_edit is not among the card's own steps: Ctrl+Z after Tidy raises ValueError
def test_undo_in_a_card_takes_back_its_tidying(person: Scripted) -> None:
    person.types("Once")
    person.proposes()
    body = card_with_keyboard(person)
    body.set_caret(0)
    QTest.keyClicks(body, "the the")
    body.set_caret(len(body.value().text))
    QTest.keyClicks(body, " end")
    before = body.value()
    tidies(person)
    after = body.value()
    assert after != before
    QTest.keyClick(body, Qt.Key.Key_Z, CTRL)
    assert body.value() == before
    QTest.keyClick(body, Qt.Key.Key_Z, CTRL | SHIFT)
    assert body.value() == after
    person.saved()
    assert person.session.reader.take_draft(person.pane.chosen_take()) == after


# was a bug: a take could be tidied while it streams: the card showed it, the disk did not have it
def test_a_take_is_not_tidied_while_it_streams(scripted) -> None:
    person = scripted("slow")
    person.types("Once")
    person.does("take.propose")
    person.streams()
    card_with_keyboard(person)
    person.does("edit.tidy")
    assert not person.window.findChildren(TidyDialog)
    assert "has ended" in person.told
    person.does("take.stop")
    person.sees(lambda: not person.wiring.text.running)


# was a bug: pane.py:apply showed each of a hundred steps of a branch, laid out one by one: 160 ms for a short text
def test_a_far_branch_is_gone_to_in_one_step(person: Scripted) -> None:
    for number in range(40):
        person.types(f"{number} ")
        person.pane.flush()
    work = person.wiring.text.work
    nodes = [node.id for node in person.session.history(work).nodes()]
    person.pane.editor.set_caret(3)
    changes: list[object] = []
    person.pane.editor.text.followed.connect(lambda edit, _mine: changes.append(edit))
    for node, words in ((nodes[2], "0 1 2 "), (nodes[-1], "".join(f"{number} " for number in range(40)))):
        changes.clear()
        person.pane.branch_requested.emit(node)
        assert person.text == words
        assert person.pane.value() == person.session.history(work).text
        assert person.pane.caret() == 3 and len(changes) == 1
    assert person.pane.status.figures()[:2] == (40, len(person.text))


@pytest.fixture
def split(person: Scripted) -> Scripted:
    """Someone who has just split “One. Two.” into two scenes and stands in the first."""
    person.pane.editor.insert_text("One.\nTwo.")
    person.pane.editor.set_caret(5)
    person.does("work.split")
    assert person.text == "One."
    return person


def texts(person: Scripted) -> list[str]:
    """The texts of all scenes that are not removed, in their order."""
    scenes = [work.id for work in person.desk.works.values() if work.kind == "scene"]
    return [person.session.history(scene).text.text for scene in scenes]


# was a bug: scenes_desk.py:take_back removed the second scene though its words could not go back into the first
def test_undoing_a_split_after_writing_on_loses_no_words(split: Scripted) -> None:
    split.types(" More.")
    split.window.messages.acted.emit()
    assert texts(split) == ["One. More.", "Two."]
    assert "written in since" in split.told


# was a bug: ... and with it what was written into the second scene
def test_undoing_a_split_keeps_what_was_written_into_the_second_scene(split: Scripted) -> None:
    first = split.wiring.text.work
    second = next(w.id for w in split.desk.works.values() if w.kind == "scene" and w.id != first)
    split.desk.choose(second)
    split.types(" New.")
    split.window.messages.acted.emit()
    assert texts(split) == ["One.", "Two. New."]


def test_undoing_a_split_at_once_puts_both_together(split: Scripted) -> None:
    split.window.messages.acted.emit()
    assert texts(split) == ["One.\nTwo."] and split.text == "One.\nTwo."


# was a bug: the second scene came back though its words stood at the end of the first: the book had them twice
def test_undoing_a_merge_after_writing_on_doubles_no_words(split: Scripted) -> None:
    split.does("work.merge")
    split.types("Now. ")
    split.window.messages.acted.emit()
    assert len(texts(split)) == 1 and texts(split)[0].count("Two.") == 1
    assert "written in since" in split.told


def copied_words(person: Scripted, view) -> None:
    """Copy all that a widget shows into the empty text of a new scene."""
    view.selectAll()
    view.copy()
    person.does("work.scene")
    person.pane.editor.paste()


# was a bug: take_card.py:_copy put bare words into the clipboard: pasted, the model's words were the person's
def test_a_card_copied_by_its_menu_keeps_its_author(person: Scripted) -> None:
    person.types("Once")
    take = person.proposes()[0]
    menu = person.card(take.id).menu()
    next(action for action in menu.actions() if action.text() == "Copy text").trigger()
    menu.deleteLater()
    person.does("work.scene")
    person.pane.editor.paste()
    assert person.text == take.text
    assert [run.author for run in person.pane.value().runs] == [take.id]


# was a bug: ... and so did a copy out of a comparison
def test_words_copied_from_a_comparison_keep_their_authors(person: Scripted) -> None:
    person.types("Once")
    person.proposes()
    person.does("take.accept")
    person.does("take.compare")
    view = next(d for d in person.window.findChildren(CompareDialog) if d.isVisible()).view
    shown = view.text().replace("¶", "")
    copied_words(person, view._body)
    value = person.pane.value()
    assert value.text == shown and "fox0" in value.text
    assert value.written_by_models() == len(value.text), "all of it came from takes"


# was a bug: compare_desk.py:_tidy_text put the edit into whatever text was open by then (ValueError, or other words)
def test_tidying_is_not_done_to_a_text_that_was_changed_meanwhile(person: Scripted) -> None:
    person.types("the the  fox")
    person.pane.editor.setFocus()
    person.does("edit.tidy")
    dialog = next(d for d in person.window.findChildren(TidyDialog) if d.isVisible())
    person.does("edit.undo")
    dialog._on_tidy()
    assert person.text == "" and "changed while" in person.told
    person.does("edit.redo")
    assert person.text == "the the  fox"


def test_tidying_is_not_done_to_another_scene(person: Scripted) -> None:
    person.types("the the  fox")
    person.pane.editor.setFocus()
    person.does("edit.tidy")
    dialog = next(d for d in person.window.findChildren(TidyDialog) if d.isVisible())
    dialog.setModal(False)
    person.does("work.scene")
    person.pane.editor.insert_text("the the  fox")
    dialog._on_tidy()
    assert person.text == "the the  fox"


# was a bug: ... and out of the texts of removed works
def test_words_copied_from_a_removed_scene_keep_their_authors(person: Scripted) -> None:
    person.types("Once")
    first = person.wiring.text.work
    take = person.proposes()[0]
    person.does("take.accept")
    before = person.pane.value()
    person.does("work.scene")
    person.window.works.remove_requested.emit(first)
    person.wiring.tasks.start(person.wiring.scenes.show_removed())
    person.sees(lambda: person.window.findChildren(RemovedDialog))
    dialog = person.window.findChildren(RemovedDialog)[0]
    dialog._list.setCurrentRow(0)
    dialog._text.selectAll()
    dialog._text.copy()
    dialog.reject()
    person.sees(lambda: not person.wiring.tasks.busy)
    person.pane.editor.paste()
    assert person.pane.value() == before and before.runs[1].author == take.id
