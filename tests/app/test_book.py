"""The book in the real window: find and replace, split and merge, order, status, goals, spelling."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTreeWidget

from studio.app.rewriting import rewrite
from studio.dialogs.removed import RemovedDialog
from studio.media.find import Options
from studio.media.spans import HUMAN, Edit, Run
from studio.project.reader import Reader
from studio.widgets.find_bar import FindBar
from studio.widgets.find_results import FindResults
from studio.widgets.scene_card import SceneCard
from tests.app.conftest import Scripted


@pytest.fixture
def book(person: Scripted) -> Scripted:
    """A story of three scenes: Scene 1 (half a model's), Scene 2, Scene 3 with a locked passage; 1 is open."""
    first = person.wiring.text.work
    person.does("work.scene")
    person.types("The cat slept. Another cat woke.")
    person.does("work.scene")
    person.types("A cat, a locked cat, a last cat.")
    person.pane.flush()
    third = person.wiring.text.work
    lock = person.pane.value().lock(7, 19)
    assert lock is not None
    rewrite(person.wiring.text, third, lock, "locked")
    person.desk.choose(first)
    edit = Edit(
        at=0,
        inserted="A cat sat. The cat ran.",
        inserted_runs=(Run(length=10, author="take"), Run(length=13)),
    )
    rewrite(person.wiring.text, first, edit, "imported")
    return person


def bar_of(person: Scripted) -> FindBar:
    bar = person.wiring.find.bar
    assert bar is not None
    return bar


def fields(widget: object) -> list[QLineEdit]:
    return [line for line in widget.findChildren(QLineEdit) if line.accessibleName()]  # type: ignore[attr-defined]


def scenes(person: Scripted) -> list[tuple[str, str]]:
    """Title and text of every scene, as on disk."""
    person.saved()
    return [
        (work.title, person.session.reader.text_of(work.id).text)
        for work in person.session.reader.works()
        if work.kind == "scene"
    ]


# -- in the open text -----------------------------------------------------------------------------


def test_typing_into_the_bar_selects_the_first_hit_and_counts(book: Scripted) -> None:
    book.does("edit.find")
    bar = bar_of(book)
    book.sees(lambda: QApplication.focusWidget() is fields(bar)[0])
    QTest.keyClicks(QApplication.focusWidget(), "cat")
    editor = book.pane.editor
    assert editor.selection() == (2, 5)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert editor.selection() == (15, 18)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert editor.selection() == (2, 5), "round the end"
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert editor.selection() == (15, 18)
    assert "2 of 2" in bar._count.text()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert bar.isHidden() and QApplication.focusWidget() is editor
    book.does("edit.find_next")
    assert not bar.isHidden()


def test_replacing_all_is_one_undo_and_the_words_are_the_persons(book: Scripted) -> None:
    book.does("edit.replace")
    bar = bar_of(book)
    pattern, template = fields(bar)[:2]
    QTest.keyClicks(pattern, "cat")
    QTest.keyClicks(template, "dog")
    bar.replace_all_requested.emit()
    assert book.text == "A dog sat. The dog ran."
    runs = book.pane.value().runs
    assert [(run.length, run.author) for run in runs] == [(2, "take"), (3, HUMAN), (5, "take"), (13, HUMAN)]
    assert book.session.history(book.wiring.text.work).text.text == book.text
    book.does("edit.undo")
    assert book.text == "A cat sat. The cat ran."
    assert book.pane.value().runs[0] == Run(length=10, author="take")
    book.does("edit.redo")
    assert book.text == "A dog sat. The dog ran."


def test_replacing_one_goes_on_to_the_next(book: Scripted) -> None:
    book.does("edit.replace")
    bar = bar_of(book)
    pattern, template = fields(bar)[:2]
    QTest.keyClicks(pattern, "cat")
    template.setFocus()
    QTest.keyClicks(template, "catcat")
    QTest.keyClick(template, Qt.Key.Key_Return)
    assert book.text == "A catcat sat. The cat ran."
    assert book.pane.editor.selection() == (18, 21)
    QTest.keyClick(template, Qt.Key.Key_Return)
    assert book.text == "A catcat sat. The catcat ran."


def test_an_expression_is_looked_for_beside_the_window_and_a_wrong_one_is_told(book: Scripted) -> None:
    book.does("edit.replace")
    bar = bar_of(book)
    bar._how.set_options(Options(pattern="", regex=True))
    pattern, template = fields(bar)[:2]
    pattern.setText(r"(c)at (\w+")
    book.sees(lambda: "missing )" in bar._count.text())
    pattern.setText(r"(c)at (\w+)")
    template.setText(r"$2 \1ow")
    book.sees(lambda: "of 2" in bar._count.text())
    bar.replace_all_requested.emit()
    assert book.text == "A sat cow. The ran cow."


def test_only_the_selection_is_searched_when_it_is_long(book: Scripted) -> None:
    book.pane.editor.select(0, 11)
    book.does("edit.replace")
    bar = bar_of(book)
    fields(bar)[0].setText("a")
    book.pane.editor.select(0, 11)
    bar.set_inside(True)
    fields(bar)[1].setText("o")
    bar.replace_all_requested.emit()
    assert book.text == "o cot sot. The cat ran."


def test_the_searched_selection_grows_with_what_is_typed_into_it_and_ends_with_its_text(
    book: Scripted,
) -> None:
    book.pane.editor.select(0, 11)
    book.does("edit.find")
    bar = bar_of(book)
    fields(bar)[0].setText("at")
    book.pane.editor.select(0, 11)
    bar.set_inside(True)
    assert "of 2" in bar._count.text()
    book.pane.editor.set_caret(5)
    book.types(" at")
    book.sees(lambda: "3" in bar._count.text())
    assert bar.inside()
    book.desk.choose([w.id for w in book.session.reader.works() if w.kind == "scene"][1])
    book.sees(lambda: not bar.inside())


def test_hits_follow_what_is_typed(book: Scripted) -> None:
    book.does("edit.find")
    bar = bar_of(book)
    fields(bar)[0].setText("cat")
    book.pane.editor.set_caret(23)
    book.types(" cat")
    book.sees(lambda: "3" in bar._count.text())


# -- in the whole book ----------------------------------------------------------------------------


def panel_of(person: Scripted) -> FindResults:
    person.does("edit.find_book")
    person.sees(lambda: person.window.findChildren(FindResults))
    return person.window.findChildren(FindResults)[0]


def search(person: Scripted, panel: FindResults, pattern: str, template: str = "") -> None:
    fields(panel)[0].setText(pattern)
    fields(panel)[1].setText(template)
    person.waits_for(person.wiring.find_book.search())


def test_replacing_in_the_book_leaves_locked_words_and_each_scene_has_its_undo(book: Scripted) -> None:
    panel = panel_of(book)
    search(book, panel, "cat", "dog")
    assert "7 in 3 of 3 scenes" in panel._summary.text()
    book.waits_for(book.wiring.find_book.replace_checked())
    assert [text for _, text in scenes(book)] == [
        "A dog sat. The dog ran.",
        "The dog slept. Another dog woke.",
        "A dog, a locked cat, a last dog.",
    ]
    assert "6 replaced in 3 scenes, 1 skipped in locked passages." in book.told
    works = [work.id for work in book.session.reader.works() if work.kind == "scene"]
    for work in works:
        assert book.session.history(work).node(book.session.history(work).head).kind == "replaced"
    book.desk.choose(works[1])
    book.does("edit.undo")
    assert book.text == "The cat slept. Another cat woke."
    book.desk.choose(works[2])
    book.does("edit.undo")
    assert book.text == "A cat, a locked cat, a last cat."
    assert book.pane.value().locks() == ((7, 19),)
    book.desk.choose(works[0])
    assert book.text == "A dog sat. The dog ran.", "the others are as they were"


def test_only_checked_scenes_are_replaced_in(book: Scripted) -> None:
    panel = panel_of(book)
    search(book, panel, "cat", "dog")
    works = [work.id for work in book.session.reader.works() if work.kind == "scene"]
    panel.check(works[0], False)
    book.waits_for(book.wiring.find_book.replace_checked())
    assert scenes(book)[0][1] == "A cat sat. The cat ran."
    assert scenes(book)[1][1] == "The dog slept. Another dog woke."


def test_a_scene_removed_meanwhile_is_left_alone(book: Scripted) -> None:
    panel = panel_of(book)
    search(book, panel, "cat", "dog")
    works = [work.id for work in book.session.reader.works() if work.kind == "scene"]
    book.window.works.remove_requested.emit(works[1])
    book.waits_for(book.wiring.find_book.replace_checked())
    book.saved()
    assert book.session.reader.text_of(works[1]).text == "The cat slept. Another cat woke."
    assert "4 replaced in 2 scenes" in book.told


def test_a_hit_opens_its_scene_there(book: Scripted) -> None:
    panel = panel_of(book)
    search(book, panel, "another")
    tree = panel.findChildren(QTreeWidget)[0]
    hit = tree.topLevelItem(0).child(0)
    tree.itemActivated.emit(hit, 0)
    assert book.text.startswith("The cat slept.")
    assert book.pane.editor.selection() == (15, 22)


def test_words_just_typed_are_found_and_a_wrong_expression_is_told(book: Scripted) -> None:
    panel = panel_of(book)
    book.pane.editor.set_caret(0)
    book.types("Zebra ")
    search(book, panel, "zebra")
    assert "1 in 1 of 3" in panel._summary.text()
    panel._how.set_options(Options(pattern="", regex=True))
    search(book, panel, "(zebra")
    assert "missing )" in panel._summary.text() and panel.checked() == []


# -- scenes ---------------------------------------------------------------------------------------


def test_a_scene_is_split_at_the_cursor_with_its_authors_and_merged_again(book: Scripted) -> None:
    first = book.wiring.text.work
    whole = book.pane.value()
    book.pane.editor.set_caret(10)
    book.does("work.split")
    assert [text for _, text in scenes(book)][:2] == ["A cat sat.", " The cat ran."]
    assert book.text == "A cat sat." and book.pane.value().runs == (Run(length=10, author="take"),)
    second = [w.id for w in book.session.reader.works() if w.kind == "scene"][1]
    assert book.session.reader.text_of(second).runs == (Run(length=13),)
    book.does("work.merge")
    assert book.text == "A cat sat.\n The cat ran."
    assert len(scenes(book)) == 3
    book.does("edit.undo")
    book.does("edit.undo")
    assert book.pane.value() == whole and book.wiring.text.work == first


def test_a_split_can_be_taken_back_at_once(book: Scripted) -> None:
    before = scenes(book)
    book.pane.editor.set_caret(10)
    book.does("work.split")
    book.window.messages.acted.emit()
    assert scenes(book) == before and book.text == before[0][1]


def test_locked_words_go_along_with_a_split_and_none_is_broken(book: Scripted) -> None:
    third = [w.id for w in book.session.reader.works() if w.kind == "scene"][2]
    book.desk.choose(third)
    before = scenes(book)
    book.pane.editor.set_caret(12)
    book.does("work.split")
    assert scenes(book) == before and "locked" in book.told
    book.pane.editor.set_caret(5)
    book.does("work.split")
    new = [w.id for w in book.session.reader.works() if w.kind == "scene"][3]
    book.saved()
    assert book.session.reader.text_of(new).text == ", a locked cat, a last cat."
    assert book.session.reader.text_of(new).locks() == ((2, 14),)


def test_a_merge_keeps_the_emptied_scene_among_the_removed_works(book: Scripted) -> None:
    works = [w.id for w in book.session.reader.works() if w.kind == "scene"]
    book.window.works.merge_requested.emit(works[1])
    assert [text for _, text in scenes(book)][1] == (
        "The cat slept. Another cat woke.\nA cat, a locked cat, a last cat."
    )
    assert book.wiring.text.work == works[1]
    removed = book.wiring.scenes._removed()
    assert [(work.id, work.title) for work in removed] == [(works[2], "Scene 3")]
    book.wiring.scenes._restore([works[2]])
    assert len(scenes(book)) == 3 and book.text == "A cat, a locked cat, a last cat."


def test_nothing_is_merged_behind_the_last_scene_and_nothing_split_at_an_end(book: Scripted) -> None:
    before = scenes(book)
    works = [w.id for w in book.session.reader.works() if w.kind == "scene"]
    book.window.works.merge_requested.emit(works[2])
    assert "no next scene" in book.told
    book.pane.editor.set_caret(0)
    book.does("work.split")
    assert "nothing to split" in book.told and scenes(book) == before


def test_a_copy_stands_beside_its_text_with_its_facts(book: Scripted) -> None:
    first = book.wiring.text.work
    book.wiring.book.set_status(first, "Draft")
    book.wiring.book.set_synopsis(first, "Cats.")
    book.does("work.duplicate")
    assert [title for title, _ in scenes(book)] == ["Scene 1", "Scene 1 (copy)", "Scene 2", "Scene 3"]
    copy = book.wiring.text.work
    assert copy != first and book.text == "A cat sat. The cat ran."
    assert book.session.reader.facts(copy) == {"status": "Draft", "synopsis": "Cats."}


def test_a_scene_of_a_removed_chapter_comes_back_with_it(book: Scripted) -> None:
    book.does("work.chapter")
    chapter = next(work.id for work in book.session.reader.works() if work.kind == "chapter")
    book.window.works.add_requested.emit("scene", chapter)
    book.types("In the chapter.")
    scene = book.wiring.text.work
    book.window.works.remove_requested.emit(scene)
    book.window.works.remove_requested.emit(chapter)
    assert "chapter" not in {work.kind for work in book.session.reader.works()}
    book.wiring.scenes._restore([scene])
    assert book.text == "In the chapter." and not book.session.reader.work(chapter).removed


def test_removed_works_come_back_when_nothing_else_is_left(book: Scripted) -> None:
    story = book.session.reader.works()[0].id
    book.window.works.remove_requested.emit(story)
    assert not book.pane.isVisible()
    for action in ("edit.find", "edit.find_next", "work.split", "work.merge", "work.duplicate"):
        book.does(action)
    book.wiring.tasks.start(book.wiring.scenes.show_removed())
    book.sees(lambda: book.window.findChildren(RemovedDialog))
    dialog = book.window.findChildren(RemovedDialog)[0]
    dialog._list.setCurrentRow(0)
    assert "A cat sat." in dialog._text.toPlainText() and "locked cat" in dialog._text.toPlainText()
    dialog._restore.click()
    assert book.text == "A cat sat. The cat ran." and dialog.chosen() == []
    dialog.reject()
    book.sees(lambda: not book.wiring.tasks.busy)


def test_order_by_keys_and_together_is_kept_over_a_restart(
    book: Scripted, scripted: Callable[..., Scripted]
) -> None:
    works = [w.id for w in book.session.reader.works() if w.kind == "scene"]
    tree = book.window.works.findChildren(QTreeWidget)[0]
    book.window.works.choose(works[2])
    QTest.keyClick(tree, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert [title for title, _ in scenes(book)] == ["Scene 1", "Scene 3", "Scene 2"]
    story = book.session.reader.works()[0].id
    book.window.works.moved_together.emit([works[0], works[2]], story, 1)
    assert [title for title, _ in scenes(book)] == ["Scene 2", "Scene 1", "Scene 3"]
    folder = book.session.folder
    book.wiring.close()
    again = scripted(project=folder)
    assert [title for title, _ in scenes(again)] == ["Scene 2", "Scene 1", "Scene 3"]


# -- status, goals, figures -----------------------------------------------------------------------


def card_of(person: Scripted) -> SceneCard:
    person.does("view.scene")
    person.sees(lambda: person.window.findChildren(SceneCard))
    return person.window.findChildren(SceneCard)[0]


def test_the_card_keeps_what_is_said_of_a_scene(book: Scripted, scripted: Callable[..., Scripted]) -> None:
    card = card_of(book)
    first = book.wiring.text.work
    card._status.setCurrentText("Draft")
    card._synopsis.setPlainText("A cat runs.")
    card._goal.setValue(500)
    book.desk.choose([w.id for w in book.session.reader.works() if w.kind == "scene"][1])
    book.sees(lambda: card._title.text() == "Scene 2")
    assert card._synopsis.toPlainText() == "" and card._goal.value() == 0
    assert book.window.works._figures[first].status == "Draft"
    folder = book.session.folder
    book.wiring.close()
    again = scripted(project=folder)
    again.desk.choose(first)
    card = card_of(again)
    book.sees(lambda: card._synopsis.toPlainText() == "A cat runs.")
    assert card._status.currentText() == "Draft" and card._goal.value() == 500


def test_chapter_and_book_are_summed_without_opening_their_scenes(
    book: Scripted, scripted: Callable[..., Scripted]
) -> None:
    folder = book.session.folder
    book.wiring.close()
    again = scripted(project=folder)
    card = card_of(again)
    again.sees(lambda: "20 words" in card._book.text(), 5_000)
    assert "89 % mine" in card._book.text() and "3 without status" in card._book.text()
    assert len(again.session._histories) == 1


def test_the_book_follows_what_is_typed_and_replaced(book: Scripted) -> None:
    card = card_of(book)
    book.sees(lambda: "20 words" in card._book.text())
    book.pane.editor.set_caret(0)
    book.types("Two more ")
    book.pane.flush()
    book.sees(lambda: "22 words" in card._book.text())
    panel = panel_of(book)
    search(book, panel, "slept", "slept well")
    book.waits_for(book.wiring.find_book.replace_checked())
    book.sees(lambda: "23 words" in card._book.text())


def test_todays_words_count_what_is_typed_not_what_is_pasted_or_a_models(
    book: Scripted, scripted: Callable[..., Scripted]
) -> None:
    wiring = book.wiring
    story = wiring.projects.story_of(wiring.text.work)
    before = wiring.book.written_today(story)
    book.pane.editor.set_caret(0)
    book.types("Three new words ")
    book.pane.flush()
    assert wiring.book.written_today(story) == before + 3
    book.does("edit.undo")
    assert wiring.book.written_today(story) == before
    book.does("edit.redo")
    assert wiring.book.written_today(story) == before + 3
    book.pane.editor.insert_text("pasted words ")
    assert wiring.book.written_today(story) == before + 3
    wiring.book.set_session_goal(wiring.text.work, 100)
    book.sees(lambda: f"{before + 3} / 100 today" in book.pane.status._today.text())
    folder = book.session.folder
    wiring.close()
    with Reader(folder) as reader:
        assert reader.facts(story)["written"]["words"] == before + 3
    again = scripted(project=folder)
    assert again.wiring.book.written_today(story) == before + 3
    again.sees(lambda: f"{before + 3} / 100 today" in again.pane.status._today.text())


def test_the_status_line_counts_the_selection(book: Scripted) -> None:
    book.pane.editor.select(0, 5)
    book.sees(lambda: "2 words, 5 characters selected" in book.pane.status.text())
    book.pane.editor.set_caret(0)
    book.sees(lambda: "6 words" in book.pane.status.text() and "selected" not in book.pane.status.text())


# -- spelling -------------------------------------------------------------------------------------


def test_spelling_is_read_beside_the_window_and_learns_words(book: Scripted, own_home: Path) -> None:
    spelling = book.wiring.spelling
    spelling.set_on(True)
    book.sees(lambda: spelling.speller is not None)
    speller = spelling.speller
    assert speller is not None and not speller.known("Zorblax") and not speller.known("Quuxley")
    book.pane.editor.spelling_added.emit("Zorblax")
    book.pane.editor.spelling_ignored.emit("Quuxley")
    assert speller.known("Zorblax") and speller.known("Quuxley")
    assert (own_home / "words.txt").read_text("utf-8") == "Zorblax\n"
    book.saved()
    story = book.wiring.projects.story_of(book.wiring.text.work)
    assert book.session.reader.facts(story)["words"] == ["Quuxley"]
    answers: list[list[str]] = []
    spelling.suggest("recieve", answers.append)
    book.sees(lambda: answers)
    assert answers[0][0] == "receive"


def test_names_of_works_are_known_and_words_of_one_story_not_in_another(book: Scripted) -> None:
    spelling = book.wiring.spelling
    spelling.set_on(True)
    book.sees(lambda: spelling.speller is not None)
    book.window.works.renamed.emit(book.wiring.text.work, "The Zorblaxian gate")
    assert spelling.speller is not None
    assert spelling.speller.known("Zorblaxian")
    book.pane.editor.spelling_ignored.emit("Quuxley")
    book.does("work.story")
    assert not spelling.speller.known("Quuxley")


# -- what stands around it ------------------------------------------------------------------------


def test_escape_in_the_text_closes_the_bar_when_nothing_runs(book: Scripted) -> None:
    book.does("edit.find")
    bar = bar_of(book)
    book.pane.focus_editor()
    QTest.keyClick(book.pane.editor, Qt.Key.Key_Escape)
    assert bar.isHidden()


def test_hits_in_the_next_scene_are_those_of_that_scene(book: Scripted) -> None:
    book.does("edit.find")
    bar = bar_of(book)
    fields(bar)[0].setText("another")
    assert "Nothing" in bar._count.text()
    book.desk.choose([w.id for w in book.session.reader.works() if w.kind == "scene"][1])
    book.sees(lambda: "1" in bar._count.text())


def test_a_locked_hit_is_passed_over(book: Scripted) -> None:
    book.desk.choose([w.id for w in book.session.reader.works() if w.kind == "scene"][2])
    book.does("edit.replace")
    bar = bar_of(book)
    fields(bar)[0].setText("locked")
    fields(bar)[1].setText("free")
    bar.replace_requested.emit()
    bar.replace_requested.emit()
    assert book.text == "A cat, a locked cat, a last cat."
    bar.replace_all_requested.emit()
    assert "1 locked" in bar._count.text() and book.text == "A cat, a locked cat, a last cat."


def test_distraction_free_keeps_the_line_in_the_middle_and_gives_it_back(book: Scripted) -> None:
    focus = book.window.actions_by_id["view.focus"]
    focus.setChecked(True)
    assert book.pane.editor._typewriter
    focus.setChecked(False)
    assert not book.pane.editor._typewriter


def test_a_chapter_that_is_clicked_stays_marked(book: Scripted) -> None:
    book.does("work.chapter")
    chapter = next(work.id for work in book.session.reader.works() if work.kind == "chapter")
    book.window.works.add_requested.emit("scene", chapter)
    first = next(w.id for w in book.session.reader.works() if w.kind == "scene")
    book.desk.choose(first)
    book.window.works.choose(chapter)
    book.window.works.chosen.emit(chapter)
    assert book.window.works.current() == chapter and book.wiring.text.work != first


def test_status_of_several_is_set_from_the_menu(book: Scripted) -> None:
    works = [w.id for w in book.session.reader.works() if w.kind == "scene"]
    book.window.works.choose(works[0])
    book.window.works._items[works[1]].setSelected(True)
    menu = book.window.works.row_menu()
    status = next(action.menu() for action in menu.actions() if action.text() == "Status")
    next(action for action in status.actions() if action.text() == "Final").trigger()
    book.saved()
    assert [book.session.reader.facts(work).get("status") for work in works] == ["Final", "Final", None]
    menu.deleteLater()


def test_choosing_several_rows_opens_none_of_them(book: Scripted) -> None:
    works = [w.id for w in book.session.reader.works() if w.kind == "scene"]
    tree = book.window.works.findChildren(QTreeWidget)[0]
    tree.setFocus()
    place = tree.visualItemRect(book.window.works._items[works[2]]).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, place)
    assert book.window.works.selected() == [works[0], works[2]]
    assert book.wiring.text.work == works[0]


def test_counts_that_were_kept_are_not_made_again(book: Scripted, scripted: Callable[..., Scripted]) -> None:
    book.sees(lambda: len(book.wiring.book._figures) == 3 and not book.wiring.book._waiting)
    folder = book.session.folder
    book.wiring.close()
    again = scripted(project=folder)
    assert again.wiring.book._waiting == [] and len(again.wiring.book._figures) == 3
